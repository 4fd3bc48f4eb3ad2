"""The report to take away: Markdown, HTML and JSON, made when asked for."""

from __future__ import annotations

import json

import streamlit as st

from lib.report import Report
from lib.ui.show import file_name


def report_downloads(report: Report) -> None:
    """Show a button for each format of the report; each is made on the click, not before."""
    name = f"sweep-report-{file_name(report.sweep.origin.label)}"
    markdown, html, as_json = st.columns(3)
    markdown.download_button(
        "Markdown",
        data=lambda: _markdown(report),
        file_name=f"{name}.md",
        mime="text/markdown",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )
    html.download_button(
        "HTML",
        data=lambda: _html(report),
        file_name=f"{name}.html",
        mime="text/html",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )
    as_json.download_button(
        "JSON",
        data=lambda: json.dumps(report.to_dict(), ensure_ascii=False, indent=1, allow_nan=False) + "\n",
        file_name=f"{name}.json",
        mime="application/json",
        on_click="ignore",
        icon=":material/download:",
        width="stretch",
    )


def _markdown(report: Report) -> str:
    from lib.report.markdown import report_as_markdown

    return report_as_markdown(report)


def _html(report: Report) -> str:
    from lib.report.html import report_as_html

    return report_as_html(report)
