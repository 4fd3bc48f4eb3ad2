"""The view of one run, or of a few side by side, over any page. The address names the runs: `run=ID`."""

from __future__ import annotations

import streamlit as st

from lib.render.app import AppParts, draw_part
from lib.render.app_selection import RUN, whole_page_asked
from lib.render.app_text import plain_markdown
from lib.results.report import Report
from lib.sections.run import build, runs_of, title_of_runs
from lib.ui.notes import draw_run_note


def draw_open_runs(report: Report, parts: AppParts) -> None:
    """Draw the dialog of the runs that the address names; nothing where it names none of this sweep."""
    asked = st.query_params.get_all(RUN)
    if not asked:
        return
    if not runs_of(report, asked):
        st.warning(
            plain_markdown(f"The address asks for run {', '.join(asked[:5])}, which this sweep doesn't have."),
            icon=":material/link_off:",
        )
        return

    whole_page_asked()

    @st.dialog(plain_markdown(title_of_runs(report, asked)), width="large", on_dismiss=close_runs)
    def shown() -> None:
        if whole_page_asked():
            # A run was opened from within the view of another one.
            st.rerun()
        draw_part(build(report, asked), report, parts)
        if len(asked) == 1:
            draw_run_note(report, asked[0])

    shown()


def close_runs() -> None:
    """Take the runs out of the address. To be called in callbacks alone."""
    if RUN in st.query_params:
        del st.query_params[RUN]
