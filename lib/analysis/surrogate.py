"""A random forest as a stand-in for the objective: how well it predicts, and how much each parameter matters to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lib.analysis.population import Population
from lib.statistics.moments import of_unit_size, quartiles

SEED = 20240607
FOLDS = 5
REPEATS = 2
# A thousand trees would move importances by less than a tenth of what the choice of folds does.
TREES = 50
# Trees of fewer runs predict as well (their mean is over more different ones), and grow faster.
MOST_RUNS_A_TREE = 500
SHUFFLES = 5
LEAST_RUNS = 20
MOST_RUNS = 2_000
MOST_PARAMETERS = 60


@dataclass(frozen=True, slots=True)
class Importance:
    """How much the forest's R2 on held-out runs falls when the parameter's values are shuffled among them."""

    parameter: str
    importance: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, eq=False)
class Surrogate:
    """The forest's worth. `trusted` is whether its cross-validated R2 is above 0; `parameters` most important first.

    predictions : held-out predictions of the used runs, shape (n,), NaN for runs beyond MOST_RUNS. too_few : whether
    there is none because too few runs would allow to check it.
    """

    model: str
    r2: float | None
    trusted: bool
    parameters: tuple[Importance, ...]
    predictions: np.ndarray
    why_not: str | None = None
    too_few: bool = False


@dataclass(frozen=True, eq=False)
class _Forests:
    """The forests of one population: its parameters (columns of x) and runs, and (forest, held-out rows) by fold.

    y : the objective, in units of `unit`.
    """

    names: tuple[str, ...]
    rows: np.ndarray
    x: np.ndarray
    y: np.ndarray
    unit: float
    fits: tuple[tuple[Any, np.ndarray], ...]


@dataclass(frozen=True, eq=False)
class PartialDependence:
    """The forest's mean prediction along one parameter, with the 95% band of its refits on other runs."""

    parameter: str
    x: tuple[object, ...]
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def surrogate(population: Population) -> Surrogate:
    """Fit scikit-learn's RandomForestRegressor on the searched parameters and measure it on held-out runs.

    Five folds, twice; in each the held-out R2 and the permutation importance (Breiman 2001), five shuffles a parameter.
    Intervals are the corrected resampled t interval of Nadeau and Bengio (2003, doi:10.1023/A:1024068626366), which
    allows for the overlap of the folds: they say how much the importance depends on which runs were seen. Objectives
    further than five interquartile ranges from the quartiles are drawn in to there, so that diverged runs don't decide.
    Missing parameter values stay missing (the forest splits on them); levels of text are coded in order. With more than
    2,000 runs an even sample of them is used, and each tree grows on a bootstrap of at most 500. Below 20 runs, or
    without a varying parameter, there is no surrogate.
    """
    names = _varying(population)
    nothing = np.full(len(population.rows), np.nan)
    model = f"random forest ({TREES} trees), permutation importance on held-out runs"
    if len(population.rows) < LEAST_RUNS:
        why = f"fitting and checking a model takes at least {LEAST_RUNS} runs"
        return Surrogate(model, None, False, (), nothing, why, too_few=bool(names))
    if not names:
        return Surrogate(model, None, False, (), nothing, "no searched parameter varies")
    if np.all(population.values == population.values[0]):
        return Surrogate(model, None, False, (), nothing, "every run has the same value of the objective")
    forests = _forests(population)
    rows, y = forests.rows, forests.y
    if len(rows) < len(population.rows):
        model += f", on {len(rows)} of {len(population.rows)} runs"
    held_out, falls = _cross_validated(forests)
    scores = [1 - np.sum((y - p) ** 2) / np.sum((y - y.mean()) ** 2) for p in held_out]
    r2 = float(np.mean(scores))
    predictions = nothing.copy()
    predictions[rows] = forests.unit * np.mean(held_out, axis=0)
    importances = []
    for j, name in enumerate(names):
        mean = float(np.mean(falls[:, j]))
        reach = _reach(falls[:, j])
        importances.append(Importance(name, mean, mean - reach, mean + reach))
    importances.sort(key=lambda i: (-i.importance, i.parameter))
    why_not = None if r2 > 0 else "the searched parameters don't predict the objective in these runs"
    return Surrogate(model, r2, r2 > 0, tuple(importances), predictions, why_not)


def partial_dependence(population: Population, name: str, points: int = 24) -> PartialDependence:
    """Predict along one parameter, averaged over the other parameters as the runs have them (Friedman 2001).

    The forest is refitted on each fold's training runs; the band is their corrected resampled t interval. `x` holds
    levels for a discrete or categorical parameter, and quantiles of the observed values else.
    """
    forests = _forests(population)
    x = forests.x
    parameter = next(p for p in population.searched if p.name == name)
    column = forests.names.index(name)
    known = np.unique(x[:, column][~np.isnan(x[:, column])])
    grid = known if parameter.grouped or len(known) <= points else np.quantile(known, np.linspace(0, 1, points))
    ground = x[_sample(len(x), 200)]
    stacked = np.repeat(ground[None], len(grid), axis=0)
    stacked[:, :, column] = grid[:, None]
    curves = np.array(
        [
            forest.predict(stacked.reshape(-1, x.shape[1])).reshape(len(grid), -1).mean(axis=1)
            for forest, _ in forests.fits
        ]
    )
    mean = forests.unit * curves.mean(axis=0)
    reach = forests.unit * np.array([_reach(curves[:, k]) for k in range(len(grid))])
    shown: tuple[object, ...] = tuple(float(v) for v in grid)
    if not parameter.numeric:
        levels = _level_codes(population.levels(name))
        shown = tuple(level for code, level in enumerate(levels) if float(code) in set(grid))
    return PartialDependence(name, shown, mean, mean - reach, mean + reach)


def drawn_in(values: np.ndarray, reach: float = 5.0) -> np.ndarray:
    """Draw values further than `reach` interquartile ranges from the quartiles in to there (winsorising)."""
    low, _, high = quartiles(values)
    spread = high - low
    if not spread > 0 or not np.isfinite(spread):
        return values
    return np.clip(values, low - reach * spread, high + reach * spread)


def _varying(population: Population) -> list[str]:
    names = [p.name for p in population.searched if p.name in population.config.columns]
    return [name for name in names if population.levels(name).nunique() > 1][:MOST_PARAMETERS]


def _level_codes(levels: pd.Series) -> list[object]:
    return sorted(levels.dropna().unique(), key=str)


def _matrix(population: Population, names: list[str]) -> np.ndarray:
    columns = []
    numeric = {p.name for p in population.searched if p.numeric}
    for name in names:
        if name in numeric:
            column = population.numbers(name)
        else:
            levels = population.levels(name)
            codes = {level: float(code) for code, level in enumerate(_level_codes(levels))}
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


# The forests of 2,000 runs take 65 MB: those of the last population alone are kept, for whoever asks on.
@lru_cache(maxsize=1)
def _forests(population: Population) -> _Forests:
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import RepeatedKFold

    names = _varying(population)
    rows = _sample(len(population.rows))
    x = _matrix(population, names)[rows]
    y, unit = of_unit_size(drawn_in(population.values[rows]))
    fits = []
    splits = RepeatedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=SEED)
    for number, (train, test) in enumerate(splits.split(x)):
        forest = RandomForestRegressor(
            n_estimators=TREES,
            min_samples_leaf=3,
            max_samples=min(MOST_RUNS_A_TREE, len(train)),
            random_state=SEED + number,
            n_jobs=-1,
        )
        forest.fit(x[train], y[train])
        # Trees grow side by side, but are added up one after another: the sum's last digits depend on the order.
        forest.n_jobs = 1
        fits.append((forest, test))
    return _Forests(tuple(names), rows, x, y, unit, tuple(fits))


def _cross_validated(forests: _Forests) -> tuple[np.ndarray, np.ndarray]:
    """Held-out predictions, shape (repeats, n), and falls of R2 by fold and parameter, shape (folds x repeats, p)."""
    x, y = forests.x, forests.y
    held_out = np.empty((REPEATS, len(y)))
    falls = np.empty((FOLDS * REPEATS, x.shape[1]))
    spread = float(np.mean((y - y.mean()) ** 2))
    for number, (forest, test) in enumerate(forests.fits):
        shuffled, orders = [x[test]], np.random.default_rng(SEED + number)
        for j in range(x.shape[1]):
            for _ in range(SHUFFLES):
                copy = x[test].copy()
                copy[:, j] = orders.permutation(copy[:, j])
                shuffled.append(copy)
        predicted = forest.predict(np.concatenate(shuffled)).reshape(-1, len(test))
        held_out[number // FOLDS, test] = predicted[0]
        errors = np.mean((y[test] - predicted) ** 2, axis=1)
        falls[number] = (errors[1:].reshape(-1, SHUFFLES).mean(axis=1) - errors[0]) / spread
    return held_out, falls


def _reach(resampled: np.ndarray) -> float:
    count = len(resampled)
    variance = float(np.var(resampled, ddof=1)) * (1 / count + 1 / (FOLDS - 1))
    return float(stats.t.ppf(0.975, count - 1) * np.sqrt(variance))
