"""A robust fit of some columns beside others, and the average of such fits, with what they leave open.

Fits are Huber's M-estimates (Huber 1981, Robust Statistics, ch. 7) with a sandwich covariance corrected for leverage
(HC3; MacKinnon & White 1985, J. Econometrics 29), so that values far off and unequal noise neither bend a fit nor make
it look too sure. Fits of several sizes are averaged with their BIC weights (Raftery 1995, Sociological Methodology 25).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from lib.statistics.moments import fenced
from lib.statistics.regression import unevenness

_DRAWS = 1500
_HUBER = 2.5
_MOST_STEPS = 60
# Noise differs along the fit where this is clear, by these ratios at most.
_UNEVEN, _NOISE_RATIO = 0.01, (0.25, 4.0)
_SEED = 20250625


@dataclass(frozen=True, eq=False)
class Fit:
    """A fit of one size, and what it leaves open.

    size : its columns. misfit : n times the logarithm of the mean squared residual. mean : what it gives at the places
    of a grid, shape (g,). at_grid : its columns there. root : of the covariance of their weights. noise : of one value
    (robust standard deviation). worth : share of the variance that it adds to what was held. freedom : degrees of it.
    """

    size: int
    misfit: float
    mean: np.ndarray
    at_grid: np.ndarray
    root: np.ndarray
    noise: float
    worth: float
    freedom: int


def fit(block: np.ndarray, at_grid: np.ndarray, held: np.ndarray, answer: np.ndarray, plain: np.ndarray) -> Fit | None:
    """Fit values by the columns of a block beside what is held; None where too few values or too little in it differ.

    block : shape (n, k). at_grid : the same columns at the places of a grid, shape (g, k). held : orthonormal, shape
    (n, h). answer : the values to fit, shape (n,). plain : the values whose variance `worth` is a share of.
    """
    size = block.shape[1]
    own = block - held @ (held.T @ block)
    q, r = linalg.qr(own, mode="economic", check_finite=False)
    n, terms = len(answer), held.shape[1] + size
    if n - terms < 4:
        return None
    if (np.abs(np.diag(r)) <= 1e-6 * np.maximum(np.linalg.norm(block, axis=0), 1e-12)).any():
        return None
    design = np.hstack([held, q])
    pseudo, unclipped, noise = _huber(design, answer)
    residual = pseudo - design @ (design.T @ pseudo)
    extra = q.T @ pseudo
    freedom = n - terms
    misfit = n * math.log(max(float(residual @ residual), 1e-300) / n)
    leverage = np.clip((design**2).sum(axis=1), 0, 0.99)
    score = q * (residual / (1 - leverage))[:, None]
    inverse = linalg.solve_triangular(r, np.eye(size), check_finite=False)
    root = inverse @ _root(score.T @ score / max(unclipped, 0.5) ** 2)
    mean = at_grid @ (inverse @ extra)
    return Fit(size, misfit, mean, at_grid, root, noise, _worth(plain, design, q, freedom), freedom)


def blend(models: Sequence[Fit], penalty: float) -> tuple[np.ndarray, np.ndarray, Fit]:
    """Average models, a penalty a term (log n: BIC); return the mean, a sample of curves, and the weightiest model."""
    bic = np.array([model.misfit + penalty * model.size for model in models])
    weights = np.exp(-0.5 * (bic - bic.min()))
    weights /= weights.sum()
    mean = np.sum([w * model.mean for w, model in zip(weights, models, strict=True)], axis=0)
    random = np.random.default_rng(_SEED)
    counts = _shares(weights, _DRAWS)
    draws = [_draw(random, model, int(count)) for model, count in zip(models, counts, strict=True) if count]
    return mean, np.vstack(draws), models[int(np.argmin(bic))]


def pseudo_values(design: np.ndarray, answer: np.ndarray) -> np.ndarray:
    """Return Huber's pseudo-values: least squares on them is the robust fit. `design` is orthonormal."""
    return _huber(design, answer)[0]


def _huber(design: np.ndarray, answer: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return Huber's pseudo-values, the share of runs not clipped, and the noise of one run.

    By iteratively reweighted least squares from a fit to values pulled in to Tukey's inner fences; the noise (the
    median absolute residual) settles first and is then held, which makes the rest of the way convex.
    """
    n, terms = design.shape
    inflation = math.sqrt(n / max(n - terms, 1))
    fitted = design @ (design.T @ fenced(answer, 1.5))
    noise = 0.0
    relative = _relative_noise(answer - fitted, fitted)
    for step in range(_MOST_STEPS):
        residual = (answer - fitted) / relative
        if step < _MOST_STEPS // 3:
            noise = 1.4826 * float(np.median(np.abs(residual))) * inflation
        if noise <= 0:
            return answer, 1.0, float(np.std(residual))
        with np.errstate(over="ignore"):
            # A run that lies further off than floats can tell has no weight.
            weight = 1 / np.maximum(np.abs(residual) / (_HUBER * noise), 1.0)
        weighted = design * weight[:, None]
        # By least squares: what runs without weight alone could tell has no one solution.
        solution = np.linalg.lstsq(design.T @ weighted, weighted.T @ answer, rcond=None)[0]
        before, fitted = fitted, design @ solution
        if np.abs(fitted - before).max() < 1e-3 * noise:
            break
    residual = answer - fitted
    reach = _HUBER * noise * relative
    clipped = np.clip(residual, -reach, reach)
    return fitted + clipped, float(np.mean(clipped == residual)), noise


def _relative_noise(residual: np.ndarray, fitted: np.ndarray) -> np.ndarray | float:
    """Return how large the noise of each run is beside the usual one, where it clearly grows or falls with the fit.

    An accuracy near 1 varies little where it is best: what is usual there would make outliers of all that is worse.
    """
    size = np.abs(fenced(residual))
    spread = float(np.std(fitted))
    if not spread > 0 or not math.isfinite(spread):
        return 1.0
    along = ((fitted - fitted.mean()) / spread)[:, None]
    p_value, expected = unevenness(size, along)
    usual = float(np.median(expected))
    return np.clip(expected / usual, *_NOISE_RATIO) if p_value < _UNEVEN and usual > 0 else 1.0


def _worth(answer: np.ndarray, design: np.ndarray, own: np.ndarray, freedom: int) -> float:
    """Return the share of variance that `own` adds, less what chance adds (as epsilon squared and adjusted R2 do)."""
    near = fenced(answer)
    extra, residual = own.T @ near, near - design @ (design.T @ near)
    total = float(((near - near.mean()) ** 2).sum())
    gained = float(extra @ extra) - own.shape[1] * float(residual @ residual) / freedom
    return min(1.0, max(0.0, gained / total)) if total > 0 else 0.0


def _root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return vectors * np.sqrt(np.clip(values, 0, None))


def _shares(weights: np.ndarray, total: int) -> np.ndarray:
    """Split `total` draws in proportion to the weights (largest remainders)."""
    exact = weights * total
    counts = np.floor(exact).astype(int)
    order = np.argsort(-(exact - counts), kind="stable")
    counts[order[: total - counts.sum()]] += 1
    return counts


def _draw(random: np.random.Generator, model: Fit, count: int) -> np.ndarray:
    normal = random.standard_normal((count, model.root.shape[1]))
    spread = np.sqrt(model.freedom / random.chisquare(model.freedom, count))[:, None]
    return model.mean[None, :] + (normal * spread) @ (model.at_grid @ model.root).T
