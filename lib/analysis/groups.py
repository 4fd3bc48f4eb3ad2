"""How the objective differs between the levels of a discrete or categorical parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lib.analysis.configurations import configurations_of
from lib.analysis.levels import level_order
from lib.analysis.observations import observations
from lib.analysis.population import Population
from lib.model.columns import plain
from lib.statistics.moments import deviation, error_of_mean, mean_of, median_of
from lib.statistics.multiple_testing import benjamini_hochberg, holm, is_clear

CONFIDENCE = 0.95
LEAST_RUNS_TESTED = 3
MOST_LEVELS_PAIRED = 12

_Sample = tuple[Any, np.ndarray, np.ndarray | None]
"""A level, the objective of its rows, and of how many runs each is the mean; None where rows are runs."""


@dataclass(frozen=True, slots=True)
class Level:
    """The objective over the runs of one level; `std` is n - 1, the interval is of the mean. None below two rows.

    A row of a grouped table counts as the runs that it is the mean of: `count` is of runs, and the mean, its interval,
    `std` and `median` weigh rows by them.
    """

    value: Any
    count: int
    mean: float
    std: float | None
    max: float
    min: float
    median: float
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class GroupTest:
    """Kruskal-Wallis over the levels with at least three runs; `effect_size` is epsilon squared, 0..1.

    `configurations` : of how many configurations the means were compared; None where runs were, as none is repeated.
    """

    name: str
    statistic: float
    p_value: float
    p_adjusted: float
    effect_size: float
    levels: int
    configurations: int | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """One level against another: Mann-Whitney U, p adjusted by Holm over the parameter's pairs."""

    first: Any
    second: Any
    statistic: float
    p_value: float
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class DiscreteImpact:
    """One discrete or categorical parameter, level by level; `missing` counts used runs without a value of it."""

    parameter: str
    groups: tuple[Level, ...]
    test: GroupTest | None
    pairs: tuple[Pair, ...]
    missing: int

    @property
    def best(self) -> Level | None:
        """The level with the highest mean among those with at least three runs (see `discrete_impacts`)."""
        tested = [g for g in self.groups if g.count >= LEAST_RUNS_TESTED]
        return max(tested or self.groups, key=lambda g: g.mean, default=None)

    @property
    def worst(self) -> Level | None:
        """The level with the lowest mean among those with at least three runs."""
        tested = [g for g in self.groups if g.count >= LEAST_RUNS_TESTED]
        return min(tested or self.groups, key=lambda g: g.mean, default=None)


def discrete_impacts(population: Population) -> tuple[DiscreteImpact, ...]:
    """Describe and test every searched discrete or categorical parameter, in order of name.

    Runs without a value of the parameter are counted as missing. The test is `scipy.stats.kruskal` on levels with at
    least three rows (one of a grouped table counts once); p is adjusted over the parameters by Benjamini and Hochberg
    (`scipy.stats.false_discovery_control`); epsilon squared is H / (n - 1) (Tomczak and Tomczak 2014). Pairs
    (`scipy.stats.mannwhitneyu`, Holm) are tested only where the adjusted omnibus p is below 0.05 and there are at most
    twelve levels. Where configurations are repeated (seeds, folds), the tests are of their means, as claims are
    (`lib.analysis.observations`): runs of one configuration are no evidence of their own on its levels.
    """
    parameters = [p for p in population.searched if p.grouped]
    samples = {p.name: _samples(population, p.name) for p in parameters}
    of_tests = _of_configurations(population, [p.name for p in parameters]) or samples
    omnibus = {name: _kruskal(found) for name, found in of_tests.items()}
    compared = None if of_tests is samples else len(configurations_of(population).first)
    tested = {name: result[1] for name, result in omnibus.items() if result is not None}
    adjusted = dict(zip(tested, benjamini_hochberg([*tested.values()]), strict=True))
    impacts = []
    for parameter in parameters:
        found, result = samples[parameter.name], omnibus[parameter.name]
        test = None
        if result is not None:
            statistic, p_value, effect, levels = result
            test = GroupTest("Kruskal-Wallis", statistic, p_value, adjusted[parameter.name], effect, levels, compared)
        holds = test is not None and is_clear(test.p_adjusted) and test.levels <= MOST_LEVELS_PAIRED
        known = sum(len(values) for _, values, _ in found)
        impacts.append(
            DiscreteImpact(
                parameter=parameter.name,
                groups=tuple(_level(*one) for one in found),
                test=test,
                pairs=_pairs(of_tests[parameter.name]) if holds else (),
                missing=len(population.rows) - known,
            )
        )
    return tuple(impacts)


def mean_interval(
    values: np.ndarray, runs: np.ndarray | None = None, confidence: float = CONFIDENCE
) -> tuple[float | None, float | None]:
    """Student's t interval of the mean (`scipy.stats.t`), or (None, None) below two values.

    runs : of how many runs each value is the mean, shape (n,), which the mean weighs them by; None where values are
    runs.
    """
    if len(values) < 2:
        return None, None
    mean = mean_of(values, runs)
    reach = float(stats.t.ppf((1 + confidence) / 2, len(values) - 1)) * error_of_mean(values, runs)
    if not np.isfinite(reach):
        return None, None
    return mean - reach, mean + reach


def _samples(population: Population, name: str) -> list[_Sample]:
    behind = population.averaged
    return [
        (level, population.values[at], None if behind is None else behind[at])
        for level, at in _by_level(population, name)
    ]


def _of_configurations(population: Population, names: Sequence[str]) -> dict[str, list[_Sample]]:
    """Return the levels of parameters with the means of their configurations; empty where runs are to be tested."""
    if population.averaged is not None or not len(population.rows):
        return {}
    # Where all runs were cut short, none is compared.
    if observations(population).counts.max(initial=0) <= 1:
        return {}
    found = configurations_of(population)
    distinct = ~found.copy
    means = np.bincount(found.of_run[distinct], population.values[distinct]) / np.bincount(found.of_run[distinct])
    return {
        name: [(level, means[at], None) for level, at in _by_level(population, name, found.first)] for name in names
    }


def _by_level(population: Population, name: str, runs: np.ndarray | None = None) -> list[tuple[Any, np.ndarray]]:
    """Return each level of a parameter with the positions where it stands among some runs, in order of levels."""
    levels = population.levels(name)
    levels = levels if runs is None else levels.iloc[runs]
    known = levels.notna().to_numpy()
    frame = pd.DataFrame({"level": levels.to_numpy()[known], "at": np.flatnonzero(known)})
    grouped = frame.groupby("level", sort=False)["at"]
    found = [(plain(level), at.to_numpy()) for level, at in grouped]
    return sorted(found, key=lambda item: level_order(item[0]))


def _level(value: Any, values: np.ndarray, runs: np.ndarray | None) -> Level:
    low, high = mean_interval(values, runs)
    return Level(
        value=value,
        count=len(values) if runs is None else int(runs.sum()),
        mean=mean_of(values, runs),
        std=deviation(values, runs) if len(values) > 1 else None,
        max=float(values.max()),
        min=float(values.min()),
        median=median_of(values, runs),
        ci_low=low,
        ci_high=high,
    )


def _kruskal(found: list[_Sample]) -> tuple[float, float, float, int] | None:
    tested = [values for _, values, _ in found if len(values) >= LEAST_RUNS_TESTED]
    if len(tested) < 2:
        return None
    together = np.concatenate(tested)
    if np.all(together == together[0]):
        return None
    result = stats.kruskal(*tested)
    return float(result.statistic), float(result.pvalue), float(result.statistic) / (len(together) - 1), len(tested)


def _pairs(found: list[_Sample]) -> tuple[Pair, ...]:
    tested = [(value, values) for value, values, _ in found if len(values) >= LEAST_RUNS_TESTED]
    results = [
        (first, second, stats.mannwhitneyu(ones, others, alternative="two-sided"))
        for (first, ones), (second, others) in combinations(tested, 2)
    ]
    adjusted = holm([float(r.pvalue) for _, _, r in results])
    return tuple(
        Pair(first, second, float(r.statistic), float(r.pvalue), p)
        for (first, second, r), p in zip(results, adjusted, strict=True)
    )
