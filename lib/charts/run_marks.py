"""Which runs a chart's marks are, so that a page can highlight some of them without having the chart drawn again.

A chart's table whose rows are runs is indexed by them, a table whose rows count runs says which ones each row counts.
Written reports see the tables alone. For a page, `lib.charts.dimmable` writes into the finished spec how marks look
that aren't highlighted, and `lit` makes the tables for the runs that are: only data changes, which Vega redraws in
place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from weakref import ReferenceType, ref

import numpy as np
import pandas as pd

from lib.charts.marks import MOST_MARKS, thinned

# The columns that a page's tables of runs get: the run's row in the sweep, and OUT for a run beside the highlighted
# ones, IN for one of them, PLAIN where none is.
ROW, LIT = "sweep_row", "lit"
OUT, PLAIN, IN = 0, 1, 2
# Of tables that count runs: whether some are highlighted; LIT is the number of those.
ON = "on"
_ROWS, _COUNTS = "rows of runs", "counts of runs"
Build = Callable[[np.ndarray], pd.DataFrame]


@dataclass(frozen=True, eq=False, slots=True)
class RunRows:
    """How a table of runs is made."""

    build: Build
    """Makes the table of some of these runs by their positions, indexed by them."""
    of: np.ndarray
    """The runs that there are, as rows of the sweep, shape (n,)."""
    positions: np.ndarray
    """The position among them of each row's run, shape (rows,)."""
    grey: bool
    """Whether its marks have no colour of their own."""
    table: ReferenceType[pd.DataFrame]

    def __deepcopy__(self, _: object) -> RunRows:
        return self


@dataclass(frozen=True, eq=False, slots=True)
class RunCounts:
    """How a table counts runs."""

    row_of_run: np.ndarray
    """The row that counts each run, -1 for none, shape (n,)."""
    of: np.ndarray
    """These runs as rows of the sweep, shape (n,)."""
    field: str
    """The column of the counts."""
    base: str | None
    """The column that they are added to, where they are stacked on others."""
    table: ReferenceType[pd.DataFrame]

    def __deepcopy__(self, _: object) -> RunCounts:
        return self


def of_runs(of: np.ndarray, positions: np.ndarray, build: Build, *, grey: bool = False) -> pd.DataFrame:
    """Return the table of some runs, marked as such.

    of : all runs that might be drawn, as rows of the sweep, shape (n,). positions : those among them that are drawn.
    build : makes the table of runs by their positions; it may leave some out or give a run several rows, and indexes
    each row by its run's position. grey : whether the marks have no colour of their own.
    """
    frame = build(positions)
    frame.attrs[_ROWS] = RunRows(build, of, frame.index.to_numpy(dtype=int), grey, ref(frame))
    return frame


def of_counts(
    of: np.ndarray, row_of_run: np.ndarray, field: str, *, frame: pd.DataFrame, base: str | None = None
) -> pd.DataFrame:
    """Return a table whose column `field` counts runs, marked as such. The others : as in `RunCounts`."""
    frame.attrs[_COUNTS] = RunCounts(row_of_run, of, field, base, ref(frame))
    return frame


def bin_of(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the bin of each value, counted from 0; of a value on an edge that above it, as numpy's histograms do."""
    return np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)


def rows_of(frame: pd.DataFrame) -> RunRows | None:
    """Return how a table of runs is made; None for any other table, also for one that was made of such a table."""
    found: RunRows | None = frame.attrs.get(_ROWS)
    return found if found is not None and found.table() is frame else None


def counts_of(frame: pd.DataFrame) -> RunCounts | None:
    """Return how a table counts runs; None for any other table, also for one that was made of such a table."""
    found: RunCounts | None = frame.attrs.get(_COUNTS)
    return found if found is not None and found.table() is frame else None


def lit(frame: pd.DataFrame, highlighted: np.ndarray | None) -> pd.DataFrame:
    """Return a table with the column LIT; those of highlighted runs last, so that they are drawn on top.

    highlighted : whether each run of the sweep is, shape (runs,); None where none is chosen. Highlighted runs that are
    not among the rows are added, up to as many as a chart shows.
    """
    rows, counts = rows_of(frame), counts_of(frame)
    if rows is not None:
        return _lit_rows(frame, rows, highlighted)
    if counts is not None:
        return _lit_counts(frame, counts, highlighted)
    return frame


def _lit_rows(frame: pd.DataFrame, rows: RunRows, highlighted: np.ndarray | None) -> pd.DataFrame:
    if highlighted is None:
        return _with_rows(frame, rows.of, np.full(len(frame), PLAIN))
    chosen = highlighted[rows.of]
    state = np.where(chosen[rows.positions], IN, OUT)
    missing = np.setdiff1d(np.flatnonzero(chosen), rows.positions)
    shown = _with_rows(frame, rows.of, state)
    if len(missing):
        more = rows.build(thinned(missing, MOST_MARKS))
        shown = pd.concat([shown, _with_rows(more, rows.of, np.full(len(more), IN))])
    return shown.iloc[np.argsort(shown[LIT].to_numpy(), kind="stable")]


def _with_rows(frame: pd.DataFrame, of: np.ndarray, state: np.ndarray) -> pd.DataFrame:
    out = frame.copy(deep=False)
    # Joined to others, pandas would compare what is noted on it.
    out.attrs = {}
    out[ROW], out[LIT] = of[frame.index.to_numpy(dtype=int)], state
    return out


def _lit_counts(frame: pd.DataFrame, counts: RunCounts, highlighted: np.ndarray | None) -> pd.DataFrame:
    out = frame.copy(deep=False)
    out[ON] = highlighted is not None
    out[LIT] = frame[counts.field]
    if highlighted is not None:
        chosen = counts.row_of_run[highlighted[counts.of]]
        number = np.bincount(chosen[chosen >= 0], minlength=len(frame))
        out[LIT] = number if counts.base is None else number + frame[counts.base]
    return out
