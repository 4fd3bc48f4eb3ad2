"""The models that stand in for the objective, fitted to the same folds: a forest, a Gaussian process, their mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import pandas as pd

from lib.analysis.population import Population
from lib.analysis.process import process
from lib.analysis.repeat_means import repeat_means
from lib.analysis.repeats import is_seed
from lib.statistics.gaussian_process import GaussianProcess
from lib.statistics.moments import of_unit_size, quartiles

SEED = 20240607
FOLDS = 5
REPEATS = 2
# A thousand trees would move importances by less than a tenth of what the choice of folds does.
TREES = 50
# Trees of fewer runs predict as well (their mean is over more different ones), and grow faster.
MOST_RUNS_A_TREE = 500
MOST_RUNS = 2_000
MOST_PARAMETERS = 60


class Model(Protocol):
    """What predicts the objective from a matrix of parameters."""

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return predictions, shape (n,), for rows of the matrix."""
        ...


@dataclass(frozen=True, eq=False)
class Models:
    """The models of one population.

    names : its parameters, the columns of x. runs : the first used run of each configuration, shape (m,). x : values
    (levels of text coded in order, seeds left out), shape (m, p). y : mean objective in units of `unit`, extremes drawn
    in. weights : observations behind each. folds : (training, held-out) rows of each fit. forests and processes : one a
    fold; no processes where there are too few or too many configurations or parameters for one.
    """

    names: tuple[str, ...]
    runs: np.ndarray
    of_run: np.ndarray
    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray
    unit: float
    folds: tuple[tuple[np.ndarray, np.ndarray], ...]
    forests: tuple[Model, ...]
    processes: tuple[Model, ...]


@dataclass(frozen=True, eq=False)
class Mean:
    """The mean of several models."""

    of: tuple[Model, ...]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the mean of their predictions."""
        return np.mean([model.predict(x) for model in self.of], axis=0)


@dataclass(frozen=True, eq=False)
class _ProcessOfValues:
    """A Gaussian process asked by parameter values: each column's values lie between known ones of known places."""

    gp: GaussianProcess
    inputs: tuple[Callable[[np.ndarray], np.ndarray], ...]
    answer: Callable[[np.ndarray], np.ndarray]

    def predict(self, x: np.ndarray) -> np.ndarray:
        at = np.hstack([place(x[:, j]) for j, place in enumerate(self.inputs)])
        return self.answer(np.concatenate([self.gp.predict(at[i : i + 400]) for i in range(0, len(at), 400)]))


# The forests of 2,000 runs take 65 MB: those of the last population alone are kept.
@lru_cache(maxsize=1)
def models(population: Population) -> Models:
    """Fit a forest and, where there is one, a Gaussian process to five folds of the configurations, twice.

    Repeats of one configuration are averaged first, so that none is predicted from another. The process keeps the
    hyperparameters that were fitted to all configurations.
    """
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import RepeatedKFold

    names = varying(population)
    found = repeat_means(population)
    of = _sample(len(found.first))
    runs = found.first[of]
    x = _matrix(population, names)[runs]
    near, unit = of_unit_size(drawn_in(population.objective.sign * found.good[of]))
    weights, unit = found.counts[of], unit * found.unit
    splits = RepeatedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=SEED)
    folds = tuple(splits.split(x))
    forests = []
    for number, (train, _) in enumerate(folds):
        forest = RandomForestRegressor(
            n_estimators=TREES,
            min_samples_leaf=3,
            max_samples=min(MOST_RUNS_A_TREE, len(train)),
            random_state=SEED + number,
            n_jobs=-1 if len(train) > 1_000 else 1,
        )
        forest.fit(x[train], near[train], sample_weight=weights[train])
        # Trees grow side by side, but are added up one after another: the sum's last digits depend on the order.
        forest.n_jobs = 1
        forests.append(forest)
    processes = _processes(population, names, of, x=x, unit=unit, folds=folds)
    return Models(tuple(names), runs, found.of_run, x, near, weights, unit, folds, tuple(forests), processes)


def drawn_in(values: np.ndarray, reach: float = 5.0) -> np.ndarray:
    """Draw values further than `reach` interquartile ranges from the quartiles in to there (winsorising)."""
    low, _, high = quartiles(values)
    spread = high - low
    if not spread > 0 or not np.isfinite(spread):
        return values
    return np.clip(values, low - reach * spread, high + reach * spread)


def varying(population: Population) -> list[str]:
    """Return the names of the searched parameters that vary among the used runs, at most 60; seeds aren't parameters.

    Where nothing else varies, seeds are.
    """
    names = [p.name for p in population.searched if p.name in population.config.columns]
    names = [name for name in names if population.levels(name).nunique() > 1]
    return ([name for name in names if not is_seed(population, name)] or names)[:MOST_PARAMETERS]


def level_codes(levels: pd.Series) -> list[object]:
    """Return the levels of a category in the order of their codes."""
    return sorted(levels.dropna().unique(), key=str)


def _processes(
    population: Population,
    names: Sequence[str],
    of: np.ndarray,
    *,
    x: np.ndarray,
    unit: float,
    folds: Sequence[tuple[np.ndarray, np.ndarray]],
) -> tuple[Model, ...]:
    fitted = process(population)
    if fitted is None or tuple(fitted.places.names) != tuple(names):
        return ()
    where = fitted.places
    seen = {int(configuration): at for at, configuration in enumerate(fitted.seen)}
    known = np.array([seen.get(int(one), -1) for one in of])
    inputs = tuple(
        _between(x[known >= 0, j], where.x[known[known >= 0]][:, where.owner == j]) for j in range(len(names))
    )
    sign, warp = population.objective.sign, fitted.warp
    row = {int(configuration): at for at, configuration in enumerate(of)}
    used = np.array([row.get(int(fitted.seen[at]), -1) for at in fitted.rows])

    def answer(scaled: np.ndarray) -> np.ndarray:
        good = (fitted.centre + fitted.scale * scaled) * fitted.means.unit
        return np.asarray(warp.back(sign * good)) / unit

    return tuple(
        _ProcessOfValues(fitted.gp.without(np.flatnonzero(~np.isin(used, test))), inputs, answer) for _, test in folds
    )


def _between(values: np.ndarray, at: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from a column's values to places, by interpolation between known ones; missing as missing."""
    known = ~np.isnan(values)
    distinct, first = np.unique(values[known], return_index=True)
    there = at[known][first]
    missing = at[~known][0] if not known.all() else np.zeros(at.shape[1])

    def place(asked: np.ndarray) -> np.ndarray:
        gap = np.isnan(asked)
        columns = [np.interp(np.where(gap, 0.0, asked), distinct, there[:, c]) for c in range(at.shape[1])]
        return np.where(gap[:, None], missing, np.column_stack(columns))

    return place


def _matrix(population: Population, names: Sequence[str]) -> np.ndarray:
    columns = []
    numeric = {p.name for p in population.searched if p.numeric}
    for name in names:
        if name in numeric:
            column = population.numbers(name)
        else:
            levels = population.levels(name)
            codes = {level: float(code) for code, level in enumerate(level_codes(levels))}
            column = levels.map(codes).to_numpy(dtype=float, na_value=np.nan)
        # Forests compare 32-bit floats; ranks keep the order of numbers that those can't tell apart.
        ranks = pd.Series(column).rank(method="dense").to_numpy(dtype=float)
        columns.append(np.where(np.isnan(column), np.nan, ranks) if _too_large(column) else column)
    return np.column_stack(columns)


def _too_large(column: np.ndarray) -> bool:
    known = np.abs(column[~np.isnan(column)])
    return bool(known.size and (known.max() > 1e30 or (known[known > 0].size and known[known > 0].min() < 1e-30)))


def _sample(n: int, most: int = MOST_RUNS) -> np.ndarray:
    return np.arange(n) if n <= most else np.unique(np.linspace(0, n - 1, most).astype(int))
