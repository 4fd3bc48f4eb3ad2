"""Which pairs of parameters act together, beyond what each does by itself; and the objective over two at once.

The test is the aligned rank F test (Higgins & Tashtoush 1994, Nonlinear World 1; Wobbrock et al. 2011, CHI, 143-146):
what the single effects explain is taken out first, since ranks of the objective itself would turn two strong single
effects into an interaction that isn't there (Blair, Sawilowsky & Higgins 1987). A claim must hold on two scales, the
objective's own and that of its normal scores, so that it isn't made by a scale: "the best value of one depends on the
other" is true of neither two effects that multiply nor two that meet a ceiling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import special

from lib.analysis.best_corner import Corner, best_corner
from lib.analysis.effects import SPENT_ON_INTERACTIONS, Effect
from lib.analysis.observations import Observations, observations
from lib.analysis.population import Population
from lib.analysis.positions import Dimension, dimensions
from lib.model.numbers import number
from lib.statistics.moments import fenced, of_unit_size
from lib.statistics.multiple_testing import LEVEL, combined, holm
from lib.statistics.ranks import normal_scores
from lib.statistics.regression import added, beyond, crossings, orthonormal, unevenness
from lib.statistics.robust_fit import pseudo_values

MOST_PARAMETERS = 12
_SIZES = (1, 2)
_RUNS_PER_TERM = 4


@dataclass(frozen=True, slots=True)
class Interaction:
    """How far two parameters act together.

    n : configurations that have a value of both. score : the share of the objective's variance (diverged runs pulled
    in) that their products add to the single effects, less what chance adds, 0..1; score_low, score_high : its 95 %
    interval (noncentral F; Steiger 2004, Psychological Methods 9). p_adjusted : Holm over all pairs tested, and
    weighted so that effects and interactions together stay within 5 %; `claimed` where it is below 0.05. pairs_left :
    by how many pairs Holm's method multiplied p, so that p_adjusted = p_value * pairs_left / SPENT_ON_INTERACTIONS (but
    at least that of a pair with a smaller p, and 1 at most). best_corner : where both are best, where it is claimed.
    """

    first: str
    second: str
    n: int
    score: float | None
    score_low: float | None
    score_high: float | None
    p_value: float | None
    p_adjusted: float | None
    claimed: bool
    pairs_left: int | None = None
    best_corner: Corner | None = None


@dataclass(frozen=True, eq=False)
class HeatMap:
    """The objective over binned values of two parameters.

    first_labels, second_labels : one text a bin. first_edges, second_edges : bins + 1 numbers in the parameter's units,
    or None where bins are levels. mean : shape (first bins, second bins), the mean objective, NaN where no run
    fell; geometric on a log scale. count : the same shape, runs. rows : the used runs as rows of the sweep, shape (n,);
    cell_of_run : the cell of each, counted along the second axis first, -1 where it has none.
    """

    first: str
    second: str
    first_labels: tuple[str, ...]
    second_labels: tuple[str, ...]
    first_edges: tuple[float, ...] | None
    second_edges: tuple[float, ...] | None
    mean: np.ndarray
    count: np.ndarray
    rows: np.ndarray
    cell_of_run: np.ndarray


def interactions(population: Population, effects: Sequence[Effect]) -> tuple[Interaction, ...]:
    """Test every pair of searched parameters, strongest evidence first; pairs that can't be tested come last.

    With more than 12 searched parameters, the pairs of the 12 with the smallest p-values of their own are tested: that
    choice rests on single effects, which say nothing of the products.
    """
    by_name = {effect.parameter: effect for effect in effects}
    seen = observations(population)
    along = [axis for axis in dimensions(population, seen.rows, seen.counts) if by_name[axis.name].p_value is not None]
    along.sort(key=lambda axis: (by_name[axis.name].p_value, axis.name))
    along = sorted(along[:MOST_PARAMETERS], key=lambda axis: axis.name)
    matter = [axis for axis in along if by_name[axis.name].claimed]
    found = []
    for first, second in combinations(along, 2):
        others = [axis for axis in matter if axis not in (first, second)]
        found.append(_tested(first, second, others, seen))
    adjusted = holm([pair.p_value for pair in found], SPENT_ON_INTERACTIONS)
    ranked = sorted((pair.p_value, at) for at, pair in enumerate(found) if pair.p_value is not None)
    left = {at: len(ranked) - rank for rank, (_, at) in enumerate(ranked)}
    out = []
    for at, (pair, p_adjusted) in enumerate(zip(found, adjusted, strict=True)):
        claimed = p_adjusted is not None and p_adjusted < LEVEL
        corner = best_corner(population, pair.first, pair.second) if claimed else None
        out.append(replace(pair, p_adjusted=p_adjusted, claimed=claimed, pairs_left=left.get(at), best_corner=corner))
    return tuple(sorted(out, key=lambda i: (i.p_value is None, i.p_value or 0.0, -(i.score or 0), i.first, i.second)))


def _as_short_as_apart(edges: np.ndarray) -> list[str]:
    """Write the edges of bins with as few digits, from 2 to 4, as move none by more than a tenth of a bin beside it."""
    widths = np.diff(edges)
    narrowest = np.minimum(np.append(widths, np.inf), np.insert(widths, 0, np.inf))
    for digits in (2, 3):
        moved = np.abs([float(f"{edge:.{digits - 1}e}") - edge for edge in edges.tolist()])
        if (moved <= narrowest / 10).all():
            return [number(edge, digits) for edge in edges.tolist()]
    return [number(edge) for edge in edges.tolist()]


def heat_map(population: Population, first: str, second: str, corner: Corner | None = None, bins: int = 6) -> HeatMap:
    """Return the mean objective over two searched parameters: levels as they are, ranges in `bins` even steps.

    Steps are even along the parameter's scale, over the values that runs have; where a corner ends, one ends too. Runs
    that lack a value of either are left out; a row of a grouped table counts as the runs that it is the mean of. Means
    are geometric where the objective is on a log scale. Raises KeyError for a name that isn't searched.
    """
    sides = {parameter.name: parameter for parameter in population.searched}
    cells: list[tuple[np.ndarray, tuple[str, ...], tuple[float, ...] | None]] = []
    for name in (first, second):
        parameter = sides[name]
        if parameter.grouped or not parameter.numeric:
            levels = population.levels(name)
            found = sorted(levels.dropna().unique().tolist(), key=(lambda v: v) if parameter.numeric else str)
            code = {level: at for at, level in enumerate(found)}
            place = np.array([code.get(v, -1) if v == v and v is not None else -1 for v in _objects(levels)])
            cells.append((place, tuple(number(v) for v in found), None))
            continue
        numbers = population.numbers(name)
        known = numbers[~np.isnan(numbers)]
        log = parameter.scale == "log" and bool((known > 0).all())
        low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
        edges = np.geomspace(low, high, bins + 1) if log else np.linspace(low, high, bins + 1)
        edges = _with_ends(edges, [end for end in _ends_of(corner, name) if low < end < high])
        place = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
        ends = _as_short_as_apart(edges)
        labels = tuple(f"{a} to {b}" for a, b in zip(ends, ends[1:], strict=False))
        cells.append((np.where(np.isnan(numbers), -1, place), labels, tuple(edges.tolist())))
    (across, first_labels, first_edges), (down, second_labels, second_edges) = cells
    both = (across >= 0) & (down >= 0)
    shape = (len(first_labels), len(second_labels))
    count, total = np.zeros(shape, dtype=int), np.zeros(shape)
    runs = np.ones(int(both.sum())) if population.averaged is None else population.averaged[both]
    np.add.at(count, (across[both], down[both]), runs.astype(int))
    on_log = population.objective_scale == "log"
    values = population.values[both]
    np.add.at(total, (across[both], down[both]), runs * (np.log(values) if on_log else values))
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    mean = np.exp(mean) if on_log else mean
    cell = np.where(both, across * shape[1] + down, -1)
    return HeatMap(
        first,
        second,
        first_labels,
        second_labels,
        first_edges,
        second_edges,
        mean,
        count,
        rows=population.rows,
        cell_of_run=cell,
    )


def _with_ends(edges: np.ndarray, ends: list[float]) -> np.ndarray:
    """Return edges of bins with further ones, which take the place of an inner edge that is nearer than half a bin."""
    for end in ends:
        at = int(np.searchsorted(edges, end))
        below, above = at - 1, min(at, len(edges) - 1)
        near = above if edges[above] - end < end - edges[below] else below
        width = edges[above] - edges[below]
        if 0 < near < len(edges) - 1 and abs(edges[near] - end) < width / 4:
            edges = np.delete(edges, near)
        edges = np.unique(np.append(edges, end))
    return edges


def _ends_of(corner: Corner | None, name: str) -> list[float]:
    sides = () if corner is None else (corner.first, corner.second)
    return [end for side in sides if side.parameter == name for end in (side.low, side.high) if end is not None]


def product(first: Dimension, second: Dimension, rows: np.ndarray, size: int) -> np.ndarray:
    """Return the products of two axes' bases of `size` terms over some runs (boolean mask)."""
    blocks = [axis.basis(axis.position[rows], axis.size(size, rows)) for axis in (first, second)]
    return crossings(blocks[0], blocks[1])


def _objects(levels: pd.Series) -> list[object]:
    return [None if v is None or v != v else v for v in levels.astype(object).where(levels.notna(), None)]


def _tested(first: Dimension, second: Dimension, others: Sequence[Dimension], seen: Observations) -> Interaction:
    rows = first.known & second.known
    n = int(rows.sum())
    unknown = Interaction(first.name, second.name, n, None, None, None, None, None, False)
    if n < 8 or np.ptp(seen.good[rows]) == 0 or min(first.size(1, rows), second.size(1, rows)) < 1:
        return unknown
    held = seen.held([first, second, *others], rows, [first, second])
    if n < held.shape[1] + 8:
        return unknown
    answer, _ = of_unit_size(seen.good[rows])
    found = _on_scale(answer, held, first, second=second, rows=rows, seen=seen)
    if found is None:
        return unknown
    p_value, columns = found
    if p_value < LEVEL:
        # Two effects that multiply, or that meet a ceiling, look like an interaction until the scale is changed.
        other = _on_scale(normal_scores(answer), held, first, second=second, rows=rows, seen=seen)
        p_value = p_value if other is None else max(p_value, other[0])
    score, low, high = _score(seen.weighted(fenced(answer), rows), held, columns)
    return Interaction(first.name, second.name, n, score, low, high, p_value, None, False)


def _on_scale(
    answer: np.ndarray, held: np.ndarray, first: Dimension, *, second: Dimension, rows: np.ndarray, seen: Observations
) -> tuple[float, np.ndarray] | None:
    """Return the p-value of the products on one scale of the objective, and the products of the stronger size."""
    weighted = seen.weighted(answer, rows)
    left = weighted - held @ (held.T @ pseudo_values(held, weighted))
    scores = seen.weighted(normal_scores(seen.unweighted(left, rows)), rows)
    ground = np.hstack([one.basis(one.position[rows], one.size(2, rows)) for one in (first, second)])
    results: list[tuple[float, np.ndarray]] = []
    for size in _SIZES:
        columns = seen.weighted(product(first, second, rows, size), rows)
        if results and (columns.shape[1] == results[0][1].shape[1] or columns.shape[1] * _RUNS_PER_TERM > len(answer)):
            continue
        p_value = _added_surely(scores, held, columns, ground)
        if p_value is not None:
            results.append((p_value, columns))
    if not results:
        return None
    return combined([p for p, _ in results], [1.0] * len(results)), min(results, key=lambda r: r[0])[1]


def _added_surely(scores: np.ndarray, held: np.ndarray, columns: np.ndarray, ground: np.ndarray) -> float | None:
    """Test what `columns` add to `held`; where noise visibly differs along the two parameters, also with runs weighted.

    Products give most weight to the corners, where a sampler may have gone seldom: uneven noise there would pass for an
    interaction. Of the two p-values the larger stands.
    """
    plain = added(scores, held, columns, ground)
    if plain is None or plain[1] >= LEVEL:
        return None if plain is None else plain[1]
    design = np.hstack([held, beyond(held, columns)])
    residual = scores - design @ (design.T @ scores)
    p_value, size = unevenness(residual / np.sqrt(np.clip(1 - (design**2).sum(axis=1), 0.01, 1)), ground)
    if p_value >= LEVEL:
        return plain[1]
    weight = 1 / np.clip(size / size.mean(), 0.25, 4)
    even = added(scores * weight, orthonormal(held * weight[:, None]), columns * weight[:, None], ground)
    return plain[1] if even is None else max(plain[1], even[1])


def _score(near: np.ndarray, held: np.ndarray, columns: np.ndarray) -> tuple[float, float, float]:
    own = beyond(held, columns)
    left = near - held @ (held.T @ near)
    extra = float(((own.T @ left) ** 2).sum())
    rss, total = float(left @ left) - extra, float(((near - near.mean()) ** 2).sum())
    size, freedom = own.shape[1], len(near) - held.shape[1] - own.shape[1]
    if rss <= 0 or total <= 0 or freedom < 1:
        return 0.0, 0.0, 1.0
    one = rss / freedom
    statistic = extra / size / one
    share = max(0.0, extra - size * one) / total
    # The noncentralities under which an F as large, or as small, has a chance of 2.5 %.
    ends = [special.ncfdtrinc(size, freedom, p, statistic) * one / total for p in (0.975, 0.025)]
    low, high = (float(np.clip(np.nan_to_num(end), 0, 1)) for end in ends)
    share = min(share, 1.0)
    return share, min(low, share), max(high, share)
