"""Two metrics at once: the runs that no other run beats in both, and the parameters that trade one for the other."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from scipy import stats

from lib.analysis.another_objective import about, goal_in, narrowed, objective_about, other_metrics, values_of
from lib.analysis.correlation import correlations
from lib.analysis.population import Population
from lib.model.goal import Goal, Objective
from lib.statistics.multiple_testing import benjamini_hochberg, is_clear

FEWEST_RUNS = 8
# Counts of epochs and steps go with a run's length; nobody wants them large or small for themselves.
_COUNTS = re.compile(r"(^|[._/-])(best_)?(epoch|step|iteration|iter|time|timestamp)s?$", re.IGNORECASE)
# More runs than these tell no more about which metric goes against the objective.
_MOST_RANKED = 5_000


@dataclass(frozen=True, slots=True)
class Trade:
    """How one numeric parameter goes with both metrics: Spearman, signed so that above 0 is towards better.

    p-values are adjusted (Benjamini and Hochberg) over all parameters and both metrics. trades : the signs differ and
    both are clear, so that turning the parameter gains one metric and costs the other.
    """

    parameter: str
    n: int
    first: float | None
    first_p: float | None
    second: float | None
    second_p: float | None
    trades: bool


@dataclass(frozen=True, eq=False)
class TradeOff:
    """Two metrics over the runs that have both.

    runs : positions of those runs among the used ones, shape (k,). first, second : their values. front : positions
    within these arrays of the runs on the Pareto front, from the best by the first metric to the best by the second.
    agreement : Spearman of the two, signed so that below 0 the better in one is the worse in the other.
    """

    first_objective: Objective
    second_objective: Objective
    runs: np.ndarray
    first: np.ndarray
    second: np.ndarray
    front: np.ndarray
    agreement: float | None
    trades: tuple[Trade, ...]


def why_unavailable(population: Population) -> str | None:
    """Say in a sentence why there is no trade-off to show; None where there is."""
    if not len(population.rows):
        return f"{population.why_no_run}, so there is nothing to draw."
    if not other_metrics(population):
        return f"{population.objective.metric} is the only metric of these runs, so there is nothing to trade it for."
    return None


def most_opposed(population: Population) -> str:
    """Return the metric that goes against the objective most: the one with the lowest Spearman in terms of better.

    Counts of epochs or steps come after all others, then metrics that are constant or known for fewer than 8 runs.
    """
    rows = np.arange(len(population.rows))
    if len(rows) > _MOST_RANKED:
        rows = np.linspace(0, len(rows) - 1, _MOST_RANKED).astype(int)
    mine = population.objective.sign * population.values[rows]
    found = []
    for at, name in enumerate(other_metrics(population)):
        other = objective_about(population, name, goal_in(population, name))
        theirs = other.sign * values_of(population, other)[rows]
        agreement = _spearman(mine, theirs)
        found.append((agreement is None, bool(_COUNTS.search(name)), agreement or 0.0, at, name))
    return min(found)[-1]


def trade_off(population: Population, metric: str, goal: Goal) -> TradeOff:
    """Set the objective against another metric, over the used runs that have both."""
    other = about(population, metric, goal)
    second = values_of(population, other.objective)
    runs = np.flatnonzero(np.isfinite(second))
    first_good = population.objective.sign * population.values[runs]
    second_good = other.objective.sign * second[runs]
    return TradeOff(
        first_objective=population.objective,
        second_objective=other.objective,
        runs=runs,
        first=population.values[runs],
        second=second[runs],
        front=pareto_front(first_good, second_good),
        agreement=_spearman(first_good, second_good),
        trades=_trades(narrowed(population, other), other),
    )


def pareto_front(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the positions of the points that no other is at least as good as in both and better in one.

    Larger is better in both; equal points are on the front together. Sorted by the first, best first. O(n log n).
    """
    if not len(first):
        return np.array([], dtype=int)
    order = np.lexsort((-second, -first))
    one, other = first[order], second[order]
    start = np.flatnonzero(np.concatenate([[True], one[1:] != one[:-1]]))
    group = np.cumsum(np.concatenate([[False], one[1:] != one[:-1]]))
    best_so_far = np.maximum.accumulate(other)
    before = np.concatenate([[-np.inf], best_so_far[start[1:] - 1]]) if len(start) > 1 else np.array([-np.inf])
    return order[(other == other[start][group]) & (other > before[group])]


def _trades(population: Population, other: Population) -> tuple[Trade, ...]:
    ours = [c for c in correlations(population) if c.method == "spearman"]
    theirs = [c for c in correlations(other) if c.method == "spearman"]
    every = [*ours, *theirs]
    tested = [at for at, c in enumerate(every) if c.p_value is not None]
    adjusted = dict(zip(tested, benjamini_hochberg([every[at].p_value or 0.0 for at in tested]), strict=True))
    out = []
    for at, (one, two) in enumerate(zip(ours, theirs, strict=True)):
        first = None if one.coefficient is None else population.objective.sign * one.coefficient
        second = None if two.coefficient is None else other.objective.sign * two.coefficient
        p_first, p_second = adjusted.get(at), adjusted.get(at + len(ours))
        clear = is_clear(p_first) and is_clear(p_second)
        opposed = first is not None and second is not None and first * second < 0
        out.append(Trade(one.parameter, one.n, first, p_first, second, p_second, clear and opposed))
    return tuple(out)


def _spearman(one: np.ndarray, other: np.ndarray) -> float | None:
    known = np.isfinite(one) & np.isfinite(other)
    one, other = one[known], other[known]
    if len(one) < FEWEST_RUNS or np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(stats.spearmanr(one, other).statistic)
