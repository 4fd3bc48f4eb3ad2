"""Whether runs were trained equally long, and among which of them, or at which step, they can be compared."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import stats

from lib.analysis.population import Population
from lib.analysis.repeats import is_seed

# A run is as long as the longest from this share of its length on.
_FULL = 0.9
# Lengths are unequal where this share of the runs is shorter, and decide where they go with the objective.
_SHORT, _DECIDES = 0.1, 0.01
# Runs were cut short (by Hyperband, by crashes) where they end at few places, or where most of them are full; runs that
# end at many places stopped once they no longer improved, each as good as it got.
_FEW_ENDS, _MOST = 6, 0.5
# This many runs have to be full, or to have reached a step, to be compared.
LEAST_COMPARED = 12
_REACHED = 0.8
# A parameter decides the length by levels of this many runs each, or where both are in the same order.
_MOST_LEVELS, _RUNS_A_LEVEL, _GOES_WITH = 20, 3, 0.99
_LENGTHS = re.compile(r"(^|[./_-])(_step|global_step|epochs?|steps?|iterations?|iter)$", re.IGNORECASE)
# Of a name's last part: epochs of the best value, planned ones, those of a warm-up.
_OTHER = re.compile(r"best|max|num|total|warm_?up|per_|(^|[._-])n[._-]", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Training:
    """Runs that were trained for unequally long.

    by : what says how long, "_step" of the histories or a metric. shortest, longest : of the used runs. short : how
    many of `known` used runs with a known length are shorter than the longest. cut : whether they were cut short, so
    that their ends can't be compared. compared : which used runs are compared, boolean, shape (n,). at : the step at
    which they are, None at their ends. values : the objective there, shape (n,), NaN where it isn't known. full : which
    used runs are as long as the longest, boolean, shape (n,).
    """

    by: str
    shortest: float
    longest: float
    short: int
    known: int
    cut: bool
    compared: np.ndarray
    at: float | None
    values: np.ndarray
    full: np.ndarray


@lru_cache(maxsize=8)
def training(population: Population) -> Training | None:
    """Find out whether some runs were trained for less long than others; None where none were, or it isn't known.

    Runs that were cut short are not compared at their ends: all are compared at the largest step that enough of them
    logged the objective at, or the full-length ones among themselves; too few of them, and none are. Shorter ones are
    not compared with each other either: what is better early need not be better late. A length that a searched
    parameter decides is that parameter's doing.
    """
    known = _lengths(population)
    if known is None:
        return None
    by, lengths = known
    has = np.isfinite(lengths)
    longest = float(np.max(lengths[has]))
    full = has & (lengths >= _FULL * longest)
    short = int(has.sum() - full.sum())
    if short < max(3, _SHORT * has.sum()) or _decided_by_a_parameter(population, lengths, full):
        return None
    good = population.objective.sign * population.values
    varied = float(np.ptp(good[has])) > 0
    goes = float(stats.spearmanr(lengths[has], good[has]).pvalue) if varied else 1.0
    ends = len(np.unique(lengths[has]))
    stopped = any((d.config or {}).get("early_terminate") for d in population.sweep.declarations)
    cut = goes < _DECIDES and (stopped or ends <= _FEW_ENDS or full.sum() >= _MOST * has.sum())
    shortest = float(np.min(lengths[has]))
    everything = np.ones(len(good), dtype=bool)
    at_ends = Training(by, shortest, longest, short, int(has.sum()), cut, everything, None, population.values, full)
    if not cut:
        return at_ends
    at_step = _at_a_common_step(population)
    if at_step is not None:
        at, values = at_step
        return replace(at_ends, compared=np.isfinite(values), at=at, values=values)
    return replace(at_ends, compared=full if full.sum() >= LEAST_COMPARED else np.zeros(len(good), dtype=bool))


def _lengths(population: Population) -> tuple[str, np.ndarray] | None:
    """Return how long each used run was trained, shape (n,), and what says so."""
    n = len(population.rows)
    history = population.sweep.history
    metric = population.objective.metric
    found = []
    if not history.empty and metric in history.columns:
        last = history[history[metric].notna()].groupby("run_id")["_step"].max()
        found.append(("_step", population.runs["run_id"].map(last).to_numpy(dtype=float, na_value=np.nan)))
    names = [name for name in map(str, population.sweep.metrics.columns) if name != metric]
    names = [name for name in names if _LENGTHS.search(name) and not _OTHER.search(name.rpartition("/")[2])]
    for name in sorted(names, key=lambda name: ("epoch" not in name.lower(), len(name), name)):
        column = population.metric(name)
        if column.dtype.kind in "iuf":
            found.append((name, column.to_numpy(dtype=float, na_value=np.nan)))
    for by, lengths in found:
        if n >= LEAST_COMPARED and np.isfinite(lengths).sum() >= 0.9 * n and np.nanmin(lengths) >= 0:
            return by, lengths
    return None


def _decided_by_a_parameter(population: Population, lengths: np.ndarray, full: np.ndarray) -> bool:
    """Whether every level of a searched parameter is full-length or none is, or the length goes with its number."""
    for parameter in population.searched:
        if is_seed(population, parameter.name):
            continue
        levels = population.levels(parameter.name)
        if levels.notna().all() and levels.nunique() <= min(_MOST_LEVELS, len(levels) // _RUNS_A_LEVEL):
            shares = np.array([full[(levels == level).to_numpy()].mean() for level in levels.unique()])
            if np.isin(shares, (0.0, 1.0)).all():
                return True
        elif parameter.numeric:
            both = np.column_stack([population.numbers(parameter.name), lengths])
            both = both[np.isfinite(both).all(axis=1)]
            if len(both) > 1 and (np.ptp(both, axis=0) > 0).all() and stats.spearmanr(both).statistic > _GOES_WITH:
                return True
    return False


def _at_a_common_step(population: Population) -> tuple[float, np.ndarray] | None:
    """Return the largest step that enough runs logged the objective at, and its value there, shape (n,)."""
    from lib.analysis.learning_curves import learning_curves

    learned = learning_curves(population)
    if learned is None or learned.curves.metric != population.objective.metric:
        return None
    values = learned.curves.values
    reached = np.isfinite(values).sum(axis=0)
    enough = np.flatnonzero(reached >= max(LEAST_COMPARED, _REACHED * len(values)))
    if not len(enough):
        return None
    at = int(enough[-1])
    there = values[:, : at + 1]
    if population.objective.value == "best":
        best = np.nanmax if population.objective.sign > 0 else np.nanmin
        known = np.isfinite(there).any(axis=1)
        out = np.full(len(values), np.nan)
        out[known] = best(there[known], axis=1)
        return float(learned.curves.steps.places[at]), np.where(np.isfinite(values[:, at]), out, np.nan)
    return float(learned.curves.steps.places[at]), there[:, at]
