"""The scale on which numbers are spread: a parameter's as declared, else the one along which they are even."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from lib.model.parameter import Parameter, Scale
from lib.model.sweep import Sweep

# Up to this many distinct values, the steps between them tell the scale better than how they are spread.
FEW_VALUES = 10
# Two values have one step, on either scale; from two decades apart they are read as 0.001 and 0.1 are.
_FAR_APART = 100.0
_EVENER = 0.6
# How much nearer to even the log scale has to be, in units of 1 over the root of the number of values: ties are linear.
_MARGIN = 0.5
_ZERO_APART = 100.0
# Results whose middle nine tenths lie within less than this factor are read on a linear axis.
_DECADES = 100.0
_MIDDLE = (0.05, 0.95)
_MIDDLE_HALF = (0.25, 0.75)
_APART = 5.0


def scaled(sweep: Sweep, parameter: Parameter, chosen: Scale | None) -> Parameter:
    """Return a parameter with its scale: the reader's, the declared distribution's, or the one its values are even on.

    A log scale needs values above zero. Zero beside values that are spread over two decades and more on a log scale,
    as in "0, or 1e-5 to 0.1", is a point of its own (`zero_apart`). A scale changes nothing else.
    """
    if parameter.role in ("fixed", "block") or not parameter.numeric:
        return parameter
    tried = _tried(sweep, parameter.name)
    positive = _above_zero(parameter, tried)
    if chosen is not None:
        return replace(parameter, scale=chosen if positive else "linear")
    if parameter.declared and parameter.distribution and not parameter.grouped:
        return replace(parameter, scale=parameter.scale if positive else "linear")
    if parameter.declared and not parameter.grouped:
        return replace(parameter, scale="linear")
    if parameter.grouped and parameter.values:
        tried = np.array([float(v) for v in parameter.values if math.isfinite(v)])
    if positive:
        return replace(parameter, scale=evener_scale(tried))
    if not parameter.grouped and zero_is_apart(tried):
        return replace(parameter, scale="log", zero_apart=True)
    return replace(parameter, scale="linear")


def evener_scale(values: np.ndarray) -> Scale:
    """Return the scale, linear or log, along which positive numbers are spread more evenly; linear where it's close.

    Up to FEW_VALUES distinct ones: by the coefficient of variation of the steps between them. More: by the greatest
    distance of their distribution from the even one over their range (Kolmogorov's, `scipy.stats.kstest`). Repeated
    values count once, since a sampler that comes back to its best values says nothing of the scale.
    """
    found = np.unique(values)
    if len(found) < 2 or found[0] <= 0:
        return "linear"
    on_log, found = np.log(found), found / found[-1]
    if len(found) == 2:
        return "log" if on_log[1] - on_log[0] >= math.log(_FAR_APART) - 1e-9 else "linear"
    if len(found) <= FEW_VALUES:
        return "log" if _unequal_steps(on_log) < _EVENER * _unequal_steps(found) - 1e-9 else "linear"
    nearer = _from_even(found) - _from_even(on_log)
    return "log" if nearer > _MARGIN / math.sqrt(len(found)) else "linear"


def result_scale(values: np.ndarray) -> Scale:
    """Return the scale of an axis of results: log where they are positive, span decades and are more even on it.

    The middle nine tenths have to span two decades, so that a few collapsed or diverged runs don't decide. NaN and
    infinite values don't count.
    """
    known = values[np.isfinite(values)]
    if len(known) < 2 or known.min() <= 0:
        return "linear"
    low, high = np.quantile(np.log(known), _MIDDLE)
    return evener_scale(known) if high - low >= math.log(_DECADES) else "linear"


def spans_decades(values: np.ndarray) -> bool:
    """Whether most results lie decades apart, so that factors between them say more than differences.

    The middle half of what `result_scale` puts on a log scale has to span a factor of five: a tenth of runs that
    diverged stretches the axis, and tells nothing of how the others differ.
    """
    if result_scale(values) != "log":
        return False
    low, high = np.quantile(np.log(values[np.isfinite(values)]), _MIDDLE_HALF)
    return bool(high - low >= math.log(_APART))


def mean_named(scale: Scale) -> str:
    """Return what the mean of results on a scale is called: on a log scale it is the geometric one."""
    return "geometric mean" if scale == "log" else "mean"


def zero_is_apart(values: np.ndarray) -> bool:
    """Whether values are zero, and positive ones spread over at least two decades on a log scale, and nothing else."""
    above = values[values > 0]
    if not len(above) or len(above) == len(values) or values.min() < 0:
        return False
    return bool(np.log(above.max()) - np.log(above.min()) >= math.log(_ZERO_APART)) and evener_scale(above) == "log"


def _tried(sweep: Sweep, name: str) -> np.ndarray:
    if name not in sweep.config.columns:
        return np.empty(0)
    column = pd.to_numeric(sweep.config[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(column[np.isfinite(column)])


def _above_zero(parameter: Parameter, tried: np.ndarray) -> bool:
    if parameter.low is not None and parameter.low > 0 and parameter.high is not None:
        return True
    return bool(len(tried)) and bool(tried.min() > 0)


def _unequal_steps(ordered: np.ndarray) -> float:
    steps = np.diff(ordered)
    mean = float(steps.mean())
    return float(steps.std()) / mean if mean > 0 else math.inf


def _from_even(ordered: np.ndarray) -> float:
    width = ordered[-1] - ordered[0]
    if not width > 0:
        return 1.0
    places = (ordered - ordered[0]) / width
    count = len(places)
    return float(max((np.arange(1, count + 1) / count - places).max(), (places - np.arange(count) / count).max()))
