"""One run: its config, its metrics and where they stand, and the runs that were configured most like it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib.analysis.another_objective import known_goal
from lib.analysis.axes import axes
from lib.analysis.population import USED, Population
from lib.model.columns import row_of
from lib.model.goal import Goal
from lib.model.objective import objective_values
from lib.model.objective_choice import numeric_metrics

MOST_NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class MetricRank:
    """A metric of a run among the used runs that have it."""

    name: str
    value: float
    rank: int | None
    """1 for the best; runs of one value share the best rank of them. None where nothing says which way is better."""
    of: int
    """How many used runs have the metric."""
    better: Goal | None
    """Which way is better, where the objective, the sweep or the metric's name tells; None for a count of epochs."""


@dataclass(frozen=True, eq=False)
class OneRun:
    """A run of the sweep, used or not."""

    row: int
    """Its position in the sweep's tables."""
    used: int | None
    """Its position among the used runs; None where it was left out."""
    run_id: str
    name: str
    state: str
    url: str | None
    why_left_out: str | None
    """None where it is used."""
    value: float | None
    """Its objective; None without a usable one."""
    rank: int | None
    """Its place among the used runs, 1 the best; runs of one value share the best place of them."""
    config: Mapping[str, Any]
    """Its config, without what it has no value of."""
    metrics: tuple[MetricRank, ...]
    """Its numeric metrics, the objective's first, then in order of name; empty where it is left out."""
    neighbours: tuple[int, ...]
    """The used runs of which the searched parameters are nearest to its own, nearest first; empty if it is left out."""


def find_run(population: Population, run_id: str) -> int | None:
    """Return the position of a run in the sweep's tables; None where there is none of that id."""
    found = np.flatnonzero((population.sweep.runs["run_id"].astype(str) == run_id).to_numpy())
    return int(found[0]) if len(found) else None


def one_run(population: Population, row: int) -> OneRun:
    """Describe the run at a position in the sweep's tables."""
    sweep, run = population.sweep, population.sweep.runs.iloc[row]
    at = np.flatnonzero(population.rows == row)
    used = int(at[0]) if len(at) else None
    value = float(objective_values(sweep, population.objective)[row])
    good = population.objective.sign * population.values
    fate = str(population.fate.iloc[row])
    return OneRun(
        row=row,
        used=used,
        run_id=str(run["run_id"]),
        name=str(run["name"]),
        state=str(run["state"]),
        url=str(run["url"]) or None,
        why_left_out=None if fate == USED else fate,
        value=value if np.isfinite(value) else None,
        rank=None if used is None else int(np.sum(good > good[used])) + 1,
        config={name: v for name, v in row_of(sweep.config, row).items() if v is not None},
        metrics=() if used is None else tuple(_ranks(population, used)),
        neighbours=() if used is None else tuple(int(i) for i in nearest_runs(population, used)[0]),
    )


def _ranks(population: Population, used: int) -> list[MetricRank]:
    first = population.objective.metric
    found = []
    for name in sorted(numeric_metrics(population.sweep), key=lambda metric: (metric != first, metric)):
        if name not in population.sweep.metrics:
            continue
        values = pd.to_numeric(population.metric(name), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        own, known = values[used], values[np.isfinite(values)]
        if np.isfinite(own):
            goal = known_goal(population, name)
            ahead = int(np.sum(known < own if goal == "minimize" else known > own))
            found.append(MetricRank(name, float(own), None if goal is None else ahead + 1, len(known), goal))
    return found


def nearest_runs(population: Population, used: int, most: int = MOST_NEIGHBOURS) -> tuple[np.ndarray, np.ndarray]:
    """Return the used runs configured most like one of them, nearest first, and how far each is from it.

    The distance is the mean over the searched parameters, each along its scale from 0 to 1; a missing value, or another
    level of a category, is 1 away. Both are empty without a searched parameter.
    """
    if not population.searched:
        return np.empty(0, dtype=int), np.empty(0)
    places = np.stack([axis.places for axis in axes(population, [p.name for p in population.searched])])
    own = places[:, [used]]
    unordered = np.array([not p.numeric for p in population.searched])[:, None]
    far = ((places < 0) != (own < 0)) | (unordered & (places != own))
    apart = np.where(far, 1.0, np.abs(places - own)).mean(axis=0)
    apart[used] = -1.0
    rows = np.argsort(apart, kind="stable")[1 : 1 + most]
    return rows, apart[rows]
