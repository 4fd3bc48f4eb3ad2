"""What one observation is: a configuration, with the mean of its repeats, and where it stands on each parameter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.population import Population
from lib.analysis.repeats import is_seed, repeat_groups
from lib.model.parameter import Parameter
from lib.statistics.moments import of_unit_size
from lib.statistics.warp import LINEAR, Warp

MOST_ONE_HOT = 50
# Above this share of values that other configurations have too, the metric is coarse and equality says nothing.
_COARSE = 0.2


@dataclass(frozen=True, eq=False)
class Configurations:
    """The configurations of the used runs, in canonical order of their first run; m of them.

    of_run : the configuration of each used run, shape (n,). first : the used run that each configuration starts with.
    good : mean goodness (the objective, higher is better, in units of `unit`). counts : observations that the mean is
    of; exact copies count once. squares : sum of squares within. copies : runs that are exact copies of another.
    """

    of_run: np.ndarray
    first: np.ndarray
    good: np.ndarray
    unit: float
    counts: np.ndarray
    squares: np.ndarray
    copies: int

    @property
    def degrees(self) -> int:
        """Degrees of freedom within repeats."""
        return int(np.sum(self.counts - 1))


@dataclass(frozen=True, eq=False)
class Places:
    """Where configurations stand: inputs within 0..1, shape (m, columns), and the parameter that each column is of."""

    names: tuple[str, ...]
    x: np.ndarray
    owner: np.ndarray


def configurations(population: Population, warp: Warp = LINEAR) -> Configurations:
    """Average the repeats of each configuration; a run that repeats nothing is a configuration of its own.

    Repeats that are equal to the last digit are copies of one training (a fixed seed) and count once, unless the metric
    is so coarse that other configurations share its values as well. warp : the scale that values are averaged on.
    """
    groups = repeat_groups(population).to_numpy(dtype=float, na_value=np.nan)
    alone = np.isnan(groups)
    groups[alone] = np.nanmax(groups, initial=-1) + 1 + np.arange(alone.sum())
    _, first, of_run = np.unique(groups, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    of_run, first = order[of_run], np.sort(first)
    near, unit = of_unit_size(population.objective.sign * warp(population.values))
    counts = np.bincount(of_run).astype(float)
    means = np.bincount(of_run, near) / counts
    squares = np.bincount(of_run, (near - means[of_run]) ** 2)
    spread = np.bincount(of_run, near != near[first][of_run])
    copied = (counts > 1) & (spread == 0)
    if copied.any() and (_coarse(near, of_run) and not copied[counts > 1].all()):
        copied[:] = False
    copies = int(np.sum(counts[copied] - 1))
    means[copied], counts[copied], squares[copied] = near[first[copied]], 1, 0.0
    return Configurations(of_run, first, means, unit, counts, squares, copies)


def places(population: Population, runs: np.ndarray) -> Places:
    """Return where some of the used runs stand on every searched parameter that varies but seeds.

    Numbers along their scale, lists of numbers by rank, each level of a category a column; a value that is missing
    gets a column of its own.
    """
    names: list[str] = []
    columns: list[np.ndarray] = []
    owner: list[int] = []
    for parameter in population.searched:
        if is_seed(population, parameter.name) or parameter.name not in population.config.columns:
            continue
        block = _numbers(population, parameter, runs) if parameter.numeric else _one_hot(population, parameter, runs)
        if block.shape[1] and np.ptp(block, axis=0).max() > 0:
            owner += [len(names)] * block.shape[1]
            names.append(parameter.name)
            columns.append(block)
    x = np.hstack(columns) if columns else np.empty((len(runs), 0))
    return Places(tuple(names), x, np.array(owner, dtype=int))


def _coarse(values: np.ndarray, of_run: np.ndarray) -> bool:
    pairs = pd.DataFrame({"value": values, "of": of_run}).drop_duplicates()
    return float(pairs["value"].duplicated(keep=False).mean()) > _COARSE


def _numbers(population: Population, parameter: Parameter, runs: np.ndarray) -> np.ndarray:
    values = population.numbers(parameter.name)[runs]
    known = ~np.isnan(values)
    if not known.any():
        return np.empty((len(runs), 0))
    if parameter.kind == "discrete":
        values[known] = np.unique(values[known], return_inverse=True)[1]
    elif parameter.scale == "log" and values[known].min() > 0:
        values = np.log(values)
    values, _ = of_unit_size(np.where(known, values, 0.0))
    low, high = values[known].min(), values[known].max()
    with np.errstate(invalid="ignore", divide="ignore"):
        place = np.where(known, (values - low) / (high - low), 0.5) if high > low else np.full(len(runs), 0.5)
    return place[:, None] if known.all() else np.column_stack([place, ~known])


def _one_hot(population: Population, parameter: Parameter, runs: np.ndarray) -> np.ndarray:
    levels = population.levels(parameter.name).iloc[runs]
    texts = levels.astype(object).where(levels.notna(), None).map(lambda v: "" if v is None else f"={v}")
    common = texts.value_counts()
    kept = sorted(common.index, key=lambda text: (-common[text], text))[:MOST_ONE_HOT]
    # Two different levels are 1 apart.
    return np.column_stack([(texts == level).to_numpy() for level in sorted(kept)]) / np.sqrt(2)
