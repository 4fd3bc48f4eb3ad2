"""Tables on a page: their first rows, with the CSV of all rows below."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from lib.model.numbers import MISSING
from lib.render.app_selection import MOST_ROWS_SHOWN, chosen_runs, draw_row_buttons, first_rows, open_from_row, rows_key
from lib.render.app_text import LONG_IN_CELL, plain_label, plain_markdown, prose
from lib.sections.blocks import Table
from lib.sections.csv import csv_of
from lib.sections.run_tables import ADDRESSES

# All that is shown is sent to the browser, which has to draw it: with ten columns, 1,000 rows are about 100 kB.
MOST_CELLS_SHOWN = 40_000
# Streamlit scrolls beyond these.
_ROWS_IN_SIGHT = 10


def draw_table(block: Table, links: Collection[str]) -> None:
    """Draw a table; one that is folded is made and sent once the reader opens it.

    links : the texts that may be links, as in `Sweep.links`.
    """
    if block.folded is None:
        _draw(block, links)
        return
    fold = st.expander(plain_markdown(block.folded), key=f"folded-{block.name}", on_change="rerun")
    if fold.open:
        with fold:
            _draw(block, links)


def _draw(block: Table, links: Collection[str]) -> None:
    table = block.head(MOST_ROWS_SHOWN) if block.head else block.make()
    if table.empty:
        st.caption("Nothing to list.")
        return
    shown = table.head(min(MOST_ROWS_SHOWN, MOST_CELLS_SHOWN // table.shape[1] + 1))
    rows = len(table) if block.rows is None else block.rows
    run_ids = block.run_ids() if block.run_ids else None
    opening = _opening(shown, block)
    if opening:
        shown = shown.assign(**{block.names: shown[block.names].astype(str).map(plain_label)})
    selecting: dict[str, Any] = {}
    first: Sequence[int] = ()
    if run_ids is not None:
        first = block.chosen or first_rows(block.name, run_ids)
        selecting = {"on_select": "rerun", "selection_mode": "multi-row"}
        if first:
            selecting["selection_default"] = {"selection": {"rows": list(first)}}
    if block.wraps:
        st.table(as_markdown(shown), hide_index=True, alt=block.label)
        _download(block, table)
        return
    for name in shown.select_dtypes(bool).columns:
        # A box that is ticked looks as if it could be clicked.
        shown = shown.assign(**{name: shown[name].map({True: "true", False: "false"})})
    # Its place has its height before it is drawn.
    with st.container(key=f"tall-{min(len(shown), _ROWS_IN_SIGHT)}-{block.name}"):
        st.dataframe(
            shown,
            hide_index=True,
            width="stretch" if shown.shape[1] > 3 else "content",
            column_config={
                n: config for n in shown.columns if (config := _config(shown[n], n, links, block)) is not None
            }
            | opening,
            placeholder=MISSING,
            key=f"table-{block.name}" if run_ids is None else rows_key(block.name, run_ids, first),
            alt=block.label,
            **selecting,
        )
    if run_ids is not None:
        draw_row_buttons(block.name, chosen_runs(block.name, run_ids, first))
    if rows > len(shown):
        st.caption(f"The first {len(shown):,} of {rows:,} rows; the CSV holds all.")
    _download(block, table)


def _download(block: Table, table: pd.DataFrame) -> None:
    """Draw the button that saves all rows."""
    st.download_button(
        "CSV",
        data=lambda: csv_of(block.make() if block.head else table),
        file_name=f"{file_name(block.name)}{_rule_in_names()}.csv",
        mime="text/csv",
        key=f"csv-{block.name}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        help=f"Download: {plain_markdown(block.label)}",
    )


def _opening(shown: pd.DataFrame, block: Table) -> dict[str, Any]:
    """Return the column of runs' names, a click on which opens the run; nothing where the table has none."""
    runs = block.run_ids or block.opens
    if runs is None or block.names not in shown:
        return {}
    key = f"name-{block.name}"
    column = st.column_config.ButtonColumn(
        block.names, type="tertiary", alignment="left", key=key, on_click=open_from_row, args=(key, runs())
    )
    return {block.names: column}


def _config(column: pd.Series, name: str, links: Collection[str], block: Table) -> Any:
    """Return how Streamlit shows a column; None where it knows already."""
    if name in block.curves:
        return st.column_config.LineChartColumn(name)
    if name in block.bars and block.bars[name][0] < block.bars[name][1]:
        low, high = block.bars[name]
        return st.column_config.ProgressColumn(name, format=people_read(column), min_value=low, max_value=high)
    if name in ADDRESSES and all(not text or text in links for text in column):
        return st.column_config.LinkColumn(name, display_text="open")
    if pd.api.types.is_float_dtype(column):
        form = "%.2g" if name.strip() in ("p", "adjusted p") else people_read(column)
        return st.column_config.NumberColumn(name, format=form)
    if pd.api.types.is_datetime64_any_dtype(column):
        return st.column_config.DatetimeColumn(name, format="YYYY-MM-DD HH:mm:ss", timezone="UTC")
    if pd.api.types.is_integer_dtype(column):
        return st.column_config.NumberColumn(name, format="%d")
    return None


def _rule_in_names() -> str:
    """Return the rule of the objective as the end of a file's name, where it isn't the last value."""
    rule = str(st.session_state.get("value") or "last")
    return "" if rule == "last" else f"-by-{file_name(rule)}"


def as_markdown(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as Markdown that shows its texts and the names of its columns letter for letter."""
    return table.astype(str).map(prose, long=LONG_IN_CELL).rename(columns=lambda name: prose(name, LONG_IN_CELL))


def people_read(column: pd.Series) -> str:
    """Choose the printf format of a float column: as many decimals as give its largest value four digits.

    Four significant digits each where values differ by more than a thousand times, or are below 1e-4 or huge; powers of
    ten where the smallest are below 1e-5, as zeros behind the point are hard to count.
    """
    known = column[column.abs() < float("inf")].abs()
    largest, smallest = known.max(), known[known > 0].min()
    if len(known) and (smallest < 1e-5 or largest >= 1e6):
        return "%.2e"
    if not len(known) or not largest >= 1e-4 or largest > 1e3 * smallest:
        return "%.1f" if len(known) and 1e4 <= largest < 1e6 else "%.4g"
    if (known % 1 == 0).all():
        return "%.0f"
    return f"%.{max(0, 3 - math.floor(math.log10(largest)))}f"


def file_name(name: str) -> str:
    """Turn a name into one that every file system takes: letters, digits, dots and dashes, at most 80."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-.")[:80] or "table"
