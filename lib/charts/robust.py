"""Axes that a few far values don't squeeze: from the 1st to the 99th percentile where what lies beyond is far off."""

from __future__ import annotations

import numpy as np

_ENDS = (1, 99)
# A value further beyond the percentiles than this part of their distance is off the axis.
_BEYOND = 1.0
_ROOM = 0.04


def robust_ends(values: np.ndarray, log: bool = False) -> tuple[float, float]:
    """Return where an axis of some values ends: at the outermost ones, or at the percentiles where these lie far off.

    log : measure distances between logarithms; all values are positive then.
    """
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.0, 1.0
    # Scaled, so that differences of values near the largest float are finite.
    unit = 1.0 if log else max(float(np.max(np.abs(known))), 1e-300)
    along = np.log10(known) if log else known / unit
    low, high = (float(end) for end in np.percentile(along, _ENDS))
    reach, first, last = high - low, float(along.min()), float(along.max())
    start = low - _ROOM * reach if reach > 0 and low - first > _BEYOND * reach else first
    end = high + _ROOM * reach if reach > 0 and last - high > _BEYOND * reach else last
    return (float(10**start), float(10**end)) if log else (start * unit, end * unit)


def beyond(values: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    """Say which values lie beyond an axis: -1 below, 1 above, 0 on it; shape (n,)."""
    # A rounding error isn't beyond; near the lower end of decades it is tiny.
    below, above = (end - sign * 1e-9 * abs(end) for end, sign in zip(ends, (1, -1), strict=True))
    return np.where(values < below, -1, np.where(values > above, 1, 0))


def share_of(value: float, ends: tuple[float, float], log: bool = False) -> float:
    """Return how far along an axis a value stands, 0..1 between its ends."""
    low, high, at = (float(np.log10(one)) for one in (*ends, value)) if log and value > 0 else (*ends, value)
    return (at - low) / (high - low) if high > low else 0.5
