"""Which runs count, and which are highlighted: conditions from any page, in the address, in a bar at the bottom.

They live in two multiselects of the popover "runs", bound to the address. All else changes them in callbacks, which run
before those widgets are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from lib.model.choices import Condition, Filter
from lib.model.filters import readable_filters, text_of
from lib.model.sweep import SWEEP, Sweep
from lib.render.app_choices import is_outdated
from lib.render.app_highlight import HIGHLIGHT, forget_brushes
from lib.render.app_selection import KEY
from lib.render.app_text import prose
from lib.ui.filter_controls import draw_filter_controls

MOST_SWEEPS_OFFERED = 24
_PROBLEMS, _LIT = "_selection_problems", "_highlighted_conditions"
_HOW = (
    "To type one: NAME:LOW..HIGH for a range, NAME=LEVEL|LEVEL for levels, NAME~TEXT for text that it holds, and a "
    "minus in front for all other runs."
)


def draw_selection(sweep: Sweep) -> tuple[Condition, ...]:
    """Draw both as text and return the filters; what can't be used is said on the page (`say_problems`)."""
    draw_filter_controls(sweep)
    names = list(sweep.sweep_names.values())[:MOST_SWEEPS_OFFERED]
    texts = st.multiselect(
        "Only runs with",
        options=[text_of(Filter(SWEEP, values=(name,))) for name in names] if len(names) > 1 else [],
        key=KEY,
        bind="query-params",
        accept_new_options=True,
        placeholder="all runs",
        help=f"Filters every page: all statistics are of these runs alone. {_HOW}",
    )
    lit = st.multiselect(
        "Highlighted: runs with",
        options=[],
        key=HIGHLIGHT,
        bind="query-params",
        accept_new_options=True,
        on_change=_typed,
        placeholder="none",
        help=f"Whatever you brush or click in charts is written here: all charts show it, no statistic changes. {_HOW}",
    )
    filters, problems = readable_filters(texts, sweep)
    st.session_state[_LIT], others = readable_filters(lit, sweep)
    st.session_state[_PROBLEMS] = (*problems, *others)
    return filters


def _typed() -> None:
    if not is_outdated(HIGHLIGHT):
        forget_brushes()


def highlighted_conditions() -> tuple[Condition, ...]:
    """Return what is highlighted, as `draw_selection` read it."""
    held: tuple[Condition, ...] = st.session_state.get(_LIT, ())
    return held


def say_problems() -> None:
    """Say which conditions can't be used."""
    for problem in st.session_state.get(_PROBLEMS, ()):
        st.warning(prose(problem), icon=":material/filter_alt_off:")


def turned(conditions: Sequence[str], text: str, one: Filter) -> list[str]:
    """Return conditions as text in which one leaves out what it kept, or keeps what it left out."""
    other = text_of(replace(one, exclude=not one.exclude))
    return list(dict.fromkeys(other if standing == text else standing for standing in conditions))
