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

    A fit of the objective as it is says how much better one place is than another, and nothing of their level: its
    curves are moved so that their mean over the runs is the mean objective of these runs (diverged ones pulled in to
    Tukey's fences). One on another scale says how good each place is to expect: its curves stay where they are. The
    band is from the sample of curves that the runs leave possible.
    """
    seen = observations(population)
    along = {one.name: one for one in dimensions(population, seen.rows, seen.counts)}
    axis = along[effect.parameter]
    fitted = curve(axis, [along[name] for name in effect.adjusted_for if name in along], seen)
    if fitted is None:
        return None
    sign, places = population.objective.sign, tuple(axis.value(position) for position in fitted.positions)
    held = axis.position[axis.known]
    # What share of the runs is at each place: by it, each curve has its mean over the runs.
    nearest = np.abs(held[:, None] - fitted.positions[None, :]).argmin(axis=1)
    shares = np.bincount(nearest, minlength=len(fitted.positions)) / len(held)
    if fitted.levelled:
        mean, draws = fitted.full_mean, _at_one_level(fitted.full_mean, fitted.full_draws, shares)
    else:
        level = float(np.mean(fenced(seen.good[axis.known])))
        mean = level + fitted.full_mean - shares @ fitted.full_mean
        draws = level + fitted.full_draws - (fitted.full_draws @ shares)[:, None]
    ends = np.sort(sign * np.quantile(draws, _BAND, axis=0), axis=0)
    return FittedEffect(places, sign * mean, ends[0], ends[1])


def _at_one_level(mean: np.ndarray, draws: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the curves times what gives each the geometric mean of `mean` over the runs; as they are at a zero."""
    if (mean == 0).any() or (draws == 0).any():
        return draws
    sizes = np.log(np.abs(draws))
    factors = np.exp(shares @ np.log(np.abs(mean)) - sizes @ shares)
    return np.asarray(draws * factors[:, None])
