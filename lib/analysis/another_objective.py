"""The same runs asked about another metric, or about their runtime: every analysis of an objective works on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lib.analysis.population import USED, Population
from lib.search_space import likely_minimized, numeric_metrics
from lib.sweep import Goal, Objective


def other_metrics(population: Population) -> list[str]:
    """Names of the metrics that the runs can be asked about besides the objective: those logged, then the runtime."""
    objective = population.objective.metric
    return [n for n in numeric_metrics(population.sweep) if n != objective and not n.startswith("_")]


def likely_goal(metric: str) -> Goal:
    """Guess which way is better from a metric's name; a short runtime is."""
    return "minimize" if likely_minimized(metric) else "maximize"


def values_of(population: Population, metric: str) -> np.ndarray:
    """Return a metric's last value of each used run, or its runtime in seconds; NaN where it isn't finite."""
    values = population.metrics[metric].to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def about(population: Population, metric: str, goal: Goal) -> Population:
    """Return the population with another metric for its objective: its used runs, less those that lack the metric."""
    has = np.isfinite(values_of(population, metric))
    fate = population.fate.copy()
    fate.iloc[population.rows[~has]] = f"no value of {metric}"
    return Population(
        sweep=population.sweep,
        choices=replace(population.choices, metric=metric, goal=goal, value="last"),
        objective=Objective(metric, goal),
        parameters=population.parameters,
        fate=fate,
        rows=np.flatnonzero((fate == USED).to_numpy()),
    )


def narrowed(population: Population, other: Population) -> Population:
    """Return the population with no other runs than `other` uses, so that the two can be compared run by run."""
    return replace(population, fate=other.fate, rows=other.rows)
