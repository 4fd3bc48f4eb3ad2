"""A few values far below the rest: runs that collapsed."""

from __future__ import annotations

import numpy as np

_GAP, _FEWEST = 4.0, 3
_MOST = 1 / 3
_SCALE = 1.4826


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
    for count in range(int(n * _MOST), _FEWEST - 1, -1):
        above = ranked[count:]
        middle = float(np.median(above))
        spread = _SCALE * float(np.median(np.abs(above - middle)))
        gap = float(gaps[count - 1])
        if gap > _GAP * spread and gap > middle - float(above[0]) and spread > 0:
            apart[order[:count]] = True
            return apart
    return apart
