"""Corrections for how many hypotheses were tested, and p-values combined into one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import overload

import numpy as np
from scipy import stats

LEVEL = 0.05
"""Below it an adjusted p-value is clear, and what it is of is claimed: the chance of a false claim that is accepted."""


def is_clear(p_value: float | None) -> bool:
    """Return whether a p-value, adjusted for how many there are, is clear; one that isn't known is not."""
    return p_value is not None and p_value < LEVEL


@overload
def holm(p_values: Sequence[float], spent: float = ...) -> Sequence[float]: ...
@overload
def holm(p_values: Sequence[float | None], spent: float = ...) -> Sequence[float | None]: ...
def holm(p_values: Sequence[float | None], spent: float = 1.0) -> Sequence[float | None]:
    """Return p-values adjusted by Holm's step-down method (1979, Scandinavian Journal of Statistics 6, 65-70).

    It bounds the chance of any false claim. None stays None and counts for nothing; `spent` is the part of the level
    that is spent on these hypotheses, by which adjusted values are divided.
    """
    tested = sorted((p, at) for at, p in enumerate(p_values) if p is not None)
    out: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, at) in enumerate(tested):
        largest = max(largest, min(1.0, p * (len(tested) - rank) / spent))
        out[at] = largest
    return out


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted by Benjamini & Hochberg (1995, JRSS B 57), which bounds the share of false discoveries.

    `scipy.stats.false_discovery_control`; an empty list stays empty.
    """
    return [float(p) for p in stats.false_discovery_control(p_values, method="bh")] if p_values else []


def combined(p_values: Sequence[float], weights: Sequence[float]) -> float:
    """Return Cauchy's combination of dependent p-values (Liu & Xie 2020, JASA 115, 393-402)."""
    bounded = np.clip(np.asarray(p_values), 1e-300, 0.99)
    # 1/(pi p) is the tangent's limit, exact in floating point where p is tiny.
    small = bounded < 1e-15
    scores = np.where(small, 1 / (np.pi * bounded), np.tan((0.5 - np.where(small, 0.5, bounded)) * np.pi))
    total = float(np.average(scores, weights=np.asarray(weights)))
    return float(1 / (np.pi * total)) if total > 1e15 else math.atan2(1.0, total) / math.pi
