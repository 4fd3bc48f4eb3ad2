"""What can be fixed: how much is lost, at most, where a parameter is no longer searched but kept at its best value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.analysis.effects import MOST_MEASURED, Effect
from lib.analysis.observations import observations
from lib.analysis.population import Population
from lib.analysis.positions import dimensions
from lib.analysis.response import curve

_SURE = 0.95


@dataclass(frozen=True, slots=True)
class Fixable:
    """One searched parameter, kept at one value."""

    parameter: str
    """Its name."""
    value: Any
    """The value to keep it at: where the fit is best, a level that was tried or a place in its range."""
    loss_high: float
    """What is lost by that, at most, at 95 %: the objective's units, 0 or more, on average over other parameters."""


def fixable(population: Population, effects: Sequence[Effect], most: float | None = None) -> tuple[Fixable, ...]:
    """Return what can be fixed at a loss of up to `most` (any loss where it is None), the least loss first.

    The loss is that of the place that looks best against the best place, in each of the curves that the runs leave
    possible (see `lib.analysis.response`); its bound is their 95th percentile. A parameter that is claimed to act
    together with another may lose more. Parameters that too few runs vary, or beyond the first 40, aren't looked at.
    """
    seen = observations(population)
    along = {one.name: one for one in dimensions(population, seen.rows, seen.counts)}
    found = []
    for effect in sorted(effects, key=lambda one: (one.p_value is None, one.p_value, one.parameter))[:MOST_MEASURED]:
        if effect.p_value is None:
            continue
        axis = along[effect.parameter]
        fitted = curve(axis, [along[name] for name in effect.adjusted_for], seen)
        if fitted is None:
            continue
        at = int(np.argmax(fitted.mean))
        loss = np.quantile(fitted.full_draws.max(axis=1) - fitted.full_draws[:, at], _SURE)
        if most is None or loss <= most:
            found.append(Fixable(effect.parameter, axis.value(float(fitted.positions[at])), max(0.0, float(loss))))
    return tuple(sorted(found, key=lambda one: (one.loss_high, one.parameter)))
