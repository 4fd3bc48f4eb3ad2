"""Least squares on orthonormal columns: bases, normal scores, and the F test of what some columns add."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy import linalg, special

# Above this p-value of `unevenness`, noise counts as even.
_SURELY_EVEN = 0.1
# Of fewer observations than this, p-values are by permutation, by this many of them.
FEW, _PERMUTATIONS = 20, 5_000


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

    The extra-sum-of-squares F test; of few observations by permutation (see `permuted`). Where noise may differ along
    `ground` (see `unevenness`), p is the larger of that and the Wald test's with the HC3 covariance (Long & Ervin 2000,
    American Statistician 54).
    """
    return gained(scores, held, beyond(held, block), ground)


def gained(scores: np.ndarray, held: np.ndarray, own: np.ndarray, ground: np.ndarray) -> tuple[float, float] | None:
    """As `added`, where `own` is what the block adds to `held`, by `beyond`."""
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
    if len(scores) < FEW:
        p_value = permuted(left, held, own)
    leverage = np.clip((held**2).sum(axis=1) + (own**2).sum(axis=1), 0, 0.99)
    if unevenness(residual / np.sqrt(1 - leverage), ground)[0] >= _SURELY_EVEN:
        return statistic, p_value
    spread = own * (residual / (1 - leverage))[:, None]
    covariance = spread.T @ spread
    covariance[np.diag_indices(size)] += 1e-12 * np.trace(covariance)
    wald = float(slopes @ np.linalg.solve(covariance, slopes)) / size
    return statistic, max(p_value, float(special.fdtrc(size, freedom, wald)))


def permuted(left: np.ndarray, held: np.ndarray, own: np.ndarray) -> float:
    """Return the share of permutations of the residuals `left` that `own` explains as much of, at least.

    Residuals of the model without the block are permuted (Freedman & Lane 1983, "A Nonstochastic Interpretation of
    Reported Significance Levels"; recommended by Winkler et al. 2014, NeuroImage 92, 381-397): of few observations,
    scores of ranks have lighter tails than the F distribution takes them to have.
    """
    shuffled = left[_orders(len(left))]
    shuffled = shuffled - (shuffled @ held) @ held.T
    share = ((shuffled @ own) ** 2).sum(axis=1) / np.maximum((shuffled**2).sum(axis=1), 1e-300)
    mine = float(((left @ own) ** 2).sum()) / max(float(left @ left), 1e-300)
    return (1 + int((share >= mine * (1 - 1e-9)).sum())) / (1 + len(share))


@lru_cache(maxsize=FEW)
def _orders(n: int) -> np.ndarray:
    random = np.random.default_rng(20261126)
    return np.argsort(random.random((_PERMUTATIONS, n)), axis=1)


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
