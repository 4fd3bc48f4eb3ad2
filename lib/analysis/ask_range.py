"""The values that a reader may ask the model about: those that were tried, some between them, and some beyond."""

from __future__ import annotations

import numpy as np

from lib.analysis.population import Population
from lib.model.numbers import number
from lib.model.parameter import Parameter

MOST_TRIED = 200
BETWEEN = 20
# Beyond what was tried, on each side: parts of its width along the parameter's scale.
BEYOND = (0.05, 0.1, 0.15, 0.2, 0.25)
DIGITS = 6


def values_to_ask(population: Population, parameter: Parameter, always: tuple[float, ...] = ()) -> dict[str, float]:
    """Return the values of a numeric parameter from low to high, each by its text of six digits.

    Of more than 200 tried values an even choice. What lies beyond goes a quarter of the width further on each side,
    but not below 0 or above 1 where all that was tried is within. always : values that are never left out.
    """
    numbers = population.numbers(parameter.name)
    tried = np.unique(numbers[np.isfinite(numbers)])
    if not len(tried):
        return {}
    low, high = float(tried[0]), float(tried[-1])
    log = parameter.scale == "log" and low > 0
    ends = np.log([low, high]) if log else np.array([low, high])
    shares = np.concatenate([-np.array(BEYOND), np.linspace(0, 1, BETWEEN + 1)[1:-1], 1 + np.array(BEYOND)])
    further = ends[0] + shares * (ends[1] - ends[0])
    further = np.exp(further) if log else further
    if parameter.kind == "integer":
        further = np.round(further)
    if low >= 0:
        further = np.maximum(further, 0.0)
        if high <= 1:
            further = np.minimum(further, 1.0)
    further = np.array([float(f"{value:.3g}") for value in further])
    kept = tried[np.unique(np.linspace(0, len(tried) - 1, min(len(tried), MOST_TRIED)).astype(int))]
    found: dict[str, float] = {}
    # A tried value comes before a rounded one that is written the same.
    for value in [*always, *kept, *further]:
        found.setdefault(number(float(value), DIGITS), float(value))
    return dict(sorted(found.items(), key=lambda one: one[1]))
