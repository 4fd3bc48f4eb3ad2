"""How the objective answers to one parameter or two, adjusted for the others: a robust fit, and its uncertainty.

The objective's answer along a parameter is fitted by polynomials and cubic splines of growing size, averaged with their
BIC weights (Raftery 1995, Sociological Methodology 25), so that a line stays a line until the runs show a bend. Fits
are Huber's M-estimates (Huber 1981, Robust Statistics, ch. 7) with a sandwich covariance corrected for leverage (HC3;
MacKinnon & White 1985, J. Econometrics 29), so that diverged runs and unequal noise neither bend the curve nor narrow
its band. Curves are fitted on the logarithm or the odds of the objective where these are clearly more even, and brought
back (`even_scale`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from lib.analysis.even_scale import even_scale, on_average
from lib.analysis.observations import Observations
from lib.analysis.positions import FEWEST_OF_LEVEL, Dimension
from lib.statistics.moments import fenced, of_unit_size
from lib.statistics.regression import beyond, crossings, unevenness

CURVE_SIZES = (1, 2, 3, 4, 6, 8)
_RUNS_PER_TERM, _FEWEST_FOR_A_BEND, _DRAWS = 8, 10, 1500
# What a term must earn, in log-likelihood times two, where heights are at stake: a bend missed would bias them.
_LIGHT_PENALTY = 2.5
_HUBER, _MOST_STEPS = 2.5, 60
# Noise differs along the fit where this is clear, by these ratios at most.
_UNEVEN, _NOISE_RATIO = 0.01, (0.25, 4.0)
# A curve that is flatter than this part of the values is the rounding of floats.
_SEED, _RESOLUTION = 20250625, 1e-12


@dataclass(frozen=True, eq=False)
class Curve:
    """How good the objective is along one parameter, adjusted for the others; relative, higher is better.

    positions : shape (g,). mean : shape (g,), averaged over the model sizes by BIC. draws : shape (draws, g), a sample
    of curves that the runs leave possible: they say where the best lies. full_mean, full_draws : the same with less
    weight on simplicity: they say how high it is. bent_mean, bent_draws : the parabola alone, which may bend whether or
    not the runs show it; None where there is none. noise : the spread of one run about the fit (robust standard
    deviation). worth : share of the objective's variance that the parameter adds to the controls, 0..1. levelled :
    whether curves say how good the objective itself is to expect, as those fitted on another scale do, or differences.
    """

    axis: Dimension
    positions: np.ndarray
    mean: np.ndarray
    draws: np.ndarray
    full_mean: np.ndarray
    full_draws: np.ndarray
    bent_mean: np.ndarray | None
    bent_draws: np.ndarray | None
    noise: float
    worth: float
    n: int
    levelled: bool


@dataclass(frozen=True, eq=False)
class Surface:
    """How good the objective is over two parameters at once, as `Curve` for one.

    positions : of the first and the second axis. mean : shape (g, h). draws : shape (draws, g, h).
    """

    axes: tuple[Dimension, Dimension]
    positions: tuple[np.ndarray, np.ndarray]
    mean: np.ndarray
    draws: np.ndarray
    n: int


@dataclass(frozen=True, eq=False)
class _Model:
    """One size of fit: its curve on the grid, the grid's basis, and the covariance's root."""

    size: int
    misfit: float
    mean: np.ndarray
    at_grid: np.ndarray
    root: np.ndarray
    noise: float
    worth: float
    freedom: int


def curve(axis: Dimension, others: Sequence[Dimension], seen: Observations) -> Curve | None:
    """Fit how good the objective is along `axis`, adjusted for `others`; None where too few runs allow or differ."""
    n = int((rows := axis.known).sum())
    if n < FEWEST_OF_LEVEL + 5 or axis.size(1, rows) < 1:
        return None
    held = seen.held(others, rows, [axis])
    grid, at = axis.grid(), axis.position[rows]
    plain, unit = of_unit_size(seen.good[rows])
    root = seen.weighted(np.ones(n), rows)
    bent = beyond(held, root[:, None] * axis.basis(at, axis.size(2, rows)))
    good = (scale := even_scale(plain, root, np.hstack([held, bent])))(plain)
    fits = []
    for size in _curve_sizes(axis, rows, n, held.shape[1]):
        knots = axis.knots(size, rows)
        if size <= 4 or not axis.ordered or knots is not None:
            block = seen.weighted(axis.basis(at, size, knots), rows)
            fits.append(_fit(block, axis.basis(grid, size, knots), held, root * good, root * plain))
    if not (models := [fit for fit in fits if fit is not None]):
        return None
    mean, draws, best = _blend(models, math.log(n))
    full_mean, full_draws, _ = _blend(models, _LIGHT_PENALTY)
    if np.abs(full_draws).max() <= _RESOLUTION * np.abs(good).max():
        return None
    parabola = [model for model in models if model.size == 2 and axis.ordered]
    bent_mean, bent_draws, _ = _blend(parabola, 0.0) if parabola else (None, None, None)
    own = full_mean[np.abs(at[:, None] - grid[None, :]).argmin(axis=1)]
    in_units = on_average(scale, plain, own)
    return Curve(
        axis,
        grid,
        unit * in_units(mean),
        unit * in_units(draws),
        unit * in_units(full_mean),
        unit * in_units(full_draws),
        None if bent_mean is None else unit * in_units(bent_mean),
        None if bent_draws is None else unit * in_units(bent_draws),
        unit * float(np.ptp(in_units(float(np.median(own)) + best.noise * np.array([-0.5, 0.5])))),
        best.worth,
        n,
        not scale.linear,
    )


def surface(first: Dimension, second: Dimension, others: Sequence[Dimension], seen: Observations) -> Surface | None:
    """Fit how good the objective is over two parameters at once, adjusted for `others`.

    Single effects of up to three terms and products of up to two by two, averaged as in `curve`; None where too few
    runs allow it.
    """
    n = int((rows := first.known & second.known).sum())
    if n < 4 * FEWEST_OF_LEVEL + 5 or min(first.size(1, rows), second.size(1, rows)) < 1:
        return None
    held = seen.held(others, rows, [first, second])
    answer, unit = of_unit_size(seen.weighted(seen.good[rows], rows))
    places = [(axis, axis.grid() if axis.levels is not None else axis.grid()[::4]) for axis in (first, second)]
    mesh = [m.ravel() for m in np.meshgrid(places[0][1], places[1][1], indexing="ij")]
    tried = [axis.position[rows] for axis in (first, second)]
    fits: dict[tuple[int, ...], _Model | None] = {}
    for single in (1, 2, 3):
        for crossed in (1, 2):
            sizes = [axis.size(wanted, rows) for wanted in (single, crossed) for axis in (first, second)]
            terms = sizes[0] + sizes[1] + sizes[2] * sizes[3]
            if tuple(sizes) in fits or sizes[2] > sizes[0] or sizes[3] > sizes[1] or terms * _RUNS_PER_TERM > n:
                continue
            columns, at_mesh = (
                np.hstack(
                    [
                        first.basis(at[0], sizes[0]),
                        second.basis(at[1], sizes[1]),
                        crossings(first.basis(at[0], sizes[2]), second.basis(at[1], sizes[3])),
                    ]
                )
                for at in (tried, mesh)
            )
            fits[tuple(sizes)] = _fit(seen.weighted(columns, rows), at_mesh, held, answer, answer)
    if not (models := [fit for fit in fits.values() if fit is not None]):
        return None
    shape = (len(places[0][1]), len(places[1][1]))
    mean, draws, _ = _blend(models, math.log(n))
    return Surface(
        (first, second), (places[0][1], places[1][1]), unit * mean.reshape(shape), unit * draws.reshape(-1, *shape), n
    )


def _curve_sizes(axis: Dimension, rows: np.ndarray, n: int, held: int) -> list[int]:
    if not axis.ordered:
        return [axis.size(1, rows)]
    # A parabola from about a dozen runs on: few runs can't show a bend, but neither can they exclude one.
    paid = 2 if n - held >= _FEWEST_FOR_A_BEND else 1
    most = min(axis.size(max(CURVE_SIZES), rows), max(paid, (n - held) // _RUNS_PER_TERM))
    return [size for size in CURVE_SIZES if size <= most]


def _fit(
    block: np.ndarray, at_grid: np.ndarray, held: np.ndarray, answer: np.ndarray, plain: np.ndarray
) -> _Model | None:
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
    return _Model(size, misfit, mean, at_grid, root, noise, _worth(plain, design, q, freedom), freedom)


def _blend(models: Sequence[_Model], penalty: float) -> tuple[np.ndarray, np.ndarray, _Model]:
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


def _draw(random: np.random.Generator, model: _Model, count: int) -> np.ndarray:
    normal = random.standard_normal((count, model.root.shape[1]))
    spread = np.sqrt(model.freedom / random.chisquare(model.freedom, count))[:, None]
    return model.mean[None, :] + (normal * spread) @ (model.at_grid @ model.root).T
