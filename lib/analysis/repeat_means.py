"""What models and noise are of: the means over repeats, and where each stands on every searched parameter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.analysis.configurations import copies, in_order
from lib.analysis.population import Population
from lib.analysis.repeats import is_seed, repeat_groups
from lib.model.parameter import Parameter
from lib.statistics.moments import of_unit_size
from lib.statistics.warp import LINEAR, Warp

MOST_ONE_HOT = 50


@dataclass(frozen=True, eq=False)
class RepeatMeans:
    """The means over repeats, as models and noise take them, in canonical order of their first run; m of them.

    Repeats are equal in every config key but seeds (`repeat_groups`), searched or not.
    """

    of_run: np.ndarray
    """Which of them each used run is of, shape (n,)."""
    first: np.ndarray
    """The used run that each starts with, shape (m,)."""
    good: np.ndarray
    """Mean goodness (the objective, higher is better, in units of `unit`) of the distinct repeats, shape (m,)."""
    unit: float
    """What goodness is measured in, in the objective's units."""
    counts: np.ndarray
    """How many distinct repeats each is the mean of, shape (m,)."""
    squares: np.ndarray
    """The sum of squares within each, shape (m,)."""

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


def repeat_means(population: Population, warp: Warp = LINEAR) -> RepeatMeans:
    """Average the repeats of each run; one that repeats nothing stands for itself.

    Copies count once (`lib.analysis.configurations.copies`). warp : the scale that values are averaged on.
    """
    groups = repeat_groups(population).to_numpy(dtype=float, na_value=np.nan)
    alone = np.isnan(groups)
    groups[alone] = np.nanmax(groups, initial=-1) + 1 + np.arange(alone.sum())
    of_run, first = in_order(groups)
    copy = copies(of_run, population.values)
    near, unit = of_unit_size(population.objective.sign * warp(population.values))
    of, near = of_run[~copy], near[~copy]
    counts = np.bincount(of).astype(float)
    means = np.bincount(of, near) / counts
    squares = np.bincount(of, (near - means[of]) ** 2)
    return RepeatMeans(of_run, first, means, unit, counts, squares)


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
