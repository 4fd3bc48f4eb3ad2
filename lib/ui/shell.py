"""The frame of every page: navigation, the line of choices, and the way into a section.

Streamlit may run a page's script on its own (the first request of a new server, tests), or through the entry point. The
entry point draws the frame and sets a flag for one run; where the flag is absent, a page runs the app as that does.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from lib.render.app import draw_section
from lib.render.app_choices import settle
from lib.render.app_text import prose
from lib.sections import BY_ADDRESS, SECTIONS
from lib.ui.about import menu_items
from lib.ui.address import keep_address, query_of_view
from lib.ui.app_only import APP_PARTS
from lib.ui.find import draw_find
from lib.ui.first_paint import style
from lib.ui.glossary import draw_glossary
from lib.ui.link import note_address, note_first_page, say_unusable
from lib.ui.live import draw_changes
from lib.ui.navigation import draw_navigation
from lib.ui.notes import current_notes, draw_finding_note, draw_written_notes
from lib.ui.run_dialog import draw_open_runs
from lib.ui.selection import say_problems
from lib.ui.selection_bar import draw_bar, highlighted_runs
from lib.ui.source import source_name
from lib.ui.view import current_view, keep_view
from lib.ui.view_line import draw_view_line

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

# A file of ours: a named icon would be fetched from another host.
_ICON = Path(__file__).with_name("icon.svg")
SCRIPTS = tuple(Path(__file__).with_name(name) for name in ("page.html", "dialog.html", "links.html"))
_FRAMED = "_framed"


def frame() -> StreamlitPage:
    """Draw navigation and the line of choices, keep the view for the page, and return the page asked for."""
    st.set_page_config(
        page_title="Sweep Report",
        page_icon=str(_ICON),
        layout="wide",
        initial_sidebar_state="collapsed",
        menu_items=menu_items(),
    )
    # For servers that don't send it with the page itself.
    with st.container(key="style"):
        st.markdown(f"<style>{style()}</style>", unsafe_allow_html=True)
    pages = {
        section.address: st.Page(
            section.script,
            title=section.label,
            url_path=section.address,
            default=section is SECTIONS[0],
        )
        for section in SECTIONS
    }
    page = st.navigation(list(pages.values()), position="hidden")
    address = page.url_path or SECTIONS[0].address
    settle()
    keep_address(address)
    links = draw_navigation(address)
    view = draw_view_line()
    keep_view(view)
    links.settle(view.report)
    st.set_page_config(page_title=f"{BY_ADDRESS[address].label} · {source_name()}")
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
    if current_view().report is not None:
        # A page that ends early has drawn its widgets all the same; without a report there are none.
        with notices:
            say_unusable(page.url_path)
    # Last, so that nothing moves for it. Constant text of ours: nothing that a visitor or a sweep brings is in it.
    for script in SCRIPTS:
        st.html(script, unsafe_allow_javascript=True)
    if stopped is not None:
        raise stopped


def show_section(address: str) -> None:
    """Draw a page: the frame if the entry point hasn't, then the section; one sentence where there is no report."""
    if not st.session_state.pop(_FRAMED, False):
        # The whole app from here, the page within it: its widgets then are the same ones when the entry point runs.
        run_app()
        return
    section, view = BY_ADDRESS[address], current_view()
    say_problems()
    if view.report is None:
        st.title(section.title, anchor=False)
        st.error(prose(view.problem or "The source can't be read."), icon=":material/error:")
        st.caption("Open another source above, or change the choices there.")
        draw_bar(None, None)
        return
    # Places of their own, empty or not: what stands below keeps its place, and what is unfolded there stays so.
    with st.container():
        if view.problem:
            st.warning(prose(view.problem), icon=":material/cloud_off:")
    news = st.empty()
    with st.container():
        draw_written_notes(address, view.report)
    highlighted = highlighted_runs(view.report)
    note_on = partial(draw_finding_note, view.report)
    draw_section(
        section,
        view.report,
        APP_PARTS,
        highlighted=highlighted,
        notes=current_notes(),
        view=query_of_view(),
        note_on=note_on,
    )
    draw_glossary()
    draw_bar(view.report, highlighted)
    draw_changes(view, news)
    draw_open_runs(view.report, APP_PARTS)
    draw_find(view.report, address)
