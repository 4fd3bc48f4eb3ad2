"""A few values far below the rest: runs that collapsed."""

from __future__ import annotations

import numpy as np

_GAP, _FEWEST = 4.0, 3
_MOST = 1 / 3
_SCALE = 1.4826


def high_mode_above_zero(values: np.ndarray) -> np.ndarray:
    """Return which positive values, of which less is better, are a mode apart above the rest, boolean, shape (n,).

    What varies by factors has gaps of any width between its largest values, which are no mode: it lies together, within
    less than the gap before it, or it is apart on the log scale too.
    """
    found = low_mode(-values)
    if not found.any():
        return found
    apart, rest = values[found] / 2, values[~found] / 2
    if float(np.ptp(apart)) < float(apart.min() - rest.max()):
        return found
    return low_mode(-np.log(values))


def low_mode(values: np.ndarray) -> np.ndarray:
    """Return which values are a low mode apart from the rest, boolean, shape (n,); none where there is no such mode.

    A third of the values at most, and 3 at least, lie below a gap that is as wide as 4 robust standard deviations
    (median absolute deviation times 1.4826) of what lies above, and wider than what lies above spreads from its median
    down to the gap.
    """
    n = len(values)
    order = np.argsort(values, kind="stable")
    ranked = values[order] / 2
    apart = np.zeros(n, dtype=bool)
    gaps = np.diff(ranked)
    most = int(n * _MOST)
    if most < _FEWEST:
        return apart
    # Such a gap is wider than any between it and the median: of a hundred thousand gaps, a dozen are.
    inner = np.append(np.maximum.accumulate(gaps[: n // 2][::-1])[::-1], 0.0)
    wide = np.flatnonzero(gaps[:most] > inner[1 : most + 1]) + 1
    for count in wide[wide >= _FEWEST][::-1].tolist():
        above = ranked[count:]
        middle = float(np.median(above))
        spread = _SCALE * float(np.median(np.abs(above - middle)))
        gap = float(gaps[count - 1])
        if gap > _GAP * spread and gap > middle - float(above[0]) and spread > 0:
            apart[order[:count]] = True
            return apart
    return apart
