"""A Gaussian process with a length for each input, and what its hyperparameters leave open.

Matérn 5/2, noise of a single observation, repeated inputs with their counts (Rasmussen & Williams 2006, Gaussian
Processes for Machine Learning, chapters 2 and 5). The prior of the lengths grows with the root of the number of inputs
(Hvarfner, Hellsten & Nardi 2024, ICML 235, "Vanilla Bayesian Optimization Performs Great in High Dimensions"). It is
written here rather than taken from scikit-learn because that neither knows counts and within-repeat squares nor gives a
posterior over hyperparameters, and because its gradient costs n x n numbers for each input.

Over 300 lines: one model, whose prior, fit and draws are of the same few arrays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import linalg, optimize

SEED = 20240607
# Answers have mean 0 and variance 1, inputs lie within 0..1.
_OF_MEAN = 1.0
_LENGTH_SPREAD = math.sqrt(3)
# Of more parameters than this, few are taken to matter; a fit starts from this many of them.
_MANY, _MOST_MATTER = 6, 4
_SIGNAL = (0.0, 2.0)
_NOISE = (math.log(0.3), 1.5)
_NUGGET = (math.log(0.01), 2.0)
_BOUNDS = (-14.0, 9.0)
_FEWER = 80
_ROOT5 = math.sqrt(5)
# Degrees of freedom of the distribution that hyperparameters are drawn from: tails wider than a normal's.
_TAILS = 5


@dataclass(frozen=True, eq=False)
class Observations:
    """What a Gaussian process is fitted to.

    x : inputs, shape (n, columns), within 0..1. owner : the parameter that each column is of, 0..d-1; columns of one
    parameter share a length. y : mean answers, shape (n,), mean 0 and variance 1. counts : observations that each is
    the mean of. noise : variance of one observation relative to the others', shape (n,). squares, degrees : the sum of
    squares within repeats (each divided by its `noise`) and its degrees of freedom.
    """

    x: np.ndarray
    owner: np.ndarray
    y: np.ndarray
    counts: np.ndarray
    noise: np.ndarray
    squares: float = 0.0
    degrees: int = 0

    @property
    def parameters(self) -> int:
        """The number of parameters, d."""
        return int(self.owner.max()) + 1 if len(self.owner) else 0

    @property
    def repeated(self) -> bool:
        """Whether repeats distinguish noise from what is special to one configuration."""
        return self.degrees > 0

    def part(self, rows: np.ndarray) -> Observations:
        """Return some of the observations."""
        return replace(self, x=self.x[rows], y=self.y[rows], counts=self.counts[rows], noise=self.noise[rows])


@dataclass(frozen=True, eq=False)
class GaussianProcess:
    """A fit: the most probable hyperparameters, as logarithms: lengths, signal, noise and, with repeats, nugget."""

    data: Observations
    theta: np.ndarray

    @property
    def height(self) -> float:
        """The log posterior of the hyperparameters, up to a constant of the number of observations and parameters."""
        return _log_posterior(self.data, self.theta)[0]

    @property
    def noise(self) -> float:
        """The variance of one observation whose relative noise is 1."""
        return float(np.exp(self.theta[self.data.parameters + 1]))

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the mean prediction at other inputs, shape (m,)."""
        cross = _kernel(x, self.data, self.theta) + _OF_MEAN
        return cross @ self._weights

    def held_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Return each observation's prediction without it, and the variance of what is observed about that.

        In closed form at the fitted hyperparameters (Rasmussen & Williams 2006, equations 5.10 to 5.12).
        """
        inverse = _inverse(_factor(_covariance(self.data, self.theta)))
        diagonal = np.diag(inverse)
        return self.data.y - inverse @ self.data.y / diagonal, 1 / diagonal

    def without(self, rows: np.ndarray) -> GaussianProcess:
        """Return the process of the other observations with the same hyperparameters."""
        return GaussianProcess(self.data.part(rows), self.theta)

    @cached_property
    def _weights(self) -> np.ndarray:
        return linalg.cho_solve((_factor(_covariance(self.data, self.theta)), True), self.data.y)


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws of the mean answers of some of the observations, shape (draws, m), and of the noise variance, (draws,)."""

    at: np.ndarray
    draws: np.ndarray
    noise: np.ndarray


def fit(data: Observations, start: np.ndarray | None = None, *, quick: bool = False) -> GaussianProcess:
    """Find the most probable hyperparameters, from a few starts on fewer observations, then from the best on all.

    Deterministic. start : hyperparameters to start from instead. quick : from one start only.
    """
    if quick:
        start = _starts(data)[0]
    if start is None:
        few = data if len(data.y) <= _FEWER else data.part(np.linspace(0, len(data.y) - 1, _FEWER).astype(int))
        ends = [_climb(few, first, 25) for first in _starts(data)]
        start = max(ends, key=lambda end: end[0])[1]
    return GaussianProcess(data, _climb(data, start, 30)[1])


def posterior(process: GaussianProcess, at: np.ndarray, settings: int = 24, draws: int = 2000) -> Posterior:
    """Draw the mean answers of the observations `at` jointly, with the hyperparameters integrated over.

    Hyperparameters are drawn about their mode from a t distribution with its curvature and weighted by their
    posterior; the weights are truncated (Ionides 2008, Journal of Computational and Graphical Statistics 17, 295-311).
    A fit at the mode alone is too sure of which is best. Deterministic.
    """
    data, mode = process.data, process.theta
    random = np.random.default_rng(SEED)
    root, log_root = _spread_at_mode(data, mode)
    normal = random.standard_normal((settings, len(mode)))
    normal[1::2] = -normal[: len(normal[1::2]) * 2 : 2]
    scale = np.sqrt(_TAILS / random.chisquare(_TAILS, (settings + 1) // 2).repeat(2)[:settings])
    thetas = np.clip(mode + (normal * scale[:, None]) @ root.T, *_BOUNDS)
    distance = np.sum((normal * scale[:, None]) ** 2, axis=1)
    proposed = -0.5 * (_TAILS + len(mode)) * np.log1p(distance / _TAILS) - log_root
    parts, logs = [], []
    for theta in thetas:
        moments, log_posterior = _moments(data, theta, at)
        parts.append(moments)
        logs.append(log_posterior)
    weights = np.array(logs) - proposed
    weights = np.exp(weights - weights.max())
    weights = np.minimum(weights, weights.mean() * math.sqrt(settings))
    shares = np.diff(np.round(np.concatenate([[0.0], np.cumsum(weights / weights.sum())]) * draws)).astype(int)
    found, noise = [], []
    for (mean, spread), theta, share in zip(parts, thetas, shares, strict=True):
        if share:
            found.append(mean + random.standard_normal((share, len(at))) @ spread.T)
            noise.append(np.full(share, np.exp(theta[data.parameters + 1])))
    return Posterior(at, np.concatenate(found), np.concatenate(noise))


def _starts(data: Observations) -> list[np.ndarray]:
    d = data.parameters
    tail = [[0.0, math.log(0.3)], [0.0, math.log(0.05)], [1.5, math.log(0.5)]]
    lengths = [math.log(0.5 + 0.25 * d), math.log(0.3), math.log(2 + 0.5 * d)]
    nugget = [_NUGGET[0]] if data.repeated else []
    found = [np.array([length] * d + end + nugget) for length, end in zip(lengths, tail, strict=True)]
    return [*found, _few_matter(data)] if d > _MANY else found


def _few_matter(data: Observations) -> np.ndarray:
    """Return hyperparameters under which only those parameters matter that explain most, one after another."""
    best = _prior(data)[0].copy()
    height = _log_posterior(data, best)[0]
    for _ in range(_MOST_MATTER):
        tried = []
        for j in range(data.parameters):
            moved = best.copy()
            moved[j] = math.log(0.5)
            tried.append((_log_posterior(data, moved)[0], moved))
        reached, moved = max(tried, key=lambda one: one[0])
        if not reached > height:
            break
        best, height = moved, reached
    return best


def _climb(data: Observations, start: np.ndarray, steps: int) -> tuple[float, np.ndarray]:
    def downhill(theta: np.ndarray) -> tuple[float, np.ndarray]:
        height, slope = _log_posterior(data, theta)
        return -height, -slope

    found = optimize.minimize(
        downhill, start, jac=True, method="L-BFGS-B", bounds=[_BOUNDS] * len(start), options={"maxiter": steps}
    )
    return -float(found.fun), found.x


def _log_posterior(data: Observations, theta: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the log posterior of hyperparameters, up to a constant, and its gradient."""
    d, n = data.parameters, len(data.y)
    lengths, signal, noise = np.exp(theta[:d])[data.owner], math.exp(theta[d]), math.exp(theta[d + 1])
    u = data.x / lengths if d else data.x
    r = _ROOT5 * _distances(u, u)
    fall = np.exp(-r)
    kernel = signal * (1 + r + r * r / 3) * fall
    own = noise * data.noise / data.counts
    full = kernel + _OF_MEAN
    full[np.diag_indices(n)] += own + (math.exp(theta[d + 2]) if data.repeated else 0.0)
    try:
        factor = _factor(full)
    except linalg.LinAlgError:
        return -1e12, np.zeros_like(theta)
    inverse = _inverse(factor)
    alpha = inverse @ data.y
    height = -0.5 * float(data.y @ alpha) - float(np.log(np.diag(factor)).sum())
    outer = np.outer(alpha, alpha) - inverse
    slope = np.empty_like(theta)
    pull = outer * (signal * 5 / 3 * (1 + r) * fall)
    by_column = pull.sum(axis=1) @ (u * u) - np.sum(u * (pull @ u), axis=0)
    slope[:d] = np.bincount(data.owner, by_column, minlength=d) if d else []
    slope[d] = 0.5 * float(np.sum(outer * kernel))
    slope[d + 1] = 0.5 * float(np.diag(outer) @ own)
    if data.repeated:
        slope[d + 2] = 0.5 * math.exp(theta[d + 2]) * float(np.trace(outer))
        height += -0.5 * data.degrees * theta[d + 1] - 0.5 * data.squares / noise
        slope[d + 1] += -0.5 * data.degrees + 0.5 * data.squares / noise
    middle, spread = _prior(data)
    away = (theta - middle) / spread
    return height - 0.5 * float(away @ away), slope - away / spread


def _prior(data: Observations) -> tuple[np.ndarray, np.ndarray]:
    d = data.parameters
    # Of many, some would seem to matter by chance alone: as many short lengths stay likely as of a few.
    narrower = math.sqrt(min(1.0, _MANY / max(d, 1)))
    length = (math.sqrt(2) + 0.5 * math.log(max(d, 1)), _LENGTH_SPREAD * narrower)
    each = [length] * d + [_SIGNAL, _NOISE] + ([_NUGGET] if data.repeated else [])
    return np.array([m for m, _ in each]), np.array([s for _, s in each])


def _spread_at_mode(data: Observations, mode: np.ndarray) -> tuple[np.ndarray, float]:
    """Return a root of the inverse curvature at the mode, and the logarithm of its determinant."""
    step, size = 1e-3, len(mode)
    middle, before = np.empty((size, size)), _log_posterior(data, mode)[1]
    for j in range(size):
        moved = mode.copy()
        moved[j] += step
        middle[j] = (before - _log_posterior(data, moved)[1]) / step
    values, vectors = linalg.eigh((middle + middle.T) / 2)
    # No direction is wider than the widest prior, whatever the slope at a bound.
    values = np.maximum(values, 1 / _SIGNAL[1] ** 2)
    return vectors / np.sqrt(values), -0.5 * float(np.log(values).sum())


def _moments(data: Observations, theta: np.ndarray, at: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], float]:
    """Return mean and a root of the covariance of the mean answers at some observations, and the log posterior."""
    d = data.parameters
    kernel = _kernel(data.x, data, theta) + _OF_MEAN
    nugget = math.exp(theta[d + 2]) if data.repeated else 0.0
    kernel[np.diag_indices(len(kernel))] += nugget
    noise = math.exp(theta[d + 1])
    factor = _factor(kernel + np.diag(noise * data.noise / data.counts))
    solved = linalg.solve_triangular(factor, np.column_stack([data.y, kernel[:, at]]), lower=True, check_finite=False)
    answer, cross = solved[:, 0], solved[:, 1:]
    height = -0.5 * float(answer @ answer) - float(np.log(np.diag(factor)).sum())
    if data.repeated:
        height += -0.5 * data.degrees * theta[d + 1] - 0.5 * data.squares / noise
    middle, spread = _prior(data)
    height -= 0.5 * float(np.sum(((theta - middle) / spread) ** 2))
    return (cross.T @ answer, _root(kernel[np.ix_(at, at)] - cross.T @ cross)), height


def _kernel(x: np.ndarray, data: Observations, theta: np.ndarray) -> np.ndarray:
    lengths = np.exp(theta[: data.parameters])[data.owner]
    r = _ROOT5 * _distances(x / lengths, data.x / lengths)
    return math.exp(theta[data.parameters]) * (1 + r + r * r / 3) * np.exp(-r)


def _covariance(data: Observations, theta: np.ndarray) -> np.ndarray:
    full = _kernel(data.x, data, theta) + _OF_MEAN
    own = np.exp(theta[data.parameters + 1]) * data.noise / data.counts
    full[np.diag_indices(len(full))] += own + (np.exp(theta[data.parameters + 2]) if data.repeated else 0.0)
    return full


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squares = np.sum(a * a, axis=1)[:, None] + np.sum(b * b, axis=1)[None, :] - 2 * (a @ b.T)
    return np.sqrt(np.maximum(squares, 0.0))


def _factor(full: np.ndarray) -> np.ndarray:
    full = full.copy()
    full[np.diag_indices(len(full))] += 1e-9 * (1 + np.diag(full).mean())
    return linalg.cholesky(full, lower=True, check_finite=False)


def _inverse(factor: np.ndarray) -> np.ndarray:
    half, _ = linalg.lapack.dpotri(factor, lower=True)
    half = np.tril(half)
    return half + np.tril(half, -1).T


def _root(covariance: np.ndarray) -> np.ndarray:
    jitter = 1e-10 * (1 + float(np.diag(covariance).mean()))
    for _ in range(8):
        try:
            return linalg.cholesky(covariance + jitter * np.eye(len(covariance)), lower=True, check_finite=False)
        except linalg.LinAlgError:
            jitter *= 30
    values, vectors = linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0.0))
