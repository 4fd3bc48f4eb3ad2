"""The report to take away, in every format; each is made when asked for, not before."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.model.notes import Notes
from lib.render.app_table import file_name
from lib.report import Report
from lib.ui.link import draw_link

# As `lib.analysis.next_sweep` names it, which is loaded when the file is asked for.
FILE_NAME = "next-sweep.yaml"


def draw_share(report: Report, notes: Notes) -> None:
    """Draw what hands the report out: the link to this view, and a button for each format."""
    share = st.popover("Share", icon=":material/ios_share:", key="share", on_change="rerun", width="content")
    if not share.open:
        return
    with share:
        draw_link()
        _draw_formats(report, notes)


def draw_next_sweep(report: Report) -> None:
    """Draw the button that saves the recommended next sweep; it is worked out when it is asked for."""
    st.download_button(
        "Next sweep (YAML)",
        data=lambda: _next_sweep(report),
        file_name=FILE_NAME,
        mime="application/yaml",
        on_click="ignore",
        icon=":material/download:",
        key="next-sweep",
        type="primary",
        width="content",
    )


def _next_sweep(report: Report) -> str:
    from lib.sections.findings import next_sweep_sentence

    recommended = report.next_sweep
    return f"# {next_sweep_sentence(report)}\n" if recommended is None else recommended.to_yaml()


def _draw_formats(report: Report, notes: Notes) -> None:
    st.markdown("**The report as a file**")
    name = f"sweep-report-{file_name(report.sweep.origin.label)}"
    _button(
        "HTML",
        lambda: _html(report, notes),
        f"{name}.html",
        mime="text/html",
        what="One page that opens without a network.",
    )
    _button(
        "Markdown (ZIP)",
        lambda: _markdown_archive(report, notes),
        f"{name}.zip",
        mime="application/zip",
        what="Markdown, its pictures beside it, and every table as CSV.",
    )
    _button(
        "JSON", lambda: _json(report, notes), f"{name}.json", mime="application/json", what="Every number, unrounded."
    )
    _button(
        "Charts (ZIP)",
        lambda: _charts_archive(report, notes),
        f"{name}-charts.zip",
        mime="application/zip",
        what="Every chart as SVG and PNG, for light and for dark pages. Takes about a minute to make.",
    )
    _button(
        "LaTeX (ZIP)",
        lambda: _paper(report, notes),
        f"{name}-latex.zip",
        mime="application/zip",
        what="For a paper or a thesis: tables, methods, BibTeX, and every chart as PDF and SVG of one and two columns. "
        "Takes about half a minute to make.",
    )
    st.caption("Each states its source, when it was read, the data's hash, your choices and the versions used.")


def _button(label: str, made: Callable[[], str | bytes], file: str, *, mime: str, what: str) -> None:
    st.download_button(
        label,
        data=made,
        file_name=file,
        mime=mime,
        on_click="ignore",
        icon=":material/download:",
        help=what,
        width="stretch",
    )


def _json(report: Report, notes: Notes) -> str:
    from lib.render.json_text import json_text

    return json_text(report.to_dict(notes))


def _html(report: Report, notes: Notes) -> str:
    from lib.render.html import report_as_html

    return report_as_html(report, notes)


def _markdown_archive(report: Report, notes: Notes) -> bytes:
    from lib.render.archive import markdown_archive

    return markdown_archive(report, notes)


def _paper(report: Report, notes: Notes) -> bytes:
    from lib.render.paper import paper_archive

    return paper_archive(report, report.to_dict(notes))


def _charts_archive(report: Report, notes: Notes) -> bytes:
    from lib.render.archive import charts_archive

    return charts_archive(report, notes)
