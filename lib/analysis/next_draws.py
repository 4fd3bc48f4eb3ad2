"""What W&B draws by a sweep config as written: the values of each parameter, and how often each comes up.

Distributions are those of https://docs.wandb.ai/models/sweeps/sweep-config-keys#distribution-options-for-random-and-bayesian-search;
quantiles are held against the package `sweeps`, which W&B's server draws by (`HyperParameter.ppf`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from lib.analysis.levels import text_of_level
from lib.analysis.positions import Dimension
from lib.model.declared_space import level
from lib.model.sweep import NONE_LEVEL

# Quantiles in place of random draws: as many of them say as much as millions of draws.
QUANTILES = 400


@dataclass(frozen=True, eq=False)
class Drawn:
    """The values that one parameter takes, and the chance of each: two of the same length, chances adding up to 1."""

    values: tuple[Any, ...]
    chances: np.ndarray

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest value of a parameter that is a number."""
        return float(min(self.values)), float(max(self.values))


def drawn(spec: Mapping[str, Any], count: int = QUANTILES) -> Drawn | None:
    """Return what W&B draws by the spec of one parameter; None where it can't be known.

    Lists and single values with their chances; ranges as `count` evenly spread quantiles. Normal and beta
    distributions that lack their numbers have W&B's defaults.
    """
    if "value" in spec:
        return Drawn((spec["value"],), np.ones(1))
    if isinstance(values := spec.get("values"), (list, tuple)) and values:
        chances = spec.get("probabilities")
        known = isinstance(chances, (list, tuple)) and len(chances) == len(values)
        weights = np.array(chances, dtype=float) if known else np.ones(len(values))
        return Drawn(tuple(values), weights / weights.sum()) if weights.sum() > 0 else None
    u = (np.arange(count) + 0.5) / count
    found = _quantiles(spec, u)
    if found is None or not np.isfinite(found).all():
        return None
    return Drawn(tuple(found.tolist()), np.full(count, 1 / count))


def _quantiles(spec: Mapping[str, Any], u: np.ndarray) -> np.ndarray | None:
    low, high = level(spec.get("min")), level(spec.get("max"))
    known = all(isinstance(end, (int, float)) for end in (low, high))
    kind = spec.get("distribution")
    if kind is None and known:
        kind = "int_uniform" if all(isinstance(end, int) for end in (low, high)) else "uniform"
    kind = str(kind or "")
    plain, step = kind.removeprefix("q_"), float(spec.get("q", 1) or 1) if kind.startswith("q_") else None
    if plain == "normal":
        found = stats.norm.ppf(u, spec.get("mu", 0), spec.get("sigma", 1))
    elif plain == "log_normal":
        found = np.exp(stats.norm.ppf(u, spec.get("mu", 0), spec.get("sigma", 1)))
    elif plain == "beta":
        found = stats.beta.ppf(u, spec.get("a", 1), spec.get("b", 1))
    elif not known:
        return None
    elif plain == "uniform":
        found = low + u * (high - low)
    elif plain == "int_uniform":
        found = low + np.ceil(u * (high - low + 1)) - 1
    elif plain in ("log_uniform_values", "inv_log_uniform_values") and low > 0 and high > 0:
        found = np.exp(math.log(low) + u * (math.log(high) - math.log(low)))
    elif plain == "log_uniform":
        found = np.exp(low + u * (high - low))
    else:
        return None
    return found if step is None else np.round(found / step) * step


def places(one: Dimension, values: tuple[Any, ...]) -> np.ndarray:
    """Return the positions of drawn values on a parameter's axis, shape (v,); NaN for a level that wasn't tried.

    A number beyond the ends of a list of numbers stands beyond 0 or 1, by one step of the list.
    """
    if one.levels is not None:
        grid = dict(zip(map(text_of_level, one.levels), one.grid().tolist(), strict=True))
        return np.array([grid.get(text_of_level(NONE_LEVEL if v is None else v), _beyond(one, v)) for v in values])
    with np.errstate(divide="ignore", invalid="ignore"):
        numbers = np.array([v if isinstance(v, (int, float)) else np.nan for v in values], dtype=float)
        along = np.log10(numbers) if one.log else numbers
        found = (along / 2 - one.low / 2) / (one.high / 2 - one.low / 2)
    return np.where(np.isfinite(found), found, np.nan)


def _beyond(one: Dimension, value: Any) -> float:
    levels = one.levels or ()
    if not one.ordered or len(levels) < 2 or not all(isinstance(v, (int, float)) for v in (value, *levels)):
        return math.nan
    step = 1 / (len(levels) - 1)
    return 1 + step if value > levels[-1] else -step if value < levels[0] else math.nan
