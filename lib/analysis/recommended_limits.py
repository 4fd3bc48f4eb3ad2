"""What every recommendation keeps to: away from what fails, and holding the best run where that costs little."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lib.analysis.best_place import best_region
from lib.analysis.failures import Failing
from lib.analysis.levels import text_of_level
from lib.analysis.parameter_advice import OUTSIDE, Action, Reason, Recommended, kept
from lib.analysis.population import Population
from lib.analysis.positions import Dimension
from lib.analysis.range_ends import PADDING, extent, padded, tidy
from lib.analysis.response import Curve

# A range that the best run would make nearly as wide as it was is narrowed without it.
_MOST_FOR_BEST = 0.9
# From this share of failures on, a part is left out even where the best run lies in it.
_TOO_OFTEN = 0.25


def limited(population: Population, one: Recommended, fails: Sequence[Failing]) -> Recommended:
    """Return a recommendation that keeps away from what fails and holds the best run, or says why it doesn't.

    Settings that fail (see `lib.analysis.failures`) are unknown constraints (Gelbart, Snoek & Adams 2014, UAI,
    arXiv:1403.5607): a part where clearly more runs failed is left out, unless few did and the best run lies in it.
    """
    value = _of_best_run(population, one.dimension)
    for failing in fails:
        if failing.parameter == one.name:
            one = _away_from(one, failing, value)
    left_out = any(reason.kind == "fails_with_best" for reason in one.reasons)
    return one if value is None or left_out or not one.narrowed else _holding(one, value)


def _of_best_run(population: Population, one: Dimension) -> Any:
    if not len(population.best_first):
        return None
    at = int(population.best_first[0])
    if one.levels is not None:
        level = population.levels(one.name).iloc[at]
        if pd.isna(level):
            return None
        return next((known for known in one.levels if text_of_level(known) == text_of_level(level)), None)
    number = float(population.numbers(one.name)[at])
    return number if math.isfinite(number) else None


def _away_from(one: Recommended, failing: Failing, best: Any) -> Recommended:
    evidence = {name: getattr(failing, name) for name in ("where", "failed", "of", "else_failed", "else_of")}
    holds_best = best is not None and _fails(best, failing)
    if holds_best and failing.failed < _TOO_OFTEN * failing.of:
        return replace(one, reasons=(*one.reasons, Reason("fails_but_best", evidence)))
    reason = Reason("fails_with_best" if holds_best else "fails", evidence)
    if one.levels is not None:
        bad = [level for level in one.levels if _fails(level, failing)]
        if not bad or len(bad) == len(one.levels):
            return one
        left = tuple(level for level in one.levels if level not in bad)
        return _with_levels(one, left, reason)
    cut = failing.high if failing.low is None else failing.low
    if cut is None:
        return one
    if one.parameter.kind == "integer":
        cut = math.floor(cut) if failing.high is None else math.ceil(cut)
    upper = failing.high is None
    if (one.high <= cut) if upper else (one.low >= cut):
        return one
    low, high = (one.low, cut) if upper else (cut, one.high)
    if one.narrowed and one.fitted is not None:
        # The best of the whole range may lie in what is left out: that of the rest is looked for again.
        low, high = _best_of_rest(one.fitted, cut, upper=upper)
    return _with_ends(one, low, high, reason) if low < high else one


def _best_of_rest(fitted: Curve, cut: float, *, upper: bool) -> tuple[Any, Any]:
    axis = fitted.axis
    at = ((math.log10(cut) if axis.log else cut) - axis.low) / (axis.high - axis.low)
    rest = fitted.positions <= at if upper else fitted.positions >= at
    if rest.sum() < 2:
        return (axis.value(0.0), cut) if upper else (cut, axis.value(1.0))
    parts: dict[str, Any] = {name: getattr(fitted, name) for name in ("mean", "draws", "full_mean", "full_draws")}
    parts |= {"positions": fitted.positions, "bent_mean": fitted.bent_mean, "bent_draws": fitted.bent_draws}
    parts = {name: part if part is None else part[..., rest] for name, part in parts.items()}
    low, high = padded(*best_region(replace(fitted, **parts), OUTSIDE))
    return (tidy(axis, min(low, at), "down"), cut) if upper else (cut, tidy(axis, max(high, at), "up"))


def _fails(value: Any, failing: Failing) -> bool:
    if failing.level is not None:
        return text_of_level(value) == text_of_level(failing.level)
    if not isinstance(value, (int, float)):
        return False
    return value < failing.high if failing.low is None and failing.high is not None else value > (failing.low or 0)


def _holding(one: Recommended, best: Any) -> Recommended:
    if one.levels is not None:
        if any(text_of_level(level) == text_of_level(best) for level in one.levels):
            return one
        order = [text_of_level(v) for v in (*(one.dimension.levels or ()), *one.levels)]
        wider = sorted((*one.levels, best), key=lambda level: order.index(text_of_level(level)))
        return _with_levels(one, tuple(wider), Reason("holds_best", {"value": best}))
    if one.low <= best <= one.high:
        return one
    axis = one.dimension
    low, high = one.low, one.high
    at = (math.log10(best) if axis.log else best) - axis.low
    at /= axis.high - axis.low
    if best < low:
        low = tidy(axis, max(at - PADDING, 0.0), "down")
    else:
        high = tidy(axis, min(at + PADDING, 1.0), "up")
    whole = extent(axis, axis.value(0.0), axis.value(1.0))
    if extent(axis, low, high) > _MOST_FOR_BEST * whole:
        return replace(one, reasons=(*one.reasons, Reason("without_best", {"value": best})))
    return _with_ends(one, low, high, Reason("holds_best", {"value": best}))


def _with_levels(one: Recommended, levels: tuple[Any, ...], reason: Reason) -> Recommended:
    known = [text_of_level(level) for level in one.dimension.levels or ()]
    had = {*known, *(text_of_level(level) for level in one.parameter.values or ())}
    now = {text_of_level(level) for level in levels}
    reasons = (*one.reasons, reason) if one.changed else (reason,)
    if had == now:
        return kept(one.dimension, *reasons, fitted=one.fitted)
    action: Action = "dropped levels" if now < had else "extended" if had < now else "narrowed and extended"
    grid = one.dimension.grid()
    inside = np.array([place for place, level in zip(grid, known, strict=True) if level in now])
    return replace(
        one,
        action="fixed" if len(levels) == 1 else action,
        reasons=reasons,
        levels=levels,
        ratio=len(levels) / max(len(had), 1),
        inside=inside,
    )


def _with_ends(one: Recommended, low: Any, high: Any, reason: Reason) -> Recommended:
    axis = one.dimension
    old_low, old_high = tidy(axis, 0.0, "down"), tidy(axis, 1.0, "up")
    narrower, wider = low > old_low or high < old_high, low < old_low or high > old_high
    action: Action = (
        "narrowed and extended" if narrower and wider else "narrowed" if narrower else "extended" if wider else "kept"
    )
    ends = [(math.log10(v) if axis.log and v > 0 else v) for v in (low, high)]
    inside = np.clip([(end - axis.low) / (axis.high - axis.low) for end in ends], 0.0, 1.0)
    ratio = extent(axis, low, high) / max(extent(axis, old_low, old_high), 1e-300)
    reasons = (*one.reasons, reason) if one.changed else (reason,)
    return replace(one, action=action, reasons=reasons, low=low, high=high, ratio=ratio, inside=inside)
