"""What the best value cost: the best so far against the number of runs and against the hours of compute."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.analysis.overview import progress
from lib.analysis.population import Population

SECONDS_AN_HOUR = 3600.0
LEFT_OUT_BY_CHOICE = "left out by the reader"


@dataclass(frozen=True, eq=False)
class Effort:
    """The best so far of the used runs, in order of creation.

    runs : 1..n. hours : the runtimes of all runs created up to then added up, crashed ones too, since they cost as much
    (those that a filter leaves out don't count); NaN where none states a runtime. best : the best so far. All (n,).
    """

    runs: np.ndarray
    hours: np.ndarray
    best: np.ndarray


@dataclass(frozen=True, slots=True)
class Reached:
    """When a value was first reached: after how many runs and hours; None where it never was, or isn't known."""

    runs: int | None
    hours: float | None


def effort(population: Population) -> Effort:
    """Follow the best so far along runs and compute."""
    along = progress(population)
    runs = population.sweep.runs
    counted = (population.fate != LEFT_OUT_BY_CHOICE).to_numpy()
    seconds = np.where(counted, np.nan_to_num(runs["runtime"].to_numpy(dtype=float)), 0.0)
    order = runs["created_at"].sort_values(kind="stable", na_position="last").index.to_numpy()
    spent = np.empty(len(runs))
    spent[order] = np.cumsum(seconds[order]) / SECONDS_AN_HOUR
    used_order = order[np.isin(order, population.rows)]
    known = bool(runs["runtime"].notna().any())
    return Effort(
        runs=along["order"].to_numpy(),
        hours=spent[used_order] if known else np.full(len(along), np.nan),
        best=along["best_so_far"].to_numpy(),
    )


def reached(found: Effort, target: float, sign: int) -> Reached:
    """Return when the best so far first was at least as good as the target."""
    at = np.flatnonzero(sign * found.best >= sign * target)
    if not at.size:
        return Reached(None, None)
    hours = float(found.hours[at[0]])
    return Reached(int(found.runs[at[0]]), hours if np.isfinite(hours) else None)


def improvements(found: Effort) -> np.ndarray:
    """Return the positions at which the best so far changed, and the last one: all that a line of steps needs."""
    if not len(found.best):
        return np.array([], dtype=int)
    changed = np.flatnonzero(np.concatenate([[True], found.best[1:] != found.best[:-1]]))
    return np.unique(np.concatenate([changed, [len(found.best) - 1]]))
