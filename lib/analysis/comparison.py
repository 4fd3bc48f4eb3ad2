"""Several sweeps side by side, each analysed as if it were alone: its figures are those of its own report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from lib.analysis.configurations import configurations_of
from lib.analysis.convergence import expected_best
from lib.analysis.effort import Effort, Reached, effort, reached
from lib.analysis.levels import text_of_level
from lib.analysis.overview import overview
from lib.analysis.population import USED, Population
from lib.model.goal import Goal
from lib.model.objective_choice import declared_metrics
from lib.model.parameter import Parameter
from lib.model.search_space import parameters_of
from lib.model.sweep import Declaration, Sweep
from lib.statistics.moments import deviation, mean_of, median_of

MOST_SWEEPS = 24


@dataclass(frozen=True, eq=False)
class Side:
    """One of the sweeps compared.

    declared : the metric and goal that the sweep itself declares, None where it doesn't.
    key : what the runs' sweep column holds; label : its name, with the key where names repeat. total, used : runs.
    values : the objective of the used runs, in canonical order. best, mean and the like : None where no run is used;
    std is n - 1; rows of a grouped table weigh as many runs as they are the mean of. configurations : how many the used
    runs are of, None where none is repeated. compute_seconds : all its runs' runtimes. effort : see there.
    expected : the expected best of as many of its runs, drawn at random, as the smallest sweep has, with its 95 % band.
    """

    key: str
    label: str
    method: str | None
    declared: tuple[str, Goal] | None
    url: str | None
    total: int
    used: int
    values: np.ndarray
    best: float | None
    best_run: str | None
    best_run_id: str | None
    mean: float | None
    median: float | None
    std: float | None
    configurations: int | None
    compute_seconds: float
    effort: Effort
    to_target: Reached
    expected: tuple[float, float, float] | None


@dataclass(frozen=True, eq=False)
class ParameterRange:
    """One parameter in one sweep: as declared or inferred (`parameter`), and what its used runs hold.

    low, high : of numbers observed; levels : of those that are no numbers, or that are shown level by level. All None
    or empty where the sweep's runs have no value. top_low, top_high : of its best runs (`choices.top` of them).
    """

    parameter: Parameter | None
    low: float | None
    high: float | None
    levels: tuple[str, ...]
    top_low: float | None
    top_high: float | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """The sweeps side by side, in order of their first run.

    target : the best value of the sweep whose best is worst: every sweep reached it. equal_runs : the used runs of the
    smallest sweep. ranges : by searched parameter, one entry a sweep, None where the sweep doesn't have it. top : used
    runs of all sweeps, best first (positions in the joint population); top_sides : the side of each.
    left_out : sweeps beyond the first 24.
    """

    sides: tuple[Side, ...]
    target: float | None
    equal_runs: int
    ranges: tuple[tuple[str, tuple[ParameterRange | None, ...]], ...]
    top: np.ndarray
    top_sides: tuple[int | None, ...]
    left_out: int


def why_unavailable(joint: Population) -> str | None:
    """Say in a sentence why there is nothing to compare; None where there is."""
    if len(joint.sweep.sweep_names) < 2:
        return "These runs are all of one sweep. Open a second source at the top of the page to compare the two."
    return None


def comparison(joint: Population) -> Comparison | None:
    """Compare the sweeps of a population; None where there is one only.

    Each sweep is narrowed to its own runs and declaration and analysed with the reader's choices and the joint
    objective. Beyond 24 sweeps, those with the most runs are compared.
    """
    if why_unavailable(joint) is not None:
        return None
    sweep = joint.sweep
    keys = list(sweep.sweep_names)
    counts = sweep.runs["sweep"].value_counts()
    kept = sorted(sorted(keys, key=lambda k: -int(counts[k]))[:MOST_SWEEPS], key=keys.index)
    parts = [part_of(joint, key) for key in kept]
    sign = joint.objective.sign
    bests = [float((sign * part.values).max()) for part in parts if len(part.rows)]
    target = sign * min(bests) if bests else None
    equal = min((len(part.rows) for part in parts if len(part.rows)), default=0)
    sides = tuple(
        _side(part, key, sweep.sweep_names[key], target=target, equal=equal)
        for part, key in zip(parts, kept, strict=True)
    )
    names = sorted({p.name for part in parts for p in part.searched})
    ranges = tuple((name, tuple(_range(part, name) for part in parts)) for name in names)
    top = joint.best_first[: joint.choices.top]
    side_of = {key: at for at, key in enumerate(kept)}
    of_top = tuple(side_of.get(str(key)) for key in joint.runs["sweep"].iloc[top])
    return Comparison(sides, target, equal, ranges, top, of_top, len(keys) - len(kept))


def part_of(joint: Population, key: str) -> Population:
    """Return one sweep's own population: its runs and its declaration, under the joint objective and choices."""
    sweep = joint.sweep
    rows = np.flatnonzero((sweep.runs["sweep"] == key).to_numpy())
    runs = sweep.runs.iloc[rows].reset_index(drop=True)
    part = replace(
        sweep,
        runs=runs,
        config=_held(sweep.config.iloc[rows]),
        summary=sweep.summary.iloc[rows].reset_index(drop=True),
        history=_history(sweep, runs, joint),
        logged_nan={name: mask[rows] for name, mask in sweep.logged_nan.items()},
        declarations=_own(sweep.declarations, key),
    )
    choices = replace(joint.choices, scales=tuple(s for s in joint.choices.scales if s[0] in part.config.columns))
    if choices.parameters is not None:
        choices = replace(choices, parameters=tuple(n for n in choices.parameters if n in part.config.columns))
    # A run's fate is its own and the same in any company; a sweep without the objective has no used run, and no error.
    fate = joint.fate.iloc[rows].reset_index(drop=True)
    rows = np.flatnonzero((fate == USED).to_numpy())
    return Population(
        sweep=part,
        choices=choices,
        objective=joint.objective,
        parameters=parameters_of(part, choices, rows),
        fate=fate,
        rows=rows,
    )


def _own(declarations: tuple[Declaration, ...], key: str) -> tuple[Declaration, ...]:
    """Return the declarations of a sweep; one that names no sweep was given by the reader, for all that have none."""
    named = tuple(d for d in declarations if key in (d.id, d.name))
    return named or tuple(d for d in declarations if d.id is None and d.name is None)


def _held(config: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that the sweep's runs have: a key of another sweep is no parameter of this one."""
    return config.loc[:, [name for name in config.columns if config[name].notna().any()]].reset_index(drop=True)


def _history(sweep: Sweep, runs: pd.DataFrame, joint: Population) -> pd.DataFrame:
    if sweep.history.empty or joint.objective.value == "last":
        return sweep.history.iloc[0:0]
    return sweep.history[sweep.history["run_id"].isin(runs["run_id"])].reset_index(drop=True)


def _side(part: Population, key: str, label: str, *, target: float | None, equal: int) -> Side:
    used, sign = len(part.rows), part.objective.sign
    values = part.values if used else np.array([])
    declared = part.sweep.declarations[0] if part.sweep.declarations else Declaration()
    found = effort(part) if used else Effort(*(np.array([]) for _ in range(3)))
    first = int(part.best_first[0]) if used else None
    expected = None
    if used:
        middle, low, high = (float(x[0]) for x in expected_best(np.sort(sign * values), np.array([equal])))
        ends = (low, high) if sign > 0 else (-high, -low)
        expected = (sign * middle, *ends)
    return Side(
        key=key,
        label=label,
        method=declared.method,
        declared=next(((m.name, m.goal) for m in declared_metrics(declared)), None),
        url=declared.url,
        total=len(part.sweep),
        used=used,
        values=values,
        best=float(values[first]) if first is not None else None,
        best_run=str(part.runs["name"].iloc[first]) if first is not None else None,
        best_run_id=str(part.runs["run_id"].iloc[first]) if first is not None else None,
        mean=mean_of(values, part.averaged) if used else None,
        median=median_of(values, part.averaged) if used else None,
        std=deviation(values, part.averaged) if used > 1 else None,
        configurations=_repeated(part),
        compute_seconds=overview(part).compute_seconds,
        effort=found,
        to_target=reached(found, target, sign) if target is not None and used else Reached(None, None),
        expected=expected,
    )


def _repeated(part: Population) -> int | None:
    configurations = len(configurations_of(part).first) if len(part.rows) else 0
    return configurations if configurations < len(part.rows) else None


def _range(part: Population, name: str) -> ParameterRange | None:
    parameter = next((p for p in part.parameters if p.name == name), None)
    if parameter is None and name not in part.config.columns:
        return None
    numbers = part.numbers(name)
    known = numbers[np.isfinite(numbers)]
    best = numbers[part.best_first[: part.choices.top]] if len(part.rows) else numbers[:0]
    best = best[np.isfinite(best)]
    levels: tuple[str, ...] = ()
    if parameter is None or parameter.grouped or not known.size:
        levels = tuple(text_of_level(v) for v in _ordered(part.levels(name).dropna().unique().tolist()))
    return ParameterRange(
        parameter=parameter,
        low=float(known.min()) if known.size else None,
        high=float(known.max()) if known.size else None,
        levels=levels,
        top_low=float(best.min()) if best.size else None,
        top_high=float(best.max()) if best.size else None,
    )


def _ordered(levels: list[Any]) -> list[Any]:
    try:
        return sorted(levels)
    except TypeError:
        return sorted(levels, key=str)
