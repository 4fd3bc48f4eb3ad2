"""Whether values in order change level at some point, and where."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd


def pettitt(values: np.ndarray) -> tuple[int, float]:
    """Return where values in order change level most clearly, and the p-value that they change level at all.

    Pettitt's test (1979, Applied Statistics 28): U_t = 2 (R_1 + ... + R_t) - t (n + 1) with ranks R, K = max |U_t|,
    p = 2 exp(-6 K^2 / (n^3 + n^2)), as in R's `trend::pettitt.test`. The place is the index of the first value of the
    new level, 1..n-1. Fewer than two values: (0, 1.0).
    """
    n = len(values)
    if n < 2:
        return 0, 1.0
    ranks = pd.Series(values).rank().to_numpy()
    steps = np.arange(1, n)
    distance = np.abs(2 * np.cumsum(ranks)[:-1] - steps * (n + 1))
    at = int(np.argmax(distance))
    return at + 1, min(1.0, 2 * math.exp(-6 * float(distance[at]) ** 2 / (n**3 + n**2)))
