"""Choices that code sets, kept against what their widgets hold in a popover that is closed.

Streamlit 1.67 hands a widget what code set only while the widget is on the screen. In a closed popover it keeps what it
held before, and sends that with the next message, as if the reader had just chosen it: an undone filter would come back
with the next page. So each popover has a witness, an unseen field that code sets with the choices, and that comes back
outdated where they do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

HOMES = {
    "source": "source",
    "histories": "source",
    "goal": "objective",
    "columns": "objective",
    "scales": "objective",
    "seeds": "objective",
    "only": "runs",
    "light": "runs",
    "top": "runs",
    "axes": "axes",
}
"""The popover that holds the widget of each choice that code sets."""
_TAKEN = "_taken"


@dataclass(slots=True)
class _Taken:
    """What code set: by choice what its widget held before, and what it was set to.

    changed, outdated : since the last `settle`, the choices that were set, and the popovers that sent outdated ones.
    turns : how often choices of each popover were set, which its witness says.
    """

    before: dict[str, Any] = field(default_factory=dict)
    value: dict[str, Any] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    outdated: set[str] = field(default_factory=set)
    turns: dict[str, int] = field(default_factory=dict)


def take(key: str, value: Any) -> None:
    """Set a choice as if the reader had chosen it. To be called in callbacks alone."""
    home = HOMES.get(key)
    if home is not None:
        taken = _put_back(home)
        if key not in taken.changed and not (key in taken.before and home in taken.outdated):
            taken.before[key] = st.session_state.get(key)
        taken.value[key] = value
        taken.changed.add(key)
        # At once: a part of a page that runs alone draws no popover, so that the next message is outdated too.
        taken.turns[home] = taken.turns.get(home, 0) + 1
        st.session_state[_witness(home)] = str(taken.turns[home])
    st.session_state[key] = value


def held(key: str) -> Any:
    """Return a choice as it stands, in callbacks too, where what a closed popover sent is not put back yet."""
    if key in HOMES:
        _put_back(HOMES[key])
    return st.session_state.get(key)


def is_outdated(key: str) -> bool:
    """Whether what came with this message from the popover of a choice is older than what code set there."""
    return HOMES[key] in _put_back(HOMES[key]).outdated


def settle() -> None:
    """Put back what closed popovers sent outdated, and hand widgets what holds. To be called before they are drawn."""
    taken = _taken()
    for home in {HOMES[key] for key in taken.value}:
        _put_back(home)
        st.session_state[_witness(home)] = str(taken.turns[home])
    for key in taken.value:
        if key in st.session_state:
            st.session_state[key] = taken.value[key] = st.session_state[key]
            if key not in taken.changed and HOMES[key] not in taken.outdated:
                taken.before[key] = taken.value[key]
    taken.changed.clear()
    taken.outdated.clear()


def draw_witness(home: str) -> None:
    """Draw the unseen field of a popover. To be called within it."""
    st.text_input("Witness", key=_witness(home), label_visibility="collapsed")


def _put_back(home: str) -> _Taken:
    taken = _taken()
    turn = taken.turns.get(home)
    if turn is not None and st.session_state.get(_witness(home), str(turn)) != str(turn):
        taken.outdated.add(home)
        for key, value in taken.value.items():
            if HOMES[key] == home and key not in taken.changed and st.session_state.get(key) == taken.before[key]:
                st.session_state[key] = value
    return taken


def _witness(home: str) -> str:
    return f"witness-{home}"


def _taken() -> _Taken:
    found: _Taken = st.session_state.setdefault(_TAKEN, _Taken())
    return found
