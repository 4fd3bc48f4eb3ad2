"""Which settings fail: runs that crashed, gave no finite value or collapsed, against those that succeeded."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from lib.analysis.levels import texts_of_levels
from lib.analysis.population import LEFT_OUT, Population
from lib.model.columns import plain
from lib.model.numbers import number
from lib.model.objective import objective_values
from lib.model.parameter import Parameter
from lib.model.sweep import CHILD, PARENT
from lib.statistics.firth import firth
from lib.statistics.low_mode import high_mode_above_zero, low_mode
from lib.statistics.multiple_testing import LEVEL, holm

Kind = Literal["crashed", "failed", "killed", "preempted", "no finite value", "collapsed"]
FEWEST_FAILED, FEWEST_SUCCEEDED = 3, 5
_STATES: tuple[Kind, ...] = ("crashed", "failed", "killed", "preempted")
_MOST_LEVELS = 40
# Ranges are cut at this many places at most; a cut is about as clear as the clearest up to this ratio of p-values.
_MOST_CUTS, _ABOUT_AS_CLEAR = 1_000, 10.0


@dataclass(frozen=True, slots=True)
class Failing:
    """Settings of one parameter under which runs fail more often than elsewhere.

    where : the settings in words. low, high : the range that fails, None where it is open or levels; level : the level
    that fails. failed of `of` runs there failed, else_failed of `else_of` elsewhere. p_adjusted : Holm over parameters.
    """

    parameter: str
    where: str
    low: float | None
    high: float | None
    level: Any
    failed: int
    of: int
    else_failed: int
    else_of: int
    p_adjusted: float


@dataclass(frozen=True, eq=False)
class Failures:
    """The runs that failed. counts : by kind, most frequent first; runs : how many runs failed or succeeded.

    gap : where runs collapsed, the best value of one that did and the worst of the other used runs, between which none
    lies; None where none did.
    """

    counts: tuple[tuple[Kind, int], ...]
    runs: int
    failing: tuple[Failing, ...]
    gap: tuple[float, float] | None = None

    @property
    def failed(self) -> int:
        """How many runs failed."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class BetterLeftOut:
    """The best of the left-out runs, where it beats the best used one: `count` of them do."""

    run_id: str
    name: str
    value: float
    state: str
    count: int


@lru_cache(maxsize=8)
def collapsed(population: Population) -> np.ndarray:
    """Return which used runs collapsed: a low mode apart from the rest, boolean, shape (n,).

    Not where it is whole levels of a parameter that are low, or most runs in which a number differs from what it is in
    the other runs (one setting changed at a time): that is an effect of it.
    """
    sign, values = population.objective.sign, population.values
    by_ratio = sign < 0 and len(values) > 0 and float(values.min()) > 0
    found = high_mode_above_zero(values) if by_ratio else low_mode(sign * values)
    if found.any():
        low = pd.Series(found)
        for parameter in population.searched:
            levels = pd.Series(texts_of_levels(population.levels(parameter.name)))
            if _are_whole_levels(low, levels) if parameter.grouped else _are_changes(low, levels):
                return np.zeros(len(found), dtype=bool)
    return found


def _are_whole_levels(low: pd.Series, levels: pd.Series) -> bool:
    """Whether of each level all runs are low or none is."""
    return bool(np.isin(low.groupby(levels, sort=False).mean().to_numpy(), (0.0, 1.0)).all())


def _are_changes(low: pd.Series, levels: pd.Series) -> bool:
    """Whether low runs are most of those that have another value than over half of all runs have, and no others."""
    usual = levels == levels.value_counts().index[0]
    return bool(usual.mean() > 0.5 and not low[usual].any() and low.sum() >= 0.5 * (~usual).sum())


@lru_cache(maxsize=8)
def failures(population: Population) -> Failures | None:
    """Test which settings fail; None where no run did.

    A run failed where it crashed, failed, was killed or preempted, ended without a finite value of the objective, or
    collapsed; runs that still run and those that the reader left out don't count. Levels are tested by Fisher's exact
    test, each against the rest (Bonferroni over the levels), numbers by Firth's logistic regression along the
    parameter's scale; Holm over parameters. The range that fails is cut where the counts on either side differ most.
    """
    kinds = kinds_of_runs(population)
    counted = kinds != ""
    failed = counted & (kinds != "succeeded")
    if not failed.any():
        return None
    counts = tuple(Counter(kinds[failed].tolist()).most_common())
    total = int(counted.sum())
    if failed.sum() < FEWEST_FAILED or total - failed.sum() < FEWEST_SUCCEEDED:
        return Failures(counts, total, (), _gap(population))
    found = []
    for parameter in population.searched:
        if parameter.name not in population.sweep.config.columns:
            continue
        column = population.sweep.config[parameter.name]
        tested = (_of_numbers if parameter.numeric and not parameter.grouped else _of_levels)(
            parameter, column[counted].reset_index(drop=True), failed[counted]
        )
        if tested is not None:
            found.append(tested)
    adjusted = holm([one.p_adjusted for one in found])
    failing = [replace(one, p_adjusted=p) for one, p in zip(found, adjusted, strict=True) if p < LEVEL]
    ordered = sorted(failing, key=lambda one: (one.p_adjusted, one.parameter))
    return Failures(counts, total, tuple(ordered), _gap(population))


def _gap(population: Population) -> tuple[float, float] | None:
    low = collapsed(population)
    if not low.any():
        return None
    good = population.objective.sign * population.values
    sign = population.objective.sign
    return float(sign * good[low].max()), float(sign * good[~low].min())


def failing_regions(population: Population) -> tuple[Failing, ...]:
    """Return the settings that fail, clearest first: what the next sweep keeps away from."""
    found = failures(population)
    return () if found is None else found.failing


def better_left_out(population: Population) -> BetterLeftOut | None:
    """Find the best run that was left out because of its state, where it beats the best used run.

    Not among those that another run stands for.
    """
    if not len(population.rows):
        return None
    values = objective_values(population.sweep, population.objective)
    by_state = population.fate.str.startswith("state ").to_numpy() & np.isfinite(values)
    by_state &= ~population.sweep.runs["state"].isin((PARENT, CHILD)).to_numpy()
    good = np.where(by_state, population.objective.sign * values, -np.inf)
    beats = good > population.objective.sign * population.values[population.best_first[0]]
    if not beats.any():
        return None
    at = int(np.argmax(good))
    run = population.sweep.runs.iloc[at]
    return BetterLeftOut(str(run["run_id"]), str(run["name"]), float(values[at]), str(run["state"]), int(beats.sum()))


def kinds_of_runs(population: Population) -> np.ndarray:
    """Return what became of each run of the sweep: a kind of failure, "succeeded", or "" where it doesn't count."""
    states = population.sweep.runs["state"].to_numpy(dtype=object)
    values = objective_values(population.sweep, population.objective)
    kinds = np.full(len(states), "", dtype=object)
    ended = np.isin(states, population.choices.states or ("finished", "unknown"))
    kinds[ended & np.isfinite(values)] = "succeeded"
    logged = population.sweep.logged_nan.get(population.objective.metric, np.zeros(len(states), dtype=bool))
    kinds[ended & (np.isinf(values) | logged)] = "no finite value"
    for state in _STATES:
        kinds[states == state] = state
    kinds[(population.fate == LEFT_OUT).to_numpy()] = ""
    kinds[population.rows[collapsed(population)]] = "collapsed"
    return kinds


def _of_levels(parameter: Parameter, column: pd.Series, failed: np.ndarray) -> Failing | None:
    texts = texts_of_levels(column)
    known = (texts != "").to_numpy()
    levels = sorted(set(texts[known]))
    if len(levels) < 2 or len(levels) > _MOST_LEVELS:
        return None
    results = []
    for level in levels:
        here = known & (texts == level).to_numpy()
        counts = _counts(here, known & ~here, failed)
        if counts[0] * counts[3] > counts[2] * counts[1]:
            results.append((_fisher(counts), level, counts))
    if not results:
        return None
    p_value, level, counts = min(results)
    value = plain(column[(texts == level).to_numpy()].iloc[0])
    where = f"{parameter.name} = {number(value)}"
    return Failing(parameter.name, where, None, None, value, *counts, min(1.0, p_value * len(levels)))


def _of_numbers(parameter: Parameter, column: pd.Series, failed: np.ndarray) -> Failing | None:
    x = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    known = np.isfinite(x)
    x, failed = x[known], failed[known]
    distinct = np.unique(x)
    if len(distinct) < 2 or failed.sum() < FEWEST_FAILED:
        return None
    along = np.log10(x) if parameter.scale == "log" and distinct[0] > 0 else x / max(float(np.abs(x).max()), 1e-300)
    fit = firth(along, failed)
    upwards = fit.slope > 0
    cut = _cut(x, failed, upwards)
    here = x > cut if upwards else x < cut
    where = f"{parameter.name} {'above' if upwards else 'below'} {number(cut)}"
    low_end, high_end = (cut, None) if upwards else (None, cut)
    return Failing(parameter.name, where, low_end, high_end, None, *_counts(here, ~here, failed), fit.p_value)


def _cut(x: np.ndarray, failed: np.ndarray, upwards: bool) -> float:
    """Return the number beyond which failing is clearest; the shortest among those about as clear."""
    distinct = np.unique(x)
    gaps = np.arange(1, len(distinct))
    gaps = gaps[np.unique(np.linspace(0, len(gaps) - 1, min(len(gaps), _MOST_CUTS)).astype(int))]
    turn = np.sort(x[failed])
    below = np.searchsorted(np.sort(x), distinct[gaps], "left")
    failed_below = np.searchsorted(turn, distinct[gaps], "left")
    of = len(x) - below if upwards else below
    hits = len(turn) - failed_below if upwards else failed_below
    # The tail of the hypergeometric distribution by its normal limit: cuts are only compared with each other.
    share = len(turn) / len(x)
    spread = np.sqrt(of * share * (1 - share) * (len(x) - of) / max(len(x) - 1, 1))
    clear = stats.norm.logsf((hits - of * share) / spread)
    about = np.flatnonzero(clear <= clear.min() + np.log(_ABOUT_AS_CLEAR))
    cuts = [_between(float(distinct[gaps[at] - 1]), float(distinct[gaps[at]])) for at in about]
    return min(zip(cuts, clear[about].tolist(), strict=True), key=lambda one: (len(repr(one[0])), one[1]))[0]


def _counts(here: np.ndarray, elsewhere: np.ndarray, failed: np.ndarray) -> tuple[int, int, int, int]:
    return int((here & failed).sum()), int(here.sum()), int((elsewhere & failed).sum()), int(elsewhere.sum())


def _fisher(counts: tuple[int, int, int, int]) -> float:
    """Return the one-sided p-value of Fisher's exact test: that this many of the failures are here by chance."""
    failed, of, else_failed, else_of = counts
    return float(stats.hypergeom.sf(failed - 1, of + else_of, failed + else_failed, of))


def _between(low: float, high: float) -> float:
    """Return the number of fewest digits between two numbers, so that it splits them as a person would write it."""
    for digits in range(1, 16):
        for tidy in (float(f"{low:.{digits}g}"), float(f"{high:.{digits}g}")):
            if low < tidy < high:
                return tidy
    return low / 2 + high / 2 if math.isfinite(low / 2 + high / 2) else low
