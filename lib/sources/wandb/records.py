"""Turns the runs that W&B's server sends (GraphQL nodes) into the tables of a Sweep, page by page.

Over 300 lines: all that turns one node into cells.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from lib.model.assemble import assemble
from lib.model.columns import Column, flatten, typed_column
from lib.model.mapping_levels import with_mapping_levels
from lib.model.nesting import DEEPEST, nested_too_deeply
from lib.model.sweep import ColumnReading, Declaration, Origin, Sweep
from lib.model.text import whole_characters

# What `define_metric(summary=...)` makes of a metric: {"min": .., "max": .., "last": ..}.
_AGGREGATES = {"min", "max", "mean", "last", "best", "first"}
_INTERNAL = {"_wandb", "wandb_version"}
# Keys past this many are left out: a table of every key that was ever logged would not fit in memory.
MOST_KEYS = 10_000
# A run of a hundred years.
_LONGEST = 3.2e9
# Logged text may hold raw control characters, which strict JSON doesn't.
_DECODER = json.JSONDecoder(strict=False)
_REASONS = {"config": "a key of the runs' config", "summary": "a key of the runs' summary"}


class _Cells:
    """Columns that grow by a page of rows at a time; a row lacks what it doesn't name."""

    def __init__(self) -> None:
        self.values: dict[str, list[Any]] = {}
        self.refused = False

    def extend(self, start: int, rows: list[dict[str, Any]]) -> None:
        """Add rows, of which the first is row number `start`."""
        names = {name for row in rows for name in row}
        fresh = names.difference(self.values)
        if len(fresh) + len(self.values) > MOST_KEYS:
            self.refused = True
            names -= set(sorted(fresh)[MOST_KEYS - len(self.values) :])
        for name in names:
            column = self.values.setdefault(name, [])
            column.extend([None] * (start - len(column)))
            column.extend([row.get(name) for row in rows])

    def take(self, name: str, count: int) -> list[Any]:
        """Return a column in full length and forget it."""
        column = self.values.pop(name, [])
        column.extend([None] * (count - len(column)))
        return column


class RunRecords:
    """Runs as they arrive. A run that comes twice, as can happen while a sweep goes on, is taken once.

    `site` is the address of the project on W&B's website, for the runs' own addresses.
    """

    def __init__(self, site: str) -> None:
        self._site = site
        self._ids: dict[str, None] = {}
        self._parts = {"run": _Cells(), "config": _Cells(), "summary": _Cells()}
        self._unreadable = 0
        self._deep = 0
        # Of JSON, taken so far.
        self.characters = 0
        self._collisions: set[str] = set()

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def ids(self) -> list[str]:
        """The ids of the runs, in the order of arrival."""
        return list(self._ids)

    @property
    def cells(self) -> int:
        """How many values they hold."""
        return sum(len(column) for part in self._parts.values() for column in part.values.values())

    @property
    def sweep_ids(self) -> list[str]:
        """The ids of the sweeps that the runs are of, in order."""
        return sorted({name for name in self._parts["run"].values.get("sweep", ()) if name})

    def add(self, nodes: Iterable[Mapping[str, Any]]) -> None:
        """Take one page of runs."""
        start = len(self._ids)
        about, configs, summaries = [], [], []
        for node in nodes:
            run_id = str(node["name"])
            if run_id in self._ids:
                continue
            self._ids[run_id] = None
            summary = self._parsed(node.get("summaryMetrics"))
            about.append(_about(node, summary))
            configs.append(flat_config(self._parsed(node.get("config")), self._collisions))
            summaries.append(flat_summary(summary, self._collisions))
        for part, rows in (("run", about), ("config", configs), ("summary", summaries)):
            self._parts[part].extend(start, rows)

    def sweep(
        self, origin: Origin, declarations: tuple[Declaration, ...], *, since: Sweep | None = None,
        warnings: Iterable[str] = (),
    ) -> Sweep:  # fmt: skip
        """Return the Sweep of all runs taken; with `since`, of its runs too, where these didn't arrive again.

        A merged Sweep is the same as one that is read in full: every column is typed from all of its values. Histories
        of `since` stay for the runs that did not change. This empties the records.
        """
        count = len(self)
        kept = np.zeros(0, dtype=bool) if since is None else ~since.runs["run_id"].isin(self._ids).to_numpy()
        tables: dict[str, pd.DataFrame] = {}
        logged_nan: dict[str, np.ndarray] = {}
        readings: list[ColumnReading] = []
        for part in ("config", "summary"):
            columns: dict[str, pd.Series] = {}
            before = None if since is None else getattr(since, part)
            names = set(self._parts[part].values) | set(() if before is None else before.columns)
            for name in sorted(names):
                values = self._parts[part].take(name, count)
                if since is not None:
                    values = _plain_values(since, part, name, kept) + values
                column = _typed(values)
                columns[name] = column.values
                readings.append(ColumnReading(name, part, column.type, _REASONS[part]))
                if part == "summary" and column.logged_nan is not None:
                    logged_nan[name] = column.logged_nan
            tables[part] = pd.DataFrame(columns, index=pd.RangeIndex(count + int(kept.sum())))
        runs = self._runs(count)
        history = None
        told = [*warnings, *self._warnings()]
        if since is not None:
            # A warning that the next loading would set right has been heeded.
            told = [warning for warning in since.warnings if not warning.endswith("Refresh.")] + told
            runs = pd.concat([since.runs[kept], runs], ignore_index=True)
            history = since.history[~since.history["run_id"].isin(self._ids)]
        sweep = assemble(
            origin,
            runs,
            tables["config"],
            summary=tables["summary"],
            history=history,
            logged_nan=logged_nan,
            declarations=declarations,
            readings=tuple(readings),
            warnings=tuple(dict.fromkeys(told)),
            thinned=since is not None and since.thinned,
        )
        return with_mapping_levels(sweep)

    def _parsed(self, text: Any) -> dict[str, Any]:
        if text is None:
            return {}
        if not isinstance(text, str):
            self._unreadable += 1
            return {}
        try:
            self.characters += len(text)
            value = _loads(text)
        except (ValueError, TypeError, RecursionError):
            self._unreadable += 1
            return {}
        if type(value) is not dict:
            return {}
        if text.count("[") + text.count("{") > DEEPEST:
            flat = {key: inner for key, inner in value.items() if not nested_too_deeply(inner)}
            self._deep += len(value) - len(flat)
            return flat
        return value

    def _runs(self, count: int) -> pd.DataFrame:
        cells = self._parts["run"]
        columns: dict[str, pd.Series] = {"run_id": pd.Series(self.ids, dtype="str")}
        for name in ("name", "state", "sweep", "group", "tags"):
            texts = [None if value is None else str(value) for value in cells.take(name, count)]
            columns[name] = pd.Series(texts, dtype="str")
        for name in ("created_at", "heartbeat_at"):
            times = pd.Series(cells.take(name, count), dtype="object")
            columns[name] = pd.to_datetime(times, utc=True, format="ISO8601", errors="coerce")
        columns["runtime"] = pd.Series(cells.take("runtime", count), dtype="float64")
        paths = [run_id if run_id.isalnum() else quote(run_id, safe="") for run_id in self.ids]
        columns["url"] = pd.Series([f"{self._site}/runs/{path}" for path in paths], dtype="str")
        return pd.DataFrame(columns)

    def _warnings(self) -> Iterable[str]:
        for part in ("config", "summary"):
            if self._parts[part].refused:
                yield f"The runs' {part} has more than {MOST_KEYS:,} different keys; the rest of them was left out."
        if self._unreadable:
            yield (
                f"{self._unreadable:,} configs or summaries could not be read as JSON, or are nested too deeply, "
                "and count as empty."
            )
        if self._deep:
            yield f"{self._deep:,} values nested more than {DEEPEST} levels deep were left out."
        if self._collisions:
            named = ", ".join(sorted(self._collisions)[:5])
            yield f"Keys that exist both with a dot and nested, of which the one with the dot is used: {named}."


def flat_config(config: Mapping[str, Any], collisions: set[str] | None = None) -> dict[str, Any]:
    """Return a config, as W&B stores it, in flat keys: each value out of its wrapping, once, and without `_wandb`.

    W&B wraps every value as {"value": .., "desc": ..}. The SDK takes that off twice when it lists runs in full, which
    spoils values that have a key "value" themselves; so this reads what the server sent.
    """
    values: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    for key, value in config.items():
        if type(value) is dict:
            if "value" in value and len(value) == 1 + ("desc" in value):
                value = value["value"]
            if type(value) is dict and value:
                if key not in _INTERNAL:
                    nested[key] = value
                continue
        if key not in _INTERNAL:
            values[key] = value
    return _with_nested(values, nested, collisions) if nested else values


def flat_summary(summary: Mapping[str, Any], collisions: set[str] | None = None) -> dict[str, Any]:
    """Return a summary in flat keys, without `_wandb` and references to files (images, tables, histograms).

    A metric that was defined to keep aggregates, {"min": .., "max": .., "last": ..}, gives `acc.min`, `acc.max`,
    `acc.last`, and `acc` itself as its last value: what a plain metric's summary holds.
    """
    values: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    for key, value in summary.items():
        if type(value) is not dict:
            if key not in _INTERNAL:
                values[key] = value
        elif value and key not in _INTERNAL and "_type" not in value:
            nested[key] = value
    if not nested:
        return values
    flat = _with_nested(values, nested, collisions)
    for key, value in nested.items():
        flat.update({name: last for name, last in _lasts(value, key) if name not in flat})
    return flat


def _lasts(value: Mapping[str, Any], name: str) -> Iterable[tuple[str, Any]]:
    if "last" in value and value.keys() <= _AGGREGATES:
        yield name, value["last"]
        return
    for key, inner in value.items():
        if type(inner) is dict:
            yield from _lasts(inner, f"{name}.{key}")


def _with_nested(values: Mapping[str, Any], nested: Mapping[str, Any], collisions: set[str] | None) -> dict[str, Any]:
    flat = flatten(nested)
    if collisions is not None:
        collisions.update(flat.keys() & values.keys())
    return {**flat, **values}


def _about(node: Mapping[str, Any], summary: Mapping[str, Any]) -> dict[str, Any]:
    tags = node.get("tags")
    fields = ("displayName", "state", "createdAt", "heartbeatAt", "sweepName", "group")
    name, state, created_at, heartbeat_at, sweep, group = (_text_or_none(node.get(field)) for field in fields)
    return {
        "name": name,
        "state": state,
        "created_at": created_at,
        "heartbeat_at": heartbeat_at,
        "runtime": _runtime(summary),
        "sweep": sweep,
        "group": group,
        "tags": ", ".join(map(str, tags)) if tags and type(tags) is list else None,
    }


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _runtime(summary: Mapping[str, Any]) -> float | None:
    internal = summary.get("_wandb")
    seconds = internal.get("runtime") if type(internal) is dict else None
    seconds = summary.get("_runtime") if seconds is None else seconds
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not abs(seconds) < _LONGEST:
        return None
    return float(seconds)


def _loads(text: str) -> Any:
    # Beyond a thousand levels Python's own reader refuses (RecursionError).
    value = _DECODER.decode(text)
    return _without_lone_surrogates(value) if "\\ud" in text or "\\uD" in text else value


def _without_lone_surrogates(value: Any) -> Any:
    """Half a character, as JSON can hold, is no text that could be written to a file or a page."""
    if isinstance(value, str):
        return whole_characters(value)
    if isinstance(value, list):
        return [_without_lone_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_lone_surrogates(key): _without_lone_surrogates(item) for key, item in value.items()}
    return value


def _typed(values: list[Any]) -> Column:
    # Most keys are one kind of number in every run: numpy then does what typed_column would, at a tenth of the time.
    kinds = set(map(type, values))
    if kinds == {float}:
        numbers = np.array(values)
        if np.isfinite(numbers).all() and not (numbers == np.floor(numbers)).all():
            return Column(pd.Series(numbers), "number")
    if kinds == {int} and max(values) < 2**63 and min(values) > -(2**63):
        return Column(pd.Series(np.array(values, dtype="int64")).astype("Int64"), "integer")
    return typed_column(values)


def _plain_values(since: Sweep, part: str, name: str, kept: np.ndarray) -> list[Any]:
    frame = getattr(since, part)
    if name not in frame.columns:
        return [None] * int(kept.sum())
    column = frame[name][kept]
    missing = column.isna().to_numpy()
    logged = since.logged_nan.get(name) if part == "summary" else None
    if logged is not None:
        missing = missing & ~logged[kept]
    if not missing.any():
        return column.tolist()
    return [None if gone else value for value, gone in zip(column.tolist(), missing, strict=True)]
