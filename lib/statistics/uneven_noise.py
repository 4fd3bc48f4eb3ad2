"""Noise that differs from place to place: a log-linear variance, used only where a test shows that it differs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import linalg, stats

LEVEL = 0.01
_MOST_RATIO = 30.0
_RIDGE = 0.5


def relative_noise(
    squares: np.ndarray, weights: np.ndarray, candidates: Mapping[str, np.ndarray], level: float = LEVEL
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Return the slopes of the logarithm of the noise's variance along what it is shown to depend on, and its names.

    squares : squared residuals over what an even noise would give, shape (n,). weights : degrees of freedom of each.
    candidates : by name, columns of shape (n, k). Each is tested as Levene does, by the F test of absolute residuals
    (Brown & Forsythe 1974, JASA 69, 364-367), p corrected by Holm; those below `level` enter a multiplicative model of
    the variance (Harvey 1976, Econometrica 44, 461-465) together, fitted by maximum likelihood with a ridge.
    """
    sizes = np.sqrt(squares)
    shown: list[str] = []
    tested = sorted((_p_value(sizes, weights, block), name) for name, block in candidates.items())
    for rank, (p, name) in enumerate(tested):
        if not p * (len(tested) - rank) < level:
            break
        shown.append(name)
    if not shown:
        return {}, ()
    design = np.column_stack([np.ones(len(squares)), *(candidates[name] for name in shown)])
    slopes = _harvey(squares, weights, design)[1:]
    found, at = {}, 0
    for name in shown:
        width = candidates[name].shape[1]
        found[name] = slopes[at : at + width]
        at += width
    return found, tuple(sorted(shown))


def noise_at(slopes: Mapping[str, np.ndarray], columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the relative variance of the noise at places with these columns; 1 in the geometric mean."""
    log = sum(columns[name] @ slope for name, slope in slopes.items())
    log = log - np.mean(log)
    return np.exp(np.clip(log, -np.log(_MOST_RATIO), np.log(_MOST_RATIO)))


def _p_value(sizes: np.ndarray, weights: np.ndarray, block: np.ndarray) -> float:
    root = np.sqrt(weights)
    design = np.column_stack([np.ones(len(sizes)), block]) * root[:, None]
    q, r, _ = linalg.qr(design, mode="economic", pivoting=True)
    rank = int(np.sum(np.abs(np.diag(r)) > 1e-8 * abs(r[0, 0])))
    free = len(sizes) - rank
    if rank < 2 or free < 3:
        return 1.0
    answer = sizes * root
    middle = root / linalg.norm(root)
    total = float(answer @ answer - (middle @ answer) ** 2)
    within = float(answer @ answer - np.sum((q[:, :rank].T @ answer) ** 2))
    if not within > 0 or not total > within:
        return 1.0
    return float(stats.f.sf((total - within) / (rank - 1) / (within / free), rank - 1, free))


def _harvey(squares: np.ndarray, weights: np.ndarray, design: np.ndarray) -> np.ndarray:
    slopes = np.zeros(design.shape[1])
    slopes[0] = np.log(np.average(squares, weights=weights))
    ridge = np.full(design.shape[1], _RIDGE)
    ridge[0] = 0.0
    floor = 1e-3 * float(np.average(squares, weights=weights))
    squares = np.maximum(squares, floor)
    for _ in range(30):
        ratio = squares / np.exp(np.clip(design @ slopes, -20, 20))
        slope = 0.5 * design.T @ (weights * (ratio - 1)) - ridge * slopes
        # Fisher scoring: the expected curvature doesn't depend on the answers.
        curve = 0.5 * (design.T * weights) @ design + np.diag(ridge + 1e-9)
        step = linalg.solve(curve, slope, assume_a="pos")
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        slopes = slopes + step
        if np.abs(step).max() < 1e-6:
            break
    return slopes
