"""The search space: which config keys were searched, of what kind and on what scale; as declared, or as the runs show.

Declared spaces follow W&B's sweep configuration (https://docs.wandb.ai/guides/sweeps/sweep-config-keys): a `value` is
fixed, `values` are levels, `min` and `max` a range whose distribution, where none is named, is int_uniform for two
integers and uniform otherwise.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lib.model.columns import as_number, plain
from lib.model.errors import InputError
from lib.model.sweep import Choices, Declaration, Kind, Parameter, Role, Scale, Sweep

LOG_DECADES = 2.0
MOST_LEVELS = 10
_ROLES: tuple[Role, ...] = ("searched", "block", "fixed")
MOST_SEARCHED = 1_000
_TOO_LARGE = 10**308
_LEVELS_OF_TEXT = 0.5
_BLOCKS = re.compile(
    r"(^|[._/ -])((seed|random_state)s?|rng|repeat|repeat_of|repetition|replicate|replica|k?fold"
    r"|split(?=[_ -]?(id|idx|index|no|num|number)$))([_ -]?(id|idx|index|no|num|number))?$",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def named_like_a_block(name: str) -> bool:
    """Whether a config key's name says that it makes repeats of one configuration: seed, data_seed, cv_fold, ….

    They are blocks: runs are compared within them, and none of them is better than another.
    """
    return bool(_BLOCKS.search(_CAMEL.sub("_", name)))


def parameters_of(sweep: Sweep, choices: Choices) -> tuple[Parameter, ...]:
    """Resolve the parameters: searched ones, blocks, fixed ones; each group in order of name.

    Declared ones keep what was declared; where nothing is declared, config keys that vary are searched (but not text
    that names each run), and constant ones fixed. Seeds and folds that vary are blocks, declared or not, by their name
    or by the reader's word (`choices.seeds`). `choices.parameters` names the searched ones outright; `choices.scales`
    overrides scales. Raises InputError for a name that is no config key, and for over 1,000 searched.
    """
    declared = declared_parameters(sweep.declarations)
    found = {p.name: p for p in declared}
    if not declared:
        found = {p.name: p for p in (_inferred(sweep, name) for name in map(str, sweep.config.columns)) if p}
    found |= _blocks(sweep, found, choices.seeds)
    if choices.parameters is not None:
        found = _chosen(sweep, found, [name for name in choices.parameters if name not in choices.seeds])
    searched = sum(p.role == "searched" for p in found.values())
    if searched > MOST_SEARCHED:
        raise InputError(
            f"{sweep.origin.label} has {searched:,} config keys that vary or are searched; at most {MOST_SEARCHED:,} "
            "can be analysed. Name the searched ones (--parameters, or Hyperparameters in the sidebar)."
        )
    scales = dict(choices.scales)
    for name in scales:
        if name not in found:
            raise InputError(f"{sweep.origin.label} has no hyperparameter {name!r} to set the scale of.")
    resolved = [_rescaled(sweep, p, scales.get(p.name)) for p in found.values()]
    return tuple(sorted(resolved, key=lambda p: (_ROLES.index(p.role), p.name)))


def declared_parameters(declarations: Sequence[Declaration]) -> tuple[Parameter, ...]:
    """Read the parameters of W&B sweep configs; those of several sweeps are united (widest range, all levels)."""
    found: dict[str, Parameter] = {}
    for declaration in declarations:
        for name, spec in _flat_specs((declaration.config or {}).get("parameters") or {}):
            parameter = declared_parameter(name, spec)
            found[name] = parameter if name not in found else _united(found[name], parameter)
    return tuple(found.values())


def declared_parameter(name: str, spec: Mapping[str, Any]) -> Parameter:
    """Read one entry of a sweep config's `parameters`. Unknown distributions are kept by name, as continuous."""
    distribution = spec.get("distribution")
    if "value" in spec:
        return Parameter(name, "fixed", "categorical", values=(level(spec["value"]),), declared=True)
    if isinstance(spec.get("values"), (list, tuple)):
        levels = tuple(dict.fromkeys(level(v) for v in spec["values"]))
        numeric = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in levels)
        role: Role = "searched" if len(levels) > 1 else "fixed"
        kind: Kind = "discrete" if numeric else "categorical"
        ordered = tuple(sorted(levels)) if numeric else levels
        ends = (ordered[0], ordered[-1]) if numeric and ordered else (None, None)
        return Parameter(name, role, kind, "linear", distribution, ends[0], ends[1], ordered, True)
    low, high = _number(spec.get("min")), _number(spec.get("max"))
    if distribution is None and low is not None and high is not None:
        distribution = "int_uniform" if isinstance(low, int) and isinstance(high, int) else "uniform"
    text = str(distribution or "")
    if text == "inv_log_uniform" and low is not None and high is not None:
        # W&B: the log of one over the value lies evenly between the two.
        low, high = -high, -low
    if text in ("log_uniform", "q_log_uniform", "inv_log_uniform") and low is not None and high is not None:
        low, high = _exp(low), _exp(high)
    if text in ("normal", "q_normal", "log_normal", "q_log_normal"):
        low, high = None, None
    kind = "integer" if text in ("int_uniform",) or (text.startswith("q_") and _whole_quantum(spec)) else "continuous"
    scale: Scale = "log" if "log" in text else "linear"
    return Parameter(name, "searched", kind, scale, distribution, low, high, None, True)


def level(value: Any) -> Any:
    """Return a declared value as it stands in the config table: a number, a boolean, text, or a list as JSON text."""
    if isinstance(value, str):
        number = as_number(value)
        return value if number is None else level(number)
    if isinstance(value, int) and abs(value) >= 2**63:
        return str(value)
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    return value


def _listing(names: Sequence[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _chosen(sweep: Sweep, found: Mapping[str, Parameter], names: Sequence[str]) -> dict[str, Parameter]:
    known = [str(name) for name in sweep.config.columns]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(
            f"{sweep.origin.label} has no config key {unknown[0]!r}. Choose parameters from: {_listing(known)}."
        )
    chosen = {}
    for name, parameter in found.items():
        if name not in names and parameter.role != "searched":
            chosen[name] = parameter
    for name in names:
        declared = found.get(name)
        if declared is not None and declared.role == "searched":
            chosen[name] = declared
        else:
            chosen[name] = _observed(sweep, name)
    return chosen


def _blocks(sweep: Sweep, found: Mapping[str, Parameter], seeds: Sequence[str]) -> dict[str, Parameter]:
    """Return the config keys that vary and are blocks: as they were declared, else as the runs show them."""
    blocks = {}
    for name in map(str, sweep.config.columns):
        if (name in seeds or named_like_a_block(name)) and sweep.config[name].nunique(dropna=False) > 1:
            declared = found.get(name)
            searched = declared if declared and declared.role == "searched" else _observed(sweep, name)
            blocks[name] = replace(searched, role="block")
    return blocks


def _inferred(sweep: Sweep, name: str) -> Parameter | None:
    column = sweep.config[name].dropna()
    if column.empty:
        return None
    levels = column.nunique()
    if levels < 2:
        return Parameter(name, "fixed", "categorical", values=(plain(column.iloc[0]),))
    is_text = not pd.api.types.is_numeric_dtype(column)
    if is_text and levels > max(MOST_LEVELS, _LEVELS_OF_TEXT * len(column)):
        return None
    return _observed(sweep, name)


def _observed(sweep: Sweep, name: str) -> Parameter:
    column = sweep.config[name].dropna()
    levels = column.nunique()
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        values = tuple(sorted((plain(v) for v in column.unique()), key=str))
        return Parameter(name, "searched", "categorical", values=values)
    numbers = column.to_numpy(dtype=float)
    finite = numbers[np.isfinite(numbers)]
    whole = pd.api.types.is_integer_dtype(column)
    low, high = (plain(column.min()), plain(column.max())) if finite.size else (None, None)
    per_level = len(column) / max(levels, 1)
    if levels <= MOST_LEVELS and per_level >= (2 if whole else 3):
        values = tuple(sorted(plain(v) for v in column.unique()))
        return Parameter(name, "searched", "discrete", "linear", None, low, high, values)
    return Parameter(name, "searched", "integer" if whole else "continuous", "linear", None, low, high)


def _rescaled(sweep: Sweep, parameter: Parameter, chosen: Scale | None) -> Parameter:
    if parameter.role != "searched" or not parameter.numeric:
        return parameter
    low, high = parameter.low, parameter.high
    if parameter.name in sweep.config.columns and (low is None or high is None or low <= 0):
        column = pd.to_numeric(sweep.config[parameter.name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        known = column[np.isfinite(column)]
        low, high = (float(known.min()), float(known.max())) if known.size else (None, None)
    positive = low is not None and high is not None and low > 0
    # A range of two decades that was declared is sampled a little inside its ends: hence the hair's breadth.
    decades = math.log10(high) - math.log10(low) if positive else 0.0  # type: ignore[arg-type]
    wide = decades >= LOG_DECADES - (1e-9 if parameter.declared else 0.1)
    scale: Scale = "log" if positive and (parameter.scale == "log" or wide) else "linear"
    if chosen is not None:
        scale = chosen if positive else "linear"
    return Parameter(
        parameter.name,
        parameter.role,
        parameter.kind,
        scale,
        parameter.distribution,
        parameter.low,
        parameter.high,
        parameter.values,
        parameter.declared,
    )


def _united(one: Parameter, other: Parameter) -> Parameter:
    levels = tuple(dict.fromkeys((*(one.values or ()), *(other.values or ()))))
    numeric = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in levels)
    if one.grouped and other.grouped:
        ordered = tuple(sorted(levels)) if numeric else levels
        kind: Kind = "discrete" if numeric else "categorical"
        ends = (ordered[0], ordered[-1]) if numeric else (None, None)
        role: Role = "searched" if len(ordered) > 1 else "fixed"
        return Parameter(one.name, role, kind, "linear", one.distribution, ends[0], ends[1], ordered, True)
    wide, narrow = (other, one) if one.grouped else (one, other)
    if not numeric:
        return Parameter(one.name, "searched", "categorical", "linear", None, None, None, None, True)
    lows = [x for x in (wide.low, narrow.low, *levels) if x is not None]
    highs = [x for x in (wide.high, narrow.high, *levels) if x is not None]
    scale: Scale = "log" if "log" in (wide.scale, narrow.scale) else "linear"
    low, high = (min(lows), max(highs)) if lows and highs else (None, None)
    return Parameter(one.name, "searched", wide.kind, scale, wide.distribution, low, high, None, True)


def _flat_specs(parameters: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Mapping[str, Any]]]:
    specs: list[tuple[str, Mapping[str, Any]]] = []
    for name, spec in parameters.items():
        if not isinstance(spec, Mapping):
            specs.append((f"{prefix}{name}", {"value": spec}))
        elif isinstance(spec.get("parameters"), Mapping):
            specs.extend(_flat_specs(spec["parameters"], f"{prefix}{name}."))
        else:
            specs.append((f"{prefix}{name}", spec))
    return specs


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return _number(as_number(value))
    # An end of the range that no float can hold says as little as none.
    if not isinstance(value, (int, float)) or not abs(value) < _TOO_LARGE:
        return None
    return float(value) if abs(value) >= 2**63 else value


def _exp(exponent: float) -> float | None:
    try:
        return math.exp(exponent)
    except OverflowError:
        return None


def _whole_quantum(spec: Mapping[str, Any]) -> bool:
    quantum = _number(spec.get("q", 1))
    return quantum is not None and float(quantum).is_integer()
