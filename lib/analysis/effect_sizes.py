"""How large the effect of one parameter is: gains with intervals, what is ruled out, shape, and where the best lies."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from lib.analysis.best_place import best_end, best_region
from lib.analysis.positions import Dimension
from lib.analysis.response import Curve
from lib.model.parameter import Scale
from lib.statistics.moments import mean_of, of_unit_size

# A bend counts where it is over this part of the curve's height.
_BEND = 0.1
# From this many levels on, their means are shrunken.
_MANY_LEVELS = 5
# Of what is ruled out.
CONFIDENCE = 0.95
_LARGEST_LOG = 600.0


@dataclass(frozen=True, slots=True)
class Size:
    """The size of one effect, in the objective's units; gains are 0 or more, whichever way is better."""

    share: float
    """The part of the objective's variance (diverged runs pulled in) that it adds to the others, 0..1."""
    better: object
    """Its best place among those that runs visited (not merely touched): a number or a level."""
    worse: object
    """Its worst place."""
    gain: float
    """The objective gained from worse to better, less what choosing these two places after looking flatters it."""
    gain_low: float
    """Lower end of the 95 % interval of the gain; below 0 where it may be nothing."""
    gain_high: float
    """Upper end."""
    typical: object
    """Its place in the median configuration: the median, or the most common level."""
    gain_from_typical: float
    """The objective gained from the median configuration to `better`, corrected in the same way."""
    times: float | None
    """How many times better the objective is at `better` than at `worse`, 1 or more, where it is on a log scale: what a
    gain in the units of a loss over decades doesn't show, as it is that of the worst runs; None on a linear scale."""
    times_low: float | None
    """Lower end of its 95 % interval; below 1 where it may be nothing."""
    times_high: float | None
    """Upper end."""
    ruled_out_above: float
    """Effects larger than this, between any two places, are ruled out at 95 % (Schuirmann 1987, J. Pharmacokinetics and
    Biopharmaceutics 15, 657-680: the upper end of a 90 % interval)."""
    ruled_out_times: float | None
    """The same by how many times; None on a linear scale."""
    shape: str
    """"rising", "falling", "peak", "valley" or "levels", of the objective as it is, along the parameter's scale."""
    best_low: object | None
    """Lower end of the region where the best lies (95 %), in the parameter's units; None for categories."""
    best_high: object | None
    """Upper end."""
    at_edge: str | None
    """"low" or "high" where the best lies at that end of the range (see `best_end`)."""


def size_of(axis: Dimension, fitted: Curve, sign: int, scale: Scale = "linear") -> Size:
    """Measure the effect along `axis` on its fitted curve.

    sign : 1 where a higher objective is better, else -1. scale : of the objective.
    """
    visited = axis.visited(fitted.positions)
    logs = _logs(fitted, sign) if scale == "log" and fitted.levelled else None
    top = int(np.argmax(np.where(visited, fitted.mean, -np.inf)))
    bottom = int(np.argmin(np.where(visited, fitted.mean, np.inf)))
    gain, low, high = _gain(fitted, top, bottom, _flattery(axis, fitted, visited))
    times: tuple[float, float, float] | None = None
    if logs is not None:
        found = _gain(logs, top, bottom, _flattery(axis, logs, visited))
        # Beyond these ends, factors aren't numbers any more.
        times = math.exp(_held(found[0])), math.exp(_held(found[1])), math.exp(_held(found[2]))
        # The gain in units that goes with them: what is left of the larger value.
        larger = float(abs(fitted.full_mean[bottom if sign < 0 else top]))
        gain, low, high = (larger * (1 - 1 / one) for one in times)
    draws, mean = fitted.draws[:, visited], fitted.mean[visited]
    best_drawn = draws.argmax(axis=1)
    place = _typical(axis)
    at = int(np.argmin(np.abs(fitted.positions - place)))
    above = draws.max(axis=1) - mean[best_drawn] - fitted.draws[:, at] + fitted.mean[at]
    from_typical = max(0.0, float(fitted.full_mean[top] - fitted.full_mean[at] - max(0.0, mean_of(above))))
    edge = best_end(axis, fitted) if axis.ordered else None
    first, last = best_region(fitted) if axis.ordered else (None, None)
    if (first, last) == (0.0, 1.0):
        # Where the best may as well lie at the other end, it isn't known to lie at this one.
        edge = None
    shape = shape_of(sign * (fitted if logs is None else logs).mean) if axis.ordered else "levels"
    if edge is not None and shape != ("valley" if sign > 0 else "peak"):
        # A curve that still improves at the end where it is best has no best place inside, however it bends; but where
        # the other end is good as well, it has no direction.
        shape = "rising" if (edge == "high") == (sign > 0) else "falling"
    if axis.levels is not None and turns(fitted.mean) > 1:
        # Even and odd numbers, say: no curve, and no direction.
        shape, edge, first, last = "levels", None, None, None
    return Size(
        share=fitted.worth,
        better=axis.value(fitted.positions[top]),
        worse=axis.value(fitted.positions[bottom]),
        gain=max(gain, 0.0),
        gain_low=min(low, max(gain, 0.0)),
        gain_high=max(high, gain, 0.0),
        typical=axis.value(float(fitted.positions[at])),
        gain_from_typical=min(from_typical, max(gain, 0.0)),
        times=None if times is None else max(times[0], 1.0),
        times_low=None if times is None else min(times[1], max(times[0], 1.0)),
        times_high=None if times is None else max(times[2], times[0], 1.0),
        ruled_out_above=_ruled_out(fitted, visited),
        ruled_out_times=None if logs is None else math.exp(_held(_ruled_out(logs, visited))),
        shape=shape,
        best_low=None if first is None else axis.value(first),
        best_high=None if last is None else axis.value(last),
        at_edge=edge,
    )


def _flattery(axis: Dimension, fitted: Curve, visited: np.ndarray) -> float:
    """Return by how much the best and worst places are too far apart: as in the sample of curves that chose them."""
    draws, mean = fitted.draws[:, visited], fitted.mean[visited]
    if axis.levels is not None and len(mean) >= _MANY_LEVELS:
        return _flattery_of_levels(draws, mean)
    return mean_of(np.ptp(draws, axis=1) - (mean[draws.argmax(axis=1)] - mean[draws.argmin(axis=1)]))


def _logs(fitted: Curve, sign: int) -> Curve | None:
    """Return the curve on the objective's log scale, higher still better; None where it passes 0."""
    parts = ("mean", "draws", "full_mean", "full_draws", "bent_mean", "bent_draws")
    known = {name: part for name in parts if (part := getattr(fitted, name)) is not None}
    if any((sign * part <= 0).any() for part in known.values()):
        return None
    return replace(fitted, **{name: sign * np.log(sign * part) for name, part in known.items()})


def _ruled_out(fitted: Curve, visited: np.ndarray) -> float:
    return max(
        float(np.quantile(np.ptp(some[:, visited], axis=1), CONFIDENCE))
        for some in (fitted.draws, fitted.bent_draws)
        if some is not None
    )


def _held(log: float) -> float:
    return min(max(log, -_LARGEST_LOG), _LARGEST_LOG)


def _flattery_of_levels(draws: np.ndarray, mean: np.ndarray) -> float:
    """Return by how much the best and the worst of many levels are too far apart, by shrinking means to their middle.

    Means that are measured with error differ more than the true ones (James & Stein's estimate, by empirical Bayes:
    Efron & Morris 1973, JASA 68, 117-130), and the best and the worst of many the most.
    """
    near, unit = of_unit_size(draws)
    away = (mean - mean.mean()) / unit
    error = float((near - near.mean(axis=1, keepdims=True)).var(axis=0).sum())
    return min(1.0, error / max(float(away @ away), 1e-300)) * float(np.ptp(away)) * unit


def _gain(fitted: Curve, top: int, bottom: int, flattery: float) -> tuple[float, float, float]:
    # Between the quantiles of the differences that the runs leave possible, which lie unevenly about their middle where
    # the objective is skewed (percentile intervals: Efron & Tibshirani 1993, An Introduction to the Bootstrap, ch. 13).
    away = fitted.full_draws - fitted.full_mean
    gain = float(fitted.full_mean[top] - fitted.full_mean[bottom] - flattery)
    low, high = gain + np.quantile(away[:, top] - away[:, bottom], [0.025, 0.975])
    return gain, float(low), float(high)


def _typical(axis: Dimension) -> float:
    seen = axis.position[axis.known]
    if axis.levels is None:
        return float(np.median(seen))
    places, counts = np.unique(seen, return_counts=True)
    return float(np.sort(seen)[(len(seen) - 1) // 2]) if axis.ordered else float(places[int(np.argmax(counts))])


def turns(values: np.ndarray) -> int:
    """Count how often values change their direction, steps of less than a tenth of their height left out."""
    least = _BEND * float(np.ptp(values))
    corners = [float(values[0])]
    for value in values[1:].tolist():
        if abs(value - corners[-1]) <= least:
            continue
        if len(corners) > 1 and (value - corners[-1]) * (corners[-1] - corners[-2]) > 0:
            corners[-1] = value
        else:
            corners.append(value)
    return max(0, len(corners) - 2)


def shape_of(values: np.ndarray) -> str:
    """Name the shape of a curve: a bend counts as a peak or valley where it is over a tenth of the curve's height."""
    height = float(np.ptp(values))
    rise = float(values.max() - max(values[0], values[-1]))
    dip = float(min(values[0], values[-1]) - values.min())
    if height > 0 and max(rise, dip) > _BEND * height:
        return "peak" if rise >= dip else "valley"
    return "rising" if values[-1] >= values[0] else "falling"
