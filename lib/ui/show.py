"""How results are put on a page: headline, chart with its text alternative, table with its CSV."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from lib.charts.marks import PICK
from lib.charts.prepared import Prepared
from lib.model.numbers import MISSING
from lib.report.csv import csv_of
from lib.ui.selection import MOST_ROWS_SHOWN, Reader, chosen_runs, draw_row_buttons, epoch, pick, rows_key
from lib.ui.text import plain_markdown

# All that is shown is sent to the browser, which has to draw it: with ten columns, 1,000 rows are about 100 kB.
MOST_CELLS_SHOWN = 40_000


def show_headline(text: str, rule: str | None = None) -> None:
    """Show a section's first sentence, and below it the rule of the objective."""
    st.markdown(f"##### {plain_markdown(text)}", anchors=False)
    if rule:
        st.caption(f"Objective: {plain_markdown(rule)}")


def show_text(text: str) -> None:
    """Show a sentence that may hold names from the data."""
    st.markdown(plain_markdown(text), anchors=False)


def show_note(text: str | None) -> None:
    """Show a quiet remark below a chart or table; nothing for None."""
    if text:
        st.caption(plain_markdown(text))


def show_heading(text: str) -> None:
    """Show the heading of a part of a page; it may be a parameter's name."""
    st.markdown(f"#### {plain_markdown(text)}", anchors=False)


def show_chart(
    picture: Prepared | None,
    key: str,
    alternative: str,
    reader: Reader | None = None,
    *,
    selections: Sequence[str] = (PICK,),
    renew: bool = True,
) -> None:
    """Show a chart as wide as the page, with a text alternative for who can't see it; nothing for None.

    reader : turns what is brushed or clicked in the chart into filters of the whole report. selections : the chart's
    selections that it reads. renew : as in `pick`.
    """
    if picture is None:
        return
    spec = picture.spec | {"datasets": picture.tables}
    if reader is None:
        st.vega_lite_chart(spec=spec, width="stretch", key=f"chart-{key}", alt=alternative)
        return
    own = f"chart-{key}-{epoch()}"
    st.vega_lite_chart(
        spec=spec,
        width="stretch",
        key=own,
        alt=alternative,
        on_select=pick(reader, own, renew=renew),
        selection_mode=selections,
    )


def show_table(
    table: pd.DataFrame,
    name: str,
    label: str,
    links: Sequence[str] = (),
    formats: Mapping[str, str] | None = None,
    run_ids: Sequence[str] | None = None,
    first_chosen: Sequence[int] = (),
    whole: Callable[[], pd.DataFrame] | None = None,
    rows: int | None = None,
) -> None:
    """Show the table behind a chart, of a long one the first rows, with the CSV of all rows in full precision below.

    name : file name of the CSV and key of the widgets. label : what the table holds, for screen readers.
    links : columns of addresses. formats : printf formats by column; floats get four significant digits else.
    run_ids : the run of each row, where rows can be chosen, to keep or leave out their runs. first_chosen : rows that
    are chosen at first. whole, rows : makes the whole table, and its length, where `table` has the first rows alone.
    """
    if table.empty:
        show_note("Nothing to list.")
        return
    shown = table.head(min(MOST_ROWS_SHOWN, MOST_CELLS_SHOWN // table.shape[1] + 1))
    rows = len(table) if rows is None else rows
    config: dict[str, Any] = {}
    for column in shown.columns:
        if column in links:
            config[column] = st.column_config.LinkColumn(column, display_text="open")
        elif pd.api.types.is_float_dtype(shown[column]):
            form = (formats or {}).get(column) or people_read(shown[column])
            config[column] = st.column_config.NumberColumn(column, format=form)
        elif pd.api.types.is_datetime64_any_dtype(shown[column]):
            config[column] = st.column_config.DatetimeColumn(column, format="YYYY-MM-DD HH:mm:ss", timezone="UTC")
        elif pd.api.types.is_integer_dtype(shown[column]):
            config[column] = st.column_config.NumberColumn(column, format="%d")
    selecting: dict[str, Any] = {}
    if run_ids is not None:
        selecting = {"on_select": "rerun", "selection_mode": "multi-row"}
        if first_chosen:
            selecting["selection_default"] = {"selection": {"rows": list(first_chosen)}}
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch" if shown.shape[1] > 3 else "content",
        column_config=config,
        placeholder=MISSING,
        key=f"table-{name}" if run_ids is None else rows_key(name, run_ids, first_chosen),
        alt=label,
        **selecting,
    )
    if run_ids is not None:
        draw_row_buttons(name, chosen_runs(name, run_ids, first_chosen))
    if rows > len(shown):
        show_note(f"The first {len(shown):,} of {rows:,} rows; the CSV holds all.")
    st.download_button(
        "CSV",
        data=lambda: csv_of(whole() if whole else table),
        file_name=f"{file_name(name)}{_rule_in_names()}.csv",
        mime="text/csv",
        key=f"csv-{name}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        help=f"Download: {plain_markdown(label)}",
    )


def show_folded_table(title: str, make: Callable[..., pd.DataFrame], *arguments: Any, name: str, label: str) -> None:
    """Offer the table `make(*arguments)` behind a title; it is made and sent once the reader opens it.

    name, label : as in `show_table`.
    """
    folded = st.expander(plain_markdown(title), key=f"folded-{name}", on_change="rerun")
    if folded.open:
        with folded:
            show_table(make(*arguments), name, label)


def _rule_in_names() -> str:
    """Return the rule of the objective as the end of a file's name, where it isn't the last value."""
    rule = str(st.session_state.get("value") or "last")
    return "" if rule == "last" else f"-by-{file_name(rule)}"


def people_read(column: pd.Series) -> str:
    """Choose the printf format of a float column: four significant digits, scientific only below 1e-4 and from 1e6."""
    largest = column.abs().where(column.abs() < float("inf")).max()
    return "%.1f" if 1e4 <= largest < 1e6 else "%.4g"


def file_name(name: str) -> str:
    """Turn a name into one that every file system takes: letters, digits, dots and dashes, at most 80."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-.")[:80] or "table"
