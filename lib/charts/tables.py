"""A chart's spec and its tables, apart: each table once, however many of the chart's layers draw from it."""

from __future__ import annotations

from copy import copy
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lib.model.json_values import json_ready

# The name that a table brings with it, in its attributes, so that it can be exchanged for another.
NAME = "name"
_PARTS = ("layer", "hconcat", "vconcat", "concat")


def spec_and_tables(chart: Any) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Return the Vega-Lite spec of a chart, which names its tables, and these by name.

    They are named by their place, or as they say themselves (NAME), so that other runs change the data and not the
    spec. The spec has no `config`. Altair's own way to put tables aside, a transformer, is one for all threads; its own
    way to write them takes longer than all else of a chart, and it does so for each layer. That a chart is of
    Vega-Lite's schema is checked in the tests, for every chart.
    """
    tables: dict[int, tuple[str, pd.DataFrame]] = {}
    named = _with_named_tables(chart, tables)
    context: dict[str, Any] = {"datasets": {}, "top_level": False, "pre_transform": False}
    if not alt.utils.is_undefined(data := named._get("data")):
        context["data"] = data
    # Past `TopLevelMixin.to_dict`, which copies the chart first, all its layers too.
    spec: dict[str, Any] = alt.SchemaBase.to_dict(named, validate=False, context=context)
    return spec | {"$schema": alt.SCHEMA_URL}, dict(tables.values())


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as JSON holds them: None where a value is missing or not finite, times as ISO 8601."""
    columns = [_as_json(table[name]) for name in table.columns]
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def _with_named_tables(chart: Any, tables: dict[int, tuple[str, pd.DataFrame]]) -> Any:
    """Return a copy that names its tables instead of holding them; those are added to `tables` by their identity."""
    named = _shallow_copy(chart)
    data = named._get("data")
    if isinstance(data, pd.DataFrame):
        name, _ = tables.setdefault(id(data), (data.attrs.get(NAME, f"table_{len(tables)}"), data))
        named.data = alt.NamedData(name)
    for part in _PARTS:
        if isinstance(inner := named._get(part), list):
            named[part] = [_with_named_tables(one, tables) for one in inner]
    if isinstance(inner := named._get("spec"), alt.TopLevelMixin):
        named["spec"] = _with_named_tables(inner, tables)
    return named


def _shallow_copy(chart: Any) -> Any:
    # Altair's own would build a layered chart again, with a deep copy of each layer.
    copied = copy(chart)
    object.__setattr__(copied, "_kwds", dict(chart._kwds))
    return copied


def _as_json(column: pd.Series) -> list[Any]:
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biu":
        return column.tolist()
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        return [value if finite else None for value, finite in zip(column.tolist(), np.isfinite(column), strict=True)]
    return [value.isoformat() if isinstance(value, pd.Timestamp) else value for value in json_ready(column.tolist())]
