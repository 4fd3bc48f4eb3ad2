"""Which configurations to repeat, and how often, so that the winner becomes known: as a W&B sweep config.

A W&B sweep can't list configurations: a grid crosses all values of all parameters. What it does take is a parameter
whose values are mappings (checked by the `sweeps` package's schema and its grid search), one a repeat; the training
script then needs one more line, which the YAML states. `alone` has one plain grid a configuration for other scripts.
Sweep configs follow https://docs.wandb.ai/guides/sweeps/sweep-config-keys.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.analysis.contenders import Contenders, contenders
from lib.analysis.population import Population
from lib.analysis.repeat_means import repeat_means
from lib.analysis.repeats import is_seed
from lib.analysis.sweep_yaml import written
from lib.analysis.winner import Winner
from lib.model.columns import restored, row_of
from lib.model.numbers import number, percent
from lib.statistics.allocation import allocation, power
from lib.statistics.selection import CONFIDENCE, near_best, probability_of_best

MOST = 5
TIMES = 3
MOST_RUNS = 30
POWER = 0.8
REPEAT = "repeat"
# Keys of a declared config that don't fit a list of repeats: they run to the end, all of them.
_LEFT_OUT = ("parameters", "method", "early_terminate", "run_cap", "name", "description")


@dataclass(frozen=True, eq=False)
class ToRepeat:
    """One configuration to repeat: by the run that it was seen in, its searched parameters, and how often.

    `probability` is that it is the best of all that were run; None where that isn't known.
    """

    run_id: str
    name: str
    parameters: Mapping[str, Any]
    times: int
    probability: float | None


@dataclass(frozen=True, eq=False)
class Replication:
    """The repeats that settle which configuration is best.

    config : a W&B sweep config of all of them. alone : one config a configuration, for scripts that can't read a
    mapping. key : the parameter of `config` that holds the configurations, None where there is only one. power : the
    chance that the one with the best mean afterwards is within `within` of the best of them; among : the chance that
    the best of all configurations is one of them; None where that isn't known. settled : whether the winner is clear
    already, so that the repeats only measure it. seed : the declared seed parameter that the repeats go through.
    """

    config: dict[str, Any]
    alone: tuple[dict[str, Any], ...]
    key: str | None
    repeats: tuple[ToRepeat, ...]
    runs: int
    power: float | None
    within: float | None
    among: float | None
    settled: bool
    seed: str | None

    def to_yaml(self) -> str:
        """Write the config as YAML, with comments that say what is repeated and what the script must do."""
        lines = [f"{self.runs} runs that repeat {len(self.repeats)} of the configurations that may be the best."]
        lines += [f"{one.times} x {one.name}" for one in self.repeats]
        if self.power is not None:
            lines.append(
                f"With {percent(self.power)} probability the one with the best mean is then the best of them or within "
                f"{number(self.within)} of it."
            )
        if self.seed is not None:
            lines.append(f"The seeds are the declared ones: put new ones at {self.seed} where runs with these exist.")
        if self.key is not None:
            lines.append(
                "W&B grids can't list configurations, so each one is a value of a single parameter. "
                "Add this line to the training script after wandb.init():"
            )
            lines.append(f'wandb.config.update(dict(wandb.config["{self.key}"]), allow_val_change=True)')
        if "program" not in self.config:
            lines.append("Name your training script here: program: train.py")
        return written(self.config, lines, {})


def replication(population: Population, won: Winner | None) -> Replication | None:
    """Choose what to repeat; None where no run is used or nothing was searched.

    The best run's configuration and those most likely to be as good, up to five, until nine in ten draws have their
    best among them; runs are shared out by optimal computing budget allocation, as many as it takes for a power of
    80 %, at least three a configuration on average and at most 30. Where no model says which may be the best, the best
    three by their means, three times each.
    """
    names = [p.name for p in population.searched if not is_seed(population, p.name)]
    if won is None or not names:
        return None
    possible = contenders(population)
    if possible is None:
        found = repeat_means(population)
        first = [int(at) for at in found.first[np.argsort(-found.good, kind="stable")][:TIMES]]
        return _replication(
            population, names, first, times=[TIMES] * len(first), chances=[None] * len(first), known=(None, None, None)
        )
    allowed = possible.noise[possible.best] / np.sqrt(TIMES)
    chosen = _chosen(possible, allowed)
    draws, noise = possible.draws[:, chosen], possible.noise[chosen]
    times, reached = np.full(len(chosen), TIMES), 0.0
    for runs in range(TIMES * len(chosen), MOST_RUNS + 1):
        times = allocation(draws.mean(axis=0), noise, runs, allowed)
        reached = power(draws, noise, times, allowed)
        if reached >= POWER:
            break
    chance = probability_of_best(possible.draws)[chosen]
    first = [int(at) for at in possible.process.means.first[possible.which[chosen]]]
    known = (reached, won.within, float(chance.sum()))
    return _replication(population, names, first, times=times.tolist(), chances=chance.tolist(), known=known)


def _chosen(possible: Contenders, allowed: float) -> np.ndarray:
    """Return the places of the contenders to repeat, the likeliest first."""
    chance, near = probability_of_best(possible.draws), near_best(possible.draws, allowed)
    order = np.lexsort((-near, -chance))
    if chance[order[0]] >= CONFIDENCE:
        return order[:1]
    enough = int(np.searchsorted(np.cumsum(chance[order]), 0.9)) + 1
    chosen = order[: min(max(enough, 2), MOST)]
    if possible.best not in chosen:
        chosen = np.append(chosen[: MOST - 1], possible.best)
    return chosen


def _replication(
    population: Population,
    names: list[str],
    first: list[int],
    *,
    times: list[int],
    chances: list[float | None],
    known: tuple[float | None, float | None, float | None],
) -> Replication:
    declared = declared_config(population)
    seed, seeds = _declared_seeds(population, declared)
    if seeds:
        times = [len(seeds)] * len(first)
    values = [_values(population, names, at) for at in first]
    ids, run_names = population.runs["run_id"], population.runs["name"]
    repeats = tuple(
        ToRepeat(str(ids.iloc[at]), str(run_names.iloc[at]), row, count, chance)
        for at, row, count, chance in zip(first, values, times, chances, strict=True)
    )
    fixed = constants(population, declared)
    index = seed or REPEAT
    alone = tuple(
        config_with(
            population, declared, fixed | constant_specs(row) | {index: {"values": seeds or list(range(1, count + 1))}}
        )
        for row, count in zip(values, times, strict=True)
    )
    key = None
    config = alone[0]
    if len(first) > 1:
        key = "configuration" if "configuration" not in {*names, *fixed} else "repeated_configuration"
        if seeds:
            cells = [_nested(row) for row in values]
            parameters = fixed | {key: {"values": cells}, index: {"values": seeds}}
        else:
            cells = [
                {**_nested(row), index: turn + 1}
                for row, count in zip(values, times, strict=True)
                for turn in range(count)
            ]
            parameters = fixed | {key: {"values": cells}}
        config = config_with(population, declared, parameters)
    reached, within, among = known
    return Replication(
        config=config,
        alone=alone,
        key=key,
        repeats=repeats,
        runs=sum(times),
        power=reached,
        within=within,
        among=among,
        settled=len(first) == 1,
        seed=seed if seeds else None,
    )


def declared_config(population: Population) -> Mapping[str, Any]:
    """Return the sweep config that the runs were declared by; empty where there is none, or more than one."""
    declared = [d.config for d in population.sweep.declarations if (d.config or {}).get("parameters")]
    return declared[0] or {} if len(declared) == 1 else {}


def _declared_seeds(population: Population, declared: Mapping[str, Any]) -> tuple[str | None, list[Any]]:
    """Return the declared seed parameter that varies and its list of values, empty where it is a range."""
    for name, spec in (declared.get("parameters") or {}).items():
        if is_seed(population, str(name)) and isinstance(spec, Mapping) and "value" not in spec:
            values = spec.get("values")
            listed = list(values) if isinstance(values, (list, tuple)) and len(values) > 1 else []
            return str(name), listed
    return None, []


def constants(population: Population, declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that stay as they are: declared with one value, or, undeclared, seen with one."""
    if declared:
        return {
            str(name): copy.deepcopy(spec if isinstance(spec, Mapping) else {"value": spec})
            for name, spec in declared["parameters"].items()
            if not isinstance(spec, Mapping) or "value" in spec or len(spec.get("values") or ()) == 1
        }
    fixed = [p for p in population.parameters if p.role == "fixed" and p.values and not p.name.startswith("_")]
    return constant_specs(
        {
            p.name: population.sweep.as_written(p.name, restored(p.values[0]))
            for p in fixed
            if p.values and not is_seed(population, p.name)
        }
    )


def _values(population: Population, names: list[str], at: int) -> dict[str, Any]:
    row = row_of(population.config, at)
    known = [name for name in names if row.get(name) is not None]
    return {name: population.sweep.as_written(name, restored(row[name])) for name in known}


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by dotted name as nested mappings, as W&B hands them to a script."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        *outer, last = name.split(".")
        inner = out
        for part in outer:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                return dict(values)
        inner[last] = value
    return out


def constant_specs(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as constants of a sweep config, dotted names as nested parameters."""

    def spec(value: Any) -> dict[str, Any]:
        if isinstance(value, dict) and value:
            return {"parameters": {name: spec(inner) for name, inner in value.items()}}
        return {"value": value}

    return {name: spec(value) for name, value in _nested(values).items()}


def config_with(population: Population, declared: Mapping[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """Return a W&B sweep config of a grid of some parameters: its metric and command are the declared ones."""
    kept = {key: copy.deepcopy(value) for key, value in declared.items() if key not in _LEFT_OUT}
    objective = population.objective
    metric = {"name": objective.metric, "goal": objective.goal}
    if "metrics" in kept:
        return {"method": "grid", **kept, "parameters": parameters}
    return {"method": "grid", **kept, "metric": metric, "parameters": parameters}
