"""Which of a run's values counts, as every page and document states it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.inferred_objective import goal_caveat
from lib.model.numbers import duration, number, precise
from lib.model.objective import value_rule

if TYPE_CHECKING:
    from lib.results.report import Report


def objective_rule(report: Report) -> str:
    """Say which of a run's values counts, as every page states it."""
    objective = report.population.objective
    if objective.metric == report.sweep.runtime_metric:
        return f"{objective.metric}, {objective.goal}; each run's own runtime in seconds"
    caveat = goal_caveat(objective, report.sweep.origin.format)
    goal = f"{objective.goal} ({caveat})" if caveat else objective.goal
    text = f"{objective.metric}, {goal}; {value_rule(objective.value).words}"
    made = next((d.expression for d in report.sweep.derived if d.name == objective.metric), None)
    return text if made is None else f"{text}; derived: {made}"


def metric_words(report: Report, metric: str, value: float | None) -> str:
    """Write a value of any metric: the objective's as `value_words` does, a runtime as a time span."""
    if metric == report.population.objective.metric:
        return value_words(report, value)
    return duration(value) if metric == report.sweep.runtime_metric else number(value)


def value_words(report: Report, value: float | None) -> str:
    """Write a value of the objective to one digit beyond the noise of one run, the same wherever it stands."""
    return precise(value, report.precision)
