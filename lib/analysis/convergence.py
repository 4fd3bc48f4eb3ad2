"""Whether a sweep has settled: the expected best against the number of runs, and what its last quarter brought.

The expected best of k runs is that of k of these runs drawn without replacement (Dodge et al. 2019, EMNLP, "Show your
work"; in the unbiased form of Tang et al. 2020, ACL): an order statistic, not a simulation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import gammaln

from lib.analysis.population import Population
from lib.model.numbers import p_value, percent
from lib.statistics.moments import of_unit_size
from lib.statistics.multiple_testing import LEVEL

FEWEST_RUNS = 20
UNORDERED = "order not known"
_MOST_POINTS = 300


@dataclass(frozen=True, eq=False)
class Convergence:
    """How the best grew with the runs.

    runs : k, shape (m,): every k where there are up to 300 runs, else 300 of them, evenly spread on a log scale.
    expected_best, low, high : the expected best of k of these runs in random order, and the band that holds 95 % of
    orders; best_so_far : the best of the first k as they were created. All in the objective's units, shape (m,).
    last_quarter_gain : how much better the best of all is than the best before the last quarter of the runs, 0 or more.
    luck : chance of a gain as large in random order. trend_p : one-sided Mann–Whitney test of the last quarter against
    the quarter before. verdict : "still improving" where either says so (each at half of 5 %), else "converged"; "too
    few runs" below 20; "order not known" where a run lacks its time of creation. next_runs : a quarter as many runs
    again; next_better : the chance that they hold a new best, were they drawn as these were; next_gain : the gain to
    expect of them, at most.
    """

    runs: np.ndarray
    expected_best: np.ndarray
    low: np.ndarray
    high: np.ndarray
    best_so_far: np.ndarray
    last_quarter_runs: int
    last_quarter_gain: float | None
    last_quarter_gain_why: str
    luck: float | None
    trend_p: float | None
    verdict: str
    next_runs: int
    next_better: float
    next_gain: float | None

    @property
    def rose(self) -> bool:
        """Whether the runs of the last quarter as a whole say more for an improvement than its best one does."""
        return self.trend_p is not None and (self.luck is None or self.trend_p < self.luck)


def convergence(population: Population) -> Convergence | None:
    """Describe how the best grew with the runs; None where no run is used."""
    n = len(population.rows)
    if n == 0:
        return None
    sign = population.objective.sign
    good = sign * population.values
    ordered = np.sort(good)
    points = np.arange(1, n + 1)
    if n > _MOST_POINTS:
        points = np.unique(np.round(np.geomspace(1, n, _MOST_POINTS)).astype(int))
    expected, low, high = expected_best(ordered, points)
    so_far = np.maximum.accumulate(good)[points - 1]
    last = n // 4
    gain = luck = trend_p = next_gain = None
    ordered_in_time = bool(population.runs["created_at"].notna().all())
    if last:
        earlier = expected_best(ordered, np.array([max(1, round(0.8 * n))]))[0][0]
        next_gain = float(ordered[-1] - earlier)
    if last and ordered_in_time:
        before = float(good[: n - last].max())
        gain = float(good.max()) - before
        luck = float(np.exp(_log_chance(int(np.searchsorted(ordered, before, side="right")), n - last, n)))
    if n >= FEWEST_RUNS and ordered_in_time:
        newest, previous = good[n - last :], good[n - 2 * last : n - last]
        trend_p = float(stats.mannwhitneyu(newest, previous, alternative="greater").pvalue)
    if n < FEWEST_RUNS:
        verdict = "too few runs"
    elif luck is None or trend_p is None:
        verdict = UNORDERED
    else:
        verdict = "still improving" if min(luck, trend_p) < LEVEL / 2 else "converged"
    ends = (low, high) if sign > 0 else (-high, -low)
    return Convergence(
        runs=points,
        expected_best=sign * expected,
        low=ends[0],
        high=ends[1],
        best_so_far=sign * so_far,
        last_quarter_runs=last,
        last_quarter_gain=gain,
        last_quarter_gain_why=_why(verdict, gain, luck, trend_p),
        luck=luck,
        trend_p=trend_p,
        verdict=verdict,
        next_runs=last,
        next_better=last / (n + last),
        next_gain=next_gain,
    )


def expected_best(ordered: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean and the 2.5 and 97.5 % quantiles of the largest of k values drawn without replacement.

    ordered : all values, ascending, shape (n,). points : the k, each 1..n, shape (m,). Three arrays of shape (m,).
    """
    n = len(ordered)
    near, size = of_unit_size(ordered)
    place = np.arange(1, n + 1)
    mean, low, high = (np.empty(len(points)) for _ in range(3))
    for at, k in enumerate(points):
        below = np.exp(_log_chance(place, int(k), n))
        chance = np.diff(below, prepend=0.0)
        mean[at] = float(chance @ near) * size
        low[at] = ordered[min(int(np.searchsorted(below, 0.025 - 1e-12)), n - 1)]
        high[at] = ordered[min(int(np.searchsorted(below, 0.975 - 1e-12)), n - 1)]
    return mean, low, high


def chances_of_best(n: int, k: int) -> np.ndarray:
    """Return the chance of each of n values, in ascending order, to be the largest of k of them, shape (n,)."""
    return np.diff(np.exp(_log_chance(np.arange(1, n + 1), k, n)), prepend=0.0)


def _log_chance(place: np.ndarray | int, k: int, n: int) -> np.ndarray:
    """Return the log of C(place, k) / C(n, k): the chance that k of n values are all among the `place` smallest."""
    place = np.asarray(place, dtype=float)
    possible = place >= k
    inside = np.where(possible, place, k)
    of_all, of_others = gammaln(np.array([n + 1.0, n - k + 1.0]))
    log = gammaln(inside + 1) - gammaln(inside - k + 1) - of_all + of_others
    return np.where(possible, log, -np.inf)


def _why(verdict: str, gain: float | None, luck: float | None, trend_p: float | None) -> str:
    if verdict == UNORDERED:
        return "The source doesn't say when each run was created, so which came last isn't known."
    if gain is None or luck is None or trend_p is None:
        return f"Fewer than {FEWEST_RUNS} runs can't show whether the search has settled."
    if verdict == "still improving":
        if luck <= trend_p:
            return f"A gain this large in the last quarter would be luck in only {percent(luck)} of random orders."
        return f"Runs of the last quarter did better than those of the quarter before ({p_value(trend_p)})."
    if gain > 0:
        return f"A gain this large in the last quarter would be luck in {percent(luck)} of random orders."
    return "The last quarter brought no new best, and its runs did no better than those of the quarter before."
