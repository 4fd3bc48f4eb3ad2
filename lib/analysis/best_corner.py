"""Where two parameters are best together: the corner of both whose runs did best, with counts that a reader can check.

All pairs of a level or a stretch (with round ends) of each are looked at, as in bump hunting (Friedman & Fisher 1999,
Statistics and Computing 9, 123-143); the corner is the one whose mean is highest at the low end of a wide interval, so
that neither one lucky run nor half of the runs make it. It was chosen after looking, so its mean flatters it. Where
the objective is on a log scale, means are geometric: the plain mean of a loss over decades is that of its worst runs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from lib.analysis.population import Population
from lib.analysis.positions import Dimension, dimensions
from lib.model.numbers import number
from lib.statistics.moments import deviation, fenced, mean_of, of_unit_size

FEWEST_IN_CORNER = 5
# How many of the best runs are looked for in it.
TOP = 10
# The mean of a corner is judged this many standard errors below itself, since many corners are looked at.
_CAUTION = 3.0
_MOST_CUTS = 40


@dataclass(frozen=True, slots=True)
class Side:
    """What a corner asks of one parameter: a level, or a stretch with at least one end."""

    parameter: str
    value: Any = None
    """The level; None for a stretch."""
    low: float | None = None
    """The lower end; None where it has none."""
    high: float | None = None
    """The upper end; None where it has none."""

    @property
    def text(self) -> str:
        """The side in words: "batch_size = 16", "learning_rate below 0.0004"."""
        if self.low is None and self.high is None:
            return f"{self.parameter} = {number(self.value)}"
        if self.low is None:
            return f"{self.parameter} below {number(self.high)}"
        if self.high is None:
            return f"{self.parameter} from {number(self.low)}"
        return f"{self.parameter} from {number(self.low)} to {number(self.high)}"

    @property
    def values(self) -> dict[str, Any]:
        """The side as plain values."""
        return {"value": self.value} if self.low is None and self.high is None else {"low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class Corner:
    """The best corner of two parameters."""

    first: Side
    """What it asks of the first parameter."""
    second: Side
    """What it asks of the second."""
    runs: int
    """Runs in it."""
    of: int
    """Runs that have both parameters."""
    mean: float
    """Their mean objective; the geometric mean where the objective is on a log scale."""
    mean_elsewhere: float
    """The same of the other runs."""
    ranks: tuple[int, ...]
    """The ranks of its runs that are among the best TOP of all used runs."""
    p_value: float
    """Chance of as many of the best runs in any of the corners looked at (hypergeometric, Bonferroni)."""

    @property
    def parameters(self) -> tuple[str, str]:
        """The names of both parameters."""
        return self.first.parameter, self.second.parameter

    @property
    def text(self) -> str:
        """The corner in words."""
        return f"{self.first.text} with {self.second.text}"


def best_corner(population: Population, first_name: str, second_name: str) -> Corner | None:
    """Find the best corner of two searched parameters over all used runs; None where no corner has 5 runs."""
    rows = np.arange(len(population.rows))
    axes = {axis.name: axis for axis in dimensions(population, rows, names=(first_name, second_name))}
    first, second = axes[first_name], axes[second_name]
    both = first.known & second.known
    n = int(both.sum())
    if n <= FEWEST_IN_CORNER:
        return None
    values, on_log = population.values[rows][both], population.objective_scale == "log"
    good, _ = of_unit_size(fenced(population.objective.sign * (np.log(values) if on_log else values)))
    along = [_cells(population.numbers(axis.name)[rows][both], axis, both) for axis in (first, second)]
    shape = tuple(len(cells.sides) for cells in along)
    count, total = np.zeros(shape), np.zeros(shape)
    np.add.at(count, (along[0].place, along[1].place), 1)
    np.add.at(total, (along[0].place, along[1].place), good)
    spans = [cells.spans for cells in along]
    if not all(spans):
        # No round number lies between the ends of a narrow range: it has no part.
        return None
    runs, sums = (_over_spans(table, *spans) for table in (count, total))
    enough = (runs >= FEWEST_IN_CORNER) & (runs < n)
    if not enough.any():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(enough, sums / runs - _CAUTION * deviation(good) / np.sqrt(runs), -np.inf)
    at = np.unravel_index(int(np.argmax(low)), low.shape)
    chosen = [cells.span(*cells.spans[int(k)]) for cells, k in zip(along, at, strict=True)]
    inside = np.ones(n, dtype=bool)
    for cells, k in zip(along, at, strict=True):
        start, end = cells.spans[int(k)]
        inside &= (cells.place >= start) & (cells.place < end)
    where = rows[both][inside]
    rank = np.empty(len(population.rows), dtype=int)
    rank[population.best_first] = np.arange(1, len(population.rows) + 1)
    top = min(TOP, len(population.rows) // 4)
    ranks = tuple(sorted(int(r) for r in rank[where] if r <= top))
    chance = _at_least(len(ranks), n, top, int(inside.sum())) * int(enough.sum())
    return Corner(
        chosen[0],
        chosen[1],
        int(inside.sum()),
        n,
        _middle(values[inside], on_log=on_log),
        _middle(values[~inside], on_log=on_log),
        ranks,
        min(1.0, chance),
    )


def _middle(values: np.ndarray, *, on_log: bool) -> float:
    return float(np.exp(mean_of(np.log(values)))) if on_log else mean_of(values)


@dataclass(frozen=True, eq=False)
class _Cells:
    """One parameter cut into cells: the cell of each run, the parameter, the cuts or levels, and the spans allowed."""

    place: np.ndarray
    sides: tuple[Any, ...]
    spans: list[tuple[int, int]]
    name: str
    cuts: np.ndarray | None

    def span(self, start: int, end: int) -> Side:
        if self.cuts is None:
            return Side(self.name, value=self.sides[start])
        low = float(self.cuts[start - 1]) if start > 0 else None
        high = float(self.cuts[end - 1]) if end < len(self.sides) else None
        return Side(self.name, low=low, high=high)


def _cells(numbers: np.ndarray, axis: Dimension, both: np.ndarray) -> _Cells:
    if axis.levels is not None:
        position = axis.position[both]
        place = np.round(position * (len(axis.levels) - 1) if axis.ordered else position).astype(int)
        return _Cells(place, axis.levels, [(k, k + 1) for k in range(len(axis.levels))], axis.name, None)
    cuts = _round_cuts(float(numbers.min()), float(numbers.max()), log=axis.log)
    cells = len(cuts) + 1
    spans = [(a, b) for a in range(cells) for b in range(a + 1, cells + 1) if b - a < cells]
    return _Cells(np.searchsorted(cuts, numbers, side="right"), tuple(range(cells)), spans, axis.name, cuts)


def _round_cuts(low: float, high: float, *, log: bool) -> np.ndarray:
    """Return round numbers strictly between two numbers, at most 40: 1, 2, ... 9 of each decade, or even steps."""
    cuts: set[float] = set()
    if low > 0 and high / low >= 10:
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        steps = range(1, 10) if len(decades) <= 4 else (1, 2, 5)
        cuts = {float(f"{k}e{decade}") for decade in decades for k in steps}
    if not log and high > low:
        step = 10.0 ** math.floor(math.log10(high - low)) / 10
        while (high - low) / step > _MOST_CUTS / 2:
            step *= 2 if f"{step:.0e}"[0] in "15" else 2.5
        cuts |= {float(f"{k * step:.6g}") for k in range(math.ceil(low / step), math.floor(high / step) + 1)}
    inside = np.array(sorted(cut for cut in cuts if low < cut < high))
    return inside if len(inside) <= _MOST_CUTS else inside[:: math.ceil(len(inside) / _MOST_CUTS)]


def _over_spans(table: np.ndarray, down: list[tuple[int, int]], across: list[tuple[int, int]]) -> np.ndarray:
    """Return the sum of a table over every pair of spans of its rows and its columns."""
    for axis, spans in ((0, down), (1, across)):
        summed = np.concatenate([np.zeros_like(table.take([0], axis)), table.cumsum(axis)], axis)
        start, end = (np.array([span[k] for span in spans]) for k in (0, 1))
        table = summed.take(end, axis) - summed.take(start, axis)
    return table


def _at_least(hits: int, n: int, top: int, drawn: int) -> float:
    """Return the chance that `drawn` of n runs hold at least `hits` of the `top` best."""
    if hits == 0:
        return 1.0

    def ways(of: int, some: int) -> float:
        return float(special.gammaln(of + 1) - special.gammaln(some + 1) - special.gammaln(of - some + 1))

    most = min(top, drawn)
    terms = [
        math.exp(ways(top, k) + ways(n - top, drawn - k) - ways(n, drawn))
        for k in range(hits, most + 1)
        if drawn - k <= n - top
    ]
    return min(1.0, sum(terms))
