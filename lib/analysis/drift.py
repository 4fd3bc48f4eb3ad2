"""Whether something changed over time that no hyperparameter explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lib.analysis.observations import observations, order_of_runs
from lib.analysis.population import Population, texts_of_levels
from lib.analysis.positions import Dimension, controls, dimensions, orthonormal
from lib.analysis.response import pseudo_values
from lib.statistics.change_points import pettitt
from lib.statistics.moments import median_of, of_unit_size
from lib.statistics.multiple_testing import holm

FEWEST = 20
_LEVEL = 0.001
# On each side of the change, in runs: a search that improves as it learns has no jump in its residuals.
_BESIDE, _FEWEST_BESIDE = 15, 6
_TOGETHER = 0.8


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
    """Look for a change of level in what the hyperparameters leave unexplained, in order of creation.

    Pettitt's test (1979) of the residuals of a robust fit to all searched parameters, as far as a quarter of the
    observations pays for their terms; it counts below 0.001, and only where the runs just before and just after differ
    too (Mann-Whitney, 0.01), since a search that learns improves gradually. None where there is no such change, the
    order isn't known, or under 20 observations.
    """
    order = order_of_runs(population)
    seen = observations(population)
    if order is None or len(seen) < FEWEST or np.ptp(seen.good) == 0:
        return None
    along = dimensions(population, seen.rows, seen.counts)
    turn = np.argsort(order[seen.rows], kind="stable")
    good, unit = of_unit_size(seen.good)
    residual = good - _explained(along, good)
    at, p_value = pettitt(residual[turn])
    before, after = turn[:at], turn[at:]
    if p_value >= _LEVEL or min(len(before), len(after)) < _FEWEST_BESIDE:
        return None
    near = stats.mannwhitneyu(residual[before[-_BESIDE:]], residual[after[:_BESIDE]])
    if near.pvalue >= 0.01:
        return None
    first = int(seen.rows[after[0]])
    shift = unit * population.objective.sign * (median_of(residual[after]) - median_of(residual[before]))
    run = population.runs.iloc[first]
    return Drift(
        from_run=int((order < order[first]).sum()) + 1,
        run_id=str(run["run_id"]),
        name=str(run["name"]),
        before=len(before),
        after=len(after),
        shift=float(shift),
        p_value=p_value,
        changed=_changed(population, seen.rows[before], seen.rows[after]),
    )


def _explained(along: tuple[Dimension, ...], good: np.ndarray) -> np.ndarray:
    """Return what a robust fit to the parameters explains, those of most explanation first while runs pay for them."""
    rows = np.ones(len(good), dtype=bool)
    blocks = [block for one in along if (block := controls([one], rows)).shape[1]]
    ranks = pd.Series(good).rank().to_numpy()

    def alone(block: np.ndarray) -> float:
        own = orthonormal(block - block.mean(axis=0))
        return float(((own.T @ (ranks - ranks.mean())) ** 2).sum()) / max(own.shape[1], 1)

    blocks.sort(key=alone, reverse=True)
    columns = [np.ones((len(good), 1))]
    for block in blocks:
        if sum(one.shape[1] for one in columns) + block.shape[1] <= len(good) // 4:
            columns.append(block)
    design = orthonormal(np.hstack(columns))
    fitted: np.ndarray = design @ (design.T @ pseudo_values(design, good))
    return fitted


def _changed(population: Population, before: np.ndarray, after: np.ndarray) -> tuple[str, ...]:
    """Return the parameters whose values before and after hardly overlap."""
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
            texts = texts_of_levels(population.levels(parameter.name)).to_numpy(dtype=object)
            table = pd.crosstab(
                np.concatenate([texts[before], texts[after]]), np.arange(len(before) + len(after)) < len(before)
            )
            if min(table.shape) < 2:
                continue
            test = stats.chi2_contingency(table.to_numpy())
            found.append((parameter.name, float(test.pvalue), float(np.sqrt(test.statistic / table.to_numpy().sum()))))
    adjusted = holm([p for _, p, _ in found])
    return tuple(name for (name, _, apart), p in zip(found, adjusted, strict=True) if p < 0.01 and apart >= _TOGETHER)
