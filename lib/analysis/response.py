"""How the objective answers to one parameter or two, adjusted for the others: a robust fit, and its uncertainty.

The objective's answer along a parameter is fitted robustly by polynomials and cubic splines of growing size, which are
averaged (`lib.statistics.robust_fit`), so that a line stays a line until the runs show a bend. A list of numbers is
fitted number by number, too, which counts where it says more than any curve. Curves are fitted on the logarithm or the
odds of the objective where these are clearly more even, and brought back (`even_scale`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.analysis.even_scale import even_scale, on_average
from lib.analysis.observations import Observations
from lib.analysis.positions import FEWEST_OF_LEVEL, Dimension
from lib.statistics.moments import of_unit_size
from lib.statistics.regression import beyond, crossings
from lib.statistics.robust_fit import Fit, blend, fit

CURVE_SIZES = (1, 2, 3, 4, 6, 8)
_RUNS_PER_TERM = 8
_FEWEST_FOR_A_BEND = 10
# What a term must earn, in log-likelihood times two, where heights are at stake: a bend missed would bias them.
_LIGHT_PENALTY = 2.5
# A curve that is flatter than this part of the values is the rounding of floats.
_RESOLUTION = 1e-12


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


def curve(axis: Dimension, others: Sequence[Dimension], seen: Observations) -> Curve | None:
    """Fit how good the objective is along `axis`, adjusted for `others`; None where too few runs allow or differ."""
    rows = axis.known
    n = int(rows.sum())
    if n < FEWEST_OF_LEVEL + 5 or axis.size(1, rows) < 1:
        return None
    held = seen.held(others, rows, [axis])
    grid, at = axis.grid(), axis.position[rows]
    plain, unit = of_unit_size(seen.good[rows])
    root = seen.weighted(np.ones(n), rows)
    bent = beyond(held, root[:, None] * axis.basis(at, axis.size(2, rows)))
    scale = even_scale(plain, root, np.hstack([held, bent]))
    good = scale(plain)
    fits, sizes = [], _curve_sizes(axis, rows, n, held.shape[1])
    for size in sizes:
        knots = axis.knots(size, rows)
        if size <= 4 or not axis.ordered or knots is not None:
            block = seen.weighted(axis.basis(at, size, knots), rows)
            fits.append(fit(block, axis.basis(grid, size, knots), held, root * good, root * plain))
    if axis.levels_say_more(rows, sizes[-1]) and n - held.shape[1] - len(grid) >= _FEWEST_FOR_A_BEND:
        block = seen.weighted(axis.single_levels(at), rows)
        fits.append(fit(block, axis.single_levels(grid), held, root * good, root * plain))
    models = [one for one in fits if one is not None]
    if not models:
        return None
    mean, draws, best = blend(models, math.log(n))
    full_mean, full_draws, _ = blend(models, _LIGHT_PENALTY)
    if np.abs(full_draws).max() <= _RESOLUTION * np.abs(good).max():
        return None
    parabola = [model for model in models if model.size == 2 and axis.ordered]
    bent_mean, bent_draws, _ = blend(parabola, 0.0) if parabola else (None, None, None)
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
    rows = first.known & second.known
    n = int(rows.sum())
    if n < 4 * FEWEST_OF_LEVEL + 5 or min(first.size(1, rows), second.size(1, rows)) < 1:
        return None
    held = seen.held(others, rows, [first, second])
    answer, unit = of_unit_size(seen.weighted(seen.good[rows], rows))
    places = [(axis, axis.grid() if axis.levels is not None else axis.grid()[::4]) for axis in (first, second)]
    mesh = [m.ravel() for m in np.meshgrid(places[0][1], places[1][1], indexing="ij")]
    tried = [axis.position[rows] for axis in (first, second)]
    fits: dict[tuple[int, ...], Fit | None] = {}
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
            fits[tuple(sizes)] = fit(seen.weighted(columns, rows), at_mesh, held, answer, answer)
    models = [one for one in fits.values() if one is not None]
    if not models:
        return None
    shape = (len(places[0][1]), len(places[1][1]))
    mean, draws, _ = blend(models, math.log(n))
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
