"""The same runs asked about another metric, or about their runtime: every analysis of an objective works on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lib.analysis.population import USED, Population
from lib.model.goal import Goal, Objective
from lib.model.objective import objective_values
from lib.model.objective_choice import goal_of_metric, numeric_metrics


def other_metrics(population: Population) -> list[str]:
    """Names of the metrics that the runs can be asked about besides the objective: those logged, then the runtime."""
    objective = population.objective.metric
    return [n for n in numeric_metrics(population.sweep) if n != objective and not n.startswith("_")]


def goal_in(population: Population, metric: str) -> Goal:
    """Return which way is better for another metric: as the sweep declares it, else by its name; a short runtime is."""
    return goal_of_metric(population.sweep, metric, population.choices.columns)[0]


def known_goal(population: Population, metric: str) -> Goal | None:
    """Return which way is better for any metric; None where neither the reader, the sweep nor its name tells."""
    if metric == population.objective.metric:
        return population.objective.goal
    goal, source = goal_of_metric(population.sweep, metric, population.choices.columns)
    return None if source in ("data", "unknown") else goal


def objective_about(population: Population, metric: str, goal: Goal) -> Objective:
    """Return another metric as the objective, by the reader's rule where the histories hold it, else its last value."""
    sweep = population.sweep
    value = population.objective.value if metric in sweep.history.columns else "last"
    return Objective(metric, goal, value, unit="s" if metric == sweep.runtime_metric else "")


def values_of(population: Population, objective: Objective) -> np.ndarray:
    """Return another metric of each used run, or its runtime in seconds; NaN where it isn't finite."""
    values = objective_values(population.sweep, objective)[population.rows]
    return np.where(np.isfinite(values), values, np.nan)


def about(population: Population, metric: str, goal: Goal) -> Population:
    """Return the population with another metric for its objective: its used runs, less those that lack the metric."""
    objective = objective_about(population, metric, goal)
    has = np.isfinite(values_of(population, objective))
    fate = population.fate.copy()
    fate.iloc[population.rows[~has]] = f"no value of {metric}"
    return Population(
        sweep=population.sweep,
        choices=replace(population.choices, metric=metric, goal=goal, value=objective.value),
        objective=objective,
        parameters=population.parameters,
        fate=fate,
        rows=np.flatnonzero((fate == USED).to_numpy()),
    )


def narrowed(population: Population, other: Population) -> Population:
    """Return the population with no other runs than `other` uses, so that the two can be compared run by run."""
    return replace(population, fate=other.fate, rows=other.rows)
