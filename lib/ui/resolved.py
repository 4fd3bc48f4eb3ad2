"""Popovers whose labels say what holds, which is known only once the report is made, after the widgets inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from lib.render.app_text import plain_markdown

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_LABELS = "_popover_labels"


@dataclass(frozen=True, slots=True)
class Popover:
    """A popover in a place of its own. Drawn there again it keeps what it holds, and gets another label."""

    place: DeltaGenerator
    """An `st.empty`."""
    name: str
    """What it is about, as its label says until more is known."""
    icon: str
    body: DeltaGenerator
    """Where its widgets go."""

    def say(self, label: str) -> None:
        """Give it a label, which the next run begins with."""
        st.session_state.setdefault(_LABELS, {})[self.name] = label
        _drawn(self.place, label, self.icon)


def popover(name: str, icon: str) -> Popover:
    """Draw a popover here, with the label of the last run."""
    place = st.empty()
    label = st.session_state.get(_LABELS, {}).get(name, name)
    return Popover(place, name, icon, _drawn(place, label, icon))


def _drawn(place: DeltaGenerator, label: str, icon: str) -> DeltaGenerator:
    return place.popover(plain_markdown(label), icon=icon, type="tertiary", width="content")
