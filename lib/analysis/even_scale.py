"""The scale of the objective on which effects add up and noise is even, and the way back to the objective's units.

A skewed objective (an accuracy near 1, a loss) moves most where it is worst: there, a curve that is fitted to it as it
is pulls in its long tail, and is too flat. On its logarithm or its odds the same curve is often a plain one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.model.scales import spans_decades
from lib.statistics.moments import fenced, of_unit_size
from lib.statistics.regression import orthonormal
from lib.statistics.warp import LINEAR, Warp, likeliest

# Fewer observations don't show on which scale they are even.
_FEWEST = 20
_STEPS = 257
# Numbers that are brought back at the same time: 2 MB of them.
_MOST_AT_ONCE = 250_000
_SMALLEST = float(np.finfo(float).tiny)


@dataclass(frozen=True, slots=True)
class EvenScale:
    """A rising function of goodness. warp : of the objective. sign : 1 where goodness is the objective, else -1.

    by_ratio : whether the objective spans decades, so that its means are geometric.
    """

    warp: Warp
    sign: int
    by_ratio: bool = False

    @property
    def linear(self) -> bool:
        """Whether goodness stays as it is."""
        return self.warp is LINEAR

    def __call__(self, good: np.ndarray) -> np.ndarray:
        """Return goodness on the scale."""
        return good if self.linear else self.sign * self.warp(np.maximum(self.sign * good, _SMALLEST))

    def back(self, scaled: np.ndarray) -> np.ndarray:
        """Return goodness in the objective's units."""
        return scaled if self.linear else self.sign * self.warp.back(self.sign * scaled)


def even_scale(good: np.ndarray, root: np.ndarray, columns: np.ndarray) -> EvenScale:
    """Return the scale on which least squares on some columns fits best; as it is, unless another is clearly better.

    good : shape (n,). root : of the weight of each. columns : orthonormal, weighted, shape (n, k). What lies beyond
    Tukey's outer fences as it is and by ratio tells nothing of the scale. Results that span decades are fitted on
    the log scale that charts draw them on.
    """
    if not len(good) or not np.isfinite(good).all() or float(good.min()) < 0 < float(good.max()):
        return EvenScale(LINEAR, 1)
    sign = 1 if float(good.max()) > 0 else -1
    values = sign * good
    if spans_decades(values):
        return EvenScale(Warp("log"), sign, by_ratio=True)
    if len(good) < _FEWEST or not float(values.max()) > 0:
        return EvenScale(LINEAR, 1)
    logs = np.log(np.maximum(values, _SMALLEST))
    inside = (logs == fenced(logs)) | (values == fenced(values))
    if not inside.all():
        values, root, columns = values[inside], root[inside], orthonormal(columns[inside])

    def fitted(warp: Warp) -> float:
        near, unit = of_unit_size(root * warp(values))
        left = near - columns @ (columns.T @ near)
        spread = float(np.sqrt(np.mean(left**2))) * unit
        return -len(left) * float(np.log(spread)) if spread > 0 else -np.inf

    return EvenScale(likeliest(values, fitted), sign)


def on_average(scale: EvenScale, good: np.ndarray, own: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function from places on a curve to the mean goodness of all runs, had they been there.

    good : the runs' goodness. own : what the curve gives each of them where it is, on the scale. Each run keeps all
    else that it has, its noise too: the mean of values that are brought back, not the mean brought back (smearing:
    Duan 1983, JASA 78, 605-610); what runs that diverged have is pulled in to Tukey's outer fences. On the linear
    scale, places are differences already and stay as they are; where means are geometric, they are brought back as they
    are.
    """
    without = fenced(scale(good) - own)

    def found(places: np.ndarray) -> np.ndarray:
        if scale.linear:
            return places
        if scale.by_ratio:
            return scale.back(float(without.mean()) + places)
        steps = np.linspace(float(np.min(places)), float(np.max(places)), _STEPS)
        at_once = max(1, _MOST_AT_ONCE // len(without))
        parts = [steps[first : first + at_once, None] for first in range(0, _STEPS, at_once)]
        means = np.concatenate([scale.back(without + part).mean(axis=1) for part in parts])
        if (means == 0).any() or np.ptp(np.sign(means)):
            return np.interp(places, steps, means)
        # Steps of a sample of curves are wide, and between two of them a loss over decades is no straight line.
        return np.sign(means[0]) * np.exp(np.interp(places, steps, np.log(np.abs(means))))

    return found
