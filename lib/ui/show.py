"""How results are put on a page: headline, chart with its text alternative, table with its CSV."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from lib.charts.marks import Drawing
from lib.numbers import MISSING
from lib.report.csv import csv_of
from lib.ui.text import plain_markdown

MOST_ROWS_SHOWN = 20_000


def show_headline(text: str, rule: str | None = None) -> None:
    """Show a section's first sentence, and beneath it the rule of the objective."""
    st.markdown(f"##### {plain_markdown(text)}", anchors=False)
    if rule:
        st.caption(f"Objective: {plain_markdown(rule)}")


def show_text(text: str) -> None:
    """Show a sentence that may hold names from the data."""
    st.markdown(plain_markdown(text), anchors=False)


def show_note(text: str | None) -> None:
    """Show a quiet remark beneath a chart or table; nothing for None."""
    if text:
        st.caption(plain_markdown(text))


def show_heading(text: str) -> None:
    """Show the heading of a part of a page; it may be a parameter's name."""
    st.markdown(f"#### {plain_markdown(text)}", anchors=False)


def show_chart(chart: Drawing, key: str, alternative: str) -> None:
    """Show a chart as wide as the page, with a text alternative for who can't see it."""
    st.altair_chart(chart, width="stretch", key=f"chart-{key}", alt=alternative)


def show_table(
    table: pd.DataFrame,
    name: str,
    label: str,
    links: Sequence[str] = (),
    formats: Mapping[str, str] | None = None,
) -> None:
    """Show the table behind a chart, with its CSV in full precision beneath.

    name : file name of the CSV and key of the widgets. label : what the table holds, for screen readers.
    links : columns of addresses. formats : printf formats by column; floats get four significant digits else.
    """
    if table.empty:
        show_note("Nothing to list.")
        return
    shown = table.head(MOST_ROWS_SHOWN)
    config: dict[str, Any] = {}
    for column in shown.columns:
        if column in links:
            config[column] = st.column_config.LinkColumn(column, display_text="open")
        elif pd.api.types.is_float_dtype(shown[column]):
            config[column] = st.column_config.NumberColumn(column, format=(formats or {}).get(column, "%.4g"))
        elif pd.api.types.is_integer_dtype(shown[column]):
            config[column] = st.column_config.NumberColumn(column, format="%d")
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch" if shown.shape[1] > 3 else "content",
        column_config=config,
        placeholder=MISSING,
        key=f"table-{name}",
        alt=label,
    )
    if len(table) > len(shown):
        show_note(f"The first {len(shown):,} of {len(table):,} rows; the CSV holds all.")
    st.download_button(
        "CSV",
        data=lambda: csv_of(table),
        file_name=f"{file_name(name)}.csv",
        mime="text/csv",
        key=f"csv-{name}",
        on_click="ignore",
        icon=":material/download:",
        help=f"Download: {label}",
    )


def file_name(name: str) -> str:
    """Turn a name into one that every file system takes: letters, digits, dots and dashes, at most 80."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-.")[:80] or "table"
