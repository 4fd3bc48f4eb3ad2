"""The one selection of the whole report: filters from any page, in the address, as chips on top of every page.

It lives in one multiselect of the sidebar, bound to the address. All else changes it in callbacks, which run before
that widget is drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from lib.analysis.population import LEFT_OUT
from lib.charts.marks import PICK
from lib.model.errors import InputError
from lib.model.filters import filter_of, range_over, readable_filters, text_of, with_filters, words_of
from lib.model.numbers import count
from lib.model.sweep import SWEEP, Filter, Sweep
from lib.report import Report
from lib.ui.link import draw_link
from lib.ui.text import plain_markdown

KEY = "only"
# Tables show no more rows than that; what follows can't be chosen.
MOST_ROWS_SHOWN = 1_000
MOST_SWEEPS_OFFERED = 24
_PROBLEMS = "_selection_problems"
_EPOCH = "_selection_epoch"

# From what a chart reports of its selections to filters.
Picked = Mapping[str, Any]
Reader = Callable[[Picked], Iterable[Filter]]


def draw_selection(sweep: Sweep) -> tuple[Filter, ...]:
    """Draw the selection as text in the sidebar and return its filters; what can't be used is said on the page."""
    names = list(sweep.sweep_names.values())[:MOST_SWEEPS_OFFERED]
    texts = st.multiselect(
        "Only runs with",
        options=[text_of(Filter(SWEEP, values=(name,))) for name in names] if len(names) > 1 else [],
        key=KEY,
        bind="query-params",
        accept_new_options=True,
        on_change=renew_charts,
        placeholder="all runs",
        help="Whatever you brush or click in charts, or choose in tables, is added here and filters every page. To "
        "type one: NAME:LOW..HIGH for a range, NAME=LEVEL|LEVEL for levels, and a minus in front to exclude those "
        "runs.",
    )
    filters, problems = readable_filters(texts, sweep)
    st.session_state[_PROBLEMS] = problems
    return filters


def draw_chips(report: Report | None) -> None:
    """Draw one row on top of a page: which runs it is about, chips that a click removes, the way back, and the link."""
    texts: list[str] = list(st.session_state.get(KEY) or ())
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="selection"):
        st.markdown(_runs_kept(report, bool(texts)), width="content")
        for number, text in enumerate(texts):
            st.button(
                plain_markdown(_words(text)),
                key=f"chip-{number}",
                on_click=_remove,
                args=(text,),
                icon=":material/close:",
                icon_position="right",
                help="Remove this filter",
            )
        if texts:
            st.button(
                "Keep instead" if texts[-1].startswith("-") else "Exclude instead",
                key="invert-last",
                on_click=_turn_last,
                type="tertiary",
                icon=":material/swap_horiz:",
                help="Invert the last filter",
            )
            st.button("All runs", key="all-runs", on_click=clear, type="tertiary", icon=":material/restart_alt:")
        draw_link()
    for problem in st.session_state.get(_PROBLEMS, ()):
        st.warning(plain_markdown(problem), icon=":material/filter_alt_off:")


def pick(reader: Reader, chart_key: str, *, renew: bool = True) -> Callable[[], None]:
    """Return the callback of a chart whose selections `reader` turns into filters.

    renew : draw charts again without their brush; False where the chart goes on showing what is left out.
    """

    def picked() -> None:
        event = st.session_state.get(chart_key)
        filters = list(reader(event["selection"])) if event else []
        if filters:
            add(filters, renew=renew)

    return picked


def ranges(**axes: tuple[str, Sequence[float]]) -> Reader:
    """Return the reader of a chart that is brushed along `x`, `y` or both: for each its column and all its values."""

    def read(picked: Picked) -> list[Filter]:
        spans = picked.get(PICK) or {}
        found = [
            range_over(column, values, min(spans[axis]), max(spans[axis]))
            for axis, (column, values) in axes.items()
            if len(spans.get(axis) or ()) == 2
        ]
        return [one for one in found if one is not None]

    return read


def levels(column: str, labels: Mapping[str, str]) -> Reader:
    """Return the reader of a chart whose levels are clicked. labels : the level behind each label of the chart."""

    def read(picked: Picked) -> list[Filter]:
        clicked = [labels[point["x"]] for point in picked.get(PICK) or [] if point.get("x") in labels]
        return [Filter(column, values=tuple(clicked))] if clicked else []

    return read


def add(filters: Iterable[Filter], *, renew: bool = True) -> None:
    """Add filters to the selection. To be called in callbacks alone."""
    st.session_state[KEY] = with_filters(st.session_state.get(KEY) or (), filters)
    if renew:
        renew_charts()


def clear() -> None:
    """Go back to all runs. To be called in callbacks alone."""
    st.session_state[KEY] = []
    renew_charts()


def renew_charts() -> None:
    """Have charts drawn again, so that no brush stays in them that the selection no longer holds."""
    st.session_state[_EPOCH] = st.session_state.get(_EPOCH, 0) + 1


def epoch() -> int:
    """Return a number that changes when brushes are to be forgotten: a part of charts' keys."""
    number: int = st.session_state.get(_EPOCH, 0)
    return number


def rows_key(name: str, run_ids: Sequence[str], first_chosen: Sequence[int] = ()) -> str:
    """Return the key of a table of runs: another one for other runs, so that chosen rows stay with their runs."""
    runs = repr((len(run_ids), list(run_ids[:MOST_ROWS_SHOWN]), list(first_chosen)))
    return f"rows-{name}-{hashlib.sha1(runs.encode()).hexdigest()[:10]}"


def chosen_runs(name: str, run_ids: Sequence[str], first_chosen: Sequence[int] = ()) -> tuple[str, ...]:
    """Return the ids of the runs whose rows are chosen in the table of `show_table`, also before it is drawn."""
    event = st.session_state.get(rows_key(name, run_ids, first_chosen))
    rows = event["selection"]["rows"] if event else first_chosen
    return tuple(run_ids[row] for row in rows if row < len(run_ids))


def draw_row_buttons(name: str, chosen: tuple[str, ...]) -> None:
    """Draw the buttons that keep or leave out the runs chosen in a table."""
    with st.container(horizontal=True, gap="small"):
        for word, exclude in (("Keep only", False), ("Exclude", True)):
            st.button(
                f"{word} {len(chosen):,} chosen" if chosen else f"{word} chosen rows",
                key=f"{word}-{name}",
                on_click=add,
                args=([Filter("run_id", values=chosen, exclude=exclude)],),
                disabled=not chosen,
                icon=":material/filter_alt_off:" if exclude else ":material/filter_alt:",
                help=None if chosen else "Choose rows at the table's left edge first.",
            )


def _runs_kept(report: Report | None, narrowed: bool) -> str:
    if report is None:
        return "Only runs with" if narrowed else "All runs"
    ledger = report.population.ledger
    if not narrowed:
        return f"All {count(ledger.used, 'run')} used"
    left_out = sum(e.count for e in ledger.excluded if e.reason == LEFT_OUT)
    return f"**{ledger.used:,} of {count(ledger.used + left_out, 'run')}** with"


def _words(text: str) -> str:
    try:
        return words_of(filter_of(text))
    except InputError:
        return f"{text} (not usable)"


def _remove(text: str) -> None:
    st.session_state[KEY] = [t for t in st.session_state.get(KEY) or () if t != text]
    renew_charts()


def _turn_last() -> None:
    texts = list(st.session_state.get(KEY) or ())
    try:
        one = filter_of(texts[-1])
    except (IndexError, InputError):
        return
    texts[-1] = text_of(Filter(one.column, one.low, one.high, one.values, not one.exclude))
    st.session_state[KEY] = list(dict.fromkeys(texts))
    renew_charts()
