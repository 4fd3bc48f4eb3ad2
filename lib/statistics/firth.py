"""Logistic regression that stays finite where one side has no failure at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

_STEPS = 100
_LARGEST_STEP = 2.0


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fit: slope in log odds a unit of x, and the p-value of the penalized likelihood ratio test that it is zero."""

    slope: float
    p_value: float


def firth(x: np.ndarray, failed: np.ndarray) -> Logistic:
    """Fit the chance of failure along x by Firth's penalized likelihood (Firth 1993, Biometrika 80, 27-38).

    x : shape (n,), finite. failed : boolean, shape (n,). The penalty is Jeffreys' prior, which keeps the slope finite
    where x separates failures from successes (Heinze & Schemper 2002, Statistics in Medicine 21). x is standardized
    while it is fitted; with one value of x, slope 0 and p 1.
    """
    y = failed.astype(float)
    size = float(np.std(x))
    if not size > 0:
        return Logistic(0.0, 1.0)
    design = np.column_stack([np.ones(len(x)), (x - float(np.mean(x))) / size])
    both, likelihood = _fitted(design, y)
    _, without = _fitted(design, y, slope=False)
    p_value = float(stats.chi2.sf(max(0.0, 2 * (likelihood - without)), 1))
    return Logistic(float(both[1]) / size, p_value)


def _fitted(design: np.ndarray, y: np.ndarray, *, slope: bool = True) -> tuple[np.ndarray, float]:
    """Maximize the penalized likelihood by Newton's method with halved steps; without a slope, that one stays 0."""
    free = slice(0, 2 if slope else 1)
    beta = np.zeros(2)
    reached = _penalized(design, y, beta)
    for _ in range(_STEPS):
        chance = special.expit(design @ beta)
        weight = chance * (1 - chance)
        information = design.T @ (design * weight[:, None])
        leverage = np.einsum("ij,ij->i", design @ np.linalg.pinv(information), design) * weight
        score = design.T @ (y - chance + leverage * (0.5 - chance))
        step = np.zeros(2)
        step[free] = np.linalg.lstsq(information[free, free], score[free], rcond=None)[0]
        step *= min(1.0, _LARGEST_STEP / max(float(np.abs(step).max()), 1e-300))
        while np.abs(step).max() > 1e-9 and _penalized(design, y, beta + step) < reached:
            step /= 2
        beta = beta + step
        reached = _penalized(design, y, beta)
        if np.abs(step).max() <= 1e-9:
            break
    return beta, reached


def _penalized(design: np.ndarray, y: np.ndarray, beta: np.ndarray) -> float:
    along = design @ beta
    chance = special.expit(along)
    information = design.T @ (design * (chance * (1 - chance))[:, None])
    sign, logarithm = np.linalg.slogdet(information)
    if sign <= 0:
        return -np.inf
    likelihood = float(np.sum(y * special.log_expit(along) + (1 - y) * special.log_expit(-along)))
    return likelihood + 0.5 * float(logarithm)
