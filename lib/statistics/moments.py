"""Means, standard deviations and quartiles of values of any size: near 1e300 and 1e-300 plain sums and squares fail."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np


def of_unit_size(values: np.ndarray) -> tuple[np.ndarray, float]:
    """Return values near 1e300 or 1e-300 divided by their size, a power of two, and that size; others as they are."""
    largest = float(np.max(np.abs(values), initial=0.0))
    if not (largest > 1e100 or 0 < largest < 1e-100) or not math.isfinite(largest):
        return values, 1.0
    size = math.ldexp(1.0, math.frexp(largest)[1] - 1)
    return values / size, size


def mean_of(values: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the mean, of values that count equally or by positive weights."""
    near, size = of_unit_size(values)
    return float(np.average(near, weights=weights)) * size


def deviation(values: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the standard deviation of a sample (n - 1 in the denominator); two values at least.

    With weights, squares are averaged by them, times n / (n - 1): equal weights change nothing.
    """
    near, size = of_unit_size(values)
    if weights is None:
        return float(np.std(near, ddof=1)) * size
    squares = (near - np.average(near, weights=weights)) ** 2
    return math.sqrt(float(np.average(squares, weights=weights)) * len(near) / (len(near) - 1)) * size


def error_of_mean(values: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the standard error of `mean_of`; two values at least.

    With weights, it is the sandwich estimate HC1 of a constant alone (MacKinnon and White 1985, Journal of Econometrics
    29, 305-325): what is true whether the values' noise falls with their weights or not. Equal weights change nothing.
    """
    if weights is None:
        return deviation(values) / math.sqrt(len(values))
    near, size = of_unit_size(values)
    pulls = weights * (near - np.average(near, weights=weights))
    return math.sqrt(float(np.sum(pulls**2)) * len(near) / (len(near) - 1)) / float(np.sum(weights)) * size


def spread_of(values: np.ndarray) -> float:
    """Return the standard deviation of values that are no sample (n in the denominator)."""
    near, size = of_unit_size(values)
    return float(np.std(near)) * size


def median_of(values: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Return the median; with weights, that of a list that holds each value as often as its weight says."""
    if weights is not None:
        order = np.argsort(values, kind="stable")
        reached = np.cumsum(weights[order])
        half = reached[-1] / 2
        values = values[order][[np.searchsorted(reached, half, "left"), np.searchsorted(reached, half, "right")]]
    return float(_in_halves(np.median, values))


def quartiles(values: np.ndarray) -> tuple[float, float, float]:
    """Return the quartiles and the median between them, as `numpy.quantile` does."""
    low, median, high = _in_halves(lambda some: np.quantile(some, [0.25, 0.5, 0.75]), values).tolist()
    return low, median, high


def fenced(answer: np.ndarray, reach: float = 3.0) -> np.ndarray:
    """Pull values beyond Tukey's fences in to them: the outer ones at 3 interquartile ranges, the inner at 1.5."""
    if not len(answer):
        return answer
    low, _, high = quartiles(answer)
    reach = reach * (high - low)
    return np.clip(answer, low - reach, high + reach) if reach > 0 else answer


def _in_halves(between: Callable[[np.ndarray], Any], values: np.ndarray) -> np.ndarray:
    """Return what lies between two values each; where their sum or difference overflows, of the values' halves."""
    # In a unit of their own size, values near 1e-300 beside one near 1e300 would become 0.
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.asarray(between(values))
    return found if np.isfinite(found).all() else np.where(np.isfinite(found), found, 2 * between(values / 2))
