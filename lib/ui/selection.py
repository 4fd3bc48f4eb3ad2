"""The one selection of the whole report: filters from any page, in the address, as chips in a bar at the bottom.

It lives in one multiselect of the popover "runs", bound to the address. All else changes it in callbacks, which run
before that widget is drawn.
"""

from __future__ import annotations

import streamlit as st

from lib.analysis.population import LEFT_OUT
from lib.model.errors import InputError
from lib.model.filters import filter_of, readable_filters, text_of, words_of
from lib.model.numbers import count
from lib.model.sweep import SWEEP, Filter, Sweep
from lib.render.app_selection import KEY, clear, renew_charts
from lib.render.app_text import plain_markdown
from lib.report import Report

MOST_SWEEPS_OFFERED = 24
_PROBLEMS = "_selection_problems"


def draw_selection(sweep: Sweep) -> tuple[Filter, ...]:
    """Draw the selection as text and return its filters; what can't be used is said on the page (`say_problems`)."""
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


def say_problems() -> None:
    """Say which filters can't be used."""
    for problem in st.session_state.get(_PROBLEMS, ()):
        st.warning(plain_markdown(problem), icon=":material/filter_alt_off:")


def draw_chips(report: Report | None) -> None:
    """While runs are filtered, draw a bar at the bottom: how many are left, chips to remove, the way back."""
    texts: list[str] = list(st.session_state.get(KEY) or ())
    if not texts:
        return
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", gap="small", key="selection"):
        st.markdown(_runs_kept(report), width="content")
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
        st.button(
            "Keep instead" if texts[-1].startswith("-") else "Exclude instead",
            key="invert-last",
            on_click=_turn_last,
            type="tertiary",
            icon=":material/swap_horiz:",
            help="Invert the last filter",
        )
        st.button("All runs", key="all-runs", on_click=clear, type="tertiary", icon=":material/restart_alt:")


def _runs_kept(report: Report | None) -> str:
    if report is None:
        return "Only runs with"
    ledger = report.population.ledger
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
