"""What every recommendation keeps to: away from what fails, and holding the best run where that costs little."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lib.analysis.failures import Failing
from lib.analysis.parameter_advice import Action, Reason, Recommended, kept
from lib.analysis.population import Population, text_of_level
from lib.analysis.positions import Dimension
from lib.analysis.range_ends import PADDING, extent, tidy

# A range that the best run would make nearly as wide as it was is narrowed without it.
_MOST_FOR_BEST = 0.9


def limited(population: Population, one: Recommended, fails: Sequence[Failing]) -> Recommended:
    """Return a recommendation that keeps away from what fails and holds the best run, or says why it doesn't.

    Settings that fail (see `lib.analysis.failures`) are unknown constraints (Gelbart, Snoek & Adams 2014, UAI,
    arXiv:1403.5607): a part where a clear share of the runs failed is left out, unless the best run lies in it.
    """
    value = _of_best_run(population, one.dimension)
    for failing in fails:
        if failing.parameter == one.name:
            one = _away_from(one, failing, value)
    return one if value is None or not one.narrowed else _holding(one, value)


def _of_best_run(population: Population, one: Dimension) -> Any:
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
    reason, but = Reason("fails", evidence), Reason("fails_but_best", evidence)
    if one.levels is not None:
        bad = [level for level in one.levels if _fails(level, failing)]
        if not bad or len(bad) == len(one.levels):
            return one
        if best is not None and _fails(best, failing):
            return replace(one, reasons=(*one.reasons, but))
        left = tuple(level for level in one.levels if level not in bad)
        return _with_levels(one, left, reason)
    cut = failing.high if failing.low is None else failing.low
    if cut is None:
        return one
    if best is not None and _fails(best, failing):
        return replace(one, reasons=(*one.reasons, but))
    if one.parameter.kind == "integer":
        cut = math.floor(cut) if failing.high is None else math.ceil(cut)
    low, high = (one.low, min(one.high, cut)) if failing.high is None else (max(one.low, cut), one.high)
    return one if (low, high) == (one.low, one.high) or not low < high else _with_ends(one, low, high, reason)


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
