"""Which parameters matter near the best: PED-ANOVA, the importance of reaching the very best among the good runs.

How far the values of a parameter in the best runs differ from those in the good ones, as the Pearson divergence of
their densities along its scale (PED-ANOVA: Watanabe, Bansal & Hutter 2023, IJCAI). Gains between the best and the worst
corner grow with any silly range that was searched; this doesn't. What chance adds is taken from permutations of which
of the good runs are the best ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lib.analysis.observations import observations
from lib.analysis.population import Population
from lib.analysis.positions import Dimension, dimensions
from lib.statistics.multiple_testing import LEVEL, holm

# The good runs are the best fifth; the best ones are the best quarter of those. Overall, the best fifth is held
# against all runs.
GOOD = 0.2
_BEST_OF_GOOD = 0.25
FEWEST_GOOD = 20
_PERMUTATIONS = 999
_SEED = 20250625
_GRID = 50
_MOST_PARAMETERS = 40


@dataclass(frozen=True, slots=True)
class NearBest:
    """How much one parameter matters near the best, and overall."""

    parameter: str
    """Its name."""
    importance: float
    """Its part of all parameters' importance near the best, less what chance adds, 0..1."""
    overall: float
    """The same for reaching the best fifth of all."""
    p_value: float
    """Of its importance near the best, by permutation."""
    p_adjusted: float
    """Holm over the parameters."""
    good: int
    """Configurations in the best fifth."""

    @property
    def clear(self) -> bool:
        """Whether it clearly matters near the best."""
        return self.p_adjusted < LEVEL


def near_best(population: Population) -> tuple[NearBest, ...]:
    """Measure how every searched parameter matters near the best, most important first.

    Empty with fewer than 100 configurations (20 in the best fifth) or where their objective is constant. Of more than
    40 parameters the first are measured.
    """
    seen = observations(population)
    good = np.argsort(-seen.good, kind="stable")[: int(len(seen) * GOOD)]
    if len(good) < FEWEST_GOOD or np.ptp(seen.good[good]) == 0:
        return ()
    axes = [axis for axis in dimensions(population, seen.rows, seen.counts) if axis.size(1, axis.known) >= 1]
    axes = axes[:_MOST_PARAMETERS]
    near = [_divergence(axis, good, max(5, round(len(good) * _BEST_OF_GOOD))) for axis in axes]
    whole = [_divergence(axis, np.argsort(-seen.good, kind="stable"), len(good)) for axis in axes]
    adjusted = holm([p for _, p in near])
    parts, overall = (_parts([value for value, _ in some]) for some in (near, whole))
    found = [
        NearBest(axis.name, part, all_over, p, p_adjusted, len(good))
        for axis, part, all_over, (_, p), p_adjusted in zip(axes, parts, overall, near, adjusted, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (-one.importance, one.parameter)))


def _parts(values: list[float]) -> list[float]:
    total = sum(values)
    return [value / total if total > 0 else 0.0 for value in values]


def _divergence(axis: Dimension, ranked: np.ndarray, best: int) -> tuple[float, float]:
    """Return the divergence of the first `best` of some observations from all of them, less chance's, and its p."""
    known = axis.known[ranked]
    place = axis.position[ranked][known]
    top = (np.arange(len(ranked)) < best)[known]
    if top.sum() < 3 or np.ptp(place) == 0:
        return 0.0, 1.0
    kernel = _kernel(axis, place)
    density = kernel.mean(axis=0)
    random = np.random.default_rng(_SEED)
    shuffled = np.stack([top, *(random.permutation(top) for _ in range(_PERMUTATIONS))]).astype(float)
    of_best = shuffled @ kernel / top.sum()
    divergence = (((of_best - density) ** 2) / np.maximum(density, 1e-12)).sum(axis=1)
    value, chance = float(divergence[0]), divergence[1:]
    p_value = (1 + int((chance >= value - 1e-12).sum())) / (1 + _PERMUTATIONS)
    return max(0.0, value - float(chance.mean())), p_value


def _kernel(axis: Dimension, place: np.ndarray) -> np.ndarray:
    """Return what each observation adds to the density along the axis, shape (observations, places), rows sum to 1."""
    if axis.levels is not None:
        places = np.unique(place)
        return (place[:, None] == places[None, :]).astype(float)
    grid = np.linspace(0, 1, _GRID)
    # Scott's rule, on the scale on which the values were searched.
    width = max(1.06 * float(np.std(place)) * len(place) ** -0.2, 1 / _GRID)
    kernel = np.exp(-0.5 * ((place[:, None] - grid[None, :]) / width) ** 2) / math.sqrt(2 * math.pi)
    return np.asarray(kernel / kernel.sum(axis=1, keepdims=True))
