"""How early the final ranking could have been known, and from that, when the next sweep may stop its weak runs.

W&B stops runs by Hyperband (https://docs.wandb.ai/models/sweeps/sweep-config-keys#early_terminate): after `min_iter`
logged values, and again at every `eta` times as many, runs go on whose best value so far is among the best 1/eta of the
values that runs had there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush, heappushpop

import numpy as np
from scipy import stats

from lib.analysis.correlation import spearman_interval
from lib.analysis.learning_curves import LearningCurves
from lib.analysis.population import Population
from lib.model.numbers import coefficient, count, percent

FEWEST_RUNS = 20
# The ranking counts as known from 0.8 on; from 0.5 on it tells enough to part the weaker runs from the rest.
KNOWN, TELLING = 0.8, 0.5
ETAS = (3, 2)
# A rule must keep this many of the best runs, on average over as many places as luck needs to even out.
KEPT, WINDOW = 0.8, 5
# Rules are tried from this many places at most.
MOST_PLACES = 40
# A rule that spares less than this isn't worth the good runs that it may stop.
LEAST_SAVED = 0.1
# W&B sends at most this many rows of a run's history; where there are more they were thinned, and can't be counted.
THINNED_AT = 500


@dataclass(frozen=True, eq=False)
class RankCurve:
    """Spearman's correlation of the objective at each place with the final one, over the runs that reached it.

    All arrays have shape (m,); coefficient, low and high (95 % interval) are NaN where undefined.
    """

    places: np.ndarray
    n: np.ndarray
    coefficient: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def index_from(self, level: float) -> int | None:
        """Return the index of the first place from which on the interval's lower end is at least `level`.

        Places that fewer than half of the runs reached are passed over. None where there is no such place.
        """
        enough = np.flatnonzero(self.n >= max(4, int(self.n.max(initial=0)) / 2))
        if not enough.size:
            return None
        unsure = np.flatnonzero(~(self.low[: enough[-1] + 1] >= level))
        first = int(unsure[-1]) + 1 if unsure.size else 0
        return first if first <= enough[-1] else None

    @property
    def known_from(self) -> float | None:
        """The place from which on the ranking counts as known; None where it never does before the end."""
        first = self.index_from(KNOWN)
        return None if first is None else float(self.places[first])


@dataclass(frozen=True, slots=True)
class EarlyStopping:
    """A rule for the next sweep's weak runs, tried on the histories of these runs.

    min_iter, eta : W&B's. place : where min_iter values have been logged, along the curves' axis. saved_share : the
    part of all logged steps that the rule would have saved.
    """

    min_iter: int
    eta: int
    place: float
    saved_share: float
    why: str

    @property
    def config(self) -> dict[str, object]:
        """The entry `early_terminate` of a W&B sweep config; not strict, as it was tried: W&B's package 0.3.0 is."""
        return {"type": "hyperband", "min_iter": self.min_iter, "eta": self.eta, "strict": False}


def rank_curve(population: Population, learned: LearningCurves) -> RankCurve:
    """Correlate the objective at each place with the final one (`scipy.stats.spearmanr`; see `spearman_interval`)."""
    values = learned.curves.values
    width = values.shape[1]
    n = np.sum(~np.isnan(values), axis=0)
    coefficient, low, high = (np.full(width, np.nan) for _ in range(3))
    for at in range(width):
        reached = ~np.isnan(values[:, at])
        here, final = values[reached, at], population.values[reached]
        if n[at] < 4 or np.ptp(here) == 0 or np.ptp(final) == 0:
            continue
        coefficient[at] = float(stats.spearmanr(here, final).statistic)
        bounds = spearman_interval(coefficient[at], int(n[at]))
        if bounds is not None:
            low[at], high[at] = bounds
    return RankCurve(learned.curves.steps.places, n, coefficient, low, high)


def early_stopping(population: Population, learned: LearningCurves, ranks: RankCurve) -> EarlyStopping | None:
    """Recommend the Hyperband rule that saves these runs the most steps; None where they support none.

    Rules with `eta` 3 and 2 are tried on the used runs' histories as W&B would have applied them, each from the first
    place on where the ranking tells enough (Spearman's interval above 0.5). The earliest is taken that keeps the best
    run and, there and on average over five places, at least 8 in 10 of the best `choices.top` runs (at most a tenth of
    all); it must save at least a tenth of the steps. None below 20 runs with a history, and where a rule of the
    sweep's own has ended runs already: what they would have reached isn't known. The runs are replayed one after
    another, in the order in which they were created.
    """
    first = ranks.index_from(TELLING)
    if any((d.config or {}).get("early_terminate") for d in population.sweep.declarations):
        return None
    if first is None or int(ranks.n.max(initial=0)) < FEWEST_RUNS:
        return None
    good = population.objective.sign * learned.curves.values
    places = np.arange(first, good.shape[1] - 1)
    if len(places) > MOST_PLACES:
        places = places[np.linspace(0, len(places) - 1, MOST_PLACES).astype(int)]
    counts, thinned = _counts(population, learned)
    if counts is None:
        return None
    reached = _reached(good)
    order = population.best_first[~np.isnan(good[population.best_first]).all(axis=1)]
    top = order[: max(1, min(population.choices.top, len(order) // 10))]
    best: EarlyStopping | None = None
    for eta in ETAS:
        kept, saved = _tried(good, counts, reached, top=top, places=places, eta=eta)
        for step in range(len(kept) - WINDOW + 1):
            window = kept[step : step + WINDOW]
            if not window[:, 0].all() or min(window.mean(), window[0].mean()) < KEPT:
                continue
            if saved[step] >= max(LEAST_SAVED, best.saved_share if best else 0.0):
                at, stays = int(places[step]), int(kept[step].sum())
                why = _why(ranks, at, saved[step], kept=stays, top=len(top), thinned=thinned)
                place = float(ranks.places[at])
                best = EarlyStopping(_min_iter(counts, at), eta, place, saved[step], why)
            break
    return best


def _tried(
    good: np.ndarray, counts: np.ndarray, reached: np.ndarray, *, top: np.ndarray, places: np.ndarray, eta: int
) -> tuple[np.ndarray, list[float]]:
    """Try the rule at some places: which top runs go on, shape (places, top), and the share of steps saved."""
    kept, saved = [], []
    for at in places.tolist():
        last = replay(good, counts, _min_iter(counts, at), eta)
        kept.append((last >= reached)[top])
        saved.append(1 - float(counts[last].sum() / max(counts[reached].sum(), 1)))
    return np.array(kept).reshape(-1, len(top)), saved


def _min_iter(counts: np.ndarray, at: int) -> int:
    """Return the `min_iter` of a place: W&B looks at the value of that number."""
    return max(1, int(round(counts[at])))


def replay(good: np.ndarray, counts: np.ndarray, min_iter: int, eta: int) -> np.ndarray:
    """Return the index of the place where each run would have ended under Hyperband, shape (n,).

    good : larger is better, shape (n, m), runs in the order in which they started, NaN where not reached. counts :
    values logged at each place, ascending. The rule is that of `hyperband_stop_runs` of the package `sweeps` 0.3.0,
    runs made one after another: at each bracket a run ends whose best value so far is worse than the best 1/eta of
    those that the runs so far, its own among them, had there. Where runs were made at once, fewer were there by then.
    """
    places = np.searchsorted(counts, list(_brackets(min_iter, eta, float(counts[-1]))))
    best = np.fmax.accumulate(good, axis=1)
    last = _reached(good)
    there = [_Threshold(eta) for _ in places]
    for run, (values, so_far) in enumerate(zip(good[:, places].tolist(), best[:, places].tolist(), strict=True)):
        for at, place in enumerate(places.tolist()):
            if place > last[run]:
                break
            if values[at] == values[at]:
                there[at].add(-values[at])
            if -so_far[at] > there[at].last_kept:
                last[run] = place
                break
    return last


class _Threshold:
    """The last of the numbers that are kept, the smallest 1/eta so far and one more: two heaps that meet there."""

    def __init__(self, eta: int) -> None:
        self._eta = eta
        self._kept: list[float] = []
        self._others: list[float] = []

    @property
    def last_kept(self) -> float:
        """The largest number that is kept; infinity where there is none."""
        return -self._kept[0] if self._kept else math.inf

    def add(self, value: float) -> None:
        """Count another number in."""
        if self._kept and value < self.last_kept:
            heappush(self._others, -heappushpop(self._kept, -value))
        else:
            heappush(self._others, value)
        if len(self._kept) <= int(1 / self._eta * (len(self._kept) + len(self._others))):
            heappush(self._kept, -heappop(self._others))


def _brackets(min_iter: int, eta: int, most: float) -> Iterator[int]:
    bracket = min_iter
    while bracket <= most:
        yield bracket
        bracket *= eta


def _reached(values: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values)
    return np.where(known.any(axis=1), values.shape[1] - 1 - known[:, ::-1].argmax(axis=1), 0)


def _counts(population: Population, learned: LearningCurves) -> tuple[np.ndarray | None, bool]:
    """Return how many values are logged at each place, and whether that was read off the steps of thinned histories.

    Then a step counts for as many values as the rows that are there hold on average. None where there are no steps.
    """
    logged = np.maximum.accumulate(np.nan_to_num(learned.curves.logged))
    by_step = learned.curves.steps.axis == "_step"
    if not population.sweep.thinned and (logged[-1] < THINNED_AT or not by_step):
        return logged, False
    if not by_step:
        return None, True
    held = float(population.sweep.history[learned.curves.metric].notna().mean())
    return np.maximum(logged, (learned.curves.steps.places + 1) * held), True


def _why(ranks: RankCurve, at: int, saved: float, *, kept: int, top: int, thinned: bool) -> str:
    text = (
        f"At that point the ranking of {count(int(ranks.n[at]), 'run')} agrees with the final one (Spearman "
        f"{coefficient(float(ranks.coefficient[at]))}, 95% interval {coefficient(float(ranks.low[at]))} to "
        f"{coefficient(float(ranks.high[at]))}). On these runs, made one after another, the rule would have saved "
        f"{percent(saved)} of the training steps and kept the best run and {kept} of the best {top}."
    )
    return text + (" The histories were thinned when read: min_iter counts steps." if thinned else "")
