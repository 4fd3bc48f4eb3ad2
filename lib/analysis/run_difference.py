"""Which hyperparameters a few runs differ by, and how much of the difference in the objective each explains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.analysis.population import Population
from lib.analysis.process import Process, predicted_in_parts, process


def explained(population: Population, runs: Sequence[int]) -> dict[str, float]:
    """Return how much of the difference between the best of some used runs and the others each parameter explains.

    runs : positions of used runs. By the process of the winner (`lib.analysis.process`) at its mode: what the expected
    objective loses where the best run gets the other's value of one parameter, and what the other's gains by the best
    run's, averaged (for two parameters, the Shapley value: Shapley 1953, Contributions to the Theory of Games II). The
    mean over the others, signed so that more is better for the best run. Empty where there is no model, or one of the
    runs is far below all that it knows.
    """
    fitted = process(population)
    if fitted is None or len(runs) < 2:
        return {}
    at = _rows(fitted, runs)
    if at is None:
        return {}
    good = population.objective.sign * population.values[list(runs)]
    x = fitted.places.x[at[np.argsort(-good, kind="stable")]]
    return {
        name: float(np.mean([_swapped(population, fitted, x[0], other=other, number=number) for other in x[1:]]))
        for number, name in enumerate(fitted.places.names)
    }


def _rows(fitted: Process, runs: Sequence[int]) -> np.ndarray | None:
    """Return the rows of runs among the process's places; None where one has none."""
    of = fitted.means.of_run[list(runs)]
    at = np.searchsorted(fitted.seen, of)
    known = (at < len(fitted.seen)) & (fitted.seen[np.minimum(at, len(fitted.seen) - 1)] == of)
    return at if known.all() else None


def _swapped(population: Population, fitted: Process, best: np.ndarray, *, other: np.ndarray, number: int) -> float:
    columns = fitted.places.owner == number
    worse, better = np.where(columns, other, best), np.where(columns, best, other)
    expected = _expected(population, fitted, np.stack([best, worse, better, other]))
    return population.objective.sign * float((expected[0] - expected[1] + expected[2] - expected[3]) / 2)


def _expected(population: Population, fitted: Process, x: np.ndarray) -> np.ndarray:
    """Return the expected objective at some places, at the process's mode."""
    good = fitted.centre + fitted.scale * predicted_in_parts(fitted.gp, x)
    noise = fitted.scale * np.sqrt(fitted.gp.noise * float(np.median(fitted.gp.data.noise)))
    sign, unit = population.objective.sign, fitted.means.unit
    means, _ = fitted.in_units(sign * good, np.full(len(x), noise))
    return np.asarray(means) * unit
