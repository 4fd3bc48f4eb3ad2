"""Repeats: runs of one configuration that differ only in a seed, pooled; the best by mean beside the best by luck."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lib.analysis.configurations import joint_codes
from lib.analysis.population import Population
from lib.model.columns import row_of
from lib.model.search_space import MOST_LEVELS, named_like_a_block
from lib.statistics.moments import deviation, mean_of, of_unit_size

CONFIDENCE = 0.95
_NAMES_RUNS = 0.5


@dataclass(frozen=True, eq=False, slots=True)
class RepeatedConfiguration:
    """One configuration that was run more than once.

    `parameters` are the searched ones; `run_ids` stand best first; `sd` is the sample standard deviation of the
    objective and `ci_low`, `ci_high` the 95% interval of its mean by Student's t; `best` is its best run's value.
    """

    parameters: Mapping[str, Any]
    run_ids: tuple[str, ...]
    count: int
    mean: float
    sd: float
    ci_low: float
    ci_high: float
    best: float


@dataclass(frozen=True, eq=False, slots=True)
class Repeats:
    """All configurations that were run more than once, best mean first.

    `sd` is the pooled standard deviation within them, of `degrees` degrees of freedom; `differ_in` the config keys that
    were left aside in telling configurations apart and do vary. `of_best` is the configuration of the best single run,
    None where that was run once.
    """

    configurations: tuple[RepeatedConfiguration, ...]
    runs: int
    sd: float
    degrees: int
    differ_in: tuple[str, ...]
    of_best: RepeatedConfiguration | None


def repeats(population: Population) -> Repeats | None:
    """Pool the runs of each configuration that was run more than once; None where none was."""
    groups = repeat_groups(population)
    codes = groups.to_numpy(dtype=float, na_value=np.nan)
    pooled = pooled_sd(population.values, groups)
    if pooled is None:
        return None
    sd, degrees = pooled
    best_first = population.best_first
    members: dict[float, list[int]] = {}
    for position in best_first:
        if not np.isnan(codes[position]):
            members.setdefault(codes[position], []).append(int(position))
    found = {code: _configuration(population, at) for code, at in members.items() if len(at) > 1}
    sign = population.objective.sign
    # Sorting is stable: equal means stay in the order of their best runs.
    ordered = sorted(found.values(), key=lambda c: -sign * c.mean)
    return Repeats(
        configurations=tuple(ordered),
        runs=sum(c.count for c in ordered),
        sd=sd,
        degrees=degrees,
        differ_in=_set_aside(population),
        of_best=found.get(codes[best_first[0]]),
    )


def repeat_groups(population: Population) -> pd.Series:
    """Give used runs of one configuration the same number: the only place where it is decided what a repeat is.

    Runs are of one configuration where every config key that varies is equal (or missing in both), but for seeds
    (by name, or named by the reader), text that names each run, and derived columns. Runs that lack a value of a
    searched parameter get NA, as does every run where no parameter is searched and no seed varies.
    """
    config = population.config
    searched = [p.name for p in population.searched if p.name in config.columns and not is_seed(population, p.name)]
    if not len(config) or not searched and not _set_aside(population):
        return pd.Series(pd.NA, index=config.index, dtype="Int64")
    codes = joint_codes(config, _told_apart_by(population, searched))
    groups = pd.Series(codes, index=config.index, dtype="Int64")
    return groups.mask(config[searched].isna().any(axis=1)) if searched else groups


def pooled_sd(values: np.ndarray, groups: pd.Series) -> tuple[float, int] | None:
    """Return the standard deviation within groups and its degrees of freedom; None where no group has two members.

    sqrt(sum((n_i - 1) s_i^2) / sum(n_i - 1)), over the groups of two and more.
    """
    known = groups.notna().to_numpy()
    near, size = of_unit_size(values[known])
    within = pd.Series(near).groupby(groups[known].to_numpy(dtype=np.int64)).agg(["var", "count"])
    within = within[within["count"] > 1]
    if within.empty:
        return None
    degrees = int((within["count"] - 1).sum())
    return float(np.sqrt(((within["count"] - 1) * within["var"]).sum() / degrees)) * size, degrees


def _configuration(population: Population, positions: list[int]) -> RepeatedConfiguration:
    values = population.values[positions]
    count, mean, sd = len(values), mean_of(values), deviation(values)
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, count - 1)) * sd / np.sqrt(count)
    row = row_of(population.config, positions[0])
    return RepeatedConfiguration(
        parameters={p.name: row.get(p.name) for p in population.searched if not is_seed(population, p.name)},
        run_ids=tuple(str(population.runs["run_id"].iloc[at]) for at in positions),
        count=count,
        mean=mean,
        sd=sd,
        ci_low=mean - reach,
        ci_high=mean + reach,
        best=float(values[0]),
    )


def _told_apart_by(population: Population, searched: list[str]) -> list[str]:
    """Return the config keys that make the configuration, those with most values first."""
    config = population.config
    levels = {}
    for name in map(str, config.columns):
        varied = int(config[name].nunique(dropna=False))
        if varied < 2 or is_seed(population, name) or name in {d.name for d in population.sweep.derived}:
            continue
        if name in searched or not _names_runs(config[name]):
            levels[name] = varied
    return sorted(levels, key=lambda name: (-levels[name], name))


def _names_runs(column: pd.Series) -> bool:
    if pd.api.types.is_numeric_dtype(column):
        return False
    if column.dropna().str.match(r"[\[{]").all():
        # A list of classes or layers that differs in each run is part of the configuration, however long.
        return False
    return int(column.nunique()) > max(MOST_LEVELS, _NAMES_RUNS * int(column.notna().sum()))


def is_seed(population: Population, name: str) -> bool:
    """Return whether repeats of one configuration may differ in a config key: by its name, or by the reader's word.

    Not where the reader named it as searched.
    """
    named = name in population.choices.seeds or named_like_a_block(name)
    return named and name not in {p.name for p in population.searched}


def _set_aside(population: Population) -> tuple[str, ...]:
    config = population.config
    return tuple(
        sorted(
            name
            for name in map(str, config.columns)
            if is_seed(population, name) and config[name].nunique(dropna=False) > 1
        )
    )
