"""How the objective moves along a continuous or integer parameter: means of equal-count bins, and the sweet spot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.analysis.effects import Effect
from lib.analysis.groups import mean_interval
from lib.analysis.population import Population
from lib.model.sweep import Scale
from lib.statistics.moments import mean_of

MOST_BINS = 8
RUNS_A_BIN = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The objective over the runs of one stretch of the parameter (both ends are observed values)."""

    x_low: float
    x_high: float
    count: int
    mean: float
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class SweetSpot:
    """The stretch of the parameter whose runs can't be told from those of its best bin."""

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


def continuous_impacts(population: Population, effects: Sequence[Effect]) -> tuple[ContinuousImpact, ...]:
    """Bin every searched continuous or integer parameter, in order of name.

    Bins hold equal counts of runs (at least about ten, at most eight bins; equal parameter values stay in one bin).
    A sweet spot is named only where the parameter's effect is claimed (see `lib.analysis.effects`): the contiguous bins
    round the best one whose interval reaches the best bin's mean. Where that is every bin, there is none.
    """
    claimed = {e.parameter for e in effects if e.claimed}
    impacts = []
    for parameter in population.searched:
        if parameter.grouped:
            continue
        x = population.numbers(parameter.name)
        known = ~np.isnan(x)
        bins = equal_count_bins(x[known], population.values[known])
        spot = sweet_spot(bins, population.objective.sign) if parameter.name in claimed else None
        count = int(known.sum())
        impacts.append(ContinuousImpact(parameter.name, parameter.scale, bins, spot, count, len(known) - count))
    return tuple(impacts)


def equal_count_bins(x: np.ndarray, y: np.ndarray) -> tuple[Bin, ...]:
    """Cut runs into bins of equal count along x; x and y of shape (n,), without NaN. No bins where n is 0."""
    if len(x) == 0:
        return ()
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    wanted = int(np.clip(len(x) // RUNS_A_BIN, 1, MOST_BINS))
    cuts = np.round(np.linspace(0, len(x), wanted + 1)).astype(int)[1:-1]
    # Equal values of the parameter belong in one bin: a cut inside a run of them moves to its end.
    cuts = np.unique(np.searchsorted(x, x[cuts - 1], side="right")) if len(cuts) else cuts
    edges = [0, *[int(c) for c in cuts if 0 < c < len(x)], len(x)]
    bins = []
    for start, end in zip(edges, edges[1:], strict=False):
        low, high = mean_interval(y[start:end])
        mean = mean_of(y[start:end])
        bins.append(Bin(float(x[start]), float(x[end - 1]), end - start, mean, low, high))
    return tuple(bins)


def sweet_spot(bins: Sequence[Bin], sign: int) -> SweetSpot | None:
    """Return the contiguous bins round the best one whose interval reaches its mean; None where that is all of them."""
    tested = [i for i, b in enumerate(bins) if b.ci_low is not None]
    if len(tested) < 2:
        return None
    best = max(tested, key=lambda i: sign * bins[i].mean)

    def reaches(b: Bin) -> bool:
        end = b.ci_high if sign > 0 else b.ci_low
        return end is not None and sign * end >= sign * bins[best].mean

    first = last = best
    while first > 0 and reaches(bins[first - 1]):
        first -= 1
    while last < len(bins) - 1 and reaches(bins[last + 1]):
        last += 1
    if first == 0 and last == len(bins) - 1:
        return None
    return SweetSpot(bins[first].x_low, bins[last].x_high)
