"""Least squares on orthonormal columns: bases, normal scores, and the F test of what some columns add."""

from __future__ import annotations

import math

import numpy as np
from scipy import linalg, special

# Above this p-value of `unevenness`, noise counts as even.
_SURELY_EVEN = 0.1


def orthonormal(columns: np.ndarray, tolerance: float = 1e-7) -> np.ndarray:
    """Return an orthonormal basis of the span of some columns, leaving out what is (nearly) a mix of the others."""
    if columns.shape[1] == 0:
        return columns
    scale = np.linalg.norm(columns, axis=0)
    kept = columns[:, scale > 0] / scale[scale > 0]
    if kept.shape[1] == 0:
        return kept
    left, strength, _ = linalg.svd(kept, full_matrices=False, check_finite=False)
    return left[:, strength > tolerance * max(kept.shape)]


def crossings(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the products of every column of one basis with every column of the other, shape (m, a * b)."""
    return (one[:, :, None] * other[:, None, :]).reshape(len(one), -1)


def beyond(held: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis of what `block` adds to `held` (orthonormal), leaving out what it doesn't."""
    scale = np.linalg.norm(block, axis=0)
    block = block[:, scale > 0] / scale[scale > 0]
    left, strength, _ = np.linalg.svd(block - held @ (held.T @ block), full_matrices=False)
    return left[:, strength > 1e-5]


def added(scores: np.ndarray, held: np.ndarray, block: np.ndarray, ground: np.ndarray) -> tuple[float, float] | None:
    """Return F and p of what `block` adds to `held` (orthonormal) in explaining the scores; None where it adds nothing.

    The extra-sum-of-squares F test. Where noise may differ along `ground` (see `unevenness`), p is the larger of that
    and the Wald test's with the HC3 covariance (Long & Ervin 2000, American Statistician 54).
    """
    own = beyond(held, block)
    size, freedom = own.shape[1], len(scores) - held.shape[1] - own.shape[1]
    if size == 0 or freedom < 4:
        return None
    left = scores - held @ (held.T @ scores)
    slopes = own.T @ left
    residual = left - own @ slopes
    rss = float(residual @ residual)
    if rss <= 1e-12 * float(left @ left):
        return math.inf, 0.0
    statistic = float(slopes @ slopes) / size / (rss / freedom)
    p_value = float(special.fdtrc(size, freedom, statistic))
    leverage = np.clip((held**2).sum(axis=1) + (own**2).sum(axis=1), 0, 0.99)
    if unevenness(residual / np.sqrt(1 - leverage), ground)[0] >= _SURELY_EVEN:
        return statistic, p_value
    spread = own * (residual / (1 - leverage))[:, None]
    covariance = spread.T @ spread
    covariance[np.diag_indices(size)] += 1e-12 * np.trace(covariance)
    wald = float(slopes @ np.linalg.solve(covariance, slopes)) / size
    return statistic, max(p_value, float(special.fdtrc(size, freedom, wald)))


def unevenness(residual: np.ndarray, ground: np.ndarray) -> tuple[float, np.ndarray]:
    """Test whether the size of residuals differs along some columns: p-value, and the expected size of each residual.

    Glejser's test (1969, JASA 64).
    """
    size = np.abs(residual)
    flat = orthonormal(np.hstack([np.ones((len(size), 1)), ground]))
    fitted = flat @ (flat.T @ size)
    terms, freedom = flat.shape[1] - 1, len(size) - flat.shape[1]
    rest = float(((size - fitted) ** 2).sum())
    if terms < 1 or freedom < 4 or rest <= 0:
        return 1.0, np.full(len(size), size.mean())
    explained = float(((size - size.mean()) ** 2).sum()) - rest
    return float(special.fdtrc(terms, freedom, explained / terms / (rest / freedom))), fitted
