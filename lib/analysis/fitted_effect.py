"""The curve that a claim of effect rests on, in the objective's own units, as it is drawn over the runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.analysis.effects import Effect
from lib.analysis.observations import observations
from lib.analysis.population import Population
from lib.analysis.positions import dimensions
from lib.analysis.response import curve
from lib.statistics.moments import fenced

_BAND = (0.025, 0.975)


@dataclass(frozen=True, eq=False, slots=True)
class FittedEffect:
    """What the objective is expected to be along one parameter, adjusted for the others that matter."""

    places: tuple[Any, ...]
    """Values or levels of the parameter, in order along its scale."""
    mean: np.ndarray
    """The expected objective at each place, in its units; shape (places,)."""
    low: np.ndarray
    """The lower end of the 95 % interval at each place."""
    high: np.ndarray
    """The upper end."""

    def at(self, value: Any) -> float | None:
        """Return the expected objective at a value: that of the nearest place on a range, or of the level itself."""
        if value in self.places:
            return float(self.mean[self.places.index(value)])
        if not isinstance(value, (int, float)) or not all(isinstance(one, (int, float)) for one in self.places):
            return None
        return float(self.mean[int(np.argmin(np.abs(np.asarray(self.places, dtype=float) - value)))])


def fitted_effect(population: Population, effect: Effect) -> FittedEffect | None:
    """Fit the curve of an effect as its test and its size do; None where too few runs allow it.

    The fit says how much better one place is than another, and nothing of their level: curves are moved so that their
    mean over the runs is the mean objective of these runs (diverged ones pulled in to Tukey's fences). The band is of
    the curve about that mean, from the sample of curves that the runs leave possible.
    """
    seen = observations(population)
    along = {one.name: one for one in dimensions(population, seen.rows, seen.counts)}
    axis = along[effect.parameter]
    fitted = curve(axis, [along[name] for name in effect.adjusted_for if name in along], seen)
    if fitted is None:
        return None
    held = axis.position[axis.known]
    # What share of the runs is at each place: by it, each curve has its mean over the runs.
    nearest = np.abs(held[:, None] - fitted.positions[None, :]).argmin(axis=1)
    shares = np.bincount(nearest, minlength=len(fitted.positions)) / len(held)
    level = float(np.mean(fenced(seen.good[axis.known])))
    mean = fitted.full_mean - shares @ fitted.full_mean
    draws = fitted.full_draws - (fitted.full_draws @ shares)[:, None]
    low, high = np.quantile(draws, _BAND, axis=0)
    ends = np.sort(population.objective.sign * (level + np.array([low, high])), axis=0)
    return FittedEffect(
        places=tuple(axis.value(position) for position in fitted.positions),
        mean=population.objective.sign * (level + mean),
        low=ends[0],
        high=ends[1],
    )
