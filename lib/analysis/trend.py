"""How the objective moves along a continuous or integer parameter: means of equal-count bins, and the sweet spot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.analysis.groups import mean_interval
from lib.analysis.population import Population
from lib.analysis.recommended import Recommendation
from lib.model.parameter import Scale
from lib.statistics.moments import mean_of

MOST_BINS = 8
RUNS_A_BIN = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The objective over the runs of one stretch of the parameter (both ends are observed values).

    A row of a grouped table counts as the runs that it is the mean of.
    """

    x_low: float
    x_high: float
    count: int
    mean: float
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class SweetSpot:
    """The recommended range of the parameter, where that is narrower than what was searched."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ContinuousImpact:
    """One continuous or integer parameter; `n` used runs have a value of it and `missing` have none."""

    parameter: str
    scale: Scale
    trend: tuple[Bin, ...]
    sweet_spot: SweetSpot | None
    n: int
    missing: int


def continuous_impacts(population: Population, advice: Recommendation | None = None) -> tuple[ContinuousImpact, ...]:
    """Bin every searched continuous or integer parameter, in order of name.

    Bins hold equal counts of runs (at least about ten, at most eight bins; equal parameter values stay in one bin).
    A sweet spot is the recommended range, where that leaves out a part of what was searched (see
    `lib.analysis.recommended`); without advice there is none.
    """
    spots = {
        one.name: SweetSpot(float(one.low), float(one.high))
        for one in (advice.parameters if advice else ())
        if one.narrowed and one.levels is None
    }
    impacts = []
    for parameter in population.searched:
        if parameter.grouped:
            continue
        x = population.numbers(parameter.name)
        known = ~np.isnan(x)
        behind = None if population.averaged is None else population.averaged[known]
        bins = equal_count_bins(x[known], population.values[known], behind)
        spot = spots.get(parameter.name)
        count = int(known.sum())
        impacts.append(ContinuousImpact(parameter.name, parameter.scale, bins, spot, count, len(known) - count))
    return tuple(impacts)


def equal_count_bins(x: np.ndarray, y: np.ndarray, runs: np.ndarray | None = None) -> tuple[Bin, ...]:
    """Cut runs into bins of equal count along x; x and y of shape (n,), without NaN. No bins where n is 0.

    runs : of how many runs each is the mean, shape (n,); None where each is one.
    """
    if len(x) == 0:
        return ()
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    behind = None if runs is None else runs[order]
    reached = np.arange(1, len(x) + 1) if behind is None else np.cumsum(behind)
    wanted = int(np.clip(len(x) // RUNS_A_BIN, 1, MOST_BINS))
    cuts = np.searchsorted(reached, np.round(np.linspace(0, reached[-1], wanted + 1))[1:-1]) + 1
    # Equal values of the parameter belong in one bin: a cut inside a run of them moves to its end.
    cuts = np.unique(np.searchsorted(x, x[cuts - 1], side="right")) if len(cuts) else cuts
    edges = [0, *[int(c) for c in cuts if 0 < c < len(x)], len(x)]
    bins = []
    for start, end in zip(edges, edges[1:], strict=False):
        weights = None if behind is None else behind[start:end]
        low, high = mean_interval(y[start:end], weights)
        count = end - start if weights is None else int(weights.sum())
        bins.append(Bin(float(x[start]), float(x[end - 1]), count, mean_of(y[start:end], weights), low, high))
    return tuple(bins)
