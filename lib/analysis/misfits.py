"""Where a sweep config doesn't fit the runs, parameter by parameter; and what only runs left out varied."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from lib.analysis.levels import level_order, text_of_level, texts_of_levels
from lib.analysis.population import Population
from lib.model.columns import plain
from lib.model.declared_space import declared_parameters
from lib.model.parameter import Parameter
from lib.model.search_space import MOST_LEVELS, named_like_a_block

MisfitKind = Literal["constant_varies", "other_constant", "absent", "outside", "unused_levels", "unvaried"]
# What is shown of the values that don't fit.
MOST_VALUES = 5
# Of the keys that only runs left out varied; more are no decision that a reader could check one by one.
MOST_UNVARIED = 20
FEWEST_RUNS = 3
_NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class Misfit:
    """One way in which one parameter isn't in the runs what the sweep config, or the table of runs, makes of it.

    Kinds: "constant_varies": declared constant, but the used runs hold several values. "other_constant": declared
    constant, but they hold another value. "absent": declared as searched, but no used run has a value. "outside": used
    runs hold values beyond the declared range or levels. "unused_levels": no used run has some of the declared levels.
    "unvaried": no used run varies it, though it was declared as searched, or runs that were left out vary it.
    """

    kind: MisfitKind
    """Which of these it is."""
    parameter: str
    """The config key."""
    declared: bool
    """Whether a sweep config declares it."""
    expected: tuple[Any, ...]
    """What was declared: the constant, the two ends of the range, or the levels; empty where nothing was."""
    found: tuple[Any, ...]
    """The values that don't fit, at most MOST_VALUES; of "unvaried" the one value that the used runs hold, if any."""
    found_count: int
    """How many distinct ones there are."""
    runs: int
    """How many used runs hold them; of "unused_levels" how many used runs there are."""
    left_out: tuple[tuple[Any, int], ...]
    """Of "unused_levels" and "unvaried" what runs that were left out hold, and how many of them; by count."""


def misfits(population: Population) -> tuple[Misfit, ...]:
    """Return where the sweep config and the used runs differ, and the config keys that only left-out runs vary.

    In order of the parameters' names. Nothing is said of a key in which runs are copies of one another (seeds), of a
    constant that names each run, like a folder, and below three used runs.
    """
    if len(population.rows) < FEWEST_RUNS:
        return ()
    declared = {p.name: p for p in declared_parameters(population.sweep.declarations)}
    found = [one for parameter in declared.values() for one in _of_declared(population, parameter)]
    if not declared and population.choices.parameters is None:
        found += _only_left_out(population)
    return tuple(sorted(found, key=lambda one: (one.parameter, one.kind)))


def _of_declared(population: Population, parameter: Parameter) -> list[Misfit]:
    name = parameter.name
    now = next((p for p in population.parameters if p.name == name), None)
    column = population.levels(name)
    held = column.dropna()
    if held.empty:
        return [] if parameter.role == "fixed" else [_misfit(population, "absent", parameter)]
    if parameter.role == "fixed":
        varies = now is not None and now.role in ("searched", "alias")
        texts = texts_of_levels(held)
        other = held[(texts != text_of_level((parameter.values or (None,))[0])).to_numpy()]
        if varies:
            return [_misfit(population, "constant_varies", parameter, column=held)]
        if held.nunique() == 1 and len(other):
            return [_misfit(population, "other_constant", parameter, column=other)]
        return []
    out = []
    outside = _outside(parameter, held)
    if len(outside):
        out.append(_misfit(population, "outside", parameter, column=outside))
    if held.nunique() == 1:
        out.append(_misfit(population, "unvaried", parameter, column=held))
    elif parameter.grouped and parameter.values:
        seen = set(texts_of_levels(held))
        unused = [v for v in parameter.values if text_of_level(v) not in seen]
        if unused:
            out.append(_misfit(population, "unused_levels", parameter, unused=unused))
    return out


def _outside(parameter: Parameter, held: pd.Series) -> pd.Series:
    if parameter.grouped:
        known = {text_of_level(v) for v in parameter.values or ()}
        numbers = np.array([v for v in parameter.values or () if isinstance(v, (int, float))], dtype=float)
        fits = texts_of_levels(held).isin(known).to_numpy()
        own = pd.to_numeric(held, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        near = np.isclose(own[:, None], numbers[None, :], rtol=_NEAR, atol=0).any(axis=1) if len(numbers) else fits
        return held[~(fits | near)]
    own = pd.to_numeric(held, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    low = -math.inf if parameter.low is None else float(parameter.low)
    high = math.inf if parameter.high is None else float(parameter.high)
    slack = _NEAR * max((abs(end) for end in (low, high) if math.isfinite(end)), default=0.0)
    if parameter.distribution is not None and parameter.distribution.startswith("q_"):
        # Rounded to its step, a value may lie up to half a step beyond an end, and W&B's step is 1 unless stated.
        slack = max(slack, (high - low) / 2 if math.isfinite(high - low) else slack)
    low_slack = min(slack, abs(low) * _NEAR) if low > 0 and parameter.scale == "log" else slack
    return held[np.isnan(own) | (own < low - low_slack) | (own > high + slack)]


def _only_left_out(population: Population) -> list[Misfit]:
    found: list[Misfit] = []
    searched = {p.name for p in population.searched}
    config = population.sweep.config
    if len(population.rows) == len(config):
        return found
    for name in map(str, config.columns):
        if name in searched or name in population.choices.seeds or named_like_a_block(name):
            continue
        everywhere = config[name].dropna()
        if not 2 <= everywhere.nunique() <= MOST_LEVELS or population.config[name].nunique() > 1:
            continue
        found.append(
            _misfit(
                population,
                "unvaried",
                Parameter(name, "searched", "categorical"),
                column=population.config[name].dropna(),
            )
        )
    return found[:MOST_UNVARIED]


def _misfit(
    population: Population,
    kind: MisfitKind,
    parameter: Parameter,
    *,
    column: pd.Series | None = None,
    unused: Sequence[Any] = (),
) -> Misfit:
    values: list[Any] = list(unused)
    if column is not None:
        values = sorted((plain(v) for v in column.unique()), key=level_order)
    expected: tuple[Any, ...] = ()
    if parameter.declared:
        ranged = parameter.values is None and parameter.low is not None and parameter.high is not None
        expected = (parameter.low, parameter.high) if ranged else tuple(parameter.values or ())
    left_out: tuple[tuple[Any, int], ...] = ()
    if kind in ("unused_levels", "unvaried") and parameter.name in population.sweep.config.columns:
        rows = np.setdiff1d(np.arange(len(population.sweep)), population.rows)
        elsewhere = population.sweep.config[parameter.name].iloc[rows].dropna()
        wanted = {text_of_level(v) for v in values}
        counts = texts_of_levels(elsewhere).value_counts()
        new = [(text, int(count)) for text, count in counts.items() if (text in wanted) == (kind == "unused_levels")]
        left_out = tuple(sorted(new, key=lambda one: (-one[1], one[0])))[:MOST_VALUES]
    return Misfit(
        kind=kind,
        parameter=parameter.name,
        declared=parameter.declared,
        expected=expected,
        found=tuple(values[:MOST_VALUES]),
        found_count=len(values),
        runs=len(population.rows) if column is None else len(column),
        left_out=left_out,
    )
