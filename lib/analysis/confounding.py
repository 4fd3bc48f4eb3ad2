"""Where a parameter's levels can't be compared as they stand: they were tried under different values of another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from lib.analysis.effects import Effect
from lib.analysis.groups import LEAST_RUNS_TESTED
from lib.analysis.levels import texts_of_levels
from lib.analysis.population import Population
from lib.model.columns import plain
from lib.statistics.multiple_testing import holm


@dataclass(frozen=True, slots=True)
class Confounding:
    """One parameter's levels differ in another parameter that matters.

    For a numeric `other`: its median under the level where it is lowest and where it is highest. For a categorical one:
    its most common level under each. `strength` is epsilon squared (numeric) or Cramer's V (categorical), 0..1.
    """

    parameter: str
    other: str
    low_level: Any
    low_typical: Any
    high_level: Any
    high_typical: Any
    strength: float
    p_adjusted: float


def confounding(population: Population, effects: Sequence[Effect]) -> tuple[Confounding, ...]:
    """Look for levels of grouped parameters that were tried under different values of a parameter with an effect.

    Kruskal-Wallis (`scipy.stats.kruskal`) of a numeric other parameter over the levels, chi squared
    (`scipy.stats.chi2_contingency`) of a categorical one; Holm over all pairs looked at; reported below 0.01 and at a
    strength of at least 0.05, since tiny imbalances move no mean.
    """
    claimed = {e.parameter for e in effects if e.claimed}
    matters = [p for p in population.searched if p.name in claimed]
    found = []
    for parameter in population.searched:
        if not parameter.grouped:
            continue
        levels = population.levels(parameter.name)
        for other in matters:
            if other.name == parameter.name:
                continue
            result = (
                _numeric(levels, population.numbers(other.name))
                if other.numeric
                else _categorical(levels, population.levels(other.name))
            )
            if result is not None:
                found.append((parameter.name, other.name, *result))
    adjusted = holm([f[-1] for f in found])
    return tuple(
        Confounding(name, other, low, low_typical, high, high_typical, strength, p)
        for (name, other, low, low_typical, high, high_typical, strength, _), p in zip(found, adjusted, strict=True)
        if p < 0.01 and strength >= 0.05
    )


def _numeric(levels: Any, x: np.ndarray) -> tuple[Any, Any, Any, Any, float, float] | None:
    known = levels.notna().to_numpy() & ~np.isnan(x)
    keys = texts_of_levels(levels[known]).to_numpy(dtype=object)
    samples = {k: x[known][keys == k] for k in sorted(set(keys))}
    samples = {k: s for k, s in samples.items() if len(s) >= LEAST_RUNS_TESTED}
    if len(samples) < 2 or len(np.unique(np.concatenate(list(samples.values())))) < 2:
        return None
    result = stats.kruskal(*samples.values())
    medians = {k: float(np.median(s)) for k, s in samples.items()}
    low, high = min(medians, key=lambda k: medians[k]), max(medians, key=lambda k: medians[k])
    strength = float(result.statistic) / (sum(map(len, samples.values())) - 1)
    return low, medians[low], high, medians[high], strength, float(result.pvalue)


def _categorical(levels: Any, other: Any) -> tuple[Any, Any, Any, Any, float, float] | None:
    known = levels.notna() & other.notna()
    ones: Any = texts_of_levels(levels[known])
    others: Any = texts_of_levels(other[known])
    table = ones.groupby([ones, others]).size().unstack(fill_value=0)
    table = table[table.sum(axis=1) >= LEAST_RUNS_TESTED]
    table = table.loc[:, table.sum() > 0]
    if table.shape[0] < 2 or table.shape[1] < 2:
        return None
    result = stats.chi2_contingency(table.to_numpy())
    share = table.div(table.sum(axis=1), axis=0)
    spread = share.max() - share.min()
    level = spread.idxmax()
    low, high = share[level].idxmin(), share[level].idxmax()
    strength = float(np.sqrt(result.statistic / (table.to_numpy().sum() * (min(table.shape) - 1))))
    return (
        plain(low),
        plain(share.loc[low].idxmax()),
        plain(high),
        plain(share.loc[high].idxmax()),
        strength,
        float(result.pvalue),
    )
