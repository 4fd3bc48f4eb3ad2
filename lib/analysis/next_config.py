"""The config of the next sweep: the declared one with what is recommended written into it, or a whole one.

Sweep configs follow https://docs.wandb.ai/guides/sweeps/sweep-config-keys.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lib.analysis.next_draws import Drawn, drawn
from lib.analysis.observations import MOST_BLOCKS
from lib.analysis.parameter_advice import Recommended
from lib.analysis.population import Population
from lib.model.columns import plain, restored
from lib.model.declared_space import level
from lib.model.goal import Objective
from lib.model.numbers import count
from lib.model.parameter import Parameter, is_name
from lib.model.sweep import NONE_LEVEL

_OVER_EXPONENTS = ("log_uniform", "q_log_uniform", "inv_log_uniform")
# Over a range of this ratio even draws leave the lower decades out.
_DECADES = 30
_SUFFIX = " · next"


def declared_config(population: Population) -> Mapping[str, Any]:
    """Return the config of the sweep that most of the runs are of, among those that declare parameters."""
    declared = [d for d in population.sweep.declarations if (d.config or {}).get("parameters")]
    if not declared:
        return {}
    counts = population.runs["sweep"].value_counts()
    best = max(declared, key=lambda d: (int(counts.get(d.id, 0)), d.id or ""))
    return best.config or {}


def _objective_first(metrics: Sequence[Any], objective: Objective) -> list[Any]:
    """Return the declared list of metrics with the report's objective, by its goal, at the head."""
    others = [m for m in metrics if not (isinstance(m, Mapping) and m.get("name") == objective.metric)]
    return [{"name": objective.metric, "goal": objective.goal}, *others]


def next_config(population: Population, regions: Sequence[Recommended]) -> dict[str, Any]:
    """Return the config: what was declared, its parameters, objective, name and description replaced."""
    declared = declared_config(population)
    several = sum(bool((d.config or {}).get("parameters")) for d in population.sweep.declarations) > 1
    config = copy.deepcopy(dict(declared))
    config.setdefault("method", "bayes")
    config |= {"name": _name(population, declared) + _SUFFIX, "description": _description(population, regions)}
    objective = population.objective
    if isinstance(config.get("metrics"), list):
        config["metrics"] = _objective_first(config["metrics"], objective)
        # W&B refuses a config with both.
        config.pop("metric", None)
    else:
        metric = dict(config.get("metric") or {})
        if metric.get("name") != objective.metric or metric.get("goal", "minimize") != objective.goal:
            metric = {"name": objective.metric, "goal": objective.goal}
        config["metric"] = metric
    config["parameters"] = config.get("parameters") or {}
    specs = specs_of(config["parameters"])
    for declared_spec in specs.values():
        _name_ends(declared_spec)
    for region in regions:
        name = region.dimension.name
        spec = specs.get(name)
        if spec is None:
            _put(config["parameters"], name, _observed(region))
        elif region.changed or several:
            _apply(spec, region)
    if not declared:
        for block in population.blocks:
            if is_name(block.name) and len(levels := _levels_of(population, block)) <= MOST_BLOCKS:
                _put(config["parameters"], block.name, {"values": levels})
        for parameter in population.parameters:
            if parameter.role == "fixed" and is_name(parameter.name) and not parameter.name.startswith("_"):
                _put(config["parameters"], parameter.name, {"value": restored((parameter.values or (None,))[0])})
    return config


def write_as_source(population: Population, config: dict[str, Any]) -> None:
    """Write the values of a finished config, in place, as the runs' source does where nothing declares them: "1/16"."""
    declared = {parameter.name for parameter in population.parameters if parameter.declared}
    for name, spec in specs_of(config["parameters"]).items():
        if name in declared:
            continue
        if "value" in spec:
            spec["value"] = population.sweep.as_written(name, spec["value"])
        if isinstance(spec.get("values"), list):
            spec["values"] = [population.sweep.as_written(name, one) for one in spec["values"]]


def searchable(population: Population, advice: Sequence[Recommended]) -> dict[str, Recommended]:
    """Return what is recommended, by name, for the parameters that W&B can search: columns derived here it can't."""
    derived = {one.name for one in population.sweep.derived}
    return {one.name: one for one in advice if one.name not in derived and is_name(one.name)}


def space_of(config: Mapping[str, Any], names: Iterable[str]) -> dict[str, Drawn]:
    """Return what W&B draws by a config for each of some parameters, where that can be known."""
    specs = specs_of(config["parameters"])
    found = {name: drawn(specs[name]) for name in names if name in specs}
    return {name: one for name, one in found.items() if one is not None}


def _name(population: Population, declared: Mapping[str, Any]) -> str:
    """Return the name of the sweep so far: its config's or its own, else the objective's."""
    names = [declared.get("name"), *(one.name for one in population.sweep.declarations)]
    known = [str(name).strip() for name in names if name and str(name).strip()]
    return known[0] if known else population.objective.metric


def _description(population: Population, regions: Sequence[Recommended]) -> str:
    changed = [f"{region.name} {region.action}" for region in regions if region.changed]
    what = "; ".join(changed) if changed else "the same space"
    return f"Recommended from {count(len(population.rows), 'run')}: {what}."


def _levels_of(population: Population, block: Parameter) -> list[Any]:
    """Return the levels of a seed or fold as the runs have them; the next sweep is compared within the same ones."""
    levels = [plain(level) for level in population.levels(block.name).dropna().unique()]
    return [restored(level) for level in sorted(levels, key=(lambda v: v) if block.numeric else str)]


def specs_of(parameters: dict[str, Any], prefix: str = "") -> dict[str, dict[str, Any]]:
    """Return the specs of a config's parameters by dotted name, to be changed in place."""
    found: dict[str, dict[str, Any]] = {}
    for name, spec in list(parameters.items()):
        if not isinstance(spec, dict):
            spec = parameters[name] = {"value": spec}
        if isinstance(spec.get("parameters"), dict):
            found |= specs_of(spec["parameters"], f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = spec
    return found


def _name_ends(spec: dict[str, Any]) -> None:
    """Turn a distribution over exponents into the same one over values: W&B advises against the former."""
    ends = [level(spec.get(end)) for end in ("min", "max")]
    if spec.get("distribution") not in _OVER_EXPONENTS or not all(isinstance(e, (int, float)) for e in ends):
        return
    if spec["distribution"] == "inv_log_uniform":
        ends = [-ends[1], -ends[0]]
    try:
        low, high = (float(f"{math.exp(e):.6g}") for e in ends)
    except OverflowError:
        return
    spec["distribution"] += "_values"
    spec["min"], spec["max"] = low, high


def _put(parameters: dict[str, Any], name: str, spec: dict[str, Any]) -> None:
    """Add a parameter, a dotted name as nested parameters, unless part of the name is a parameter itself."""
    head, _, rest = name.partition(".")
    inner = parameters.get(head, {"parameters": {}})
    if rest and isinstance(inner, dict) and isinstance(inner.get("parameters"), dict):
        parameters[head] = inner
        _put(inner["parameters"], rest, spec)
    else:
        parameters[name] = spec


def _observed(region: Recommended) -> dict[str, Any]:
    """Return a spec for a parameter that nothing declares."""
    parameter, one = region.parameter, region.dimension
    levels = region.levels or one.levels
    if levels is not None:
        levels = levels if region.changed else parameter.values or levels
        written = [None if parameter.null_level and v == NONE_LEVEL else restored(v) for v in levels]
        return {"value": written[0]} if len(written) == 1 else {"values": written}
    low, high = region.low, region.high
    if parameter.kind == "integer":
        low, high = int(low), int(high)
        if one.log:
            return {"distribution": "q_log_uniform_values", "q": 1, "min": low, "max": high}
        return {"distribution": "int_uniform", "min": low, "max": high}
    return {"distribution": "log_uniform_values" if one.log else "uniform", "min": float(low), "max": float(high)}


def _apply(spec: dict[str, Any], region: Recommended) -> None:
    """Write a region into a declared spec, which keeps its distribution and its step."""
    distribution = str(spec.get("distribution") or "")
    if region.levels is not None or isinstance(spec.get("values"), (list, tuple)):
        _apply_levels(spec, region)
        return
    if not region.changed:
        low, high = region.parameter.low, region.parameter.high
    else:
        low, high = region.low, region.high
    if low is None or high is None:
        return
    if distribution in ("normal", "q_normal", "log_normal", "q_log_normal"):
        ends = [math.log(v) if "log" in distribution else v for v in (low, high) if v > 0 or "log" not in distribution]
        if len(ends) == 2:
            # 95% of a normal distribution lies within 1.96 standard deviations.
            spec["mu"], spec["sigma"] = float(f"{sum(ends) / 2:.6g}"), float(f"{(ends[1] - ends[0]) / 3.92:.6g}")
        return
    if distribution in ("beta", "q_beta", "constant"):
        return
    if region.parameter.distribution == "int_uniform":
        spec["min"], spec["max"] = int(low), int(high)
        return
    if region.changed and on_log(region):
        spec["distribution"] = "log_uniform_values"
    spec["min"], spec["max"] = _stepped(low, spec, math.floor), _stepped(high, spec, math.ceil)


def on_log(region: Recommended) -> bool:
    """Whether a range that was searched evenly is better drawn along a log scale: its best is at its low end.

    Then the new range goes on below it over decades, of which even draws would visit the highest alone.
    """
    if region.levels is not None or region.dimension.log or region.parameter.kind != "continuous":
        return False
    below = any(reason.kind == "edge" and reason.evidence.get("side") == "low" for reason in region.reasons)
    even = region.parameter.distribution in (None, "uniform")
    return below and even and 0 < _DECADES * region.low <= region.high


def _stepped(value: Any, spec: Mapping[str, Any], turned: Any) -> float | int:
    """Return an end of a range, on the grid of a quantized distribution; a float, so that the range stays one."""
    step = spec.get("q", 1) if str(spec.get("distribution") or "").startswith("q_") else None
    if not isinstance(step, (int, float)) or not step > 0:
        return float(value)
    units = turned(round(float(value) / step, 9))
    stepped = units * step
    if "log" in str(spec.get("distribution")) and stepped <= 0:
        stepped = step
    return float(f"{stepped:.12g}") if isinstance(step, float) else stepped


def _apply_levels(spec: dict[str, Any], region: Recommended) -> None:
    originals = {json.dumps(level(v)): v for v in spec.get("values") or []}
    chances = dict(zip(originals, spec.get("probabilities") or [], strict=False))
    wanted = region.levels if region.changed else region.parameter.values
    if wanted is None:
        return
    keys = [json.dumps(level(value)) for value in wanted]
    null = None if region.parameter.null_level else NONE_LEVEL
    values = [originals.get(k, null if v == NONE_LEVEL else restored(v)) for k, v in zip(keys, wanted, strict=True)]
    if region.action == "fixed":
        spec.clear()
        spec["value"] = values[0]
        return
    spec.pop("min", None)
    spec.pop("max", None)
    spec["values"] = values
    if chances:
        total = sum(chances.values())
        kept = [chances.get(key, total / len(chances)) for key in keys]
        spec["probabilities"] = [float(f"{c / sum(kept):.12g}") for c in kept] if sum(kept) > 0 else kept
    elif spec.get("distribution") not in (None, "categorical"):
        spec.pop("distribution")
