"""The same runs asked about another metric, or about their runtime: every analysis of an objective works on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from lib.analysis.population import USED, Population
from lib.search_space import likely_minimized, numeric_metrics
from lib.sweep import Goal, Objective

RUNTIME = "runtime"


def runtime_name(population: Population) -> str:
    """Return what the runs' own runtime (seconds) is called among the metrics; a metric's own name comes first."""
    return RUNTIME if RUNTIME not in population.sweep.summary.columns else "runtime of the run"


def other_metrics(population: Population) -> list[str]:
    """Names of the metrics that the runs can be asked about besides the objective: those logged, then the runtime."""
    objective = population.objective.metric
    names = [n for n in numeric_metrics(population.sweep) if n != objective and not n.startswith("_")]
    known = np.isfinite(population.runs["runtime"].to_numpy(dtype=float))
    return [*names, runtime_name(population)] if known.any() and runtime_name(population) not in names else names


def likely_goal(population: Population, metric: str) -> Goal:
    """Guess which way is better from a metric's name; a short runtime is."""
    return "minimize" if metric == runtime_name(population) or likely_minimized(metric) else "maximize"


def values_of(population: Population, metric: str) -> np.ndarray:
    """Return a metric's last value of each used run, or its runtime in seconds; NaN where it isn't finite."""
    if metric == runtime_name(population):
        values = population.runs["runtime"].to_numpy(dtype=float)
    else:
        values = population.summary[metric].to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def about(population: Population, metric: str, goal: Goal) -> Population:
    """Return the population with another metric for its objective: its used runs, less those that lack the metric."""
    values = values_of(population, metric)
    has = np.isfinite(values)
    sweep = population.sweep
    if metric == runtime_name(population):
        column = pd.Series(sweep.runs["runtime"].to_numpy(dtype=float))
        sweep = replace(sweep, summary=sweep.summary.assign(**{metric: column}))
    fate = population.fate.copy()
    fate.iloc[population.rows[~has]] = f"no value of {metric}"
    return Population(
        sweep=sweep,
        choices=replace(population.choices, metric=metric, goal=goal, value="last"),
        objective=Objective(metric, goal),
        parameters=population.parameters,
        fate=fate,
        rows=np.flatnonzero((fate == USED).to_numpy()),
    )


def narrowed(population: Population, other: Population) -> Population:
    """Return the population with no other runs than `other` uses, so that the two can be compared run by run."""
    return replace(population, fate=other.fate, rows=other.rows)
