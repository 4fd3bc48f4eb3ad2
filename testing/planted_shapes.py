"""Shapes of sweeps that people have and nobody prepared: searched by Bayes or TPE, cut short, collapsed, repeated, few.

Each is a sweep of a training that logs an accuracy: learning rate and weight decay on log scales, dropout, batch size,
optimizer, width. What matters, what it is worth and where its best lies is planted (see `testing.planted`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lib.analysis.population import Population, population
from lib.model.assemble import assemble
from lib.model.choices import Choices
from lib.model.goal import Goal
from lib.model.sweep import Declaration, Origin
from testing.planted import Knob, Positions
from testing.searchers import bayes, tpe

METRIC = "val_acc"
KNOBS = {
    knob.name: knob
    for knob in (
        Knob("lr", {"distribution": "log_uniform_values", "min": 1e-5, "max": 1e-1}, "log"),
        Knob("wd", {"distribution": "log_uniform_values", "min": 1e-6, "max": 1e-2}, "log"),
        Knob("drop", {"distribution": "uniform", "min": 0.0, "max": 0.6}, "linear"),
        Knob("batch", {"values": [16, 32, 64, 128]}, "list"),
        Knob("opt", {"values": ["adam", "rmsprop", "sgd"]}, "names"),
        Knob("width", {"distribution": "int_uniform", "min": 8, "max": 128}, "whole"),
    )
}
LAYERS = Knob("layers", {"distribution": "int_uniform", "min": 1, "max": 6}, "whole")
MOMENTUM = Knob("momentum", {"distribution": "uniform", "min": 0.5, "max": 0.99}, "linear")


@dataclass(frozen=True)
class Truth:
    """What one sweep's parameters do, on a scale where the objective's noise and effects have variance 1 together.

    good : the mean at positions, higher is better. noise : the standard deviation of one run at positions. matter : the
    parameters that it depends on; unsure : those that can't be separated from them, so that claiming them isn't false.
    edges : which of them are best at an end of the range, and at which.
    """

    good: Callable[[Positions], np.ndarray]
    noise: Callable[[Positions], np.ndarray]
    matter: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    edges: Mapping[str, str] = field(default_factory=dict)


Plan = Callable[[np.random.Generator], Truth]


@dataclass(frozen=True)
class Shape:
    """A kind of sweep.

    logged : the objective as it is logged, of goodness. sampler : how configurations were chosen. repeats : runs of
    each configuration. block : a column whose levels repeat each configuration, each with a shift of this size. drift :
    by how much all runs of the second half are better. rounded : to what the objective is rounded.
    """

    name: str
    plan: Plan
    runs: int = 100
    knobs: Mapping[str, Knob] = field(default_factory=lambda: KNOBS)
    sampler: str = "random"
    logged: Callable[[np.ndarray], np.ndarray] = lambda good: good
    repeats: int = 1
    copies: bool = False
    block: tuple[str, float] | None = None
    drift: float = 0.0
    cut_short: bool = False
    collapse: bool = False
    only_under: tuple[str, str, float] | None = None
    declared: bool = True
    goal: Goal = "maximize"


class Shaped:
    """One simulated sweep of a shape, with the answers to what a report says of it."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self.shape, self.sign = shape, 1 if shape.goal == "maximize" else -1
        self.random = np.random.default_rng([seed, *shape.name.encode()])
        self.knobs = dict(shape.knobs)
        self.truth = shape.plan(self.random)
        self.matter, self.unsure, self.edges = self.truth.matter, self.truth.unsure, self.truth.edges
        self.x, self._y = self._searched()

    def draw(self, random: np.random.Generator, n: int) -> dict[str, np.ndarray]:
        """Positions of runs as the first sweep draws them."""
        x = {name: knob.draw(random, n) for name, knob in self.knobs.items()}
        if self.shape.sampler == "together":
            x["wd"] = np.clip(x["lr"] + 0.09 * random.standard_normal(n), 0, 1)
        return self.only_there(x)

    def only_there(self, x: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Positions without those of a parameter that runs don't have."""
        if self.shape.only_under is None:
            return x
        child, parent, level = self.shape.only_under
        return x | {child: np.where(np.isclose(x[parent], level), x[child], np.nan)}

    @property
    def nested(self) -> bool:
        """Whether a parameter exists only under a level of another."""
        return self.shape.only_under is not None

    @property
    def known(self) -> frozenset[str]:
        """What its truth is known of."""
        shape = self.shape
        without = ["gain", "mean"] if shape.collapse else ["mean", "winner"]
        moved = shape.collapse or shape.cut_short or shape.drift
        unknown = without if moved else ["winner"] if shape.block else []
        return frozenset({"gain", "mean", "winner"} - set(unknown))

    def observe(self, x: Positions, random: np.random.Generator) -> np.ndarray:
        """The objective of runs at some positions, as it would be logged."""
        good = self.truth.good(x)
        out = self.shape.logged(good + self.truth.noise(x) * random.standard_normal(len(good)))
        if self.shape.collapse:
            out = np.where(
                (x["lr"] > 0.75) & (random.random(len(out)) < 0.5), 0.1 + 0.005 * random.random(len(out)), out
            )
        return out

    def mean(self, x: Positions) -> np.ndarray:
        """The mean objective of runs that succeed at some positions."""
        good, sd = self.truth.good(x), self.truth.noise(x)
        nodes, weights = np.polynomial.hermite_e.hermegauss(15)
        values = self.shape.logged(good[:, None] + sd[:, None] * nodes)
        return values @ (weights / weights.sum())

    def _searched(self) -> tuple[dict[str, np.ndarray], np.ndarray]:
        n = self.shape.runs
        if self.shape.sampler in ("bayes", "tpe"):
            search = bayes if self.shape.sampler == "bayes" else tpe
            return search(self.knobs, lambda x: self.observe(x, self.random), n, self.random)
        if self.shape.sampler == "grid":
            levels = [np.linspace(0, 1, len(knob.levels or ())) for knob in self.knobs.values()]
            mesh = np.meshgrid(*levels, indexing="ij")
            x = {name: one.ravel() for name, one in zip(self.knobs, mesh, strict=True)}
        else:
            x = self.draw(self.random, n)
        if self.shape.sampler == "narrowing":
            late = np.arange(n) >= n // 2
            x["lr"] = np.where(late, 0.4 + 0.25 * x["lr"], x["lr"])
        x = {name: np.repeat(one, self.shape.repeats) for name, one in x.items()}
        y = self.observe(x, self.random)
        if self.shape.copies:
            y = np.repeat(y[:: self.shape.repeats], self.shape.repeats)
        return x, y

    def population(self) -> Population:
        """The sweep as the program sees it."""
        shape, y = self.shape, self._y.copy()
        n = len(y)
        config = pd.DataFrame({name: self._column(knob, self.x[name]) for name, knob in self.knobs.items()})
        if shape.block:
            name, size = shape.block
            block = np.tile(np.arange(shape.repeats), n // shape.repeats)
            config[name] = block
            shifts = size * self.random.standard_normal(shape.repeats)
            y = y + (shifts - shifts.mean())[block]
        y = y + shape.drift * (np.arange(n) >= n // 2)
        summary = pd.DataFrame({METRIC: y})
        if shape.cut_short:
            summary = self._stopped(y)
        start = pd.Timestamp("2025-06-01", tz="UTC")
        runs = pd.DataFrame(
            {
                "run_id": [f"r{i:07d}" for i in range(n)],
                "name": [f"run-{i}" for i in range(n)],
                "state": "finished",
                "created_at": start + pd.to_timedelta(np.arange(n), unit="min"),
            }
        )
        if shape.block or shape.repeats > 1:
            order = self.random.permutation(n)
            config, summary = config.iloc[order].reset_index(drop=True), summary.iloc[order].reset_index(drop=True)
            self.x = {name: one[order] for name, one in self.x.items()}
        declared: dict[str, Any] = {
            "method": shape.sampler if shape.sampler in ("bayes", "grid") else "random",
            "metric": {"name": METRIC, "goal": shape.goal},
            "parameters": {name: dict(knob.spec) for name, knob in self.knobs.items()},
        }
        if shape.cut_short:
            declared["early_terminate"] = {"type": "hyperband", "min_iter": 9, "eta": 3}
        if shape.block:
            declared["parameters"][shape.block[0]] = {"values": list(range(shape.repeats))}
        declarations = (Declaration(id="planted", config=declared),) if shape.declared else ()
        sweep = assemble(Origin("csv", shape.name), runs, config, summary=summary, declarations=declarations)
        return population(sweep, Choices(metric=METRIC, goal=shape.goal))

    def _column(self, knob: Knob, at: np.ndarray) -> Any:
        missing = np.isnan(at)
        values = knob.values(np.where(missing, 0.0, at))
        return np.where(missing, np.nan, values) if missing.any() else values

    def _stopped(self, y: np.ndarray) -> pd.DataFrame:
        """The objective where runs that are worse early were stopped, and had less time to become good."""
        early = y + 0.7 * self.random.standard_normal(len(y))
        rank = np.argsort(np.argsort(-early)) / len(y)
        epoch = np.where(rank < 1 / 3, 80, np.where(rank < 2 / 3, 27, 9))
        return pd.DataFrame({METRIC: y - 1.2 * (1 - epoch / 80), "epoch": epoch})


def _even(sd: float) -> Callable[[Positions], np.ndarray]:
    return lambda x: np.full(len(next(iter(x.values()))), sd)


def _unit(f: Callable[[np.ndarray], np.ndarray], levels: int | None = None) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function of position with mean 0 and variance 1 over an even draw."""
    u = np.linspace(0, 1, levels or 2001)
    mean, sd = float(f(u).mean()), float(f(u).std())
    return lambda at: (f(at) - mean) / sd


def nothing(random: np.random.Generator) -> Truth:
    return Truth(lambda x: np.zeros(len(x[next(iter(x))])), _even(1.0))


def noisy_beside(random: np.random.Generator) -> Truth:
    """Noise ten times as large at one end of a parameter as at the other, and nothing else."""
    sd = lambda x: 10 ** (np.clip(x["lr"], 0, 1) - 0.5)  # noqa: E731
    return Truth(lambda x: np.zeros(len(x["lr"])), sd)


def terms(*parts: tuple[str, str, float], left: float | None = None) -> Plan:
    """Return a plan of additive effects: (parameter, kind of effect, share of variance)."""

    def plan(random: np.random.Generator) -> Truth:
        fs: dict[str, Callable[[np.ndarray], np.ndarray]] = {}
        edges = {}
        for name, kind, share in parts:
            f, edge = _effect(random, kind)
            levels = {"batch": 4, "opt": 3, "layers": 6}.get(name)
            one = _unit(f, levels)
            fs[name] = lambda u, one=one, share=share: math.sqrt(share) * one(u)
            if edge:
                edges[name] = edge
        rest = math.sqrt(1 - sum(share for _, _, share in parts)) if left is None else left
        good = lambda x: np.sum([f(x[name]) for name, f in fs.items()], axis=0)  # noqa: E731
        return Truth(good, _even(rest), frozenset(fs), edges=edges)

    return plan


def _effect(random: np.random.Generator, kind: str) -> tuple[Callable[[np.ndarray], np.ndarray], str | None]:
    up = bool(random.random() < 0.5)
    best = float(random.uniform(0.3, 0.7))
    if kind == "peak":
        return (lambda u: -((u - best) ** 2)), None
    if kind == "sharp":
        return (lambda u: np.exp(-0.5 * ((u - best) / 0.1) ** 2)), None
    if kind == "line":
        f = lambda u: np.where(u < 1.33, u, 2.66 - u)  # noqa: E731
        return (f if up else (lambda u: f(1 - u))), "high" if up else "low"
    if kind == "plateau":
        f = lambda u: np.minimum(u, 0.5)  # noqa: E731
        return (f if up else (lambda u: f(1 - u))), None
    if kind == "period":
        return (lambda u: np.sin(2 * math.pi * (1.5 * u + best))), None
    means = random.permutation(np.array([0.0, 0.5, 1.0]))
    return (lambda u: means[np.round(np.clip(u, 0, 1) * 2).astype(int)]), None


def many_levels(levels: int, share: float) -> Plan:
    def plan(random: np.random.Generator) -> Truth:
        means = random.standard_normal(levels)
        f = _unit(lambda u: means[np.round(np.clip(u, 0, 1) * (levels - 1)).astype(int)], levels)
        return Truth(lambda x: math.sqrt(share) * f(x["arch"]), _even(math.sqrt(1 - share)), frozenset({"arch"}))

    return plan


def rate_by_optimizer(random: np.random.Generator) -> Truth:
    """The best learning rate differs by optimizer, by half of the range."""
    middle = random.permutation(np.array([0.25, 0.5, 0.75]))
    lift = np.array([0.0, 0.0, 0.0])

    def good(x: Positions) -> np.ndarray:
        at = np.round(np.clip(x["opt"], 0, 1) * 2).astype(int)
        return 1.6 * np.exp(-0.5 * ((x["lr"] - middle[at]) / 0.18) ** 2) + lift[at] - 0.65

    return Truth(good, _even(0.75), frozenset({"lr", "opt"}))


def where_good(random: np.random.Generator) -> Truth:
    """Dropout matters only where the learning rate is good."""
    best, middle = float(random.uniform(0.35, 0.65)), float(random.uniform(0.3, 0.7))

    def good(x: Positions) -> np.ndarray:
        near = np.exp(-0.5 * ((x["lr"] - best) / 0.15) ** 2)
        return near * (1.6 - 8 * (x["drop"] - middle) ** 2) - 0.4

    return Truth(good, _even(0.6), frozenset({"lr", "drop"}))


def momentum_of_sgd(random: np.random.Generator) -> Truth:
    """Momentum is there for sgd alone, and matters."""
    peak = float(random.uniform(0.4, 0.8))

    def good(x: Positions) -> np.ndarray:
        has = np.isfinite(x["momentum"])
        return np.where(has, 1.2 - 9 * (np.nan_to_num(x["momentum"], nan=peak) - peak) ** 2, 0.0)

    return Truth(good, _even(0.7), frozenset({"momentum", "opt"}))


def of_one_of_two(random: np.random.Generator) -> Truth:
    """Learning rate and weight decay went together; the rate alone matters."""
    best = float(random.uniform(0.3, 0.7))
    f = _unit(lambda u: -((u - best) ** 2))
    return Truth(lambda x: math.sqrt(0.4) * f(x["lr"]), _even(math.sqrt(0.6)), frozenset({"lr"}), frozenset({"wd"}))


def uneven_peak(random: np.random.Generator) -> Truth:
    """A peak along one parameter where noise grows ten times along another."""
    best = float(random.uniform(0.3, 0.7))
    f = _unit(lambda u: -((u - best) ** 2))
    return Truth(lambda x: 1.0 * f(x["drop"]), lambda x: 10 ** (np.clip(x["lr"], 0, 1) - 0.6), frozenset({"drop"}))


def configurations_differ(random: np.random.Generator) -> Truth:
    """Configurations differ by what no parameter tells, so that repeats of one agree."""
    spread = float(random.uniform(20, 40))

    def good(x: Positions) -> np.ndarray:
        mixed = sum((k + 1.7) * np.nan_to_num(v) for k, v in enumerate(x.values()))
        return np.sin(1e4 * spread * mixed) * 1.2

    return Truth(good, _even(0.5))


def near_one(good: np.ndarray) -> np.ndarray:
    """An accuracy near 1, skewed."""
    return 1 - np.exp(-3.2 - 0.8 * good)


def in_fiftieths(good: np.ndarray) -> np.ndarray:
    """An accuracy on 50 examples, with ties."""
    return np.round(50 / (1 + np.exp(-1.5 - 0.6 * good))) / 50


def as_loss(good: np.ndarray) -> np.ndarray:
    """A loss, always above 0."""
    return 0.2 * np.exp(-0.5 * good)


TWO = terms(("lr", "peak", 0.3), ("drop", "line", 0.2))
THREE = terms(("lr", "peak", 0.25), ("opt", "levels", 0.15), ("drop", "peak", 0.15))
ARCH = {n: Knob("arch", {"values": [f"a{i:02d}" for i in range(n)]}, "names") for n in (30, 40)}
GRID = {
    "lr": Knob("lr", {"values": [0.0001, 0.001, 0.01, 0.1]}, "list"),
    "drop": Knob("drop", {"values": [0.0, 0.2, 0.4]}, "list"),
    "batch": Knob("batch", {"values": [16, 32, 64]}, "list"),
}

SHAPES = (
    Shape("null, 8 runs", nothing, 8),
    Shape("null, 12 runs", nothing, 12),
    Shape("null, 20 runs", nothing, 20),
    Shape("null, 40 runs", nothing, 40),
    Shape("null, 100 runs", nothing),
    Shape("null, copied four times", nothing, 25, repeats=4, copies=True),
    Shape("null, 33 configurations of 5 repeats", configurations_differ, 33, repeats=5),
    Shape("null, 20 configurations of 5 folds", configurations_differ, 20, repeats=5, block=("fold", 0.8)),
    Shape("null, drift", nothing, drift=1.5),
    Shape("null, drift while narrowing", nothing, sampler="narrowing", drift=1.5),
    Shape("null, Hyperband", nothing, cut_short=True),
    Shape("null, noise ten times larger", noisy_beside),
    Shape("null, near 1", nothing, logged=near_one),
    Shape("null, tied", nothing, logged=in_fiftieths),
    Shape("null, together", nothing, sampler="together"),
    Shape("null, Bayes", nothing, sampler="bayes"),
    Shape("null, TPE", nothing, sampler="tpe"),
    Shape("null, grid", nothing, 36, knobs=GRID, sampler="grid"),
    Shape("peak, 12 runs", terms(("lr", "peak", 0.7)), 12),
    Shape("peak, 20 runs", terms(("lr", "peak", 0.6)), 20),
    Shape("peak, 40 runs", terms(("lr", "peak", 0.45)), 40),
    Shape("line, 20 runs", terms(("lr", "line", 0.6)), 20),
    Shape("line, 40 runs", terms(("lr", "line", 0.45)), 40),
    Shape("two effects", TWO),
    Shape("three effects", THREE, 150),
    Shape("three effects, loss", THREE, 150, logged=as_loss, goal="minimize"),
    Shape("repeats, two effects", TWO, 33, repeats=5),
    Shape("folds, two effects", TWO, 25, repeats=5, block=("fold", 0.8)),
    Shape("drift, two effects", TWO, drift=1.5),
    Shape("Hyperband, peak", terms(("lr", "peak", 0.5)), cut_short=True),
    Shape(
        "collapse beyond a rate",
        terms(("lr", "peak", 0.3), ("drop", "line", 0.2)),
        logged=lambda g: 0.9 + 0.02 * g,
        collapse=True,
    ),
    Shape("near 1, two effects", TWO, logged=near_one),
    Shape("tied, two effects", TWO, logged=in_fiftieths),
    Shape("noise ten times larger, peak", uneven_peak, 150),
    Shape("rate by optimizer", rate_by_optimizer, 120),
    Shape(
        "momentum of sgd",
        momentum_of_sgd,
        150,
        knobs=KNOBS | {"momentum": MOMENTUM},
        only_under=("momentum", "opt", 1.0),
    ),
    Shape("effect in the good region", where_good, 150),
    Shape("plateau", terms(("lr", "plateau", 0.4))),
    Shape("periods", terms(("lr", "period", 0.4)), 150),
    Shape("layers, peak", terms(("layers", "peak", 0.4)), knobs=KNOBS | {"layers": LAYERS}),
    Shape("layers, line", terms(("layers", "line", 0.4)), knobs=KNOBS | {"layers": LAYERS}),
    Shape("30 levels", many_levels(30, 0.5), 150, knobs=KNOBS | {"arch": ARCH[30]}),
    Shape("40 levels", many_levels(40, 0.5), 200, knobs=KNOBS | {"arch": ARCH[40]}),
    Shape("grid, two effects", terms(("lr", "peak", 0.4), ("drop", "line", 0.2)), 36, knobs=GRID, sampler="grid"),
    Shape("one of two that went together", of_one_of_two, sampler="together"),
    Shape(
        "four sharp peaks",
        terms(("lr", "sharp", 0.2), ("wd", "sharp", 0.2), ("drop", "sharp", 0.2), ("width", "sharp", 0.2)),
        150,
    ),
    Shape("Bayes, two effects", TWO, 100, sampler="bayes"),
    Shape("Bayes, two peaks", terms(("lr", "peak", 0.3), ("drop", "peak", 0.2)), 100, sampler="bayes"),
    Shape("TPE, two effects", TWO, 100, sampler="tpe"),
    Shape("TPE, two peaks", terms(("lr", "peak", 0.3), ("drop", "peak", 0.2)), 100, sampler="tpe"),
    Shape("undeclared, two effects", TWO, declared=False),
)
