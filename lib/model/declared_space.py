"""The search space as W&B sweep configs declare it.

W&B's sweep configuration (https://docs.wandb.ai/guides/sweeps/sweep-config-keys): a `value` is fixed, `values` are
levels, `min` and `max` a range whose distribution, where none is named, is int_uniform for two integers and uniform
otherwise.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from lib.model.columns import as_number
from lib.model.parameter import Kind, Parameter, Role, Scale
from lib.model.sweep import NONE_LEVEL, Declaration

_TOO_LARGE = 10**308


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
    distribution = named if isinstance(named := spec.get("distribution"), str) else None
    if "value" in spec:
        fixed = None if spec["value"] is None else level(spec["value"])
        return Parameter(name, "fixed", "categorical", values=(fixed,), declared=True)
    if isinstance(spec.get("values"), (list, tuple)):
        levels = tuple(dict.fromkeys(level(v) for v in spec["values"]))
        numeric = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in levels)
        role: Role = "searched" if len(levels) > 1 else "fixed"
        kind: Kind = "discrete" if numeric else "categorical"
        ordered = tuple(sorted(levels)) if numeric else levels
        ends = (ordered[0], ordered[-1]) if numeric and ordered else (None, None)
        return Parameter(
            name, role, kind, "linear", distribution, ends[0], ends[1], ordered, True, NONE_LEVEL in ordered
        )
    low, high = _number(spec.get("min")), _number(spec.get("max"))
    if distribution is None and low is not None and high is not None:
        distribution = "int_uniform" if isinstance(low, int) and isinstance(high, int) else "uniform"
    text = distribution or ""
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
    """Return a declared value as a level: a number, a boolean, text, a list as JSON text, or NONE_LEVEL for null."""
    if value is None:
        return NONE_LEVEL
    if isinstance(value, str):
        number = as_number(value)
        return value if number is None else level(number)
    if isinstance(value, int) and abs(value) >= 2**63:
        return str(value)
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    return value


def _united(one: Parameter, other: Parameter) -> Parameter:
    levels = tuple(dict.fromkeys((*(one.values or ()), *(other.values or ()))))
    numeric = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in levels)
    if one.grouped and other.grouped:
        ordered = tuple(sorted(levels)) if numeric else levels
        kind: Kind = "discrete" if numeric else "categorical"
        ends = (ordered[0], ordered[-1]) if numeric else (None, None)
        role: Role = "searched" if len(ordered) > 1 else "fixed"
        return Parameter(
            one.name, role, kind, "linear", one.distribution, ends[0], ends[1], ordered, True, NONE_LEVEL in ordered
        )
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
