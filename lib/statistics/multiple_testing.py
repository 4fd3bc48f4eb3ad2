"""Several p-values at once: Holm's correction, and Cauchy's combination of tests of one question."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import overload

import numpy as np


@overload
def holm(p_values: Sequence[float], spent: float = 1.0) -> Sequence[float]: ...


@overload
def holm(p_values: Sequence[float | None], spent: float = 1.0) -> Sequence[float | None]: ...


def holm(p_values: Sequence[float | None], spent: float = 1.0) -> Sequence[float | None]:
    """Return Holm's adjusted p-values (Holm 1979), divided by the part of the level that is spent; None stays None."""
    tested = sorted((p, at) for at, p in enumerate(p_values) if p is not None)
    out: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, at) in enumerate(tested):
        largest = max(largest, min(1.0, p * (len(tested) - rank) / spent))
        out[at] = largest
    return out


def combined(p_values: Sequence[float], weights: Sequence[float]) -> float:
    """Return Cauchy's combination of dependent p-values (Liu & Xie 2020, JASA 115)."""
    bounded = np.clip(np.asarray(p_values), 1e-300, 0.99)
    # 1/(pi p) is the tangent's limit, exact in floating point where p is tiny.
    small = bounded < 1e-15
    scores = np.where(small, 1 / (np.pi * bounded), np.tan((0.5 - np.where(small, 0.5, bounded)) * np.pi))
    total = float(np.average(scores, weights=np.asarray(weights)))
    return float(1 / (np.pi * total)) if total > 1e15 else math.atan2(1.0, total) / math.pi
