"""Which metric the report is about and which way is better: as declared, else worked out, with how it is known.

The goal is taken from the reader, else from what the sweep declares, else from what the runs' own config says of model
selection (monitor and mode), else from the metric's name, where that leaves it open from a result that it goes with,
else from a run that diverged; where nothing tells, it is assumed, and the report says so first. The metric is chosen
alike; clocks, counters, sizes, settings and ids are none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.model.choices import Choices, ColumnChoice
from lib.model.column_choices import goals_of
from lib.model.errors import InputError
from lib.model.goal import Goal, GoalSource, MetricSource, Objective, goal_of
from lib.model.goal_by_company import Company, goal_by_company
from lib.model.metric_names import read_name
from lib.model.model_selection import ModelSelection, model_selection
from lib.model.objective_ranking import RESULT_ROLES, ranked_metrics
from lib.model.sweep import Declaration, Sweep

ASSUMED_GOAL: Goal = "maximize"
MOST_RUNNERS_UP = 3
# A run this many times the spread (median absolute deviation) away from the median, beyond all others, diverged.
FAR, MOST_DIVERGED, FEWEST_VALUES = 1_000.0, 0.1, 8


@dataclass(frozen=True, slots=True)
class DeclaredMetric:
    """One metric of a sweep config: the key `metric`, or an entry of the list `metrics`."""

    name: str
    """The metric's name, as the runs log it."""
    goal: Goal
    """The declared goal; "minimize" where none is declared, as W&B takes it."""
    stated: bool
    """Whether the config states the goal."""


def declared_metrics(declaration: Declaration) -> tuple[DeclaredMetric, ...]:
    """Return the metrics that a sweep config declares, the objective first; those without a name are passed over."""
    config = declaration.config or {}
    several = config.get("metrics")
    listed = [config.get("metric"), *(several if isinstance(several, (list, tuple)) else ())]
    found: dict[str, DeclaredMetric] = {}
    for one in listed:
        if isinstance(one, Mapping) and one.get("name"):
            goal = goal_of(str(one.get("goal")).strip().lower())
            name = str(one["name"])
            found.setdefault(name, DeclaredMetric(name, goal or "minimize", goal is not None))
    return tuple(found.values())


def objective_of(sweep: Sweep, choices: Choices) -> Objective:
    """Resolve the objective: the reader's metric, else the declared one, else the likeliest result; and its goal.

    Raises InputError where no column reads as a result, where the named metric isn't there or isn't numeric, or where
    the joined sweeps declare different ones and the reader chose none.
    """
    numeric = numeric_metrics(sweep)
    declared = [metrics[0] for d in sweep.declarations if (metrics := declared_metrics(d))]
    selection = model_selection(sweep, numeric)
    runners_up: tuple[str, ...] = ()
    as_likely: tuple[str, ...] = ()
    metric_source: MetricSource
    if choices.metric is not None:
        metric, metric_source = choices.metric, "reader"
    elif declared:
        metric, metric_source = _one_declared(declared), "declared"
    else:
        ranked = ranked_metrics(sweep, numeric)
        if selection is not None:
            metric, metric_source = selection.metric, "monitor"
        elif ranked:
            metric, metric_source = next(iter(ranked)), "name"
            as_likely = tuple(name for name in ranked if name != metric and ranked[name] == ranked[metric])
        else:
            raise InputError(_no_result(sweep))
        runners_up = tuple(name for name in ranked if name != metric)[:MOST_RUNNERS_UP]
    if metric not in numeric:
        raise InputError(_no_such_metric(sweep, metric, numeric))
    company = goal_by_company(sweep, metric, numeric)
    goal, goal_source = _goal(sweep, metric, choices, selection, company)
    key = selection.metric_key if selection is not None and metric_source == "monitor" else None
    return Objective(
        metric=metric,
        goal=goal,
        value=choices.value,
        unit="s" if metric == sweep.runtime_metric else "",
        metric_source=metric_source,
        goal_source=goal_source,
        runners_up=runners_up,
        as_likely=as_likely[:MOST_RUNNERS_UP],
        metric_key=key,
        goal_key=selection.goal_key if selection is not None and goal_source == "monitor" else None,
        goal_beside=company.metric if company is not None and goal_source == "company" else None,
    )


def likely_goal(metric: str) -> Goal:
    """Return which way is better by a metric's name alone; "maximize" where the name doesn't say."""
    return read_name(metric).goal or ASSUMED_GOAL


def goal_of_metric(sweep: Sweep, metric: str, columns: Sequence[ColumnChoice] = ()) -> tuple[Goal, GoalSource]:
    """Return which way is better for any metric of the sweep, and how that is known.

    columns : what the reader said of columns, which stands above the rest. What a metric goes with says nothing here:
    of two that are weighed against each other, each gets worse as the other gets better.
    """
    return _goal(sweep, metric, Choices(columns=tuple(columns)), model_selection(sweep, [metric]), None)


def numeric_metrics(sweep: Sweep) -> list[str]:
    """Names of the numeric metrics that hold at least one number, as the source orders them; the runtime comes last."""
    names = []
    for name in sweep.metrics.columns:
        column = sweep.metrics[name]
        if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
            continue
        if column.notna().any() or name in sweep.logged_nan:
            names.append(str(name))
    return names


def goal_from_diverged(values: np.ndarray) -> Goal | None:
    """Guess which way is better from runs that diverged: the worst values are the ones far beyond all others.

    values : floats, shape (runs,), NaN where a run has none. Infinite values count as far. None with fewer than 8
    values, with far ones on both sides or over a tenth of them. A rule of thumb of this program, not a method of the
    field: it is used where the name says nothing, and the report calls it a guess.
    """
    known = values[~np.isnan(values)]
    finite = known[np.isfinite(known)]
    if len(finite) < FEWEST_VALUES:
        return None
    middle = float(np.median(finite))
    with np.errstate(over="ignore"):
        spread = float(np.median(np.abs(finite - middle)))
        far = FAR * spread
        above, below = int((known > middle + far).sum()), int((known < middle - far).sum())
    if spread == 0 or max(above, below) > max(1, MOST_DIVERGED * len(known)) or bool(above) == bool(below):
        return None
    return "minimize" if above else "maximize"


def _one_declared(declared: Sequence[DeclaredMetric]) -> str:
    known = sorted({(metric.name, metric.goal) for metric in declared})
    if len(known) > 1:
        stated = ", ".join(f"{goal} {name}" for name, goal in known)
        raise InputError(f"The sweeps have different objectives ({stated}). Choose one: --metric NAME --goal GOAL.")
    return known[0][0]


def _goal(
    sweep: Sweep, metric: str, choices: Choices, selection: ModelSelection | None, company: Company | None
) -> tuple[Goal, GoalSource]:
    if choices.goal is not None:
        return choices.goal, "reader"
    if metric in (chosen := goals_of(choices.columns)):
        return chosen[metric], "reader"
    declared = [m for d in sweep.declarations for m in declared_metrics(d) if m.name == metric]
    ways = sorted({m.goal for m in declared})
    if len(ways) > 1:
        raise InputError(
            f"The sweeps have different goals for {metric} ({' and '.join(ways)}). Choose one: --goal GOAL."
        )
    if declared:
        return ways[0], "declared" if any(m.stated for m in declared) else "default"
    reading = read_name(metric)
    if reading.goal is not None and reading.stated:
        return reading.goal, "stated"
    if selection is not None and selection.metric == metric and selection.goal is not None:
        return selection.goal, "monitor"
    if metric == sweep.runtime_metric:
        return "minimize", "name"
    if reading.never_negative and _sign_turned(sweep, metric):
        return "maximize", "sign"
    if company is not None:
        return company.goal, "company"
    if reading.goal is not None:
        return reading.goal, "name"
    if metric in sweep.metrics.columns and pd.api.types.is_numeric_dtype(sweep.metrics[metric]):
        guessed = goal_from_diverged(sweep.metrics[metric].to_numpy(dtype=float, na_value=np.nan))
        if guessed is not None:
            return guessed, "data"
    return ASSUMED_GOAL, "unknown"


def _sign_turned(sweep: Sweep, metric: str) -> bool:
    """Whether no value of an error is above zero: scikit-learn's scores are errors with their sign turned."""
    if metric not in sweep.metrics.columns or not pd.api.types.is_numeric_dtype(sweep.metrics[metric]):
        return False
    values = sweep.metrics[metric].to_numpy(dtype=float, na_value=np.nan)
    return bool((values < 0).any() and not (values > 0).any())


def _no_result(sweep: Sweep) -> str:
    columns = _listing([*map(str, sweep.config.columns), *map(str, sweep.summary.columns)], most=20)
    empty = [r.column for r in sweep.readings if r.part == "empty" and read_name(r.column).role in RESULT_ROLES]
    texts = [r.column for r in sweep.readings if r.type == "text" and read_name(r.column).role in RESULT_ROLES]
    blank = f" ({_listing(empty, most=3)} {'is' if len(empty) == 1 else 'are'} empty in every row)" if empty else ""
    if texts and not empty:
        blank = (
            f" ({_listing(texts, most=3)} {'holds' if len(texts) == 1 else 'hold'} text or lists, and no number a run)"
        )
    return (
        f"In {sweep.origin.label} no column reads as a result{blank}, so runs can't be ranked. Columns: {columns}. "
        "Export the runs with their results, or name the column: under Objective in the app, else by --metric NAME."
    )


def _no_such_metric(sweep: Sweep, metric: str, numeric: Sequence[str]) -> str:
    where = sweep.origin.label
    if metric in sweep.summary.columns:
        return f"The metric {metric!r} in {where} is not numeric. Choose one of: {_listing(numeric)}."
    if metric in sweep.config.columns:
        return f"{metric!r} is a config key of {where} and no metric. Choose one of: {_listing(numeric)}."
    if set(numeric) <= {sweep.runtime_metric}:
        return f"{where} has no numeric metric, so {metric!r} can't be read from it."
    return f"{where} has no metric {metric!r}. Choose one of: {_listing(numeric)}."


def _listing(names: Sequence[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
