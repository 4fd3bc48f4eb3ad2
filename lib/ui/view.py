"""What a visitor has open, kept for the page that is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from lib.loader import Request
from lib.model.sweep import Sweep
from lib.report import Report

DEFAULT_SOURCE = "sample"
_VIEW = "_view"


@dataclass(frozen=True, eq=False)
class View:
    """What a visitor has open: the report, or the sentence that says why there is none or why it is old."""

    request: Request
    report: Report | None
    problem: str | None
    # Whether W&B's histories were asked for.
    histories: bool = False
    # The sweep as it is without any choice: what the sidebar offers comes of it with each run, so it is held.
    sweep: Sweep | None = None

    @property
    def on_the_sample(self) -> bool:
        """Whether the visitor sees what the app opens without being asked."""
        return self.request.sources == (DEFAULT_SOURCE,) and not self.request.uploads


def keep_view(view: View) -> None:
    """Keep what the visitor has open for the page."""
    st.session_state[_VIEW] = view


def current_view() -> View:
    """Return what the visitor has open, once the frame is drawn."""
    view: View = st.session_state[_VIEW]
    return view
