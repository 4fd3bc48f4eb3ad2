"""What a recogniser is given, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.model.metric_names import NO_RESULT, NameReading, read_name
from lib.sources.export.column_parts import Verdict
from lib.sources.export.text_table import TextTable

# Headings that only a table of runs has: what a run is called, or how it ended.
_OF_RUNS = frozenset((
    "name", "id", "state", "created", "runtime", "sweep", "run_id", "run id", "run", "run_name", "run name", "trial_id",
    "display_name", "displayname", "experiment", "experiment_name", "trial", "model_id",
))  # fmt: skip
_COUNTERS = frozenset((
    "step", "_step", "global_step", "globalstep", "epoch", "iteration", "iter", "iterations", "training_iteration",
    "round", "update", "updates", "episode", "batch", "batch_idx", "total_timesteps", "timesteps", "num_timesteps",
    "env_step", "env_steps", "train_step", "training_step", "tokens_seen", "samples_seen", "time/iterations",
    "time/total_timesteps", "trainer/global_step", "train/global_step", "train/step", "train/epoch", "boosting_round",
))  # fmt: skip
CLOCKS = frozenset((
    "_runtime", "_timestamp", "relative time (process)", "relative time (wall)", "relative time", "wall time",
    "walltime", "timestamp", "time", "runtime", "elapsed", "date", "datetime",
))  # fmt: skip

_NOT_FINITE = frozenset(("nan", "inf", "infinity"))


@dataclass(frozen=True)
class Look:
    """A table as recognisers see it, before it is decided which columns are config."""

    # Without slots, so that what is asked for again and again is kept.

    table: TextTable
    label: str
    plain: Sequence[pa.Array]
    """The columns with numbers written plainly, as `lib.sources.export.cells` reads them."""
    chosen: frozenset[str] = frozenset()
    """The columns that the reader or a sweep config names as metric or parameters: what names them knows the file."""

    @property
    def names(self) -> tuple[str, ...]:
        """The headings."""
        return self.table.names

    @cached_property
    def lowered(self) -> tuple[str, ...]:
        """The headings in lower case: worked out once, since recognisers ask for each column of thousands."""
        return tuple(name.strip().lower() for name in self.names)

    def names_runs(self, by_id: bool = True) -> bool:
        """Whether a column says what a run is called, or how it ended. A plain "id" may be of anything."""
        return any(name in _OF_RUNS and (by_id or name != "id") for name in self.lowered)

    def names_a_run(self, at: int) -> bool:
        """Whether a heading is one by which runs are called."""
        return self.lowered[at] in _OF_RUNS

    def at(self, name: str) -> int | None:
        """Return the position of a column by its name in any case; None without one."""
        return next((at for at, one in enumerate(self.lowered) if one == name.lower()), None)

    def numbers(self, at: int) -> np.ndarray | None:
        """Return a column as floats, NaN where it has none; None where fewer than half of its cells are numbers."""
        cells = self.plain[at]
        blank = pc.equal(cells, "")
        try:
            known = pc.if_else(blank, pa.scalar(None, cells.type), cells).cast(pa.float64())
            values: np.ndarray = known.to_numpy(zero_copy_only=False).astype(float)
        except pa.ArrowInvalid:
            values = np.array([_float(text) for text in cells.to_pylist()])
            if np.isnan(values).sum() - pc.sum(blank).as_py() > np.isfinite(values).sum():
                return None
        return values if np.isfinite(values).any() else None

    def diverged(self, at: int) -> bool:
        """Whether a column has cells, and all of them are NaN or infinite, as results of runs that diverged are."""
        cells = {text for text in pc.unique(self.plain[at]).to_pylist() if text}
        return bool(cells) and all(text.strip().lower().lstrip("+-") in _NOT_FINITE for text in cells)

    def rank_columns(self) -> list[int]:
        """Positions of the columns without a heading that number the rows 0, 1, 2, …, as pandas writes them first."""
        return [0] if self.lowered[0] in ("column 1", "unnamed: 0", "index", "") else []


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def is_counter(name: str) -> bool:
    """Whether a name says that a column counts steps of training."""
    return name.strip().lower() in _COUNTERS


def is_clock(name: str) -> bool:
    """Whether a name says that a column holds a time."""
    return name.strip().lower() in CLOCKS or reading_of(name).role == "clock"


@cache
def reading_of(name: str) -> NameReading:
    """Return what the list of metric names says of a column."""
    return read_name(name)


def may_be_result(name: str) -> bool:
    """Whether a name may be of a result: it reads as one, or says nothing."""
    return reading_of(name).role not in NO_RESULT


def reads_as_result(name: str) -> bool:
    """Whether a name reads as a result."""
    return may_be_result(name) and reading_of(name).role != "unknown"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a table of runs is read: the table itself, and what its kind settles of its columns."""

    format: str
    """What the file is, in a word for the JSON report: "csv", "optuna", …"""
    table: TextTable
    settled: Mapping[int, Verdict] = field(default_factory=dict)
    """Columns that are config or summary without doubt, by position."""
    roles: Mapping[str, int] = field(default_factory=dict)
    """Which columns hold run columns (run_id, name, state, …)."""
    unused: Collection[int] = ()
    """Columns that are a record of the run and of no use to a report."""
    config: Mapping[str, Any] | None = None
    """What the kind says of the objective, as a W&B sweep config."""
    warnings: tuple[str, ...] = ()
    """What was decided, in sentences."""
    counted_by: int | None = None
    """The column that says of how many runs each row is the mean, by position; None where rows are runs."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: its name, and how it is recognised and read.

    `read` returns None where a table is not of this kind, and raises InputError where it is no table of runs, with
    where to find the right file.
    """

    name: str
    read: Callable[[Look], Shape | None]


RUNS_TABLE = (
    "Export the runs instead: on W&B, open the project's or sweep's runs table, then its download button, then CSV."
)
