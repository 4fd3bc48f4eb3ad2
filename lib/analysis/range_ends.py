"""New ends of ranges and lists: padded, rounded outwards for people, and no further than a parameter can go."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from lib.analysis.positions import Dimension

# Positions along a parameter's scale, in parts of the searched range.
PADDING = 0.05
LEAST_WIDTH = 0.2
STEP = 0.2
# Below it, a step and its inverse aren't both numbers.
_LEAST_SIZE = 1e-300
_RATE = re.compile(r"(drop_?out|momentum|beta|alpha|decay_rate|gamma|prob|probability|fraction|ratio)", re.IGNORECASE)


def padded(low: float, high: float) -> tuple[float, float]:
    """Return a span of positions with a margin at both ends, a fifth of the range wide at least, within it."""
    low, high = low - PADDING, high + PADDING
    short = LEAST_WIDTH - (min(high, 1.0) - max(low, 0.0))
    if short > 0:
        low, high = low - short / 2, high + short / 2
    if low < 0:
        low, high = 0.0, max(high, LEAST_WIDTH)
    if high > 1:
        low, high = min(low, 1 - LEAST_WIDTH), 1.0
    return low, high


def extent(one: Dimension, low: float, high: float) -> float:
    """Return how much of the scale lies between two values, in decades or in the parameter's units."""
    if one.log:
        return math.log10(high) - math.log10(low)
    return high - low + (1 if one.parameter.kind == "integer" else 0)


def tidy(one: Dimension, position: float, way: str) -> Any:
    """Return the value at a position, rounded outwards to two significant digits; declared ends stay as they are."""
    if position in (0.0, 1.0) and one.parameter.declared:
        return one.value(position)
    # A sum of two shares, and of two parts: the difference of the ends may be beyond the floats.
    along = one.low * (1 - position) + one.high * position
    value = 10.0**along if one.log else along
    if one.parameter.kind == "integer":
        return math.floor(value) if way == "down" else math.ceil(value)
    size = abs(value) if one.log else one.high * LEAST_WIDTH - one.low * LEAST_WIDTH
    step = math.floor(math.log10(max(size, _LEAST_SIZE))) - 1
    turned = math.floor if way == "down" else math.ceil
    scaled = value * 10.0**-step
    near = round(scaled)
    units = near if abs(scaled - near) < 1e-6 else turned(scaled)
    tidy = float(f"{units}e{step}")
    if 0.0 < position < 1.0:
        tidy = min(max(tidy, one.value(0.0)), one.value(1.0))
    return tidy


def allowed(one: Dimension, wanted: Any, edge: str, low: Any, high: Any) -> Any:
    """Return how far a range may be extended: rates stay within 0..1, counts and positive ranges positive.

    None where it can't be extended at all.
    """
    whole = one.parameter.kind == "integer"
    if edge == "low":
        if low > 0 and wanted <= 0:
            wanted = 1 if whole else float(f"{low / 10:.3g}")
        if low >= 0:
            wanted = max(wanted, 0)
        return wanted if wanted < low else None
    if low >= 0 and high <= 1 and not whole:
        most = 0.99 if _RATE.search(one.name) and high < 1 else 1.0
        wanted = min(wanted, most)
    return wanted if wanted > high else None


def further(one: Dimension, levels: Sequence[Any], edge: str) -> list[Any]:
    """Continue a list of numbers by one: by its own factor where it grows by one, else by its last step."""
    declared = sorted({*levels, *(one.parameter.values or ())})
    end, beside = (declared[0], declared[1]) if edge == "low" else (declared[-1], declared[-2])
    inner = declared[2] if edge == "low" and len(declared) > 2 else declared[-3] if len(declared) > 2 else None
    growing = declared[0] > 0 and (
        math.isclose(end / beside, beside / inner, rel_tol=0.01) if inner else declared[-1] / declared[0] >= 2
    )
    value = end * end / beside if growing else end + (end - beside)
    whole = all(float(v).is_integer() for v in declared)
    if whole:
        value = round(value) if value >= 1 or declared[0] <= 0 else 0
        if declared[0] > 0 and value < 1:
            return []
    else:
        value = float(f"{value:.6g}")
    if declared[0] >= 0 and (value < 0 or (declared[0] > 0 and value <= 0)):
        return []
    if not whole and declared[0] >= 0 and declared[-1] <= 1 and (value > 1 or (value >= 1 and _RATE.search(one.name))):
        return []
    return [value] if value not in declared else []
