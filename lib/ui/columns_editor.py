"""The table of columns on the Data page, whose cells a reader edits: each change goes into the address."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from lib.model.column_choices import KINDS, ROLES, SETTING, UNUSED
from lib.model.column_choices import RESULT as RESULT_WORD
from lib.model.search_space import named_like_a_block
from lib.render.app_choices import held, take
from lib.sections.column_table import HYPERPARAMETER, NOT_USED, RESULT, SEED, columns_table

if TYPE_CHECKING:
    from lib.results.report import Report

LABEL = "Columns of the source: role, kind, scale and better direction can be changed"
_WORDS = {HYPERPARAMETER: SETTING, SEED: SETTING, RESULT: RESULT_WORD, NOT_USED: UNUSED}
_GOALS = ("maximize", "minimize")
_SCALES = ("linear", "log")
_NONE = "–"
_KEYS = ("columns", "scales", "seeds")
_ROW = 35
_MOST_ROWS = 12


def draw_columns_editor(report: Report) -> None:
    """Draw the table; a change of a cell is a choice on the whole report, in the address as all choices are."""
    table = columns_table(report)
    shown = table[["column", "role", "kind", "scale", "better", "how sure", "why"]].replace(
        {"scale": {"": _NONE}, "better": {"": _NONE}}
    )
    # Another key for other contents, so that old edits are not applied again to what they have changed.
    digest = hashlib.sha256(shown.to_csv().encode()).hexdigest()[:16]
    key = f"columns-editor-{digest}"
    st.data_editor(
        shown,
        key=key,
        hide_index=True,
        disabled=["column", "how sure", "why"],
        alt=LABEL,
        height=_ROW * (min(len(shown), _MOST_ROWS) + 1) + 3,
        column_config={
            "column": st.column_config.TextColumn("Column", pinned=True, width="medium"),
            "role": _select("Role", [*_WORDS], shown["role"]),
            "kind": _select("Kind", [*KINDS], shown["kind"]),
            "scale": _select("Scale", [_NONE, *_SCALES], shown["scale"]),
            "better": _select("Better", [_NONE, *_GOALS], shown["better"]),
            "how sure": st.column_config.TextColumn("How sure"),
            "why": st.column_config.TextColumn("Why", width="large"),
        },
        on_change=_edit,
        args=(key, shown, report.population.objective.metric),
    )
    chosen = [text for name in _KEYS for text in st.session_state.get(name) or []]
    if chosen:
        st.button("As the columns were read", key="columns-reset", on_click=_reset, icon=":material/restart_alt:")


def _select(label: str, options: list[str], present: pd.Series) -> Any:
    """Return a column whose cells are chosen among the options, and whatever else it holds."""
    return st.column_config.SelectboxColumn(
        label, options=[*options, *sorted(set(present) - set(options))], required=True
    )


def _edit(key: str, shown: pd.DataFrame, objective: str) -> None:
    state = {name: list(held(name) or []) for name in _KEYS}
    for at, cells in st.session_state[key]["edited_rows"].items():
        row = shown.iloc[int(at)]
        state = with_edit(state, str(row["column"]), cells)
        if row["column"] == objective and cells.get("better") in _GOALS:
            take("goal", cells["better"])
    for name, texts in state.items():
        take(name, texts)


def with_edit(state: Mapping[str, list[str]], column: str, cells: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the choices with one row's edits: texts by the key of their control ("columns", "scales", "seeds").

    cells : the new content by the table's column; what can't be chosen (a record of the run) changes nothing.
    """
    columns, scales, seeds = (list(state[name]) for name in _KEYS)
    role, kind, scale, better = (cells.get(name) for name in ("role", "kind", "scale", "better"))
    if role in _WORDS:
        seeds = [name for name in seeds if name != column] + ([column] if role == SEED else [])
        columns = _put(columns, column, ROLES, "" if role == SEED and named_like_a_block(column) else _WORDS[role])
    if kind in KINDS:
        columns = _put(columns, column, KINDS, str(kind))
    if better in (_NONE, *_GOALS):
        columns = _put(columns, column, _GOALS, "" if better == _NONE else str(better))
    if scale in (_NONE, *_SCALES):
        scales = _put(scales, column, _SCALES, "" if scale == _NONE else str(scale))
    return {"columns": columns, "scales": scales, "seeds": seeds}


def _put(texts: list[str], column: str, sort: tuple[str, ...], word: str) -> list[str]:
    """Return texts of NAME:WORD with another word of one sort for a column, or with none."""
    kept = [text for text in texts if text not in {f"{column}:{one}" for one in sort}]
    return [*kept, f"{column}:{word}"] if word else kept


def _reset() -> None:
    for name in _KEYS:
        take(name, [])
