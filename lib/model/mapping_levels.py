"""Puts levels that are mappings together again: W&B stores {name: adam, lr: 0.1} as the columns opt.name and opt.lr."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from lib.model.columns import flatten, plain
from lib.model.declared_space import level
from lib.model.sweep import ColumnReading, Declaration, Sweep


def with_mapping_levels(sweep: Sweep) -> Sweep:
    """Return the sweep with one more config column for each parameter whose declared `values` are mappings.

    It holds each run's level as JSON text, as `search_space.level` writes the declared one; runs whose keys match none
    of them have no value. The columns of the single keys stay. Nothing changes where no run matches.
    """
    config, readings = sweep.config, list(sweep.readings)
    for name, levels in _declared_mappings(sweep.declarations).items():
        inner = [column for column in map(str, config.columns) if column.startswith(f"{name}.")]
        given = config[name].astype(object) if name in config.columns else pd.Series(None, config.index, dtype=object)
        if not inner or (name in config.columns and not given.isna().any()):
            continue
        found = _levels_of(config[inner], levels)
        if found.isna().all():
            continue
        whole = given.where(given.notna(), found).map(_text)
        config = config.assign(**{name: pd.Series(whole.tolist(), index=config.index, dtype="str")})
        readings = [reading for reading in readings if reading.column != name]
        why = f"put together from {', '.join(inner)}: the sweep config declares these values together"
        readings.append(ColumnReading(name, "config", "text", why))
    return sweep if config is sweep.config else replace(sweep, config=config, readings=tuple(readings))


def _declared_mappings(declarations: Sequence[Declaration]) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Return the levels that are mappings by parameter: the level as JSON text, and its single keys flattened."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for declaration in declarations:
        parameters = (declaration.config or {}).get("parameters")
        for name, spec in parameters.items() if isinstance(parameters, Mapping) else ():
            values = spec.get("values") if isinstance(spec, Mapping) else None
            for value in values if isinstance(values, list) else ():
                if isinstance(value, Mapping) and value:
                    flat = {key: level(one) for key, one in flatten({str(name): value}).items()}
                    found.setdefault(str(name), {})[level(value)] = flat
    return found


def _levels_of(columns: pd.DataFrame, levels: Mapping[str, Mapping[str, Any]]) -> pd.Series:
    known = {_key(flat): text for text, flat in levels.items()}
    rows = zip(*(columns[name].tolist() for name in columns.columns), strict=True)
    texts = [known.get(_key(dict(zip(columns.columns, map(plain, row), strict=True)))) for row in rows]
    return pd.Series(texts, index=columns.index, dtype=object)


def _key(flat: Mapping[str, Any]) -> str:
    """Return keys and values as one text; keys without a value don't count, and 1 and 1.0 are the same."""
    known = {name: float(v) if isinstance(v, (int, float)) else v for name, v in flat.items() if v is not None}
    return json.dumps(known, sort_keys=True, default=str)


def _text(value: Any) -> str | None:
    value = plain(value)
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)
