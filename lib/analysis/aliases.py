"""Which config keys are one factor, and which numeric parameters went together so closely that they can't be separated.

Keys that determine each other are found where the search space is resolved (`lib.model.search_space`), since only one
of them is a searched parameter; here they are told. Correlated numeric parameters stay searched, and are tested jointly
first (hierarchical testing: Meinshausen 2008, Biometrika 95).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.analysis.population import Population

# Beyond this correlation the standard error of a slope is more than twice what it is without the other parameter
# (variance inflation 1 / (1 - r^2) above 5), so that runs by the hundred don't separate the two.
TOGETHER = 0.9
FEWEST_CONFIGURATIONS = 8


@dataclass(frozen=True, slots=True)
class Alias:
    """One factor that has several names in the runs' config."""

    kept: str
    """The name under which it is reported: the declared one, else the first column."""
    others: tuple[str, ...]
    """Its other names, in order."""
    equal: tuple[str, ...]
    """Those of them that hold the same values as `kept` in each used run."""
    runs: int
    """How many used runs have a value of it."""


@dataclass(frozen=True, slots=True)
class CorrelatedBlock:
    """Numeric parameters that went together in the used runs: no run tells what each of them does alone."""

    parameters: tuple[str, ...]
    """Their names, in order."""
    correlation: float
    """The smallest absolute correlation of two neighbours in the block, by which it holds together."""
    runs: int
    """How many used runs have values of all of them."""


def aliases(population: Population) -> tuple[Alias, ...]:
    """Return the factors with several names, in order of the name that is kept."""
    named: dict[str, list[str]] = {}
    for parameter in population.parameters:
        if parameter.alias_of is not None:
            named.setdefault(parameter.alias_of, []).append(parameter.name)
    return tuple(_alias(population, kept, sorted(others)) for kept, others in sorted(named.items()))


def correlated_blocks(population: Population) -> tuple[CorrelatedBlock, ...]:
    """Return the blocks of searched numeric parameters whose correlation along their scales is above 0.9, in order.

    Pearson's r of logarithms on a log scale, over the runs that have both. Two parameters are in one block where a
    chain of such correlations joins them (single linkage).
    """
    columns = {}
    for parameter in population.searched:
        if parameter.numeric:
            numbers = population.numbers(parameter.name)
            if parameter.scale == "log":
                with np.errstate(divide="ignore", invalid="ignore"):
                    numbers = np.where(numbers > 0, np.log(numbers), np.nan)
            columns[parameter.name] = numbers
    linked = _linked(columns)
    block_of: dict[str, list[str]] = {name: [name] for name in columns}
    for one, other in linked:
        if block_of[one] is not block_of[other]:
            together = sorted(block_of[one] + block_of[other])
            block_of.update(dict.fromkeys(together, together))
    blocks = {id(block): block for block in block_of.values() if len(block) > 1}
    found = []
    for block in blocks.values():
        strengths = [r for (one, other), r in linked.items() if one in block and other in block]
        having = np.all([~np.isnan(columns[name]) for name in block], axis=0)
        found.append(CorrelatedBlock(tuple(block), min(strengths), int(having.sum())))
    return tuple(sorted(found, key=lambda block: block.parameters))


def _linked(columns: dict[str, np.ndarray]) -> dict[tuple[str, str], float]:
    """Return the absolute correlation of each pair of columns that is above TOGETHER."""
    names = list(columns)
    if len(names) < 2:
        return {}
    values = np.array([columns[name] for name in names])
    known = ~np.isnan(values)
    both = known.astype(float) @ known.T.astype(float)
    # Missing values at the mean make correlations smaller, never larger; those near enough are worked out exactly.
    filled = np.where(known, values, 0.0)
    with np.errstate(all="ignore"):
        means = filled.sum(axis=1) / known.sum(axis=1)
        away = np.where(known, values - means[:, None], 0.0)
        size = np.sqrt((away**2).sum(axis=1))
        rough = np.abs((away @ away.T) / np.outer(size, size))
    out = {}
    for i, j in zip(*np.where(np.triu((rough > TOGETHER / 2) & (both >= FEWEST_CONFIGURATIONS), 1)), strict=True):
        pair = known[i] & known[j]
        # Runs of a few configurations are few points, however often each was run.
        if len(np.unique(values[[i, j]][:, pair], axis=1).T) < FEWEST_CONFIGURATIONS:
            continue
        with np.errstate(all="ignore"):
            r = abs(float(np.corrcoef(values[i][pair], values[j][pair])[0, 1]))
        if r > TOGETHER:
            out[names[i], names[j]] = r
    return out


def _alias(population: Population, kept: str, others: list[str]) -> Alias:
    own = population.config[kept]
    equal = tuple(name for name in others if _equal(own.tolist(), population.config[name].tolist()))
    return Alias(kept, tuple(others), equal, int(own.notna().sum()))


def _equal(ones: list[object], others: list[object]) -> bool:
    return all(one == other or (one != one and other != other) for one, other in zip(ones, others, strict=True))
