"""The frame of every page: navigation, sidebar, and the way into a section.

Streamlit may run a page's script on its own (the first request of a new server, tests), or through the entry point. The
entry point draws the frame and sets a flag for one run; where the flag is absent, a page runs the app as that does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from lib.report import Report
from lib.ui.link import note_address, note_first_page, say_unusable
from lib.ui.selection import draw_chips
from lib.ui.sidebar import View, draw_sidebar
from lib.ui.text import plain_markdown

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

# A file of ours: a named icon would be fetched from another host.
_ICON = Path(__file__).with_name("icon.svg")
_STYLE = Path(__file__).with_name("style.css")
_FRAMED = "_framed"
_VIEW = "_view"


@dataclass(frozen=True, slots=True)
class Section:
    """One page: its address and its title. Its script is pages/ADDRESS.py.

    label : its name in the navigation, so short that all stand in one row on a laptop.
    """

    address: str
    title: str
    label: str

    @property
    def script(self) -> str:
        """Path of the page's script."""
        return f"pages/{self.address}.py"


SECTIONS = (
    Section("overview", "Overview", "Overview"),
    Section("data", "Data", "Data"),
    Section("best-run", "Best run", "Best run"),
    Section("hyperparameter-impact", "Hyperparameter impact", "Impact"),
    Section("interactions", "Interactions", "Interactions"),
    Section("top-runs", "Top runs", "Top runs"),
    Section("parallel-coordinates", "Parallel coordinates", "Parallel"),
    Section("correlation", "Correlation", "Correlation"),
    Section("findings", "Findings", "Findings"),
    Section("learning-curves", "Learning curves", "Curves"),
    Section("compare", "Compare sweeps", "Compare"),
    Section("trade-off", "Trade-off", "Trade-off"),
    Section("cost", "Cost", "Cost"),
)


def frame() -> StreamlitPage:
    """Draw navigation and sidebar, keep the view for the page, and return the page asked for."""
    st.set_page_config(page_title="Sweep Report", page_icon=str(_ICON), layout="wide")
    st.html(_STYLE)
    pages = [
        st.Page(
            section.script,
            title=section.label,
            url_path=section.address,
            default=section.address == SECTIONS[0].address,
        )
        for section in SECTIONS
    ]
    page = st.navigation(pages, position="top")
    waiting = st.empty()
    with st.sidebar:
        st.session_state[_VIEW] = draw_sidebar(waiting)
    return page


def run_app() -> None:
    """Run the app from its entry point."""
    note_address()
    page = frame()
    note_first_page(page.url_path)
    notices = st.container()
    st.session_state[_FRAMED] = True
    stopped = None
    try:
        page.run()
    except StopException as early:
        stopped = early
    view: View = st.session_state[_VIEW]
    if view.report is not None:
        # A page that ends early has drawn its widgets all the same; without a report there are none.
        with notices:
            say_unusable(page.url_path)
    if stopped is not None:
        raise stopped


def open_section(address: str) -> Report:
    """Begin a page: draw the frame if the entry point hasn't, and the title; return the report.

    Stops the page with one sentence where there is no report to show.
    """
    if not st.session_state.pop(_FRAMED, False):
        # The whole app from here, the page within it: its widgets then are the same ones when the entry point runs.
        run_app()
        st.stop()
    section = next(s for s in SECTIONS if s.address == address)
    st.title(section.title, anchor=False)
    view: View = st.session_state[_VIEW]
    draw_chips(view.report)
    if view.report is None:
        st.error(plain_markdown(view.problem or "The source can't be read."), icon=":material/error:")
        st.caption("Open another source in the sidebar, or change the choices there.")
        st.stop()
    if view.problem:
        st.warning(plain_markdown(view.problem), icon=":material/cloud_off:")
    for warning in view.report.warnings:
        st.warning(plain_markdown(warning), icon=":material/info:")
    return view.report


def current_view() -> View:
    """Return what the visitor has open, after `open_section`."""
    view: View = st.session_state[_VIEW]
    return view
