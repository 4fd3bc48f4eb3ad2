"""A table on its side: one column a run, with the names of settings and results in the first column."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from lib.sources.export.evidence_of_names import weight_of_name
from lib.sources.export.kinds.shape import Kind, Look, Shape
from lib.sources.export.text_table import MOST_COLUMNS

_CORNERS = frozenset((
    "", "column 1", "unnamed: 0", "field", "parameter", "parameters", "param", "name", "key", "metric", "metrics",
    "hyperparameter", "hyperparameters", "setting", "settings", "config", "variable", "property", "item", "attribute",
    "run", "experiment", "index",
))  # fmt: skip
_MOST_NAMED = 0.1


def _read(look: Look) -> Shape | None:
    corner, *runs = look.names
    names = look.table.columns[0].to_pylist()
    if look.lowered[0] not in _CORNERS or len(runs) < 2 or not 2 <= len(names) <= MOST_COLUMNS:
        return None
    if "" in names or len(set(names)) < len(names) or look.chosen & set(look.names):
        return None
    weights = [weight_of_name(name) for name in names]
    speak = sum(weight != 0 for weight in weights)
    if not max(weights) > 0 > min(weights) or 2 * speak < len(names):
        return None
    if sum(weight_of_name(run) != 0 for run in runs) > _MOST_NAMED * len(runs):
        return None
    rows = [column.to_pylist() for column in look.table.columns[1:]]
    columns = [pa.array(list(cells), type=pa.large_string()) for cells in zip(*rows, strict=True)]
    head = corner if corner not in names and look.lowered[0] not in ("", "column 1", "unnamed: 0") else "run"
    table = replace(
        look.table,
        names=(head if head not in names else "name of the run", *names),
        columns=(pa.array(runs, type=pa.large_string()), *columns),
    )
    said = f"{look.label} holds a column for each run, so it was turned: its {len(runs):,} columns are the runs."
    return Shape(table.format, table, roles={"name": 0}, warnings=(said,))


TRANSPOSED = Kind("transposed", _read)
