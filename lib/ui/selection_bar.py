"""The bar at the bottom of every page while runs are filtered or highlighted: how many, by what, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lib.analysis.meeting import meeting_all
from lib.analysis.population import LEFT_OUT
from lib.model.choices import Condition, Filter
from lib.model.errors import InputError
from lib.model.filters import condition_of, narrowed, opposite, runs_filter, words_of
from lib.model.numbers import count
from lib.model.run_sets import MOST
from lib.render.app_choices import held, take
from lib.render.app_highlight import HIGHLIGHT, Mask, clear_highlight, forget_brushes
from lib.render.app_selection import KEY, MOST_COMPARED, clear, open_runs
from lib.render.app_text import plain_markdown
from lib.ui.selection import highlighted_conditions, turned

if TYPE_CHECKING:
    from lib.results.report import Report

_UNDO, _WAS = "_selections_before", "_selection_was"
_MOST_UNDONE = 50


def highlighted_runs(report: Report) -> Mask:
    """Return whether each run of the sweep is highlighted, shape (runs,); None where nothing is."""
    conditions = highlighted_conditions()
    return report.once(meeting_all, conditions) if conditions else None


def draw_bar(report: Report | None, highlighted: Mask) -> None:
    """Draw the bar: the highlighted runs, the filters, and the step back."""
    _note_step()
    texts: list[str] = [*(st.session_state.get(KEY) or ())]
    lit: list[str] = [*(st.session_state.get(HIGHLIGHT) or ())]
    undoable = bool(st.session_state.get(_UNDO))
    if not (texts or lit or undoable):
        return
    with st.bottom, st.container(gap="xsmall", key="selection-bar"):
        if lit:
            _draw_highlight(report, lit, highlighted, undoable=undoable and not texts)
        if texts or not lit:
            _draw_filters(report, texts, undoable=undoable)


def _draw_highlight(report: Report | None, lit: list[str], highlighted: Mask, *, undoable: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="highlighted"):
        ids: list[str] = []
        words = "**Highlighted:**"
        if report is not None and highlighted is not None:
            population = report.population
            ids = population.runs["run_id"][highlighted[population.rows]].tolist()
            words = f"**{len(ids):,} of {count(len(population.rows), 'run')} highlighted:**"
        st.markdown(words, width="content")
        _draw_conditions(lit, HIGHLIGHT, "lit", "Highlight without this")
        st.button(
            "Use only these runs",
            key="use-only",
            on_click=_use_only,
            disabled=not ids,
            icon=":material/filter_alt:",
            help="Every statistic is then of these runs alone.",
        )
        st.button(
            "Leave these out",
            key="leave-out",
            on_click=_leave_out,
            args=(ids,),
            disabled=not ids,
            icon=":material/filter_alt_off:",
            help="Every statistic is then of the other runs.",
        )
        if 1 <= len(ids) <= MOST_COMPARED:
            st.button(
                "Open" if len(ids) == 1 else f"Compare {len(ids)}",
                key="open-highlighted",
                on_click=open_runs,
                args=(ids,),
                icon=":material/open_in_full:" if len(ids) == 1 else ":material/compare_arrows:",
            )
        st.button(
            "Clear",
            key="clear-highlight",
            on_click=clear_highlight,
            type="tertiary",
            icon=":material/close:",
            shortcut="Escape",
            help="Highlight nothing",
        )
        if undoable:
            _draw_undo()


def _draw_filters(report: Report | None, texts: list[str], *, undoable: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="selection"):
        if texts:
            st.markdown(_runs_kept(report), width="content")
            _draw_conditions(texts, KEY, "chip", "Remove this filter")
            if isinstance(last := _read(texts[-1]), Filter):
                st.button(
                    "Keep instead" if last.exclude else "Exclude instead",
                    key="invert-last",
                    on_click=_turn_last,
                    type="tertiary",
                    icon=":material/swap_horiz:",
                    help="Invert the last filter",
                )
            st.button("All runs", key="all-runs", on_click=clear, type="tertiary", icon=":material/restart_alt:")
        if undoable:
            _draw_undo()


def _draw_undo() -> None:
    st.button(
        "Undo",
        key="undo-selection",
        on_click=_undo,
        type="tertiary",
        icon=":material/undo:",
        help="Back to the runs that counted and were highlighted before",
    )


def _draw_conditions(texts: list[str], key: str, name: str, what: str) -> None:
    for number, text in enumerate(texts):
        one = _read(text)
        st.button(
            plain_markdown(f"{text} (not usable)" if one is None else words_of(one)),
            key=f"{name}-{number}",
            on_click=_remove,
            args=(key, text),
            icon=":material/close:",
            icon_position="right",
            help=what,
        )


def _runs_kept(report: Report | None) -> str:
    if report is None:
        return "Only runs with"
    ledger = report.population.ledger
    left_out = sum(e.count for e in ledger.excluded if e.reason == LEFT_OUT)
    return f"**{ledger.used:,} of {count(ledger.used + left_out, 'run')}** with"


def _read(text: str) -> Condition | None:
    try:
        return condition_of(text)
    except InputError:
        return None


def _remove(key: str, text: str) -> None:
    take(key, [t for t in held(key) or () if t != text])
    if key == HIGHLIGHT:
        forget_brushes()


def _turn_last() -> None:
    texts = list(held(KEY) or ())
    if texts and isinstance(one := _read(texts[-1]), Filter):
        take(KEY, turned(texts, texts[-1], one))


def _use_only() -> None:
    _filter_by(highlighted_conditions())


def _leave_out(ids: list[str]) -> None:
    others = opposite(highlighted_conditions())
    if others is None and len(ids) <= MOST:
        others = (runs_filter(ids, exclude=True),)
    _filter_by(others or ())


def _filter_by(conditions: tuple[Condition, ...]) -> None:
    take(KEY, narrowed(held(KEY) or (), conditions))
    clear_highlight()


def _note_step() -> None:
    """Keep what was filtered and highlighted before the last change, whatever changed it."""
    now = (tuple(st.session_state.get(KEY) or ()), tuple(st.session_state.get(HIGHLIGHT) or ()))
    was = st.session_state.get(_WAS)
    if was is not None and was != now:
        st.session_state[_UNDO] = [*st.session_state.get(_UNDO, []), was][-_MOST_UNDONE:]
    st.session_state[_WAS] = now


def _undo() -> None:
    steps = st.session_state.get(_UNDO)
    if not steps:
        return
    before = steps[-1]
    st.session_state[_UNDO], st.session_state[_WAS] = steps[:-1], before
    take(KEY, list(before[0]))
    take(HIGHLIGHT, list(before[1]))
    forget_brushes()
