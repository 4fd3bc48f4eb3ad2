"""What runs logged step by step: curves of a metric on a common axis, the best place of each, and which ended early.

Over 300 lines: the axis, its steps, the curves and their gaps are one reading of a history, in one set of terms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lib.analysis.population import Population
from lib.model.objective_choice import likely_goal

MOST_PLACES = 100
STEP, SECONDS = "_step", "_runtime"
_EPOCH = re.compile(r"(^|[._/-])epochs?$", re.IGNORECASE)
_NO_CURVE = {STEP, SECONDS, "_timestamp", "run_id"}
# An epoch column is taken as the axis where nearly every row that holds the metric states its epoch.
_COVERED = 0.95
# Runs have a common length where at least this share of them end at one place.
_COMMON = 0.2
_HELD_OUT = {"val", "valid", "validation", "eval", "evaluation", "dev", "test"}
_TRAINED = {"train", "training"}


@dataclass(frozen=True, eq=False)
class Steps:
    """Where the rows of the histories lie: sorted by run, then along the axis.

    axis : a column of the history. places : up to 100 places along it, ascending, shape (m,); every value that occurs,
    or evenly spread ones where there are more. rows : positions in the sweep's history; run : the sweep's row of each;
    at : its value along the axis; place : the index of the first place at or after it.
    """

    axis: str
    places: np.ndarray
    rows: np.ndarray
    run: np.ndarray
    at: np.ndarray
    place: np.ndarray


@dataclass(frozen=True, eq=False)
class Curves:
    """One metric of every used run at every place: the last value logged at or before it.

    values : shape (n, m), NaN before a run's first value and after its last. logged : how many values a run had logged
    at each place, the median over the runs that reached it, shape (m,).
    """

    metric: str
    steps: Steps
    values: np.ndarray
    logged: np.ndarray


@dataclass(frozen=True, eq=False)
class LearningCurves:
    """The objective's curves and what they say of each run.

    best_place, best_value : where the run's best value was logged, and that value, shape (n,), NaN without a history.
    last_place : where each run of the sweep (used or not) logged its last value, NaN without one. length : the place
    where most runs end, None where they have no common one. stopped : the sweep's rows of runs that ended before it.
    """

    curves: Curves
    best_place: np.ndarray
    best_value: np.ndarray
    last_place: np.ndarray
    length: float | None
    stopped: np.ndarray


@dataclass(frozen=True, slots=True)
class MetricPair:
    """A metric logged both in training and on held-out data."""

    trained: str
    held_out: str


@dataclass(frozen=True, eq=False)
class Gap:
    """How much worse a metric is on held-out data than in training; above 0 is overfitting.

    places : along `axis`, shape (m,). median, low, high : over the used runs at each place (quartiles), shape (m,).
    values : of each run, shape (n, m).
    last : at each run's end; fallen : how much worse the held-out metric ends than its best was, 0 or more; (n,).
    span : the middle 90 % of the held-out metric's last values, in its units.
    """

    pair: MetricPair
    axis: str
    places: np.ndarray
    values: np.ndarray
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    last: np.ndarray
    fallen: np.ndarray
    span: float


def why_unavailable(population: Population) -> str | None:
    """Say in a sentence why there are no learning curves; None where there are."""
    history, origin = population.sweep.history, population.sweep.origin
    if history.empty:
        return (
            f"{origin.label} holds no histories (what each run logged step by step), so there are no learning curves."
        )
    if not len(population.rows):
        return f"{population.why_no_run}, so there is nothing to draw."
    if not curve_metrics(population):
        return "The runs that are used here logged no metric step by step, so there are no learning curves."
    return None


def curve_metrics(population: Population) -> list[str]:
    """Names of the metrics that were logged step by step, the objective first, else in order of name."""
    history, objective = population.sweep.history, population.objective.metric
    names = [str(c) for c in history.columns if c not in _NO_CURVE and not _EPOCH.search(str(c))]
    logged = [name for name in sorted(names) if history[name].notna().any()]
    return sorted(logged, key=lambda name: name != objective)


def smaller_is_better(population: Population, metric: str) -> bool:
    """Whether a curve is the better the lower it lies: by the objective's goal, or else by the metric's name."""
    objective = population.objective
    return objective.sign < 0 if metric == objective.metric else likely_goal(metric) == "minimize"


def _sign(population: Population, pair: MetricPair) -> int:
    """Return -1 where smaller is better, else +1: of the pair that holds the objective by its goal."""
    one = pair.trained if pair.trained == population.objective.metric else pair.held_out
    return -1 if smaller_is_better(population, one) else 1


def run_labels(population: Population) -> list[str]:
    """Return a name for each used run, followed by its id where runs share their name."""
    runs = population.runs
    shared = runs["name"].duplicated(keep=False)
    return [f"{n} ({i})" if s else n for n, i, s in zip(runs["name"], runs["run_id"], shared, strict=True)]


def rows_named(population: Population, names: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Find used runs by their labels or ids: their positions, best first, and the names that no used run has."""
    at = dict(zip(population.runs["run_id"], range(len(population.rows)), strict=True))
    at |= dict(zip(run_labels(population), range(len(population.rows)), strict=True))
    wanted = {at[name] for name in names if name in at}
    rows = population.best_first[np.isin(population.best_first, list(wanted))]
    return rows, tuple(name for name in names if name not in at)


def axes_of(population: Population, metric: str) -> list[str]:
    """Return what the metric can be drawn over, the best axis first: epochs where they are logged with it, then steps.

    Seconds since each run's start (`_runtime`) come last.
    """
    history = population.sweep.history
    known = history[metric].notna() if metric in history else pd.Series(True, index=history.index)
    names = [*sorted(str(c) for c in history.columns if _EPOCH.search(str(c))), STEP, SECONDS]
    total = max(int(known.sum()), 1)
    return [n for n in names if n == STEP or (n in history and (history[n].notna() & known).sum() >= _COVERED * total)]


def steps_of(population: Population, metric: str, axis: str) -> Steps:
    """Lay the rows that hold a finite value of the metric out along the axis."""
    sweep = population.sweep
    codes, ids = pd.factorize(sweep.history["run_id"])
    run = pd.Index(sweep.runs["run_id"]).get_indexer(pd.Index(ids)).astype(np.int32)[codes]
    del codes
    at = sweep.history[axis].to_numpy(dtype=float, na_value=np.nan)
    values = sweep.history[metric].to_numpy(dtype=float, na_value=np.nan)
    rows = np.flatnonzero((run >= 0) & np.isfinite(at) & np.isfinite(values)).astype(np.int32)
    del values
    rows = rows[np.lexsort((at[rows], run[rows]))]
    run, at = run[rows], at[rows]
    places = np.unique(at)
    if len(places) > MOST_PLACES:
        places = np.linspace(places[0], places[-1], MOST_PLACES)
        # A step is whole, and so is the place that stands for it.
        places = np.unique(np.ceil(places)) if np.array_equal(at, np.round(at)) else places
    place = np.searchsorted(places, at, side="left")
    return Steps(axis, places, rows, run, at, place.astype(np.int32))


def curves(population: Population, steps: Steps, metric: str) -> Curves:
    """Put one metric of the used runs on the common places; the metric may lack values where another has some."""
    values = population.sweep.history[metric].to_numpy(dtype=float, na_value=np.nan)[steps.rows]
    count, width = len(population.rows), len(steps.places)
    own = np.full(len(population.sweep), -1)
    own[population.rows] = np.arange(count)
    run = own[steps.run]
    kept = (run >= 0) & np.isfinite(values)
    run, place, values = run[kept], steps.place[kept], values[kept]
    # Column by column, each filled from the one before: a hundred thousand runs are many of every table.
    table = np.full((count, width), np.nan, order="F")
    # Rows are in order along the axis, so the last one of a place is the one that stays.
    table[run, place] = values
    last = np.full(count, -1, dtype=np.int32)
    np.maximum.at(last, run, place)
    logged = np.full(width, np.nan)
    so_far = np.zeros(count, dtype=np.int32)
    by_place = np.argsort(place, kind="stable")
    ends = np.searchsorted(place[by_place], np.arange(width + 1))
    for at in range(width):
        column = table[:, at]
        if at:
            missing = np.isnan(column)
            column[missing] = table[missing, at - 1]
        column[last < at] = np.nan
        np.add.at(so_far, run[by_place[ends[at] : ends[at + 1]]], 1)
        reached = ~np.isnan(column)
        if reached.any():
            logged[at] = np.median(so_far[reached])
    return Curves(metric, steps, table, logged)


def curves_along(population: Population, metric: str, axis: str) -> Curves:
    """Lay one metric of the used runs out along an axis of the histories."""
    return curves(population, steps_of(population, metric, axis), metric)


def learning_curves(population: Population, axis: str | None = None) -> LearningCurves | None:
    """Read the objective's curves; None where the histories don't hold it."""
    metric = population.objective.metric
    if why_unavailable(population) is not None or metric not in curve_metrics(population):
        return None
    steps = steps_of(population, metric, axis or axes_of(population, metric)[0])
    sign, every = population.objective.sign, len(population.sweep)
    values = sign * population.sweep.history[metric].to_numpy(dtype=float, na_value=np.nan)[steps.rows]
    best_value, best_place, last_place = (np.full(every, np.nan) for _ in range(3))
    starts = np.flatnonzero(np.concatenate([[True], steps.run[1:] != steps.run[:-1]]))
    present = steps.run[starts]
    best_value[present] = np.maximum.reduceat(values, starts)
    last_place[present] = np.maximum.reduceat(steps.at, starts)
    at_best = np.flatnonzero(values == best_value[steps.run])
    runs, first = np.unique(steps.run[at_best], return_index=True)
    best_place[runs] = steps.at[at_best[first]]
    length = common_length(last_place[population.rows])
    ended = np.zeros(every, dtype=bool) if length is None else last_place < length
    return LearningCurves(
        curves=curves(population, steps, metric),
        best_place=best_place[population.rows],
        best_value=sign * best_value[population.rows],
        last_place=last_place,
        length=length,
        stopped=np.flatnonzero(ended),
    )


def common_length(last_places: np.ndarray) -> float | None:
    """Return the place where most runs end (the later one of a tie); None where fewer than a fifth share one."""
    known = last_places[np.isfinite(last_places)]
    if not known.size:
        return None
    places, counts = np.unique(known, return_counts=True)
    most = int(counts.max())
    return float(places[counts == most].max()) if most >= max(2, _COMMON * known.size) else None


def metric_pairs(names: list[str]) -> tuple[MetricPair, ...]:
    """Pair metrics that are one and the same in training and on held-out data, by their names.

    A held-out name has one word of "val", "valid", "validation", "eval", "dev" or "test"; its partner has the same
    other words, and "train" or nothing in its place: val_loss and loss, eval/acc and train/acc. Validation comes before
    test, losses before scores.
    """
    trained: dict[tuple[str, ...], str] = {}
    held: list[tuple[tuple[str, ...], str, bool]] = []
    for name in sorted(names):
        words = [word for word in re.split(r"[\s._/:-]+", name.lower()) if word]
        rest = tuple(word for word in words if word not in _HELD_OUT | _TRAINED)
        if not rest:
            continue
        if len(words) - len(rest) == 1 and words_of(words, _HELD_OUT):
            held.append((rest, name, "test" in words))
        elif not words_of(words, _HELD_OUT) and (rest not in trained or words_of(words, _TRAINED)):
            trained[rest] = name
    pairs = [(test, MetricPair(trained[rest], name)) for rest, name, test in held if rest in trained]
    return tuple(
        pair for _, pair in sorted(pairs, key=lambda p: (p[0], likely_goal(p[1].held_out) != "minimize", p[1].held_out))
    )


def words_of(words: list[str], among: set[str]) -> list[str]:
    """Return those words of a name that are among the given ones."""
    return [word for word in words if word in among]


def gap(population: Population, pair: MetricPair) -> Gap:
    """Measure the gap between training and held-out data along the runs."""
    along = curves_along(population, pair.held_out, axes_of(population, pair.held_out)[0])
    axis, places, held_out = along.steps.axis, along.steps.places, along.values
    # With many runs it is as large as all that follows.
    del along
    values = _beside(population, pair, axis, places)
    np.subtract(values, held_out, out=values)
    sign = _sign(population, pair)
    values *= sign
    low, median, high = quantiles(values, (0.25, 0.5, 0.75))
    ends = _last(held_out)
    low_end, high_end = quantiles(ends[:, None], (0.05, 0.95))[:, 0]
    held_out *= sign
    best = np.fmax.reduce(held_out, axis=1, initial=-np.inf)
    fallen = np.where(np.isfinite(best), best - _last(held_out), np.nan)
    return Gap(pair, axis, places, values, median, low, high, _last(values), fallen, float(high_end - low_end))


def _beside(population: Population, pair: MetricPair, axis: str, places: np.ndarray) -> np.ndarray:
    """Return the training metric on the places of the held-out one; it may be logged in rows of its own."""
    own = steps_of(population, pair.trained, axis)
    moved = replace(own, places=places, place=np.searchsorted(places, own.at, side="left").astype(np.int32))
    inside = moved.place < len(places)
    if not inside.all():
        moved = replace(moved, rows=own.rows[inside], run=own.run[inside], at=own.at[inside], place=moved.place[inside])
    del own
    return curves(population, moved, pair.trained).values


def _last(values: np.ndarray) -> np.ndarray:
    """Return the last known value of each row, NaN where there is none."""
    known = ~np.isnan(values)
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    at = values.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
    return values[np.arange(len(values)), at]


def quantiles(values: np.ndarray, shares: tuple[float, ...]) -> np.ndarray:
    """Return quantiles of each column without its NaN (numpy's linear rule), shape (shares, m); NaN where all are."""
    out = np.full((len(shares), values.shape[1]), np.nan)
    for at in range(values.shape[1]):
        known = np.sort(values[~np.isnan(values[:, at]), at])
        if len(known):
            position = np.array(shares) * (len(known) - 1)
            below = np.floor(position).astype(int)
            lower, upper = known[below], known[np.minimum(below + 1, len(known) - 1)]
            out[:, at] = lower + (upper - lower) * (position - below)
    return out
