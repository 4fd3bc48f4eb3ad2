"""What the runs cost: compute by state, what a parameter does to the runtime, and what ran when."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lib.analysis.another_objective import about
from lib.analysis.correlation import spearman_interval
from lib.analysis.effects import Effect, effects
from lib.analysis.effort import LEFT_OUT_BY_CHOICE, Effort, effort
from lib.analysis.groups import DiscreteImpact, discrete_impacts
from lib.analysis.population import Population
from lib.analysis.trade_off import TradeOff, trade_off
from lib.analysis.trend import ContinuousImpact, continuous_impacts
from lib.model.sweep import RUNTIME

MOST_GAPS = 10
# A pause shorter than these, in seconds and as a share of the whole time, is how sweeps go: one run ends, one begins.
_PAUSE = 60.0
_PAUSE_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class StateCost:
    """The runs of one state: how many, how many of them state a runtime, their runtimes added up in seconds."""

    state: str
    runs: int
    timed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time in which no run ran; times are UTC."""

    start: pd.Timestamp
    end: pd.Timestamp

    @property
    def seconds(self) -> float:
        """Its length in seconds."""
        return float((self.end - self.start).total_seconds())


@dataclass(frozen=True, eq=False)
class Timeline:
    """When each run ran, in seconds since `origin` (UTC): from its creation to its last sign of life.

    rows : positions of the runs in the sweep's tables, by start. lane : the first free one, 0-based, so that runs of a
    lane don't overlap. at, running : how many ran from each moment to the next, a step function; the last is 0.
    parallel : their mean while any ran; most : the largest. gaps : the longest pauses, longest first. untimed : runs
    whose start or end isn't known.
    """

    origin: pd.Timestamp
    rows: np.ndarray
    start: np.ndarray
    end: np.ndarray
    lane: np.ndarray
    at: np.ndarray
    running: np.ndarray
    parallel: float
    most: int
    gaps: tuple[Gap, ...]
    untimed: int

    @property
    def span(self) -> float:
        """Seconds from the first start to the last end."""
        return float(self.end.max())

    @property
    def idle(self) -> float:
        """Seconds in which nothing ran."""
        return float(np.diff(self.at)[self.running[:-1] == 0].sum())


@dataclass(frozen=True, eq=False)
class Cost:
    """What the sweep's runs cost (those that a filter leaves out don't count).

    agreement : Spearman of objective and runtime over the `n` used runs that state one, with its 95 % interval.
    against : the objective against the runtime; it and agreement are None where the runtime is the objective.
    timed : the used runs with their runtime for the objective. effects : of every searched parameter on the runtime;
    levels, trends : how the runtime goes along each parameter that clearly changes it.
    effort : best so far against compute. best_after : hours spent when the best run had ended.
    """

    states: tuple[StateCost, ...]
    seconds: float
    used_seconds: float
    timed: Population
    n: int
    agreement: float | None
    low: float | None
    high: float | None
    against: TradeOff | None
    effects: tuple[Effect, ...]
    levels: tuple[DiscreteImpact, ...]
    trends: tuple[ContinuousImpact, ...]
    effort: Effort
    best_after: float | None
    timeline: Timeline | None


def why_unavailable(population: Population) -> str | None:
    """Say in a sentence why nothing can be said of the cost; None where something can."""
    if not len(population.rows):
        return f"{population.why_no_run}, so there is nothing to set against its cost."
    if not np.isfinite(population.runs["runtime"].to_numpy(dtype=float)).any():
        return f"{population.sweep.origin.label} states no runtimes, so the cost is unknown."
    return None


def cost(population: Population) -> Cost | None:
    """Work out what the runs cost; None where no used run states a runtime."""
    if why_unavailable(population) is not None:
        return None
    counted = (population.fate != LEFT_OUT_BY_CHOICE).to_numpy()
    runs = population.sweep.runs[counted]
    by_state = runs.groupby("state")["runtime"].agg(["size", "count", "sum"])
    states = tuple(StateCost(str(s), int(r["size"]), int(r["count"]), float(r["sum"])) for s, r in by_state.iterrows())
    timed = about(population, population.sweep.runtime_metric or RUNTIME, "minimize")
    moved = effects(timed)
    claimed = {effect.parameter for effect in moved if effect.claimed}
    other = timed.objective.metric != population.objective.metric
    has = np.isin(population.rows, timed.rows)
    found = effort(population)
    best = np.flatnonzero(found.best == found.best[-1])
    agreement, low, high = _agreement(population.values[has], timed.values) if other else (None, None, None)
    return Cost(
        states=tuple(sorted(states, key=lambda s: (-s.seconds, s.state))),
        seconds=float(runs["runtime"].sum()),
        used_seconds=float(timed.values.sum()),
        timed=timed,
        n=len(timed.rows),
        agreement=agreement,
        low=low,
        high=high,
        against=trade_off(population, timed.objective.metric, "minimize") if other else None,
        effects=moved,
        levels=tuple(one for one in discrete_impacts(timed) if one.parameter in claimed),
        trends=tuple(one for one in continuous_impacts(timed) if one.parameter in claimed),
        effort=found,
        best_after=float(found.hours[best[0]]) if best.size else None,
        timeline=timeline(population),
    )


def timeline(population: Population) -> Timeline | None:
    """Lay out when the sweep's runs ran; None where no run states both ends.

    A run ends at its last heartbeat, or after its runtime where there is none. Lanes: the interval partitioning of
    runs by start, each into the lane that has been free for longest.
    """
    runs = population.sweep.runs
    counted = (population.fate != LEFT_OUT_BY_CHOICE).to_numpy()
    begun = runs["created_at"].astype("int64").to_numpy(dtype=float) / 1e3
    begun[runs["created_at"].isna().to_numpy()] = np.nan
    ended = runs["heartbeat_at"].astype("int64").to_numpy(dtype=float) / 1e3
    ended[runs["heartbeat_at"].isna().to_numpy()] = np.nan
    ended = np.where(np.isnan(ended), begun + runs["runtime"].to_numpy(dtype=float), ended)
    known = counted & np.isfinite(begun) & np.isfinite(ended) & (ended >= begun)
    rows = np.flatnonzero(known)
    if not rows.size:
        return None
    rows = rows[np.lexsort((ended[rows], begun[rows]))]
    first = begun[rows[0]]
    start, end = begun[rows] - first, ended[rows] - first
    at, running = _running(start, end)
    lengths = np.diff(at)
    busy = lengths[running[:-1] > 0].sum()
    origin = pd.Timestamp(first, unit="s", tz="UTC")
    return Timeline(
        origin=origin,
        rows=rows,
        start=start,
        end=end,
        lane=lanes(start, end),
        at=at,
        running=running,
        parallel=float((end - start).sum() / busy) if busy > 0 else 1.0,
        most=int(running.max()),
        gaps=_gaps(origin, at, running),
        untimed=int(counted.sum() - rows.size),
    )


def lanes(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Put intervals, sorted by start, into lanes without overlap: the lowest lane that is free, as few as can be."""
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    out = np.zeros(len(start), dtype=int)
    for at in range(len(start)):
        while busy and busy[0][0] <= start[at]:
            heapq.heappush(free, heapq.heappop(busy)[1])
        lane = heapq.heappop(free) if free else len(busy)
        out[at] = lane
        heapq.heappush(busy, (float(end[at]), lane))
    return out


def _running(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the moments at which the number of running runs changes, and that number from each on."""
    moments = np.concatenate([start, end])
    change = np.concatenate([np.ones(len(start)), -np.ones(len(end))])
    at, place = np.unique(moments, return_inverse=True)
    return at, np.cumsum(np.bincount(place, weights=change)).round().astype(int)


def _gaps(origin: pd.Timestamp, at: np.ndarray, running: np.ndarray) -> tuple[Gap, ...]:
    lengths = np.diff(at)
    least = max(_PAUSE, _PAUSE_SHARE * float(at[-1]))
    idle = np.flatnonzero((running[:-1] == 0) & (lengths >= least))
    longest = idle[np.argsort(-lengths[idle], kind="stable")][:MOST_GAPS]
    return tuple(
        Gap(origin + pd.Timedelta(seconds=float(at[i])), origin + pd.Timedelta(seconds=float(at[i + 1])))
        for i in longest
    )


def _agreement(values: np.ndarray, seconds: np.ndarray) -> tuple[float | None, float | None, float | None]:
    if len(values) < 4 or np.ptp(values) == 0 or np.ptp(seconds) == 0:
        return None, None, None
    coefficient = float(stats.spearmanr(values, seconds).statistic)
    low, high = spearman_interval(coefficient, len(values)) or (None, None)
    return coefficient, low, high
