"""Where numbers stand along an axis, 0 to 1, and the numbers that are written beside it."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from lib.model.numbers import number

AxisScale = Literal["linear", "log", "quantile", "levels"]
# Ticks nearer to an end than this would be written over its label.
_CLOSE = 0.07


def fractions(values: np.ndarray, scale: AxisScale) -> np.ndarray:
    """Return the places 0..1 of distinct sorted values; one value alone is in the middle."""
    if len(values) < 2:
        return np.full(len(values), 0.5)
    if scale == "quantile":
        return np.arange(len(values)) / (len(values) - 1)
    on = np.log10(values) if scale == "log" else values / np.max(np.abs(values))
    return (on - on[0]) / (on[-1] - on[0]) if on[-1] > on[0] else np.full(len(values), 0.5)


def ticks_of(values: np.ndarray, scale: AxisScale) -> list[tuple[float, str]]:
    """Return what is written beside an axis of distinct sorted values: places 0..1 with their numbers, ends too."""
    if not len(values):
        return []
    spread = fractions(values, scale)
    if len(values) <= 6 and scale != "log":
        return [(float(p), number(float(v), 3)) for p, v in zip(spread, values, strict=True)]
    if scale == "quantile":
        marks = np.linspace(0, len(values) - 1, 5).round().astype(int)
        return [(float(spread[i]), number(float(values[i]), 3)) for i in marks]
    ends = float(values[0]), float(values[-1])
    inner = np.array(_round_numbers(*ends, scale))
    places = np.interp(inner, values, spread) if scale == "linear" else _along_log(inner, *ends)
    apart = [(float(p), number(v, 3)) for p, v in zip(places, inner.tolist(), strict=True) if _CLOSE < p < 1 - _CLOSE]
    return [(0.0, number(ends[0], 3)), *apart, (1.0, number(ends[1], 3))]


def _along_log(values: np.ndarray, low: float, high: float) -> np.ndarray:
    return (np.log10(values) - math.log10(low)) / (math.log10(high) - math.log10(low))


def _round_numbers(low: float, high: float, scale: AxisScale) -> list[float]:
    """Return three to six round numbers between two others; fewer, or none, where they are hardly apart."""
    if scale == "log":
        first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
        if last - first >= 2:
            return [10.0**power for power in range(first, last + 1, max(1, round((last - first) / 4)))]
        steps = [m * 10.0**power for power in range(first - 1, last + 1) for m in (1, 2, 5)]
        return [v for v in steps if low <= v <= high]
    rough = high / 4 - low / 4
    if not 1e-300 < rough < 1e300:
        return []
    power = 10.0 ** math.floor(math.log10(rough))
    step = min((m * power for m in (1, 2, 2.5, 5, 10)), key=lambda s: abs(math.log(s / rough)))
    if max(abs(low), abs(high)) / step > 1e9:
        return []
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
