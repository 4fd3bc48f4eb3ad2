"""Reads JSON and JSON Lines of runs as a table of text: lists of records, pandas' `to_json`, W&B's API records."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from lib.model.columns import flatten
from lib.model.errors import InputError
from lib.model.nesting import DEEPEST, read_json
from lib.model.numbers import count
from lib.sources.export.kinds.documented_sample import PARTS, cell_text, unwrapped
from lib.sources.export.kinds.keras_tuner import NO_TRIALS, is_oracle, is_trial
from lib.sources.export.kinds.smac import runs_of_smac
from lib.sources.export.named_values import by_name, in_one_record
from lib.sources.export.text_table import MOST_COLUMNS, MOST_RUNS, TextTable, table_of_text
from lib.sources.memory import refuse_without_room

_LISTS = (
    "runs",
    "trials",
    "data",
    "records",
    "rows",
    "results",
    "experiments",
    "items",
    "nodes",
    "TrainingJobSummaries",
)
# What a run holds beside its record, and a table has no place for.
_LEFT_OUT = frozenset(("history", "systemMetrics", "system_metrics", "events", "files", "historyKeys", "_attrs"))
# Measured: what Python's objects and the cells take for each byte of JSON.
_BYTES_A_BYTE = 20
# Runs that share few keys make a table of blanks, which takes this for each.
_BYTES_A_CELL = 60
_MOST_CELLS = 40_000_000
_GLUED = re.compile(r"(?<=\})(?=\{)")
_HOW = 'Give a list of runs, one object a run ([{"lr": 0.1, "val_acc": 0.9}, …]), or one object a line.'


def read_records(content: bytes, label: str) -> TextTable:
    """Read runs from JSON in any of the shapes that `_HOW` and the module's first line name.

    Raises InputError for what is no JSON, holds no runs, or is over the limits.
    """
    refuse_without_room(_BYTES_A_BYTE * len(content), label)
    try:
        text = content.decode("utf-8").lstrip("\ufeff")
    except UnicodeError as error:
        raise InputError(f"{label} is not text in UTF-8, as JSON has to be.") from error
    warnings: list[str] = []
    try:
        records, format = _records(read_json(text), label, warnings), "json"
    except ValueError as error:
        records, format = _of_lines(text, label, error, warnings), "jsonl"
    if not records:
        raise InputError(f"{label} holds no runs. {_HOW}")
    if len(records) > MOST_RUNS:
        raise InputError(
            f"{label} has more than {MOST_RUNS:,} runs, which is more than can be read. Export fewer runs."
        )
    left_out = sorted({key for record in records for key in _LEFT_OUT.intersection(record)})
    if left_out:
        warnings.append(f"Not read, since a table of runs has no place for it: {', '.join(left_out)}.")
    flat = [_flat(in_one_record(record)) for record in records]
    names = _ordered_names(flat)
    if not names:
        raise InputError(f"{label} holds {count(len(records), 'run')} without any value. {_HOW}")
    if len(names) > MOST_COLUMNS:
        raise InputError(f"{label} has {len(names):,} keys; at most {MOST_COLUMNS:,} can be read. Export fewer.")
    cells = len(names) * (len(records) + 1)
    if cells > _MOST_CELLS:
        raise InputError(
            f"{label} would make a table of {cells:,} cells; at most {_MOST_CELLS:,} can be read. "
            "Give runs that share their keys."
        )
    refuse_without_room(_BYTES_A_CELL * cells, label)
    columns = [pa.array([name, *(record.get(name, "") for record in flat)], type=pa.large_string()) for name in names]
    return table_of_text(names, columns, label, format=format, warnings=warnings)


def _records(value: Any, label: str, warnings: list[str]) -> list[Mapping[str, Any]]:
    """Return the runs in a JSON value, whichever way they are laid out; what isn't taken is said in `warnings`."""
    if isinstance(value, list):
        if not all(isinstance(one, Mapping) for one in value):
            raise InputError(f"{label} is a list, but not of runs. {_HOW}")
        # GraphQL wraps each in {"node": …}.
        return [one["node"] if set(one) == {"node"} and isinstance(one["node"], Mapping) else one for one in value]
    if not isinstance(value, Mapping):
        raise InputError(f"{label} is JSON, but holds no runs. {_HOW}")
    if (smac := runs_of_smac(value)) is not None:
        return smac
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and isinstance(data, list) and all(isinstance(row, list) for row in data):
        return _of_rows(list(map(str, columns)), data, warnings)
    for name in _LISTS:
        held = value.get(name)
        if isinstance(held, list) and held and all(isinstance(one, Mapping) for one in held):
            return _records(held, label, warnings)
        if isinstance(held, Mapping) and len(value) == 1:
            return _records(held, label, warnings)
        if isinstance(held, list) and len(value) == 1:
            raise InputError(f"{label} is JSON, but its {name} are no list of runs. {_HOW}")
    inner = list(value.values())
    if inner and all(isinstance(one, list) for one in inner) and len({len(one) for one in inner}) == 1:
        return [dict(zip(value, row, strict=True)) for row in zip(*inner, strict=True)]
    if len(inner) > 0 and all(isinstance(one, Mapping) for one in inner):
        keys = list(dict.fromkeys(key for one in inner for key in one))
        if keys and all(key.isdecimal() for key in keys):
            return [{name: column.get(key) for name, column in value.items()} for key in keys]
        if len(inner) > 1:
            named = not all(key.isdecimal() for key in value)
            return [{"name": key, **one} if named and "name" not in one else one for key, one in value.items()]
    if is_trial(value):
        return [value]
    if is_oracle(value):
        raise InputError(f"{label} {NO_TRIALS}")
    raise InputError(f"{label} is JSON, but holds no runs that can be recognised. {_HOW}")


def _of_rows(columns: list[str], rows: Sequence[list[Any]], warnings: list[str]) -> list[Mapping[str, Any]]:
    """Return rows as records; of columns that share a name, later ones get "#2", "#3", as in a table of text."""
    names: dict[str, None] = {}
    numbers: Counter[str] = Counter()
    for column in columns:
        name = column
        while name in names:
            numbers[column] += 1
            name = f"{column}#{numbers[column] + 1}"
        names[name] = None
    long = sum(len(row) > len(names) for row in rows)
    if long:
        what = "1 row has" if long == 1 else f"{long:,} rows have"
        warnings.append(f"{what} more values than there are columns; the extra ones were ignored.")
    return [dict(zip(names, row, strict=False)) for row in rows]


def _of_lines(text: str, label: str, error: ValueError, warnings: list[str]) -> list[Mapping[str, Any]]:
    records, bad = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        found = _objects(line) if line.strip() else []
        if found is None:
            bad.append(number)
        else:
            records += found
    if len(records) < 2 or len(bad) > max(1, len(records) // 10):
        # Python says of a number that is too long how a program would lift its limit.
        digits = "digits" in str(error)
        where = "a number has over 4,300 digits" if digits else str(error)
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else where
        if "nested" in where:
            raise InputError(
                f"{label} is nested more than {DEEPEST} levels deep, which no table of runs is."
            ) from error
        raise InputError(f"{label} can't be read as JSON ({where}) nor as JSON Lines. {_HOW}") from error
    if bad:
        what = f"Line {bad[0]} of {label} is" if len(bad) == 1 else f"{len(bad):,} lines of {label} are"
        warnings.append(f"{what} no JSON object, and left out.")
    return records


def _objects(line: str) -> list[Mapping[str, Any]] | None:
    """Return the object of a line, or those that follow each other in it, as `cat` of files leaves them; else None."""
    for pieces in ([line], _GLUED.split(line)):
        try:
            found = [read_json(piece) for piece in pieces]
        except ValueError:
            continue
        return found if all(isinstance(one, Mapping) for one in found) else None
    return None


def _flat(record: Mapping[str, Any]) -> dict[str, str]:
    """Flatten one run into cells by dotted name; what stands in objects of settings or results is marked as such."""
    flat: dict[str, str] = {}
    of_keras = is_trial(record)
    for key, given in record.items():
        if key in _LEFT_OUT:
            continue
        value = given if of_keras else by_name(given)
        part = None if of_keras else PARTS.get(key.lower())
        if part is not None and isinstance(value, str) and value.startswith("{"):
            try:
                value = read_json(value)
            except ValueError:
                part = None
        if part is not None and isinstance(value, Mapping):
            held = {k: v for k, v in flatten(unwrapped(value)).items() if not k.startswith("_wandb")}
            inner = {f"{part}{k}" if f"{part}{k}" not in flat else f"{key}.{k}": v for k, v in held.items()}
        else:
            inner = flatten({key: value})
        for name, one in inner.items():
            flat[name.strip().encode("utf-8", "replace").decode()] = cell_text(one)
    return flat


def _ordered_names(records: Sequence[Mapping[str, str]]) -> list[str]:
    """Order the keys as the run with most keys has them, the rest by name: whichever run comes first."""
    most = max(map(len, records))
    first = min(list(record) for record in records if len(record) == most)
    rest = {name for record in records for name in record} - set(first)
    return [*first, *sorted(rest)]
