"""W&B's documented way to save runs (`summary,config,name`): each cell is a Python dict or JSON object of one run."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from lib.model.columns import flatten
from lib.model.errors import InputError
from lib.sources.export.column_parts import Part, Verdict
from lib.sources.export.kinds.shape import Kind, Look, Shape
from lib.sources.export.literals import read_literal
from lib.sources.export.text_table import MOST_COLUMNS

# What a column of dicts, or an object in JSON, is called: the documentation's names, those of the fields of W&B's API,
# and what scripts call them.
_CONFIG = (
    "config", "params", "hyperparameters", "hyper_parameters", "hyperparams", "hparams", "parameters", "args",
    "settings", "parameterassignments", "tunedhyperparameters", "parameter",
)  # fmt: skip
_SUMMARY = (
    "summary", "summary_metrics", "summarymetrics", "metrics", "results", "scores", "finalmeasurement", "observation",
    "finalhyperparametertuningjobobjectivemetric",
)  # fmt: skip
PARTS = {**dict.fromkeys(_CONFIG, "config."), **dict.fromkeys(_SUMMARY, "summary.")}
"""The prefix that marks the side of what is inside, by the name in lower case."""


def _read(look: Look) -> Shape | None:
    dicts = {at: PARTS[name] for at, name in enumerate(look.lowered) if name in PARTS and _holds_dicts(look, at)}
    if not any(part == "config." for part in dicts.values()) and len(dicts) < 2:
        return None
    warnings = []
    # Prefixes are read where both sides have them.
    one_side = len(set(dicts.values())) == 1
    settled: dict[int, Verdict] = {}
    names: list[str] = []
    columns: list[pa.Array] = []
    for at, name in enumerate(look.names):
        if at not in dicts:
            names.append(name)
            columns.append(look.table.columns[at])
            continue
        cells = look.table.columns[at].to_pylist()
        records, unread = _records(cells)
        if unread:
            runs = "1 run" if unread == 1 else f"{unread:,} runs"
            warnings.append(f"The {name} of {runs} could not be read as a dict, so it counts as missing.")
        keys = list(dict.fromkeys(key for record in records for key in record))
        if len(names) + len(keys) > MOST_COLUMNS:
            raise InputError(
                f"{look.label} holds {len(keys):,} keys in its column {name}; at most {MOST_COLUMNS:,} can be read. "
                "Export fewer."
            )
        for key in keys:
            name = key if one_side and key not in look.names and key not in names else f"{dicts[at]}{key}"
            part: Part = "config" if dicts[at] == "config." else "summary"
            settled[len(names)] = Verdict(part, f"it stands in the dicts of {look.names[at]}")
            names.append(name)
            columns.append(pa.array([cell_text(record.get(key)) for record in records], type=pa.large_string()))
    warnings.insert(0, f"The dicts in {look.label} were read as one column a key.")
    table = replace(look.table, names=tuple(names), columns=tuple(columns), delimiter=",")
    return Shape("csv", table, settled if one_side else {}, warnings=tuple(warnings))


def _holds_dicts(look: Look, at: int) -> bool:
    cells = [text for text in look.table.columns[at].to_pylist() if text]
    return bool(cells) and 2 * sum(text.startswith("{") and text.endswith("}") for text in cells) > len(cells)


def _records(cells: list[str]) -> tuple[list[dict[str, Any]], int]:
    records, unread = [], 0
    for text in cells:
        record: dict[str, Any] = {}
        if text:
            try:
                value = read_literal(text)
            except ValueError:
                value = None
            if isinstance(value, Mapping):
                # W&B keeps its own records under keys that begin so.
                record = {k: v for k, v in flatten(unwrapped(value)).items() if not k.startswith("_wandb")}
            else:
                unread += 1
        records.append(record)
    return records, unread


def unwrapped(config: Mapping[str, Any]) -> dict[str, Any]:
    """Take values out of W&B's `{"lr": {"desc": null, "value": 0.1}}`."""
    return {
        key: one["value"] if isinstance(one, Mapping) and "value" in one and set(one) <= {"value", "desc"} else one
        for key, one in config.items()
    }


def cell_text(value: Any) -> str:
    """Write one value as a cell of a text table; "" for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip().encode("utf-8", "replace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else repr(value)
    if isinstance(value, int):
        return str(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str).encode("utf-8", "replace").decode()


DOCUMENTED_SAMPLE = Kind("documented sample", _read)
