"""The recommended next sweep: a W&B sweep config, what changed in it and why, and what to expect of it.

All that is said of it is computed from the config as written, by drawing from it as W&B does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from lib.analysis.early_stopping import EarlyStopping
from lib.analysis.effect_tests import FEWEST_RUNS
from lib.analysis.effects import Effect
from lib.analysis.failures import collapsed
from lib.analysis.interactions import Interaction
from lib.analysis.next_command import command, holding
from lib.analysis.next_config import next_config, on_log, searchable, space_of, specs_of, write_as_source
from lib.analysis.next_draws import Drawn, drawn
from lib.analysis.next_expected import expected_in_words, held_so_far_in_words
from lib.analysis.next_runs import POOL, MoreRuns, worth_of_runs
from lib.analysis.next_space import Lift, answers, lift_of
from lib.analysis.noise import Noise
from lib.analysis.observations import observations
from lib.analysis.parameter_advice import Recommendation, Recommended
from lib.analysis.population import Population
from lib.analysis.range_ends import extent
from lib.analysis.recommended import recommendation
from lib.analysis.sweep_yaml import written
from lib.analysis.training import training
from lib.model.numbers import interval, number
from lib.statistics.moments import deviation, fenced, mean_of
from lib.statistics.warp import within_bounds

REPEATS = 3
_SEED = 20261126
# So many standard errors from it, a bound cuts nothing off.
_FAR = 4.0


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """What became of one searched parameter.

    `action` is "narrowed", "extended", "narrowed and extended", "dropped levels", "fixed" or "kept"; `before` and
    `after` are its range or levels in words, `why` the reason.
    """

    parameter: str
    action: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, eq=False)
class NextSweep:
    """A recommended sweep."""

    config: dict[str, Any]
    """A valid W&B sweep config."""
    changes: tuple[ParameterChange, ...]
    """What became of each searched parameter."""
    volume_ratio: float
    """The size of the new space over the old, along each parameter's scale, by the config as written."""
    runs: int
    """How many are suggested."""
    runs_why: str
    """By what argument."""
    more_runs: tuple[MoreRuns, ...]
    """What 20, 50 and 100 more runs of it would bring."""
    hidden: float
    """A gain that noise hides: the standard deviation of the mean of three repeats."""
    expected: str
    """What to expect of its runs, in words."""
    expected_mean: float
    """The mean objective of runs drawn by the config, in its units; that of these runs where nothing changes."""
    expected_low: float
    """The lower end of its 95 % interval."""
    expected_high: float
    """The upper end."""
    so_far: float
    """The mean objective of these runs (those that failed left out; where the space changed, those cut short too)."""
    early_stopping: EarlyStopping | None
    """The rule for weak runs that was added to the config."""
    command: str
    """Starts the sweep, the best runs so far named as prior runs."""

    @property
    def beyond(self) -> bool:
        """Whether it goes beyond the searched ranges, of which nothing is known yet."""
        return any("extended" in change.action for change in self.changes)

    def to_yaml(self) -> str:
        """Write the config as YAML, with comments that say why each parameter is as it is."""
        lines = [f"Suggested runs: {self.runs}. {self.runs_why}", self.expected]
        if "program" not in self.config:
            lines.append("Name your training script here: program: train.py")
        notes = {change.parameter: f"{change.action}: {change.why} (was {change.before})" for change in self.changes}
        stopping = {"early_terminate": self.early_stopping.why} if self.early_stopping else {}
        return written(self.config, lines, notes, stopping)


def next_sweep(
    population: Population,
    effects: Sequence[Effect],
    interactions: Sequence[Interaction],
    early_stopping: EarlyStopping | None = None,
    advice: Recommendation | None = None,
    noise: Noise | None = None,
) -> NextSweep | None:
    """Recommend the next sweep; None with fewer than 8 used runs or where nothing was searched.

    A parameter changes only where an effect of it is claimed or its settings fail; all else, and every other key of
    the declared config, stays as it was; a rule for stopping weak runs early is added where one is given and the config
    has none. Where no config was declared, a whole one is written from what the runs show. noise : of one run.
    """
    if len(population.rows) < FEWEST_RUNS or not population.searched:
        return None
    advice = advice or recommendation(population, effects, interactions)
    regions = searchable(population, advice.parameters)
    if not regions:
        return None
    config = next_config(population, tuple(regions.values()))
    space = space_of(config, regions)
    lift = lift_of(advice, regions, space)
    changed = any(region.changed for region in regions.values())
    # W&B refuses early_terminate beside a scheduler.
    stopping = early_stopping if not (config.get("early_terminate") or config.get("scheduler")) else None
    if stopping is not None:
        config["early_terminate"] = stopping.config
    mean, low, high, so_far = _expectation(population, lift, changed)
    shown = any(effect.claimed for effect in effects)
    expected = expected_in_words(population, tuple(regions.values()), (mean, low, high, so_far), lift=lift, shown=shown)
    held = holding(population, tuple(regions.values()))
    if changed and population.spans_decades:
        expected = held_so_far_in_words(population, held)
    inside = int(held.sum())
    true, sd = _pool(population, regions, space, mean=mean, noise=noise)
    grid = config.get("method") == "grid"
    worth = worth_of_runs(true, sd, inside, cells=_cells(config), repeats=REPEATS, grid=grid)
    config["run_cap"] = worth.runs
    write_as_source(population, config)
    return NextSweep(
        config=config,
        changes=tuple(_change(region) for region in regions.values()),
        volume_ratio=float(np.prod([_ratio(region, space.get(name)) for name, region in regions.items()])),
        runs=worth.runs,
        runs_why=worth.why,
        more_runs=worth.more,
        hidden=sd / math.sqrt(REPEATS),
        expected=expected,
        expected_mean=mean,
        expected_low=low,
        expected_high=high,
        so_far=so_far,
        early_stopping=stopping,
        command=command(population, tuple(regions.values())),
    )


def _expectation(population: Population, lift: Lift, changed: bool) -> tuple[float, float, float, float]:
    """Return the mean that the next runs are expected to have, its 95 % interval, and the mean so far.

    Where nothing changed, the mean so far, unless a search that went where it is good makes it differ from that of
    draws by the config by more than chance does. No mean of many runs is better than the best value that was ever seen:
    there what is expected is cut off. Of runs that were cut short, a new space is held against those that the effects
    are of: the mean of the others is that of other lengths.
    """
    sign, values = population.objective.sign, fenced(_so_far(population, changed))
    so_far = mean_of(values)
    seen = observations(population)
    good = fenced(seen.good) if len(seen) > 1 else sign * values
    error = deviation(good) / math.sqrt(len(good))
    if not changed and abs(lift.mean) <= 2 * math.hypot(error, lift.doubt):
        lift = Lift(0.0, lift.doubt, 0.0)
    reach = float(stats.t.ppf(0.975, len(good) - 1)) * math.hypot(lift.doubt, error)
    best = float((sign * population.values).max())
    middle = sign * so_far + lift.mean
    middle, ends = _below(best, middle, middle - reach, middle + reach)
    if lift.mean > 0:
        middle = max(middle, min(sign * so_far, best))
    low, high = sorted(sign * end for end in ends)
    return sign * middle, low, high, so_far


def _so_far(population: Population, changed: bool) -> np.ndarray:
    """Return the objective of the runs that the next ones are held against: those that failed are left out."""
    failed, trained = collapsed(population), training(population)
    if changed and trained is not None and trained.cut:
        compared = trained.compared & ~failed
        if compared.any():
            return trained.values[compared]
    return population.values if failed.all() else population.values[~failed]


def _below(best: float, middle: float, low: float, high: float) -> tuple[float, tuple[float, float]]:
    """Return the mean and the 95 % interval of a normal distribution with these, cut off above `best`."""
    spread = (high - low) / 2 / float(stats.norm.ppf(0.975))
    if not spread > 0 or middle + _FAR * spread < best:
        return min(middle, best), (min(low, best), min(high, best))
    cut = stats.truncnorm(-np.inf, (best - middle) / spread)
    first, last = cut.ppf([0.025, 0.975]).tolist()
    return min(middle + spread * float(cut.mean()), best), (middle + spread * first, min(middle + spread * last, best))


def _pool(
    population: Population,
    regions: Mapping[str, Recommended],
    space: Mapping[str, Drawn],
    *,
    mean: float,
    noise: Noise | None,
) -> tuple[np.ndarray, float]:
    """Return how good configurations of the space are, shape (POOL,), and the noise of one run."""
    sign = population.objective.sign
    good = fenced(sign * population.values)
    fits = [region.fitted for region in regions.values() if region.fitted is not None]
    about = min([fitted.noise for fitted in fits] or [deviation(good)])
    sd = min(noise.sd, about) if noise is not None else about
    # What the claims leave unexplained and noise doesn't explain is of parameters whose effects weren't claimed.
    rest = about * math.sqrt(max(0.0, 1 - (sd / about) ** 2)) if about > 0 else 0.0
    random = np.random.default_rng(_SEED)
    away = sign * (answers(regions, space, POOL, _SEED) + rest * random.standard_normal(POOL))
    return sign * within_bounds(mean, away, population.values, sign), sd


def _cells(config: Mapping[str, Any]) -> int | None:
    """Return how many combinations a config has; None where a parameter is a range."""
    count = 1
    for spec in specs_of(dict(config["parameters"])).values():
        if "value" in spec:
            continue
        if isinstance(spec.get("values"), (list, tuple)):
            count *= max(1, len(spec["values"]))
        elif config.get("method") == "grid" and (one := drawn(spec)) is not None:
            # A grid takes ranges of whole numbers and of steps, each value once.
            low, high = one.ends
            step = float(spec.get("q", 1) or 1)
            count *= max(1, round((high - low) / step) + 1)
        else:
            return None
    return count


def _ratio(region: Recommended, drawn: Drawn | None) -> float:
    if drawn is None or not region.changed:
        return 1.0
    one = region.dimension
    if region.levels is not None:
        return len(drawn.values) / max(len({*map(str, one.levels or ()), *map(str, one.parameter.values or ())}), 1)
    old = extent(one, one.value(0.0), one.value(1.0))
    return extent(one, region.low, region.high) / old if old > 0 else region.ratio


def _change(region: Recommended) -> ParameterChange:
    parameter = region.parameter
    if region.dimension.levels is not None:
        before = _listing(parameter.values or region.dimension.levels)
    else:
        # Ends that the runs happen to have are no round numbers, as declared ones are.
        ends = (number(region.dimension.value(end), 4 if parameter.declared else 2) for end in (0.0, 1.0))
        before = " to ".join(ends)
    after = before
    if region.changed:
        after = _listing(region.levels) if region.levels is not None else interval(region.low, region.high)
    why = region.why
    if region.changed and on_log(region):
        why += "; it is drawn along a log scale (log_uniform_values), so that its low end is visited as often"
    return ParameterChange(parameter.name, region.action, before, after, why)


def _listing(levels: Sequence[Any]) -> str:
    return ", ".join(number(value) for value in levels)
