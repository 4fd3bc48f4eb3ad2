"""Where every run stands on every searched parameter, and the bases that fits are made of.

Every searched parameter is a dimension: positions 0..1 along its scale for numbers, one code a level for categories.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.polynomial import legendre
from scipy.interpolate import BSpline

from lib.analysis.levels import level_order
from lib.analysis.population import Population
from lib.model.columns import plain
from lib.model.parameter import Parameter

FEWEST_OF_LEVEL = 3
MOST_LEVELS = 10
# At 10,000 runs effects of a fifth of a percent of the variance are found; more would cost time, not claims.
MOST_RUNS = 10_000
CONTROL_SIZE = 4
GRID = 81
REACH = 0.05


@dataclass(frozen=True, eq=False)
class Dimension:
    """One searched parameter as the fits see it, over the runs at hand.

    position : float, shape (n,): 0..1 along the scale (numbers) or the level's code 0..L-1 (categories); NaN where the
        run has no value, or has a level that fewer than FEWEST_OF_LEVEL runs have.
    levels : the levels that positions stand for, in order; None on a continuous axis.
    low, high : ends of the axis in the parameter's units (log10 of them where `log`); unused where there are levels.
    """

    parameter: Parameter
    position: np.ndarray
    levels: tuple[Any, ...] | None
    ordered: bool
    log: bool
    low: float
    high: float

    @property
    def name(self) -> str:
        """The parameter's name."""
        return self.parameter.name

    @cached_property
    def _distinct(self) -> int:
        return len(np.unique(self.position[self.known]))

    @cached_property
    def known(self) -> np.ndarray:
        """Which runs have a position, boolean, shape (n,)."""
        return ~np.isnan(self.position)

    def value(self, position: float) -> Any:
        """Return the parameter's value at a position: a number, or the nearest level."""
        if self.levels is not None:
            last = len(self.levels) - 1
            at = round(position * last) if self.ordered else round(position)
            return self.levels[min(max(at, 0), last)]
        # In shares of the ends, whose difference may be beyond the floats.
        along = self.low * (1 - float(position)) + self.high * float(position)
        number = 10.0**along if self.log else along
        return round(number) if self.parameter.kind == "integer" else number

    def grid(self) -> np.ndarray:
        """Return the positions at which curves are evaluated: every level, or even steps over what was visited.

        An end of the range that was visited within REACH counts as visited.
        """
        if self.levels is not None:
            count = len(self.levels)
            return np.arange(count) / max(count - 1, 1) if self.ordered else np.arange(count, dtype=float)
        seen = self.position[self.known]
        low, high = float(seen.min()), float(seen.max())
        return np.linspace(0.0 if low < REACH else low, 1.0 if high > 1 - REACH else high, GRID)

    def visited(self, positions: np.ndarray) -> np.ndarray:
        """Return which positions have 3 runs or more, and 1 % of the runs, within REACH; all where none or levels."""
        if self.levels is not None:
            return np.ones(len(positions), dtype=bool)
        seen = np.sort(self.position[self.known])
        near = np.searchsorted(seen, positions + REACH, "right") - np.searchsorted(seen, positions - REACH, "left")
        enough = near >= max(3.0, len(seen) / 100)
        return enough if enough.any() else np.ones(len(positions), dtype=bool)

    def size(self, wanted: int, rows: np.ndarray) -> int:
        """Return the number of terms to use for a basis of `wanted` terms over some runs (boolean mask)."""
        if not self.ordered:
            return max(0, len(self.levels or ()) - 1)
        seen = self._distinct if rows.all() else len(np.unique(self.position[rows & self.known]))
        return max(0, min(wanted, seen - 1))

    def basis(self, positions: np.ndarray, size: int, knots: np.ndarray | None = None) -> np.ndarray:
        """Return the basis at some positions, shape (m, size), without the constant.

        Unordered levels: one column a level but the first. Ordered: Legendre polynomials up to 4 terms, beyond that
        cubic B-splines with the given inner knots.
        """
        if not self.ordered:
            return (positions[:, None] == np.arange(1, size + 1)[None, :]).astype(float)
        if size <= 4 or knots is None:
            return legendre.legvander(2 * positions - 1, size)[:, 1:]
        full = np.concatenate([np.full(4, knots[0]), knots[1:-1], np.full(4, knots[-1])])
        inside = np.clip(positions, knots[0], knots[-1])
        return BSpline.design_matrix(inside, full, 3).toarray()[:, 1:]

    def levels_say_more(self, rows: np.ndarray, terms: int) -> bool:
        """Whether a list has more numbers than a curve of so many terms can tell, each often in some runs (mask)."""
        if not self.ordered or self.levels is None or not terms + 1 < len(self.levels) <= MOST_LEVELS:
            return False
        places = np.rint(self.position[rows & self.known] * (len(self.levels) - 1)).astype(int)
        return bool(np.bincount(places, minlength=len(self.levels)).min() >= FEWEST_OF_LEVEL)

    def single_levels(self, positions: np.ndarray) -> np.ndarray:
        """Return a column for each number of a list but the first, shape (m, levels - 1), as for unordered levels."""
        last = len(self.levels or ()) - 1
        return (np.rint(positions * last)[:, None] == np.arange(1, last + 1)[None, :]).astype(float)

    def knots(self, size: int, rows: np.ndarray) -> np.ndarray | None:
        """Return the ends and inner knots of a spline of `size` terms: quantiles of the positions of some runs."""
        if not self.ordered or size <= 4:
            return None
        seen = self.position[rows & self.known]
        knots = np.unique(np.quantile(seen, np.linspace(0, 1, size - 1)))
        return knots if len(knots) == size - 1 else None


def dimensions(
    population: Population,
    rows: np.ndarray,
    counts: np.ndarray | None = None,
    names: Collection[str] | None = None,
) -> tuple[Dimension, ...]:
    """Return the axis of every searched parameter over some of the used runs, in order of name.

    counts : how many runs each of them stands for, shape (rows,); one where it is None. names : of these alone.
    """
    stand_for = np.ones(len(rows)) if counts is None else counts
    asked = [one for one in population.searched if names is None or one.name in names]
    return tuple(_axis(population, parameter, rows, stand_for) for parameter in asked)


def controls(others: Sequence[Dimension], rows: np.ndarray) -> np.ndarray:
    """Return the columns that hold other parameters still over some runs (boolean mask), shape (rows, terms).

    Up to CONTROL_SIZE terms a parameter, so that a bend in one parameter isn't taken for an effect of another; and a
    column that says where the parameter has no value (or a rare level), unless it exists only where another one has
    certain levels: that column would stand for those levels.
    """
    columns = [np.empty((int(rows.sum()), 0))]
    for axis in others:
        known = axis.known[rows]
        if known.any():
            size = axis.size(CONTROL_SIZE, rows)
            block = np.zeros((len(known), size))
            block[known] = axis.basis(axis.position[rows][known], size)
            columns.append(block)
        if not known.all() and axis.parameter.only_where is None:
            columns.append((~known).astype(float)[:, None])
    return np.hstack(columns)


def _axis(population: Population, parameter: Parameter, rows: np.ndarray, counts: np.ndarray) -> Dimension:
    if not parameter.numeric:
        return _levels_axis(parameter, population.levels(parameter.name).iloc[rows], counts, ordered=False)
    numbers = population.numbers(parameter.name)[rows]
    if parameter.zero_apart:
        # Zero has no place on a log axis: fits adjust for it by the column that says where there is no position.
        numbers = np.where(numbers == 0, np.nan, numbers)
    found = np.unique(numbers[~np.isnan(numbers)])
    if parameter.kind == "discrete" or len(found) <= FEWEST_OF_LEVEL:
        return _levels_axis(parameter, pd.Series(numbers), counts, ordered=True)
    log = parameter.scale == "log" and bool(found[0] > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        along = np.log10(numbers) if log else numbers
    low, high = along[~np.isnan(along)].min(), along[~np.isnan(along)].max()
    declared_low, declared_high = parameter.low, parameter.high
    if declared_low is not None and not (log and declared_low <= 0):
        low = min(low, math.log10(declared_low) if log else float(declared_low))
    if declared_high is not None and not (log and declared_high <= 0):
        high = max(high, math.log10(declared_high) if log else float(declared_high))
    # In halves, whose differences are always numbers.
    position = (along / 2 - low / 2) / (high / 2 - low / 2)
    return Dimension(parameter, position, None, True, log, float(low), float(high))


def _levels_axis(parameter: Parameter, column: pd.Series, stand_for: np.ndarray, *, ordered: bool) -> Dimension:
    counts = pd.Series(stand_for, index=column.index).groupby(column, sort=False).sum()
    few = ordered and len(counts) > MOST_LEVELS
    kept: list[Any] = [level for level, count in counts.items() if few or count >= FEWEST_OF_LEVEL]
    kept.sort(key=(lambda v: v) if ordered else level_order)
    code = {level: at for at, level in enumerate(kept)}
    place, seen = pd.factorize(column)
    # The last one is where a missing value's place, -1, leads.
    position = np.array([*(code.get(level, np.nan) for level in seen.tolist()), np.nan], dtype=float)[place]
    if ordered and len(kept) > 1:
        position = position / (len(kept) - 1)
    whole = ordered and all(float(level).is_integer() for level in kept)
    levels = tuple(int(v) if whole else plain(v) for v in kept)
    return Dimension(parameter, position, levels, ordered, False, 0.0, 1.0)
