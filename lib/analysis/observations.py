"""What one observation is: a configuration, with the mean of its distinct repeats, compared within blocks and in time.

Runs of one configuration are equal in every searched parameter, so they tell of its parameters no more than once: tests
that count them as many observations take what is peculiar to the configuration for effects of its parameters
(Moulton 1990, Review of Economics and Statistics 72).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from numpy.polynomial import legendre

from lib.analysis.configurations import configurations_of, copies
from lib.analysis.failures import collapsed
from lib.analysis.population import Population
from lib.analysis.positions import MOST_RUNS, Dimension, controls
from lib.analysis.training import training
from lib.statistics.blocks import block_effects
from lib.statistics.change_points import pettitt
from lib.statistics.moments import of_unit_size
from lib.statistics.ranks import normal_scores
from lib.statistics.regression import orthonormal

# Blocks of up to this many levels are compared within; of more, they are repeats like any other.
MOST_BLOCKS = 40
# This share of the configurations has to be tried in several blocks, so that the blocks' effects are known from them;
# else blocks are adjusted for as parameters are, where each holds this many configurations on average.
_CROSSED = 0.5
_CONFIGURATIONS_A_BLOCK = 4
# This many degrees of freedom the configurations have to leave beside the levels of their parameters, else runs count:
# of eight configurations no order of values is rarer than 1 in 70, which says little after correction.
_LEAST_FREEDOM = 6
# Time is adjusted for by a term for this many observations; and by a step where a change of level is this clear.
_OBSERVATIONS_A_TERM, _CHANGED = 15, 0.05
# The order is known where this share of the times of creation differ.
_DISTINCT_TIMES = 0.5
# A design is factorial where this share of all combinations was run; a parameter goes with time above this R2.
_OF_ALL_CELLS, _GOES_WITH_TIME = 0.75, 0.5
# A parameter that was scanned from end to end goes with time by design: this correlation at least.
_SCANNED = 0.99
# Runs are observations where this share of all combinations was run.
_MOST_CELLS = 0.6


@dataclass(frozen=True, eq=False)
class Observations:
    """The configurations of the used runs, in canonical order of their first run; m of them.

    Where most combinations of few levels were run and they leave few degrees of freedom between them (two levels of one
    parameter, run ten times each; eight corners of a cube, run three times), each distinct run is an observation, as in
    the analysis of a replicated factorial (Montgomery 2012, Design and Analysis of Experiments, problem 6.1).
    """

    rows: np.ndarray
    """The used run that each observation starts with, shape (m,)."""
    good: np.ndarray
    """Mean objective of the distinct repeats less what their blocks add, higher is better, shape (m,)."""
    counts: np.ndarray
    """How many distinct repeats the mean is of, shape (m,)."""
    weights: np.ndarray
    """How much each counts in fits, shape (m,): one on average, more for the mean of more repeats."""
    nuisance: np.ndarray
    """Columns that every test adjusts for besides parameters, shape (m, k): blocks that were tried unevenly."""
    time: np.ndarray
    """Columns of the order in which they were run, shape (m, k): a trend, and a change of level where there is one."""
    factorial: bool
    """Whether every combination of levels was run: then a parameter that goes with the order does so by design."""

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def _root(self) -> np.ndarray | None:
        return None if np.all(self.weights == 1) else np.sqrt(self.weights)

    def among(self, chosen: np.ndarray) -> Observations:
        """Return some of the observations (boolean mask) as they are."""
        parts = ("rows", "good", "counts", "weights", "nuisance", "time")
        return replace(self, **{name: getattr(self, name)[chosen] for name in parts})

    def weighted(self, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return values or columns over some observations (boolean mask) as least squares takes them by weight."""
        if self._root is None:
            return columns
        root = self._root[rows]
        return columns * (root if columns.ndim == 1 else root[:, None])

    def unweighted(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return values over some observations (boolean mask) as they were before `weighted`."""
        return values if self._root is None else values / self._root[rows]

    def held(self, others: Sequence[Dimension], rows: np.ndarray, tested: Sequence[Dimension] = ()) -> np.ndarray:
        """Return an orthonormal basis of all that is adjusted for: the nuisance, time and other parameters.

        tested : the parameters that are tested. The outer loop of a grid, and a parameter that was scanned from end to
        end, go with time by design and would be gone with it, so they aren't adjusted for time. Nor is what is adjusted
        for an outer loop: what time is left beside that is the inner loop.
        """
        columns = [np.ones((int(rows.sum()), 1)), self.nuisance[rows], controls(others, rows)]
        if not any(self.by_design(axis, rows) for axis in (*tested, *others)):
            columns.append(self.time[rows])
        return orthonormal(self.weighted(np.hstack(columns), rows))

    def by_design(self, axis: Dimension, rows: np.ndarray) -> bool:
        """Whether a parameter goes with time because it was looped over or scanned."""
        known = axis.known[rows]
        time = self.time[rows][known]
        if time.shape[1] == 0 or len(time) < 2:
            return False
        if axis.ordered:
            position = axis.position[rows][known]
            spread = float(np.std(position)) * float(np.std(time[:, 0]))
            centred = position - position.mean()
            if spread > 0 and abs(float(np.mean(centred * time[:, 0]))) > _SCANNED * spread:
                return True
        if not self.factorial:
            return False
        block = axis.basis(axis.position[rows][known], axis.size(2, rows))
        block = orthonormal(block - block.mean(axis=0))
        along = orthonormal(time - time.mean(axis=0))
        # No more terms can go together than the smaller of the two has.
        most = min(along.shape[1], block.shape[1])
        return bool(most) and float(((along.T @ block) ** 2).sum()) / most > _GOES_WITH_TIME

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """Return the normal scores of the ranks (van der Waerden's) over some observations, ties at their mean rank."""
        return self.weighted(normal_scores(self.good[rows]), rows)


@lru_cache(maxsize=8)
def observations(population: Population) -> Observations:
    """Return the observations that tests and fits are of; more than 10,000 are thinned to even steps.

    Runs that collapsed, and those that were cut short where others were not, are not compared with the rest. Blocks
    (seeds, folds, sweeps that were joined) are compared within: what each adds, by the configurations tried in
    several of them, is taken off first; where few were, blocks are adjusted for as parameters are. A configuration's
    weight is 1 / (s2 + w2 / k), k its distinct repeats, w2 the variance within configurations, s2 that between them;
    times the runs that a row is the mean of, where the table is grouped and counts them.
    """
    included, values = _included(population)
    good, unit = of_unit_size(population.objective.sign * values)
    runs = np.flatnonzero(included)
    of_all = configurations_of(population).of_run
    distinct = runs[~copies(of_all[runs], values[runs])]
    _, first, of_run = np.unique(of_all[distinct], return_index=True, return_inverse=True)
    good = good[distinct]
    by_run = _runs_count(population, distinct, first)
    nuisance = []
    for codes in _blocks(population, distinct):
        cells = _cells(of_run, codes)
        if by_run:
            nuisance.append(np.eye(cells.shape[1])[codes, 1:])
        elif np.mean((cells > 0).sum(axis=1) > 1) >= _CROSSED:
            good = good - block_effects(good, of_run, codes)[codes]
        elif cells.shape[1] <= len(cells) // _CONFIGURATIONS_A_BLOCK:
            nuisance.append((cells / cells.sum(axis=1, keepdims=True))[:, 1:])
    order = order_of_runs(population)
    place = None if order is None else order[distinct]
    if by_run:
        rows, counts, means = distinct, np.ones(len(distinct)), good
    else:
        rows, counts = distinct[first], np.bincount(of_run).astype(float)
        means = np.bincount(of_run, good) / counts
        place = None if place is None else np.bincount(of_run, place) / counts
    weights = _weights(good, of_run, means, counts)
    if population.averaged is not None:
        weights = weights * _averaged(population.averaged[distinct], of_run, by_run)
    columns = np.hstack([np.empty((len(rows), 0)), *nuisance])
    time = np.empty((len(rows), 0)) if place is None else _time(place, means)
    grid = _factorial(population, distinct[first])
    kept = np.arange(len(rows)) if len(rows) <= MOST_RUNS else np.linspace(0, len(rows) - 1, MOST_RUNS).astype(int)
    return Observations(rows[kept], unit * means[kept], counts[kept], weights[kept], columns[kept], time[kept], grid)


def _included(population: Population) -> tuple[np.ndarray, np.ndarray]:
    """Return which used runs are compared, and the objective that they are compared by, each shape (n,)."""
    trained = training(population)
    succeeded = ~collapsed(population)
    if trained is None:
        return succeeded, population.values
    return succeeded & trained.compared, np.where(trained.compared, trained.values, population.values)


def order_of_runs(population: Population) -> np.ndarray | None:
    """Return the place of each used run in the order of creation, 0..n-1, shape (n,); None where that isn't known."""
    created = population.runs["created_at"]
    if len(created) < 2 or created.isna().any() or created.nunique() < _DISTINCT_TIMES * len(created):
        return None
    return created.rank().to_numpy() - 1


def _time(place: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Return a trend of up to two terms over the order of the observations, and a step where their level changes."""
    terms = min(2, len(means) // _OBSERVATIONS_A_TERM)
    if terms == 0:
        return np.empty((len(means), 0))
    along = 2 * (place - place.min()) / max(float(np.ptp(place)), 1.0) - 1
    columns = legendre.legvander(along, terms)[:, 1:]
    turn = np.argsort(place, kind="stable")
    at, p_value = pettitt(means[turn])
    if terms == 2 and p_value < _CHANGED:
        after = np.zeros((len(means), 1))
        after[turn[at:]] = 1.0
        columns = np.hstack([columns, after])
    return columns


def _factorial(population: Population, first: np.ndarray) -> bool:
    if not all(p.grouped for p in population.searched):
        return False
    return _combinations(population, first)[0] * _OF_ALL_CELLS <= len(first)


def _runs_count(population: Population, distinct: np.ndarray, first: np.ndarray) -> bool:
    """Whether runs are the observations: most combinations were run, and configurations leave little freedom."""
    if len(first) == len(distinct) or not all(p.grouped for p in population.searched):
        return False
    combinations, terms = _combinations(population, distinct[first])
    return combinations * _MOST_CELLS <= len(first) and len(first) - 1 - terms < _LEAST_FREEDOM


def _combinations(population: Population, first: np.ndarray) -> tuple[float, int]:
    """Return how many combinations the levels of the searched parameters allow, and the sum of levels less one."""
    columns = [population.levels(p.name).iloc[first] for p in population.searched]
    levels = [len(pd.factorize(column, use_na_sentinel=False)[1]) for column in columns]
    return float(np.prod(np.array(levels, dtype=float))), sum(level - 1 for level in levels)


def _blocks(population: Population, runs: np.ndarray) -> list[np.ndarray]:
    """Return the codes of every block that some runs can be compared within, each shape (runs,)."""
    columns = [population.levels(p.name) for p in population.blocks]
    if population.sweeps is not None:
        columns.append(population.sweeps)
    found = []
    for column in columns:
        codes, levels = pd.factorize(column.iloc[runs], use_na_sentinel=False)
        if 1 < len(levels) <= min(MOST_BLOCKS, len(runs) // 2):
            found.append(codes)
    return found


def _cells(of_run: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return how many runs of each configuration are of each block, shape (m, blocks)."""
    cells = np.zeros((int(of_run.max(initial=-1)) + 1, int(codes.max(initial=-1)) + 1))
    np.add.at(cells, (of_run, codes), 1.0)
    return cells


def _averaged(behind: np.ndarray, of_run: np.ndarray, by_run: bool) -> np.ndarray:
    """Return how many runs stand behind each observation against the others, shape (m,): one on average."""
    means = behind if by_run else np.bincount(of_run, behind) / np.bincount(of_run)
    return means / float(means.mean()) if len(means) and np.ptp(means) > 0 else np.ones(len(means))


def _weights(good: np.ndarray, of_run: np.ndarray, means: np.ndarray, counts: np.ndarray) -> np.ndarray:
    degrees = float(np.sum(counts - 1))
    if degrees < 1 or np.all(counts == counts[0]):
        return np.ones(len(counts))
    within = float(np.sum((good - means[of_run]) ** 2)) / degrees
    between = max(0.0, float(np.var(means)) - within * float(np.mean(1 / counts)))
    if within <= 0:
        return np.ones(len(counts))
    weights = 1 / (between + within / counts)
    return weights / float(weights.mean())
