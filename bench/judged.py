"""Holds what a report says of one planted sweep against its truth: claims, ranges, the next sweep and the winner."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from lib.analysis.effect_tests import tested
from lib.analysis.effects import SPENT_ON_EFFECTS, Effect, effects
from lib.analysis.interactions import Interaction, interactions
from lib.analysis.joint_effects import joint_effects
from lib.analysis.next_draws import drawn
from lib.analysis.next_sweep import NextSweep, next_sweep
from lib.analysis.population import Population
from lib.analysis.positions import dimensions
from lib.report import Report
from lib.statistics.multiple_testing import LEVEL
from testing.planted import Knob, Positions

Record = dict[str, Any]
# Places of a parameter at which its own effect is worked out, and runs that each is averaged over.
PLACES, RUNS = 101, 1_500
POOL = 12_000
# How far from the best of a space, in parts of what the space spans, still counts as holding it.
AS_GOOD = 0.03
BESIDE = 0.02


class Sweep(Protocol):
    """A simulated sweep whose truth is known: `testing.planted.Planted` and `testing.planted_shapes.Shaped`.

    matter : the parameters that move the objective; unsure : those that can't be separated from them; edges : which are
    best at an end of the range, and at which. known : what its truth is known of: "gain", "mean", "winner". nested :
    whether a parameter exists only under a level of another.
    """

    knobs: Mapping[str, Knob]
    matter: frozenset[str]
    unsure: frozenset[str]
    edges: Mapping[str, str]
    known: frozenset[str]
    x: Positions
    sign: int
    nested: bool

    def draw(self, random: np.random.Generator, n: int) -> dict[str, np.ndarray]: ...
    def observe(self, x: Positions, random: np.random.Generator) -> np.ndarray: ...
    def mean(self, x: Positions) -> np.ndarray: ...
    def population(self) -> Population: ...
    def only_there(self, x: dict[str, np.ndarray]) -> dict[str, np.ndarray]: ...


def judged(sweep: Sweep, seed: int, *, winner: bool = True) -> Record:
    """Ask for the report of a sweep, and hold it against the truth.

    winner : also what it says of the best run, whose model takes ten times as long as all else.
    """
    population = sweep.population()
    began = time.perf_counter()
    found = effects(population)
    pairs = interactions(population, found)
    report = Report(population)
    following = report.next_sweep if winner else next_sweep(population, found, pairs)
    record: Record = {"seconds": time.perf_counter() - began}
    record |= _claims(sweep, found, pairs, report) | _sizes(sweep, found)
    if following is not None:
        record |= _next(sweep, following, np.random.default_rng([seed, 7]))
    if winner and "winner" in sweep.known:
        record |= _winner(sweep, report)
    return record


def _claims(sweep: Sweep, found: Sequence[Effect], pairs: Sequence[Interaction], report: Report) -> Record:
    alone = {one.parameter for one in found if one.claimed}
    together = {name for one in pairs if one.claimed for name in (one.first, one.second)}
    groups = [set(one.parameters) for one in joint_effects(report.population, found) if one.claimed]
    edges = {one.parameter: one.at_edge for one in found if one.claimed and one.at_edge}
    real = sweep.matter | sweep.unsure
    useless = (alone | together) - real
    every = (alone | together).union(*groups)
    return {
        "any": bool(every),
        "false": bool(useless) or any(not group & real for group in groups),
        "false_effect": bool(alone & useless),
        "false_edge": any(sweep.edges.get(name) != side for name, side in edges.items()),
        "edge": [edges.get(name) == side for name, side in sweep.edges.items()],
        "found": [name in every for name in sorted(sweep.matter)],
        "oracle": _oracle(sweep, report),
    }


def _oracle(sweep: Sweep, report: Report) -> list[bool]:
    """Return which parameters that matter the same tests find once they are told which others do."""
    seen = report.observations
    along = dimensions(report.population, seen.rows, seen.counts)
    real = [axis for axis in along if axis.name in sweep.matter]
    out = []
    for axis in real:
        test = tested(axis, [other for other in real if other is not axis], seen)
        out.append(test is not None and test.p_value * len(along) / SPENT_ON_EFFECTS < LEVEL)
    return out


def _sizes(sweep: Sweep, found: Sequence[Effect]) -> Record:
    """Hold the gains and best places of claimed effects against the mean objective over all other parameters."""
    gains, places = [], []
    for one in found:
        knob = sweep.knobs.get(one.parameter)
        if knob is None or not one.claimed or one.parameter not in sweep.matter:
            continue
        if "gain" in sweep.known and one.gain_low is not None and one.gain_high is not None:
            better, worse = alone(sweep, one.parameter, at(knob, [one.better, one.worse]))
            gains.append(bool(one.gain_low <= sweep.sign * (better - worse) <= one.gain_high))
        if one.best_low is not None:
            low, high = at(knob, [one.best_low, one.best_high])
            grid = np.linspace(0, 1, PLACES if knob.levels is None else len(knob.levels))
            grid = np.unique(knob.snap(grid))
            good = sweep.sign * np.array(list(alone(sweep, one.parameter, grid)))
            best = grid[good >= good.max() - 0.002 * np.ptp(good)]
            places.append(bool(((best >= low - BESIDE) & (best <= high + BESIDE)).any()))
    return {"gain": gains, "place": places}


def alone(sweep: Sweep, name: str, places: np.ndarray) -> Iterator[float]:
    """Yield the mean objective with one parameter at each of some positions and the others as the sweep draws them."""
    random = np.random.default_rng(5)
    # Where a parameter exists only under levels of another, all have a place until that one is moved.
    x = (
        {other: knob.draw(random, RUNS) for other, knob in sweep.knobs.items()}
        if sweep.nested
        else sweep.draw(random, RUNS)
    )
    for place in places:
        moved = sweep.only_there(x | {name: np.full(RUNS, place)})
        yield float(np.mean(sweep.mean(moved)[np.isfinite(moved[name])]))


def at(knob: Knob, values: Sequence[Any]) -> np.ndarray:
    """Return the positions of values or levels."""
    return np.asarray(knob.positions([str(v) for v in values] if knob.scale == "names" else list(values)))


def drawn_by(sweep: Sweep, config: Mapping[str, Any], random: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Draw runs by a sweep config as W&B does, as positions."""
    x = {}
    for name, knob in sweep.knobs.items():
        found = drawn(config["parameters"][name], 2_000)
        assert found is not None
        chosen = random.choice(len(found.values), n, p=found.chances)
        x[name] = at(knob, found.values)[chosen]
    return sweep.only_there(x)


def _next(sweep: Sweep, following: NextSweep, random: np.random.Generator) -> Record:
    changed = {one.parameter for one in following.changes if one.action != "kept"}
    new = drawn_by(sweep, following.config, random, POOL)
    mean = sweep.mean(new)
    record: Record = {"changed": bool(changed), "useless_changed": bool(changed - sweep.matter - sweep.unsure)}
    record["extended"] = [
        bool(new[name].max() > 1.001 if side == "high" else new[name].min() < -0.001)
        for name, side in sweep.edges.items()
    ]
    if "mean" in sweep.known:
        record["mean"] = bool(following.expected_low <= mean.mean() <= following.expected_high)
    if not changed:
        return record
    old = sweep.draw(random, POOL)
    good, other = sweep.sign * mean, sweep.sign * sweep.mean(old)
    spans = float(np.quantile(other, 0.9999) - np.quantile(other, 0.0001))
    record["holds"] = bool(good.max() >= other.max() - AS_GOOD * spans)
    record["volume"] = following.volume_ratio
    ours, theirs = (_winners(sweep, x, g, following.runs, random) for x, g in ((new, good), (old, other)))
    error = np.hypot(np.std(ours) / len(ours) ** 0.5, np.std(theirs) / len(theirs) ** 0.5)
    record["better"] = bool(np.mean(ours) >= np.mean(theirs) - error)
    return record


def _winners(sweep: Sweep, x: Positions, good: np.ndarray, runs: int, random: np.random.Generator) -> np.ndarray:
    """Return how good the winner of each of many sweeps of `runs` runs is, but for luck."""
    runs = min(runs, 400)
    found = []
    for _ in range(6):
        turn = random.permutation(len(good))[: len(good) // runs * runs].reshape(-1, runs)
        won = np.argmax((sweep.sign * sweep.observe(x, random))[turn], axis=1)
        found.append(good[turn[np.arange(len(turn)), won]])
    return np.concatenate(found)


def _winner(sweep: Sweep, report: Report) -> Record:
    best = report.best_run
    if best is None or best.expected is None:
        return {}
    row = int(str(best.run_id)[1:])
    again = {name: np.repeat(values[row : row + 1], 4_000) for name, values in sweep.x.items()}
    truth = float(sweep.mean({name: values[:1] for name, values in again.items()})[0])
    sd = float(np.std(sweep.observe(again, np.random.default_rng(9))))
    low, high = sorted((best.expected_low or 0.0, best.expected_high or 0.0))
    noise = best.noise.sd if best.noise else None
    return {
        "winner": bool(low <= truth <= high),
        "noise": None if noise is None or sd <= 0 else bool(0.8 <= noise / sd <= 1.25),
        "bias": sweep.sign * (best.expected - truth) / sd if sd > 0 else None,
    }
