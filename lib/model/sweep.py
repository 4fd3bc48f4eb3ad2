"""The one contract between sources and analysis: a Sweep, as it was read.

A source builds a Sweep with `lib.model.assemble`; nothing downstream asks where the runs came from. Config and summary
are two tables and are never merged, since they may hold the same names (`epoch`, `loss`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from lib.model.choices import Derivation
from lib.model.columns import restored
from lib.model.notes import Notes
from lib.model.written_numbers import texts_of, with_unit

Confidence = Literal["sure", "likely", "unsure"]
SourceKind = Literal["sample", "csv", "snapshot", "wandb"]

# One row a run. Text columns use "" for what isn't known; times are UTC; runtime is in seconds.
RUN_COLUMNS = (
    "run_id",
    "name",
    "state",
    "created_at",
    "heartbeat_at",
    "runtime",
    "sweep",
    "group",
    "tags",
    "url",
)
TIME_COLUMNS = ("created_at", "heartbeat_at")
RUNTIME = "runtime"
_WEBSITE = re.compile(r"https?://[^\s<>|\\]+")
NO_STATE = "unknown"
PARENT, CHILD = "parent", "child"
"""The states of runs that don't count since the runs that they started do, or the run that started them."""
# The level of runs whose config holds null, where that is a level: as pages and JSON's text say it.
NONE_LEVEL = "None"
SWEEP = "sweep"
NO_SWEEP = "runs of no sweep"
# Times and runtimes (seconds) beyond these are no record of a run, and calendars can't hold all of them.
FIRST_TIME, LAST_TIME = pd.Timestamp("1970-01-01", tz="UTC"), pd.Timestamp("2200-01-01", tz="UTC")
LONGEST_RUNTIME = 100 * 365.25 * 86_400


@dataclass(frozen=True, slots=True)
class Declaration:
    """A W&B sweep's own record: its id, name, state, address, and its config as W&B has it (None where unknown)."""

    id: str | None = None
    name: str | None = None
    state: str | None = None
    url: str | None = None
    config: Mapping[str, Any] | None = None

    @property
    def method(self) -> str | None:
        """The search method: "bayes", "random", "grid" or "custom"; None where not known."""
        method = (self.config or {}).get("method")
        return str(method) if method else None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the runs came from and when they were read (`fetched_at`: ISO 8601, UTC; None where not known)."""

    kind: SourceKind
    label: str
    fetched_at: str | None = None
    format: str | None = None
    """What kind of table the file was ("csv", "xlsx", "optuna", …) where `kind` is "csv"; None otherwise."""


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """How one column of the source was read.

    `part` is "metadata", "config", "summary" or "empty"; `why` is the reason in words, for the Data page.
    """

    column: str
    part: str
    type: str
    why: str
    confidence: Confidence = "sure"
    """How sure the part is: what a source states is sure."""
    written: str | None = None
    """How the numbers of a setting were written where that is not plain, as JSON by number: {"0.0625": "1/16"}."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """Everything known of a set of runs. Build it with `assemble`, which puts the rows in canonical order.

    runs : DataFrame with RUN_COLUMNS, one row a run, RangeIndex.
    config, summary : DataFrames with the same index; one column a key, nested keys joined by dots. A column is
        Int64, float64, boolean or str; lists are JSON text; what is missing is NA/NaN.
    history : DataFrame with `run_id`, `_step` and one float64 column a logged metric; no rows where none was read.
    logged_nan : for a summary column, True where a run did log NaN (as against logged nothing).
    declarations : one for each W&B sweep that the runs are of.
    warnings : sentences about what the source could not take as it was.
    derived : the columns among config and summary that were derived from others after reading.
    thinned : whether W&B thinned some histories out, so that their rows can't be counted.
    notes : what a reader wrote about it before it was kept as a snapshot.
    counted_by : the column of the summary that says of how many runs each row is the mean; None where rows are runs.
    """

    origin: Origin
    runs: pd.DataFrame
    config: pd.DataFrame
    summary: pd.DataFrame
    history: pd.DataFrame
    logged_nan: Mapping[str, np.ndarray] = field(default_factory=dict)
    declarations: tuple[Declaration, ...] = ()
    readings: tuple[ColumnReading, ...] = ()
    warnings: tuple[str, ...] = ()
    derived: tuple[Derivation, ...] = ()
    thinned: bool = False
    notes: Notes = Notes()
    counted_by: str | None = None

    def __len__(self) -> int:
        return len(self.runs)

    def as_written(self, name: str, value: Any) -> Any:
        """Return a value of a setting as the source writes it and the program takes it: "1/16" for 0.0625.

        What stands in no cell of the source, as a new level, has the unit that all others have, else stays a number.
        """
        texts = self._texts.get(name)
        if texts is None or isinstance(value, bool) or not isinstance(value, (int, float)):
            return value
        text = texts.get(float(value))
        return with_unit(value, texts) if text is None else restored(text)

    @cached_property
    def _texts(self) -> Mapping[str, Mapping[float, str]]:
        found: dict[str, dict[float, str]] = {}
        for reading in self.readings:
            if reading.written is not None:
                # A heading with a prefix, as in config.eps, is a key without it.
                keys = {reading.column, reading.column.partition(".")[2]} & set(map(str, self.config.columns))
                texts = texts_of(reading.written)
                found |= {key: {**found.get(key, {}), **texts} for key in keys}
        return found

    @cached_property
    def links(self) -> frozenset[str]:
        """The addresses of the runs and their sweeps, checked when they were read: no other text may become a link."""
        every = {*self.runs["url"], *(record.url or "" for record in self.declarations)}
        # Of a sweep that no reader made and checked, still nothing but a website is one.
        return frozenset(text for text in every if _WEBSITE.fullmatch(text))

    @property
    def runtime_metric(self) -> str | None:
        """What the runs' own runtime (seconds) is called among the metrics; None where no run states one.

        A column that the source has under that name comes first.
        """
        if not np.isfinite(self.runs["runtime"].to_numpy(dtype=float)).any():
            return None
        taken = RUNTIME in self.summary.columns or RUNTIME in self.config.columns
        return f"{RUNTIME} of the run" if taken else RUNTIME

    @cached_property
    def sweep_names(self) -> Mapping[str, str]:
        """The name of each sweep that the runs are of, by what the runs' sweep column holds, in order of first run.

        A name that two sweeps share is followed by the key.
        """
        keys = list(dict.fromkeys(self.runs[SWEEP].tolist()))
        names = {
            key: next((d.name for d in self.declarations if key in (d.id, d.name) and d.name), key) for key in keys
        }
        said = list(names.values())
        return {k: (name if said.count(name) == 1 else f"{name} ({k})") or NO_SWEEP for k, name in names.items()}

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """All that a run can be measured by: the summary, and the runs' own runtime in seconds beside it.

        A column of text most of which is numbers counts as numbers here; what is no number in it is NaN.
        """
        read = {name: _numbers_of(self.summary[name]) for name in self.summary.columns}
        found = {name: numbers for name, numbers in read.items() if numbers is not None}
        if (name := self.runtime_metric) is not None:
            found[name] = self.runs["runtime"]
        return self.summary.assign(**found) if found else self.summary

    @cached_property
    def data_sha256(self) -> str:
        """SHA-256 over the runs' content in canonical order: the same for the same runs, whatever the row order was.

        Derived columns don't count: they are a choice, and no part of what was read.
        """
        digest = hashlib.sha256()
        derived = {d.name for d in self.derived}
        for part in (self.runs, self.config, self.summary, self.history):
            for name in sorted((c for c in part.columns if c not in derived), key=str):
                digest.update(f"\x1d{name}\x1e".encode())
                digest.update(_column_bytes(part[name]))
        digest.update(repr([d.config for d in self.declarations]).encode())
        return digest.hexdigest()

    @property
    def bytes_held(self) -> int:
        """How much memory the tables take, in bytes."""
        tables = (self.runs, self.config, self.summary, self.history)
        return sum(int(table.memory_usage(index=False).sum()) for table in tables)

    def with_declarations(self, declarations: tuple[Declaration, ...]) -> Sweep:
        """Return the same runs with other sweep configs."""
        return replace(self, declarations=declarations)


def _numbers_of(column: pd.Series) -> pd.Series | None:
    """Return a text column as floats where at least half of its cells are numbers; else None."""
    if not pd.api.types.is_string_dtype(column):
        return None
    numbers = pd.to_numeric(column, errors="coerce")
    known = int(column.notna().sum())
    return numbers.astype(float) if known and 2 * int(numbers.notna().sum()) >= known else None


def _column_bytes(column: pd.Series) -> bytes:
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.astype("int64").to_numpy().astype("<i8").tobytes()
    if pd.api.types.is_float_dtype(column):
        return column.to_numpy(dtype="<f8", na_value=np.nan).tobytes()
    return "\x1f".join("" if value is pd.NA or value != value else str(value) for value in column).encode()
