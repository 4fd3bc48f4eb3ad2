"""Charts made ready for the browser: the Vega-Lite spec, and its tables beside it, in Arrow's own bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from lib.charts.dimmable import clicks_of, dimmable
from lib.charts.marks import AT_THEIR_LINES, MOST_ELEMENTS, Drawing
from lib.charts.run_marks import counts_of, lit, rows_of
from lib.charts.tables import spec_and_tables

CANVAS = {"embedOptions": {"renderer": "canvas"}}
# Streamlit would leave 20 pixels free below every chart.
PADDING = {"left": 2, "right": 4, "top": 4, "bottom": 2}
# What of a chart's height its horizontal axis takes.
BESIDE_PLOT = 70


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """A chart that needs no more work: `spec` names its tables, `tables` holds each as an Arrow IPC stream."""

    spec: dict[str, Any]
    tables: dict[str, bytes]
    runs: dict[str, pd.DataFrame]
    """Those of its tables whose rows are runs or count runs, to be made again with some runs highlighted."""

    @property
    def clicks(self) -> tuple[str, ...]:
        """The selections by which a click chooses runs."""
        return clicks_of(self.spec) if self.runs else ()

    @property
    def bytes_held(self) -> int:
        """Bytes of its tables; the spec is small."""
        own = sum(int(frame.memory_usage().sum()) for frame in self.runs.values())
        return own + sum(len(table) for table in self.tables.values())

    def tables_with(self, highlighted: np.ndarray | None) -> dict[str, bytes]:
        """Return the tables where some runs of the sweep are highlighted, shape (runs,); None for none."""
        if highlighted is None:
            return self.tables
        return {
            name: _as_arrow(lit(self.runs[name], highlighted)) if name in self.runs else table
            for name, table in self.tables.items()
        }


def prepared(chart: Drawing) -> Prepared:
    """Make a chart ready: what Altair takes to write it again and again is paid once."""
    spec, tables = spec_and_tables(chart)
    # No surroundings of Altair's own: those of the page are the theme's. The text alternative says what is drawn, and
    # the table below holds the numbers: marks aren't announced one by one.
    # Streamlit would give tooltips to marks without any, and so make code of the titles of axes: see `tip_title`.
    spec["config"] = {"aria": False, "mark": {"aria": False, "tooltip": None}, "axis": AT_THEIR_LINES}
    spec.setdefault("padding", PADDING)
    # A title longer than its axis would take the plot's room, or be cut at its ends: it ends in dots.
    spec["config"]["axisX"] = {"titleLimit": {"expr": "max(width, 60)"}}
    if isinstance(tall := spec.get("height"), (int, float)):
        spec["config"]["axisY"] = {"titleLimit": max(tall - BESIDE_PLOT, 60)}
    if "usermeta" not in spec and sum(len(frame) for frame in tables.values()) > MOST_ELEMENTS:
        spec["usermeta"] = CANVAS
    runs = {name: frame for name, frame in tables.items() if rows_of(frame) or counts_of(frame)}
    if runs:
        spec = dimmable(spec, runs)
    return Prepared(spec, {name: _as_arrow(lit(frame, None)) for name, frame in tables.items()}, runs)


def with_tables(picture: Prepared, tables: Mapping[str, pd.DataFrame]) -> Prepared:
    """Return a chart with other tables in the place of those that it has by these names; none of them is of runs."""
    return replace(picture, tables=picture.tables | {name: _as_arrow(frame) for name, frame in tables.items()})


def _as_arrow(frame: pd.DataFrame) -> bytes:
    # Without what is noted on it, which Arrow would try to write.
    bare = frame.copy(deep=False)
    bare.attrs = {}
    table = pa.Table.from_pandas(bare, preserve_index=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    written: bytes = sink.getvalue().to_pybytes()
    return written
