"""A model as a stand-in for the objective: how well it predicts, and how much each parameter matters to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from lib.analysis import models as fitting
from lib.analysis.models import FOLDS, REPEATS, SEED, Mean, Model, Models, level_codes, models, varying
from lib.analysis.population import Population
from lib.analysis.repeat_means import repeat_means

SHUFFLES = 5
LEAST_RUNS, LEAST_CONFIGURATIONS = 20, 10
GROUND = 200
FOREST, GAUSSIAN_PROCESS, BOTH = "random forest", "Gaussian process", "mean of a random forest and a Gaussian process"


@dataclass(frozen=True, slots=True)
class Importance:
    """How much the model's R2 on held-out runs falls when the parameter's values are shuffled among them."""

    parameter: str
    importance: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, eq=False)
class Surrogate:
    """The worth of the model that predicts held-out runs best, by cross-validation.

    model : what it is, in words. trusted : whether its cross-validated R2 is above 0. parameters : most important
    first. predictions : held-out predictions of the used runs, shape (n,), NaN for runs beyond MOST_RUNS
    configurations. too_few : whether there is none because too few runs would allow to check it. kind : the model's
    name alone; scores : the R2 of each model that was compared; left_out : why no Gaussian process was.
    """

    model: str
    r2: float | None
    trusted: bool
    parameters: tuple[Importance, ...]
    predictions: np.ndarray
    why_not: str | None = None
    too_few: bool = False
    kind: str = FOREST
    scores: tuple[tuple[str, float], ...] = ()
    left_out: str | None = None


@dataclass(frozen=True, eq=False)
class PartialDependence:
    """The model's mean prediction along one parameter, with the 95% band of its refits on other runs."""

    parameter: str
    x: tuple[object, ...]
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def surrogate(population: Population) -> Surrogate:
    """Choose between scikit-learn's random forest, a Gaussian process and their mean by R2 on held-out configurations.

    Five folds, twice; in each the held-out R2, and of the chosen model the permutation importance (Breiman 2001), five
    shuffles a parameter. Intervals are the corrected resampled t interval of Nadeau and Bengio (2003,
    doi:10.1023/A:1024068626366), which allows for the overlap of the folds: they say how much the importance depends on
    which runs were seen. Objectives further than five interquartile ranges from the quartiles are drawn in to there,
    so that diverged runs don't decide. Missing parameter values stay missing; repeats are averaged. With more than
    2,000 configurations an even sample of them is used, and each tree grows on a bootstrap of at most 500; the process
    is of at most 300. Below 20 runs, or without a varying parameter, there is no surrogate.
    """
    names = varying(population)
    nothing = np.full(len(population.rows), np.nan)
    if len(population.rows) < LEAST_RUNS:
        why = f"fitting and checking a model takes at least {LEAST_RUNS} runs"
        return Surrogate(_words(FOREST), None, False, (), nothing, why, too_few=bool(names))
    if not names:
        return Surrogate(_words(FOREST), None, False, (), nothing, "no searched parameter varies")
    if np.all(population.values == population.values[0]):
        return Surrogate(_words(FOREST), None, False, (), nothing, "every run has the same value of the objective")
    count = len(repeat_means(population).first)
    if count < LEAST_CONFIGURATIONS:
        why = f"the runs are of {count} configurations only"
        return Surrogate(_words(FOREST), None, False, (), nothing, why, too_few=True)
    fitted = models(population)
    kinds = {FOREST: fitted.forests} | ({GAUSSIAN_PROCESS: fitted.processes} if fitted.processes else {})
    held_out = {kind: _held_out(fitted, of) for kind, of in kinds.items()}
    if fitted.processes:
        held_out[BOTH] = (held_out[FOREST] + held_out[GAUSSIAN_PROCESS]) / 2
    scores = {kind: _r2(fitted, predicted) for kind, predicted in held_out.items()}
    # Equal scores go to the forest.
    kind = max(scores, key=lambda one: scores[one])
    r2 = scores[kind]
    model = _words(kind)
    if len(fitted.runs) < int(fitted.of_run.max()) + 1:
        model += f", on {len(fitted.runs)} of {len(population.rows)} runs"
    by_configuration = np.full(int(fitted.of_run.max()) + 1, np.nan)
    by_configuration[fitted.of_run[fitted.runs]] = fitted.unit * np.mean(held_out[kind], axis=0)
    falls = _falls(fitted, chosen(fitted, kind))
    importances = []
    for j, name in enumerate(names):
        mean = float(np.mean(falls[:, j]))
        reach = _reach(falls[:, j])
        importances.append(Importance(name, mean, mean - reach, mean + reach))
    importances.sort(key=lambda i: (-i.importance, i.parameter))
    return Surrogate(
        model=model,
        r2=r2,
        trusted=r2 > 0,
        parameters=tuple(importances),
        predictions=by_configuration[fitted.of_run],
        why_not=None if r2 > 0 else "the searched parameters don't predict the objective in these runs",
        kind=kind,
        scores=tuple(scores.items()),
        left_out=None if fitted.processes else "too many parameters, or too few configurations, for a Gaussian process",
    )


def partial_dependence(population: Population, name: str, points: int = 24) -> PartialDependence:
    """Predict along one parameter, averaged over the other parameters as the runs have them (Friedman 2001).

    The model that `surrogate` chose is refitted on each fold's training runs; the band is their corrected resampled t
    interval. `x` holds levels for a discrete or categorical parameter, and quantiles of the observed values else.
    """
    fitted = models(population)
    x = fitted.x
    parameter = next(p for p in population.searched if p.name == name)
    column = fitted.names.index(name)
    known = np.unique(x[:, column][~np.isnan(x[:, column])])
    grid = known if parameter.grouped or len(known) <= points else np.quantile(known, np.linspace(0, 1, points))
    ground = x[np.unique(np.linspace(0, len(x) - 1, min(len(x), GROUND)).astype(int))]
    stacked = np.repeat(ground[None], len(grid), axis=0)
    stacked[:, :, column] = grid[:, None]
    flat = stacked.reshape(-1, x.shape[1])
    kind = surrogate(population).kind
    curves = np.array([one.predict(flat).reshape(len(grid), -1).mean(axis=1) for one in chosen(fitted, kind)])
    mean = fitted.unit * curves.mean(axis=0)
    reach = fitted.unit * np.array([_reach(curves[:, k]) for k in range(len(grid))])
    shown: tuple[object, ...] = tuple(float(v) for v in grid)
    if not parameter.numeric:
        levels = level_codes(population.levels(name))
        shown = tuple(level for code, level in enumerate(levels) if float(code) in set(grid))
    return PartialDependence(name, shown, mean, mean - reach, mean + reach)


def chosen(fitted: Models, kind: str) -> tuple[Model, ...]:
    """Return the models of a kind, one a fold."""
    if kind == BOTH:
        return tuple(Mean(pair) for pair in zip(fitted.forests, fitted.processes, strict=True))
    return fitted.processes if kind == GAUSSIAN_PROCESS else fitted.forests


def _words(kind: str) -> str:
    trees = f"random forest ({fitting.TREES} trees)"
    named = {FOREST: trees, GAUSSIAN_PROCESS: GAUSSIAN_PROCESS, BOTH: f"mean of a {trees} and a {GAUSSIAN_PROCESS}"}
    return f"{named[kind]}, permutation importance on held-out runs"


def _held_out(fitted: Models, of: Sequence[Model]) -> np.ndarray:
    """Return held-out predictions, shape (repeats, m)."""
    predicted = np.empty((REPEATS, len(fitted.y)))
    for number, (model, (_, test)) in enumerate(zip(of, fitted.folds, strict=True)):
        predicted[number // FOLDS, test] = model.predict(fitted.x[test])
    return predicted


def _r2(fitted: Models, predicted: np.ndarray) -> float:
    spread = np.average((fitted.y - np.average(fitted.y, weights=fitted.weights)) ** 2, weights=fitted.weights)
    errors = [np.average((fitted.y - one) ** 2, weights=fitted.weights) for one in predicted]
    return float(np.mean([1 - error / spread for error in errors]))


def _falls(fitted: Models, of: Sequence[Model]) -> np.ndarray:
    """Return by how much R2 falls, by fold and parameter, shape (folds x repeats, p)."""
    x, y = fitted.x, fitted.y
    falls = np.empty((FOLDS * REPEATS, x.shape[1]))
    spread = float(np.mean((y - y.mean()) ** 2))
    for number, (model, (_, test)) in enumerate(zip(of, fitted.folds, strict=True)):
        shuffled, orders = [x[test]], np.random.default_rng(SEED + number)
        for j in range(x.shape[1]):
            for _ in range(SHUFFLES):
                copy = x[test].copy()
                copy[:, j] = orders.permutation(copy[:, j])
                shuffled.append(copy)
        predicted = model.predict(np.concatenate(shuffled)).reshape(-1, len(test))
        errors = np.mean((y[test] - predicted) ** 2, axis=1)
        falls[number] = (errors[1:].reshape(-1, SHUFFLES).mean(axis=1) - errors[0]) / spread
    return falls


def _reach(resampled: np.ndarray) -> float:
    count = len(resampled)
    variance = float(np.var(resampled, ddof=1)) * (1 / count + 1 / (FOLDS - 1))
    return float(stats.t.ppf(0.975, count - 1) * np.sqrt(variance))
