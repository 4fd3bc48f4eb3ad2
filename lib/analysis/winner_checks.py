"""Whether the winner holds: on a test metric, by another value rule, and whether longer training would help it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lib.analysis.learning_curves import LearningCurves
from lib.analysis.population import Population
from lib.analysis.winners import Winners, winners
from lib.model.metric_names import words_of

_HELD_OUT = {"val", "valid", "validation", "eval", "evaluation", "dev"}
_TEST = {"test", "testing"}
# A best value this late in training counts as at its end.
_AT_END = 0.95
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class OnTest:
    """The winner on a test metric: its value and rank among the `of` used runs that have one, and who is best there.

    `correlation` is Spearman's between the objective and the metric over these runs, both with better as higher; None
    where undefined.
    """

    metric: str
    value: float
    rank: int
    of: int
    best_name: str
    best_value: float
    correlation: float | None


@dataclass(frozen=True, slots=True)
class AtTheEnd:
    """Where the winner's best value was logged: at `place` of `length` along its history; `late` where at its end.

    `late_share` is the share of all used runs with a history of which that holds.
    """

    place: float
    length: float
    late: bool
    late_share: float


@dataclass(frozen=True, slots=True)
class WinnerChecks:
    """What else is known of the winner; each None where the runs don't say."""

    on_test: OnTest | None
    by_rule: Winners | None
    at_end: AtTheEnd | None


def winner_checks(population: Population, curves: LearningCurves | None) -> WinnerChecks | None:
    """Hold the best run against a test metric, the other value rule and its own history; None where no run is used."""
    if len(population.rows) == 0:
        return None
    return WinnerChecks(_on_test(population), winners(population), _at_end(population, curves))


def metric_on_test(population: Population) -> str | None:
    """Return the metric that measures on test data what the objective measures on validation data, by its name."""
    words = _words(population.objective.metric)
    if words & _TEST:
        return None
    stem = words - _HELD_OUT
    found = []
    for name in map(str, population.sweep.metrics.columns):
        own = _words(name)
        rest = own - _TEST
        if own & _TEST and rest and (rest <= stem or stem <= rest):
            found.append((len(rest ^ stem), name))
    return min(found)[1] if found else None


def _words(name: str) -> set[str]:
    return set(words_of(name))


def _on_test(population: Population) -> OnTest | None:
    metric = metric_on_test(population)
    if metric is None:
        return None
    values = pd.to_numeric(population.metric(metric), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(values)
    best = int(population.best_first[0])
    if not known[best] or known.sum() < _FEWEST:
        return None
    # It measures what the objective measures, so better is the same way.
    sign = population.objective.sign
    good = np.where(known, sign * values, -np.inf)
    there = int(np.argmax(good))
    objective = population.objective.sign * population.values[known]
    varied = len(np.unique(objective)) > 1 and len(np.unique(values[known])) > 1
    return OnTest(
        metric=metric,
        value=float(values[best]),
        rank=int(np.sum(good > good[best])) + 1,
        of=int(known.sum()),
        best_name=str(population.runs["name"].iloc[there]),
        best_value=float(values[there]),
        correlation=float(stats.spearmanr(objective, sign * values[known]).statistic) if varied else None,
    )


def _at_end(population: Population, curves: LearningCurves | None) -> AtTheEnd | None:
    if curves is None:
        return None
    ends = curves.last_place[population.rows]
    known = np.isfinite(curves.best_place) & np.isfinite(ends) & (ends > 0)
    best = int(population.best_first[0])
    if not known[best]:
        return None
    late = curves.best_place[known] >= _AT_END * ends[known]
    place, length = float(curves.best_place[best]), float(ends[best])
    return AtTheEnd(place, length, place >= _AT_END * length, float(np.mean(late)))
