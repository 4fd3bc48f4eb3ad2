"""The view of one run, or of a few side by side, over any page. The address names the runs: `run=ID`."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.render.app import AppParts, draw_part
from lib.render.app_selection import RUN, RUNS_VIEW
from lib.render.app_text import plain_markdown
from lib.results.report import Report
from lib.sections.run import build, runs_of, title_of_runs
from lib.ui.notes import draw_run_note


def draw_open_runs(report: Report, parts: AppParts) -> None:
    """Draw the dialog of the runs that the address names; nothing where it names none of this sweep.

    It is a part of the page that runs alone where a run is opened (`open_runs`).
    """

    @st.fragment(key=RUNS_VIEW)
    def part() -> None:
        asked = st.query_params.get_all(RUN)
        if asked and runs_of(report, asked):
            _draw_dialog(report, asked, parts)
        elif asked:
            st.warning(
                plain_markdown(f"The address asks for run {', '.join(asked[:5])}, which this sweep doesn't have."),
                icon=":material/link_off:",
            )

    part()


def _draw_dialog(report: Report, asked: Sequence[str], parts: AppParts) -> None:
    @st.dialog(plain_markdown(title_of_runs(report, asked)), width="large", on_dismiss=close_runs)
    def shown() -> None:
        draw_part(build(report, asked), report, parts)
        if len(asked) == 1:
            draw_run_note(report, asked[0])

    shown()


def close_runs() -> None:
    """Take the runs out of the address. To be called in callbacks alone."""
    if RUN in st.query_params:
        del st.query_params[RUN]
    # A note that was written there may stand on the page too.
    st.rerun()
