"""The recommended next sweep: a W&B sweep config, what changed in it and why, and what to expect of it.

Sweep configs follow https://docs.wandb.ai/guides/sweeps/sweep-config-keys.
"""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.analysis.early_stopping import EarlyStopping
from lib.analysis.effect_tests import FEWEST_RUNS
from lib.analysis.effects import Effect
from lib.analysis.interactions import Interaction
from lib.analysis.next_space import lift_of
from lib.analysis.observations import MOST_BLOCKS
from lib.analysis.population import Population
from lib.analysis.recommended import Recommendation, Recommended, recommendation
from lib.analysis.response import fenced
from lib.analysis.sweep_yaml import written
from lib.model.columns import plain, restored
from lib.model.declared_space import level
from lib.model.numbers import interval, number, percent
from lib.model.objective import value_rule
from lib.model.sweep import NONE_LEVEL, Objective, Parameter
from lib.statistics.moments import deviation, mean_of

MOST_PRIOR_RUNS = 5
FILE_NAME = "next-sweep.yaml"
# With 59 runs drawn evenly, one is among the best 5% of the space with probability 0.95 (Bergstra & Bengio 2012, JMLR).
TOP_SHARE, CONFIDENCE = 0.05, 0.95
RUNS = math.ceil(math.log(1 - CONFIDENCE) / math.log(1 - TOP_SHARE))
REPEATS = 3
_OVER_EXPONENTS = ("log_uniform", "q_log_uniform", "inv_log_uniform")
_OWN_ID = re.compile(r"[a-z0-9]{8}\Z")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """What became of one searched parameter.

    `action` is "narrowed", "extended", "narrowed and extended", "dropped levels", "fixed" or "kept"; `before` and
    `after` are its range or levels in words, `why` the reason.
    """

    parameter: str
    action: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, eq=False)
class NextSweep:
    """A recommended sweep.

    config : a valid W&B sweep config. volume_ratio : the size of the new space over the old, along each parameter's
    scale. runs : how many are suggested, runs_why : by what argument. expected : what to expect of them, in words;
    expected_low, expected_high : 95 % interval of the mean objective of runs drawn evenly from what stays of the
    searched space, None where nothing changes. early_stopping : the rule for weak runs that was added to the config.
    command : starts the sweep, the best runs so far named as prior runs.
    """

    config: dict[str, Any]
    changes: tuple[ParameterChange, ...]
    volume_ratio: float
    runs: int
    runs_why: str
    expected: str
    expected_low: float | None
    expected_high: float | None
    early_stopping: EarlyStopping | None
    command: str

    def to_yaml(self) -> str:
        """Write the config as YAML, with comments that say why each parameter is as it is."""
        lines = [f"Suggested runs: {self.runs}. {self.runs_why}", self.expected]
        if "program" not in self.config:
            lines.append("Name your training script here: program: train.py")
        notes = {change.parameter: f"{change.action}: {change.why} (was {change.before})" for change in self.changes}
        stopping = {"early_terminate": self.early_stopping.why} if self.early_stopping else {}
        return written(self.config, lines, notes, stopping)


def next_sweep(
    population: Population,
    effects: Sequence[Effect],
    interactions: Sequence[Interaction],
    early_stopping: EarlyStopping | None = None,
    advice: Recommendation | None = None,
) -> NextSweep | None:
    """Recommend the next sweep; None with fewer than 8 used runs or where nothing was searched.

    A parameter changes only where an effect of it is claimed; all else, and every other key of the declared config,
    stays as it was; a rule for stopping weak runs early is added where one is given and the config has none. Where no
    config was declared, a whole one is written from what the runs show.
    """
    if len(population.rows) < FEWEST_RUNS or not population.searched:
        return None
    advice = advice or recommendation(population, effects, interactions)
    # W&B can't search a column that was derived here.
    derived = {d.name for d in population.sweep.derived}
    regions = tuple(one for one in advice.parameters if one.name not in derived)
    lift, doubt = lift_of(advice, regions)
    usable = [region for region in regions if _NAME.match(region.dimension.name)]
    if not usable:
        return None
    config = _config(population, usable)
    # W&B refuses early_terminate beside a scheduler.
    stopping = early_stopping if not (config.get("early_terminate") or config.get("scheduler")) else None
    if stopping is not None:
        config["early_terminate"] = stopping.config
    ratio = float(np.prod([region.ratio for region in regions]))
    runs, runs_why = _runs(population, regions)
    expected, low, high = _expected(population, regions, lift, doubt, any(effect.claimed for effect in effects))
    rule = value_rule(population.objective.value)
    if rule.kind != "last" and not population.objective.unit:
        expected += f" {population.objective.metric} is {rule.words} here; W&B's own search uses the runs' summaries."
    return NextSweep(
        config=config,
        changes=tuple(_change(region) for region in regions),
        volume_ratio=ratio,
        runs=runs,
        runs_why=runs_why,
        expected=expected,
        expected_low=low,
        expected_high=high,
        early_stopping=stopping,
        command=_command(population, regions),
    )


def _change(region: Recommended) -> ParameterChange:
    parameter = region.parameter
    if region.dimension.levels is not None:
        before = _listing(parameter.values or region.dimension.levels)
    else:
        before = interval(region.dimension.value(0.0), region.dimension.value(1.0))
    after = before
    if region.changed:
        after = _listing(region.levels) if region.levels is not None else interval(region.low, region.high)
    return ParameterChange(parameter.name, region.action, before, after, region.why)


def _listing(levels: Sequence[Any]) -> str:
    return ", ".join(number(value) for value in levels)


def _runs(population: Population, regions: Sequence[Recommended]) -> tuple[int, str]:
    counts = [
        len(region.levels or (region.dimension.levels and region.parameter.values) or region.dimension.levels or ())
        for region in regions
    ]
    combinations = math.prod(counts)
    if 0 < combinations * REPEATS < RUNS:
        why = f"The space has {combinations} combinations; {REPEATS} runs of each distinguish them from noise."
        return combinations * REPEATS, why
    top, sure = percent(TOP_SHARE), percent(CONFIDENCE)
    why = f"{RUNS} runs drawn evenly have a {sure} chance of at least one among the best {top} of the new space."
    return RUNS, why


def _expected(
    population: Population, regions: Sequence[Recommended], lift: float, doubt: float, shown: bool
) -> tuple[str, float | None, float | None]:
    values = fenced(population.values)
    so_far, metric = mean_of(values), population.objective.metric
    # The plain mean is quoted elsewhere: where diverged runs make the two differ, it is said.
    apart = ", outliers pulled in" if number(so_far) != number(mean_of(population.values)) else ""
    if not any(region.changed for region in regions):
        why = "The effects found leave the space as it was" if shown else "No parameter shows a clear effect"
        text = f"{why}, so nothing is narrowed; expect runs like these (mean {metric} {number(so_far)}{apart})."
        return f"{text} More runs of the same space would reveal smaller effects.", None, None
    middle = so_far + population.objective.sign * lift
    reach = 1.96 * math.hypot(doubt, deviation(values) / math.sqrt(len(values)))
    low, high = middle - reach, middle + reach
    text = (
        f"Expect a mean {metric} of {number(middle)} (95% interval {interval(low, high)}) from runs drawn evenly from "
        f"the part of the searched space that is kept, compared with {number(so_far)} so far{apart}."
    )
    if any("extended" in region.action for region in regions):
        text += " Nothing is known yet beyond the searched ranges."
    return text, low, high


def _command(population: Population, regions: Sequence[Recommended]) -> str:
    words = ["wandb sweep"]
    declared = _declared(population)
    for key in ("entity", "project"):
        if key not in declared and (found := _from_url(population).get(key)):
            words.append(f"--{key} {found}")
    ids = population.runs["run_id"].tolist()
    names = population.runs["name"].tolist()
    prior: list[str] = []
    for at in population.best_first.tolist():
        if len(prior) == MOST_PRIOR_RUNS:
            break
        if _OWN_ID.match(ids[at]) and ids[at] != names[at] and _holds(population, regions, at):
            prior.append(ids[at])
    return " ".join([*words, *(f"--prior_run {run}" for run in prior), FILE_NAME])


def _from_url(population: Population) -> dict[str, str]:
    for declaration in population.sweep.declarations:
        parts = re.match(r"https?://[^/]+/(?:wandb/)?([\w.-]+)/([\w.-]+)/sweeps/", declaration.url or "")
        if parts:
            return {"entity": parts.group(1), "project": parts.group(2)}
    return {}


def _holds(population: Population, regions: Sequence[Recommended], at: int) -> bool:
    """Whether a run lies in the new space, as far as it has values of what changed."""
    for region in regions:
        value = population.levels(region.dimension.name).iloc[at]
        if not region.changed or value is None or value != value:
            continue
        if region.levels is not None:
            if value not in region.levels:
                return False
        elif not region.low <= float(value) <= region.high:
            return False
    return True


def _declared(population: Population) -> Mapping[str, Any]:
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


def _config(population: Population, regions: Sequence[Recommended]) -> dict[str, Any]:
    declared = _declared(population)
    several = sum(bool((d.config or {}).get("parameters")) for d in population.sweep.declarations) > 1
    config = copy.deepcopy(dict(declared))
    config.setdefault("method", "bayes")
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
    specs = _specs(config["parameters"])
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
            if _NAME.match(block.name) and len(levels := _levels_of(population, block)) <= MOST_BLOCKS:
                _put(config["parameters"], block.name, {"values": levels})
        for parameter in population.parameters:
            if parameter.role == "fixed" and _NAME.match(parameter.name) and not parameter.name.startswith("_"):
                _put(config["parameters"], parameter.name, {"value": restored((parameter.values or (None,))[0])})
    return config


def _levels_of(population: Population, block: Parameter) -> list[Any]:
    """Return the levels of a seed or fold as the runs have them; the next sweep is compared within the same ones."""
    levels = [plain(level) for level in population.levels(block.name).dropna().unique()]
    return [restored(level) for level in sorted(levels, key=(lambda v: v) if block.numeric else str)]


def _specs(parameters: dict[str, Any], prefix: str = "") -> dict[str, dict[str, Any]]:
    """Return the specs of a config's parameters by dotted name, to be changed in place."""
    found: dict[str, dict[str, Any]] = {}
    for name, spec in list(parameters.items()):
        if not isinstance(spec, dict):
            spec = parameters[name] = {"value": spec}
        if isinstance(spec.get("parameters"), dict):
            found |= _specs(spec["parameters"], f"{prefix}{name}.")
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
    spec["distribution"] += "_values"
    spec["min"], spec["max"] = (float(f"{math.exp(e):.6g}") for e in ends)


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
    spec["min"], spec["max"] = _stepped(low, spec, math.floor), _stepped(high, spec, math.ceil)


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
