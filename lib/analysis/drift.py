"""Whether something changed over time that no hyperparameter explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from lib.analysis.levels import texts_of_levels
from lib.analysis.observations import observations, order_of_runs
from lib.analysis.population import Population
from lib.analysis.positions import Dimension, dimensions
from lib.statistics.change_points import pettitt
from lib.statistics.moments import median_of, of_unit_size
from lib.statistics.multiple_testing import holm
from lib.statistics.ranks import normal_scores
from lib.statistics.regression import orthonormal
from lib.statistics.robust_fit import pseudo_values

FEWEST = 20
_LEVEL = 0.01
_TERMS, _OBSERVATIONS_A_TERM = 2, 6
# On each side of the change, in runs: a search that improves as it learns has no jump in its residuals.
_BESIDE, _FEWEST_BESIDE = 15, 6
_NEAR, _TOGETHER = 0.01, 0.8
_MOST_PLACES = 2_000


@dataclass(frozen=True, slots=True)
class Drift:
    """A change of level over time.

    from_run : the number of the first run of the new level among the used ones in order of creation, from 1; run_id and
    name : which one that is. shift : by how much the median objective, as far as parameters don't explain it, is higher
    after it. changed : the parameters that changed at the same time, which can't be separated from it.
    """

    from_run: int
    run_id: str
    name: str
    before: int
    after: int
    shift: float
    p_value: float
    changed: tuple[str, ...]


def drift(population: Population) -> Drift | None:
    """Look for a change of level beside what the hyperparameters explain, in order of creation.

    A step at each place is tested beside all searched parameters, as far as the observations pay for their terms, on
    normal scores; the clearest counts where its F test is below 0.01 after Bonferroni's correction over the places, and
    the runs just before and just after differ too (Mann-Whitney, 0.01), since a search that learns improves gradually:
    in their scores and in their values, since scores stretch the best and the worst. Where a parameter changed abruptly
    with the values themselves (Pettitt 1979), so that neither can be separated from the other, that is told, but of no
    grid, whose outer loop does. What blocks that are adjusted for add (sweeps that were joined) is taken off first.
    None where there is no such change, the order isn't known, or under 20 observations.
    """
    order = order_of_runs(population)
    seen = observations(population)
    if order is None or len(seen) < FEWEST or np.ptp(seen.good) == 0:
        return None
    turn = np.argsort(order[seen.rows], kind="stable")
    along = dimensions(population, seen.rows[turn], seen.counts[turn])
    blocks = seen.nuisance[turn]
    good = _beside_blocks(seen.good[turn], blocks)
    scores = normal_scores(good)
    at, p_value, left = _step(_design(along, scores, blocks), scores)
    changed: tuple[str, ...] = ()
    if p_value >= _LEVEL or not _jumps(left, at):
        at, p_value = pettitt(scores)
        if p_value >= _LEVEL or seen.factorial or not _jumps(scores, at):
            return None
        near = seen.rows[turn[max(0, at - _BESIDE) : at]], seen.rows[turn[at : at + _BESIDE]]
        changed, left = _changed(population, *near), scores
        if not changed:
            return None
    explained = good - _fitted(_design(along, scores, blocks), good, at) if not changed else good
    if not _jumps(explained, at):
        return None
    first = int(seen.rows[turn[at]])
    run = population.runs.iloc[first]
    return Drift(
        from_run=int((order < order[first]).sum()) + 1,
        run_id=str(run["run_id"]),
        name=str(run["name"]),
        before=at,
        after=len(turn) - at,
        shift=population.objective.sign * (median_of(explained[at:]) - median_of(explained[:at])),
        p_value=p_value,
        changed=changed,
    )


def _beside_blocks(good: np.ndarray, nuisance: np.ndarray) -> np.ndarray:
    """Return goodness less what blocks add: where one sweep follows another, they differ, and that is no drift."""
    if not nuisance.shape[1]:
        return good
    near, unit = of_unit_size(good)
    known = orthonormal(nuisance - nuisance.mean(axis=0))
    return unit * (near - known @ (known.T @ near))


def _design(along: tuple[Dimension, ...], scores: np.ndarray, beside: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis of blocks and parameters, the most explaining first while observations pay for it."""
    blocks = [block for one in along if (block := _block(one)).shape[1]]

    def alone(block: np.ndarray) -> float:
        own = orthonormal(block - block.mean(axis=0))
        return float(((own.T @ scores) ** 2).sum()) / max(own.shape[1], 1)

    blocks.sort(key=alone, reverse=True)
    columns = [np.ones((len(scores), 1)), beside]
    for block in blocks:
        if sum(one.shape[1] for one in columns) + block.shape[1] <= len(scores) // _OBSERVATIONS_A_TERM:
            columns.append(block)
    return orthonormal(np.hstack(columns))


def _block(one: Dimension) -> np.ndarray:
    """Return a line and a bend along a parameter, or its levels; 0 where it has no value."""
    size = one.size(_TERMS, one.known)
    block = np.zeros((len(one.known), size))
    block[one.known] = one.basis(one.position[one.known], size)
    return block


def _step(design: np.ndarray, scores: np.ndarray) -> tuple[int, float, np.ndarray]:
    """Return the clearest place of a step beside the design, its p-value over places, and scores less the design."""
    n = len(scores)
    places = np.arange(_FEWEST_BESIDE, n - _FEWEST_BESIDE + 1)
    places = places[np.unique(np.linspace(0, len(places) - 1, min(len(places), _MOST_PLACES)).astype(int))]
    residual = scores - design @ (design.T @ scores)
    # What a step adds to the design, from sums of the design's columns on either side.
    sums = np.cumsum(design[::-1], axis=0)[::-1][places]
    own = (n - places) - (sums**2).sum(axis=1)
    along = np.cumsum(residual[::-1])[::-1][places]
    gain = np.where(own > 1e-6 * n, along**2 / np.maximum(own, 1e-12), 0.0)
    best = int(np.argmax(gain))
    rest = float(residual @ residual) - float(gain[best])
    freedom = n - design.shape[1] - 1
    at = int(places[best])
    if rest <= 0 or freedom < 1 or own[best] <= 0:
        return at, 1.0, residual
    p_value = float(special.fdtrc(1, freedom, float(gain[best]) / (rest / freedom))) * len(places)
    height = float(along[best] / own[best])
    after = (np.arange(n) >= at).astype(float)
    # The residual beside the step, with the step put back.
    left = residual - height * (after - design @ (design.T @ after)) + height * after
    return at, min(1.0, p_value), left


def _fitted(design: np.ndarray, good: np.ndarray, at: int) -> np.ndarray:
    """Return what a robust fit beside a step explains by the parameters."""
    near, unit = of_unit_size(good)
    after = (np.arange(len(good)) >= at).astype(float)
    step = after - design @ (design.T @ after)
    both = np.hstack([design, (step / np.linalg.norm(step))[:, None]])
    pseudo = pseudo_values(both, near)
    height = float(both[:, -1] @ pseudo) / float(np.linalg.norm(step))
    explained: np.ndarray = unit * (both @ (both.T @ pseudo) - height * after)
    return explained


def _jumps(values: np.ndarray, at: int) -> bool:
    """Whether the values just before a place and those from it on differ."""
    before, after = values[max(0, at - _BESIDE) : at], values[at : at + _BESIDE]
    if min(len(before), len(after)) < _FEWEST_BESIDE:
        return False
    return bool(stats.mannwhitneyu(before, after).pvalue < _NEAR)


def _changed(population: Population, before: np.ndarray, after: np.ndarray) -> tuple[str, ...]:
    """Return the parameters whose values in some runs and in others hardly overlap."""
    found: list[tuple[str, float, float]] = []
    for parameter in population.searched:
        if parameter.numeric:
            x = population.numbers(parameter.name)
            one, other = (side[np.isfinite(side)] for side in (x[before], x[after]))
            if min(len(one), len(other)) < _FEWEST_BESIDE:
                continue
            test = stats.mannwhitneyu(one, other)
            overlap = float(test.statistic) / (len(one) * len(other))
            found.append((parameter.name, float(test.pvalue), abs(2 * overlap - 1)))
        else:
            levels = texts_of_levels(population.levels(parameter.name)).to_numpy(dtype=object)
            both = np.concatenate([levels[before], levels[after]])
            table = pd.crosstab(both, np.arange(len(both)) < len(before)).to_numpy()
            if min(table.shape) < 2:
                continue
            chi = stats.chi2_contingency(table)
            found.append((parameter.name, float(chi.pvalue), float(np.sqrt(chi.statistic / table.sum()))))
    adjusted = holm([p for _, p, _ in found])
    return tuple(name for (name, _, apart), p in zip(found, adjusted, strict=True) if p < _NEAR and apart >= _TOGETHER)
