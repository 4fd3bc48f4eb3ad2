"""Which way is better for a metric whose name leaves it open, by a result that it rises and falls with.

A `best_score` that falls with the runs' valid_rmse is an error. A rule of this program, not a method of the field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.model.goal import Goal
from lib.model.metric_names import read_name
from lib.model.sweep import Sweep

FEWEST_RUNS, FEWEST_VALUES = 8, 5
CLOSE, THE_SAME = 0.9, 0.99
_RESULTS = frozenset(("result", "criterion"))


@dataclass(frozen=True, slots=True)
class Company:
    """The result that a metric goes with, and which way is better for the metric by it."""

    metric: str
    goal: Goal
    """Of the metric that was asked about, not of the one that it goes with."""


def goal_by_company(sweep: Sweep, metric: str, numeric: Sequence[str]) -> Company | None:
    """Return the result that a metric goes with most closely; None where its name says enough, or there is none.

    A result counts whose name says which way is better, and whose rank correlation (Spearman) with the metric is 0.9 or
    more, up or down, over the runs that have both: eight at least, with five values each. For a name in no list it must
    be 0.99, since what is paid for a result (sparsity, noise) goes with it closely as well. Where two such results
    disagree, there is none. numeric : the metrics to look among.
    """
    own = read_name(metric)
    if metric not in sweep.metrics.columns or not (own.vague or own.role == "unknown") or own.stated:
        return None
    close = CLOSE if own.vague else THE_SAME
    found: list[tuple[float, Company]] = []
    for name in numeric:
        reading = read_name(name)
        if name == metric or reading.goal is None or reading.vague or reading.role not in _RESULTS:
            continue
        correlation = _rank_correlation(sweep, metric, name)
        if abs(correlation) >= close:
            other: Goal = "minimize" if reading.goal == "maximize" else "maximize"
            found.append((abs(correlation), Company(name, reading.goal if correlation > 0 else other)))
    if len({company.goal for _, company in found}) != 1:
        return None
    return max(found, key=lambda pair: pair[0])[1]


def _rank_correlation(sweep: Sweep, one: str, other: str) -> float:
    """Return Spearman's coefficient over the runs that have both; 0 where there are too few to tell."""
    pairs = np.column_stack([sweep.metrics[name].to_numpy(dtype=float, na_value=np.nan) for name in (one, other)])
    pairs = pairs[np.isfinite(pairs).all(axis=1)]
    if len(pairs) < FEWEST_RUNS or min(len(np.unique(column)) for column in pairs.T) < FEWEST_VALUES:
        return 0.0
    # Reading a file imports no more than it needs.
    from scipy import stats

    return float(stats.spearmanr(pairs).statistic)
