"""Simulated sweeps with planted truth: real Sweep objects of which it is known what moves the objective, and where.

Truth is a function of positions: 0..1 along a parameter's scale over the range that is searched, and beyond it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib.analysis.population import Population, population
from lib.model.assemble import assemble
from lib.model.choices import Choices
from lib.model.goal import Goal
from lib.model.sweep import Declaration, Origin

Positions = Mapping[str, np.ndarray]
METRIC = "val_score"


@dataclass(frozen=True)
class Knob:
    """One parameter: its W&B spec, and positions to values and back (levels are evenly spaced, 0..1)."""

    name: str
    spec: Mapping[str, Any]
    scale: str

    @property
    def levels(self) -> list[Any] | None:
        return self.spec.get("values")

    def draw(self, random: np.random.Generator, n: int) -> np.ndarray:
        if self.levels is not None:
            return random.integers(0, len(self.levels), n) / (len(self.levels) - 1)
        return self.snap(random.random(n))

    def snap(self, u: np.ndarray) -> np.ndarray:
        if self.levels is not None:
            last = len(self.levels) - 1
            return np.round(np.clip(u, 0, 1) * last) / last
        return self.positions(self.values(np.clip(u, 0, 1))) if self.scale == "whole" else np.clip(u, 0, 1)

    def values(self, u: np.ndarray) -> np.ndarray:
        if self.levels is not None:
            return np.array(self.levels)[np.round(u * (len(self.levels) - 1)).astype(int)]
        low, high = self.spec["min"], self.spec["max"]
        if self.scale == "log":
            return np.exp(np.log(low) + u * (np.log(high) - np.log(low)))
        along = low + u * (high - low)
        return np.round(along).astype(int) if self.scale == "whole" else along

    def positions(self, values: Any) -> np.ndarray:
        if self.scale == "names":
            return np.searchsorted(self.levels, np.asarray(values, dtype=str)) / (len(self.levels) - 1)
        numbers = np.asarray(values, dtype=float)
        if self.scale == "list":
            along = np.log if min(self.levels) > 0 else np.asarray
            low, high = along(self.levels[0]), along(self.levels[-1])
            return (along(numbers) - low) / (high - low)
        low, high = float(self.spec["min"]), float(self.spec["max"])
        if self.scale == "log":
            return np.log(numbers / low) / math.log(high / low)
        return (numbers - low) / (high - low)


KNOBS = {
    knob.name: knob
    for knob in (
        Knob("learning_rate", {"distribution": "log_uniform_values", "min": 1e-4, "max": 1e-1}, "log"),
        Knob("weight", {"distribution": "uniform", "min": 1.0, "max": 9.0}, "linear"),
        Knob("layers", {"distribution": "int_uniform", "min": 4, "max": 24}, "whole"),
        Knob("batch_size", {"values": [8, 16, 32, 64]}, "list"),
        Knob("optimizer", {"values": ["adam", "rmsprop", "sgd"]}, "names"),
    )
}
USELESS = tuple(Knob(f"x{i:02d}", {"distribution": "uniform", "min": 0.0, "max": 1.0}, "linear") for i in range(1, 21))
RANGES = ("learning_rate", "weight", "layers")


@dataclass(frozen=True)
class Term:
    """A part of the truth: standardized to mean 0 and variance 1 under even sampling, times the root of its share."""

    names: tuple[str, ...]
    shape: Callable[..., np.ndarray]
    share: float
    best: Mapping[str, float] | None
    edge: tuple[str, str] | None = None
    corners: tuple[Mapping[str, float], ...] = ()


@dataclass(frozen=True)
class Cell:
    """A kind of sweep. `plan` draws the terms of one sweep; the rest says how runs are sampled and their noise."""

    name: str
    plan: Callable[[np.random.Generator], list[Term]]
    runs: int = 100
    knobs: tuple[str, ...] = ("learning_rate", "weight", "batch_size", "optimizer")
    useless: int = 0
    noise: str = "even"
    sampler: str = "random"
    outcome: str = "plain"
    goal: Goal = "maximize"
    declared: bool = True
    diverged: float = 0.0
    exact_units: bool = True


class Planted:
    """One simulated sweep of a cell."""

    def __init__(self, cell: Cell, seed: int) -> None:
        self.cell = cell
        self.random = np.random.default_rng([seed, *cell.name.encode()])
        self.knobs = {name: KNOBS[name] for name in cell.knobs} | {k.name: k for k in USELESS[: cell.useless]}
        self.terms = cell.plan(self.random)
        self._moments = [self._standard(term) for term in self.terms]
        self.x = self._sample()

    def _standard(self, term: Term) -> tuple[float, float]:
        random = np.random.default_rng(1)
        z = term.shape(*(self.knobs[name].draw(random, 20_000) for name in term.names))
        return float(z.mean()), float(z.std())

    @property
    def sign(self) -> int:
        return 1 if self.cell.goal == "maximize" else -1

    @property
    def matter(self) -> frozenset[str]:
        """The parameters that move the objective."""
        return frozenset(name for term in self.terms for name in term.names)

    @property
    def unsure(self) -> frozenset[str]:
        """Parameters that can't be separated from those."""
        return frozenset({"weight"}) if self.cell.sampler == "together" and self.matter else frozenset()

    @property
    def edges(self) -> dict[str, str]:
        """The parameters that are best at an end of the range, and at which."""
        return dict(term.edge for term in self.terms if term.edge)

    @property
    def nested(self) -> bool:
        """Whether a parameter exists only under a level of another."""
        return False

    @property
    def known(self) -> frozenset[str]:
        """What its truth is known of."""
        return frozenset({"gain", "winner"} if self.cell.diverged else {"gain", "mean", "winner"})

    def mean(self, x: Positions) -> np.ndarray:
        """The mean objective, as it is logged, of runs at some positions that don't diverge."""
        good = self.truth(x)
        if self.cell.outcome == "plain":
            return self.in_units(good)
        nodes, weights = np.polynomial.hermite_e.hermegauss(15)
        left = math.sqrt(1 - sum(term.share for term in self.terms))
        return self.in_units(good[:, None] + left * nodes) @ (weights / weights.sum())

    def only_there(self, x: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Positions without those of a parameter that runs don't have: here, all have all."""
        return x

    def truth(self, x: Positions) -> np.ndarray:
        """How good runs at some positions are but for noise: higher is better, in noise-free standard units."""
        n = len(next(iter(x.values())))
        total = np.zeros(n)
        for term, (mean, sd) in zip(self.terms, self._moments, strict=True):
            total += math.sqrt(term.share) * (term.shape(*(x[name] for name in term.names)) - mean) / sd
        return total

    def noise(self, x: Positions, random: np.random.Generator) -> np.ndarray:
        n = len(next(iter(x.values())))
        left = math.sqrt(1 - sum(term.share for term in self.terms))
        if self.cell.noise == "heavy":
            return left * random.standard_t(3, n) / math.sqrt(3)
        sd = np.ones(n)
        if self.cell.noise == "uneven":
            along = x[self.cell.knobs[1]]
            sd = np.exp(1.5 * (along - 0.5))
            sd /= math.sqrt(np.sinh(1.5) / 1.5)
        return left * sd * random.standard_normal(n)

    def observe(self, x: Positions, random: np.random.Generator) -> np.ndarray:
        """The objective of runs at some positions, as it would be logged."""
        good = self.truth(x) + self.noise(x, random)
        out = self.in_units(good)
        if self.cell.diverged:
            lost = random.random(len(out)) < self.cell.diverged
            out = np.where(lost, 0.0 if self.cell.goal == "maximize" else 1e4, out)
        return out

    def in_units(self, good: np.ndarray) -> np.ndarray:
        """Standard units of goodness as the objective is logged."""
        if self.cell.outcome == "bounded":
            rate = 1 / (1 + np.exp(-(good + 2)))
            return rate if self.cell.goal == "maximize" else 1 - rate
        if self.cell.outcome == "unbounded":
            return np.exp(good) if self.cell.goal == "maximize" else np.exp(-good)
        return 0.7 + 0.04 * good if self.cell.goal == "maximize" else 5.0 - 0.5 * good

    @property
    def unit(self) -> float:
        return 0.04 if self.cell.goal == "maximize" else 0.5

    def draw(self, random: np.random.Generator, n: int) -> dict[str, np.ndarray]:
        return {name: knob.draw(random, n) for name, knob in self.knobs.items()}

    def _sample(self) -> dict[str, np.ndarray]:
        n = self.cell.runs
        x = self.draw(self.random, n)
        if self.cell.sampler == "confounded":
            # Large batches were tried with large learning rates, and one optimizer at the low end.
            lr, noise = x["learning_rate"], 0.25 * self.random.standard_normal((2, n))
            x["batch_size"] = KNOBS["batch_size"].snap(lr + noise[0])
            x["optimizer"] = KNOBS["optimizer"].snap(1 - lr + noise[1])
        if self.cell.sampler == "together":
            # Two parameters that were always moved at once, correlated about 0.96.
            x["weight"] = KNOBS["weight"].snap(x["learning_rate"] + 0.08 * self.random.standard_normal(n))
        if self.cell.sampler != "adaptive":
            return x
        # As Bayesian searches do: after a tenth at random, two runs in three are near one of the best so far.
        sign = 1 if self.cell.goal == "maximize" else -1
        y = np.empty(n)
        for at in range(n):
            if at >= max(10, n // 10) and self.random.random() < 2 / 3:
                best = np.argsort(-sign * y[:at])[: max(1, at // 8)]
                near = self.random.choice(best)
                for name, knob in self.knobs.items():
                    moved = x[name][near] + 0.12 * self.random.standard_normal()
                    keep = knob.levels is not None and self.random.random() < 0.8
                    x[name][at] = x[name][near] if keep else knob.snap(np.array([moved]))[0]
            y[at] = self.observe({k: v[at : at + 1] for k, v in x.items()}, self.random)[0]
        self._adaptive = y
        return x

    def population(self) -> Population:
        """The sweep as the program sees it."""
        n = self.cell.runs
        y = self._adaptive if self.cell.sampler == "adaptive" else self.observe(self.x, self.random)
        config = pd.DataFrame({name: knob.values(self.x[name]) for name, knob in self.knobs.items()})
        config["epochs"] = 40
        start = pd.Timestamp("2025-06-01", tz="UTC")
        runs = pd.DataFrame(
            {
                "run_id": [f"r{i:07d}" for i in range(n)],
                "name": [f"sweep-{i}" for i in range(n)],
                "state": "finished",
                "created_at": start + pd.to_timedelta(np.arange(n), unit="min"),
            }
        )
        declared = {
            "method": "bayes" if self.cell.sampler == "adaptive" else "random",
            "metric": {"name": METRIC, "goal": self.cell.goal},
            "parameters": {name: dict(knob.spec) for name, knob in self.knobs.items()} | {"epochs": {"value": 40}},
        }
        declarations = (Declaration(id="planted", config=declared),) if self.cell.declared else ()
        sweep = assemble(
            Origin("csv", self.cell.name), runs, config, summary=pd.DataFrame({METRIC: y}), declarations=declarations
        )
        return population(sweep, Choices(metric=METRIC, goal=self.cell.goal))


def _line(random: np.random.Generator, name: str, share: float) -> Term:
    up = random.random() < 0.5
    # It goes on a third of the range beyond the end, and falls after that.
    turn = 1.33
    if KNOBS[name].levels is not None or up:
        return Term((name,), lambda u: np.where(u < turn, u, 2 * turn - u), share, {name: turn}, (name, "high"))
    return Term(
        (name,), lambda u: np.where(u > 1 - turn, 1 - u, 1 + u - 2 * (1 - turn)), share, {name: 1 - turn}, (name, "low")
    )


def _bend(random: np.random.Generator, name: str, share: float) -> Term:
    """Rise ever more slowly to a best place just beyond the range."""
    up, best = random.random() < 0.5, 1.25
    if up:
        return Term((name,), lambda u: -((u - best) ** 2), share, {name: best}, (name, "high"))
    return Term((name,), lambda u: -((u - (1 - best)) ** 2), share, {name: 1 - best}, (name, "low"))


def _peak(random: np.random.Generator, name: str, share: float) -> Term:
    best = float(random.uniform(0.25, 0.75))
    if random.random() < 0.5:
        return Term((name,), lambda u: -((u - best) ** 2), share, {name: best})
    return Term((name,), lambda u: np.exp(-0.5 * ((u - best) / 0.2) ** 2), share, {name: best})


def _plateau(random: np.random.Generator, name: str, share: float) -> Term:
    """Rise over half of the range, and stay there: the best place is the whole other half."""
    if random.random() < 0.5:
        return Term((name,), lambda u: np.minimum(u, 0.5), share, {name: 0.75})
    return Term((name,), lambda u: np.minimum(1 - u, 0.5), share, {name: 0.25})


def _peak_near_an_end(random: np.random.Generator, name: str, share: float) -> Term:
    best = float(random.uniform(0.75, 0.9))
    best = best if random.random() < 0.5 else 1 - best
    return Term((name,), lambda u: -((u - best) ** 2), share, {name: best})


def _levels(random: np.random.Generator, share: float) -> Term:
    means = np.array([0.0, 0.5, 1.0])[random.permutation(3)]
    return Term(
        ("optimizer",), lambda u: means[np.round(u * 2).astype(int)], share, {"optimizer": int(np.argmax(means)) / 2}
    )


def nothing(random: np.random.Generator) -> list[Term]:
    return []


def line(share: float) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [_line(random, ("learning_rate", "weight")[random.integers(2)], share)]


def bend(share: float) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [_bend(random, ("learning_rate", "weight")[random.integers(2)], share)]


def whole_line(share: float) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [_line(random, "layers", share)]


def list_edge(share: float) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [_line(random, "batch_size", share)]


def peak(share: float) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [_peak(random, ("learning_rate", "weight")[random.integers(2)], share)]


def peak_of_rate(share: float) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [_peak(random, "learning_rate", share)]


def plateau(share: float) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [_plateau(random, ("learning_rate", "weight")[random.integers(2)], share)]


def peak_near_an_end(share: float) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [_peak_near_an_end(random, ("learning_rate", "weight")[random.integers(2)], share)]


def line_of_rate(share: float) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [_line(random, "learning_rate", share)]


def levels(share: float) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [_levels(random, share)]


def product(share: float) -> Callable[[np.random.Generator], list[Term]]:
    """No effect of either alone: the best corner of one depends on the other."""

    def plan(random: np.random.Generator) -> list[Term]:
        side = 1 if random.random() < 0.5 else -1
        names = ("learning_rate", "weight")
        ends = (0.0, 1.0) if side > 0 else (1.0, 0.0)
        corners = tuple({names[0]: a, names[1]: b} for a, b in ((0.0, ends[0]), (1.0, ends[1])))
        return [Term(names, lambda u, v: side * (u - 0.5) * (v - 0.5), share, None, None, corners)]

    return plan


def product_of_levels(share: float) -> Callable[[np.random.Generator], list[Term]]:
    """The best learning rate differs by optimizer."""

    def plan(random: np.random.Generator) -> list[Term]:
        means = np.array([-1.0, 0.0, 1.0])[random.permutation(3)]
        names = ("learning_rate", "optimizer")
        corners = (
            {names[0]: 1.0, names[1]: float(np.argmax(means)) / 2},
            {names[0]: 0.0, names[1]: float(np.argmin(means)) / 2},
        )
        return [Term(names, lambda u, v: (u - 0.5) * means[np.round(v * 2).astype(int)], share, None, None, corners)]

    return plan


def both(*plans: Callable[[np.random.Generator], list[Term]]) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [term for plan in plans for term in plan(random)]


def two_peaks(share: float) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [_peak(random, "learning_rate", share), _peak(random, "weight", share)]


def line_and_levels(share: float) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [_line(random, "learning_rate", share), _levels(random, share)]


def peak_and_line(share: float) -> Callable[[np.random.Generator], list[Term]]:
    return lambda random: [_peak(random, "learning_rate", share), _line(random, "weight", share)]


CELLS = (
    Cell("noise", nothing),
    Cell("noise, 30 runs", nothing, runs=30),
    Cell("noise, 500 runs", nothing, runs=500, goal="minimize"),
    Cell("noise, undeclared", nothing, declared=False),
    Cell("noise, heavy tails", nothing, noise="heavy"),
    Cell("noise, unequal", nothing, noise="uneven"),
    Cell("noise, diverged", nothing, diverged=0.1, goal="minimize"),
    Cell("noise, adaptive", nothing, sampler="adaptive", runs=200),
    Cell("noise, 20 parameters", nothing, useless=16),
    Cell("noise, bounded", nothing, outcome="bounded"),
    Cell("line, R2 0.3", line(0.3)),
    Cell("line, R2 0.1", line(0.1)),
    Cell("bend to an edge, R2 0.3", bend(0.3)),
    Cell("peak, R2 0.3", peak(0.3)),
    Cell("peak, R2 0.1", peak(0.1)),
    Cell("peak, 30 runs", peak(0.3), runs=30),
    Cell("peak, 500 runs", peak(0.3), runs=500),
    Cell("peak, minimize", peak(0.3), goal="minimize"),
    Cell("edge of whole numbers", whole_line(0.3), knobs=("learning_rate", "layers", "batch_size", "optimizer")),
    Cell("edge of a list, R2 0.3", list_edge(0.3)),
    Cell("edge of a list, R2 0.1", list_edge(0.1)),
    Cell("levels, R2 0.3", levels(0.3)),
    Cell("levels, R2 0.1", levels(0.1)),
    Cell("interaction", product(0.3), runs=150),
    Cell("interaction with levels", product_of_levels(0.3), runs=150),
    Cell("interaction and peak", both(product_of_levels(0.2), lambda r: [_peak(r, "weight", 0.2)]), runs=150),
    Cell("two peaks", two_peaks(0.3)),
    Cell("peak and line", peak_and_line(0.3)),
    Cell("line and levels", line_and_levels(0.3)),
    Cell("peak, diverged", peak(0.3), diverged=0.1, goal="minimize"),
    Cell("peak, heavy tails", peak(0.3), noise="heavy"),
    Cell("peak, unequal noise", peak_of_rate(0.3), noise="uneven"),
    Cell("peak, adaptive", peak(0.3), sampler="adaptive", runs=200),
    Cell("two peaks, adaptive", two_peaks(0.25), sampler="adaptive", runs=200, goal="minimize"),
    Cell("peak, confounded levels", peak_of_rate(0.3), sampler="confounded"),
    Cell("line, 20 useless", line(0.3), useless=20),
    Cell("peak, bounded", peak(0.3), outcome="bounded", exact_units=False),
    Cell("two peaks, unbounded", two_peaks(0.3), outcome="unbounded", goal="minimize", exact_units=False),
    Cell("noise, 12 runs", nothing, runs=12),
    Cell("noise, 20 runs", nothing, runs=20),
    Cell("noise, together", nothing, sampler="together"),
    Cell("peak, 12 runs", peak(0.6), runs=12),
    Cell("peak, 20 runs", peak(0.6), runs=20),
    Cell("plateau, R2 0.3", plateau(0.3), runs=150),
    Cell("peak near an end, R2 0.3", peak_near_an_end(0.3)),
    Cell("line, together", line_of_rate(0.3), sampler="together"),
    Cell("weak peaks, adaptive", two_peaks(0.1), sampler="adaptive", runs=150, useless=3),
    Cell("peak and line, undeclared", peak_and_line(0.3), declared=False),
)
