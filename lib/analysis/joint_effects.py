"""Parameters that went together in these runs: their effects can't be separated, so they are tested jointly.

Adjusted for each other, neither of two such parameters shows an effect, whatever they do together: the group is tested
first (hierarchical testing: Meinshausen 2008, Biometrika 95, 265-278), and claimed as a group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lib.analysis.effect_tests import FEWEST_RUNS
from lib.analysis.effects import SPENT_ON_EFFECTS, Effect
from lib.analysis.observations import Observations, observations
from lib.analysis.population import Population
from lib.analysis.positions import Dimension, dimensions
from lib.statistics.multiple_testing import LEVEL
from lib.statistics.regression import added

TOGETHER = 0.9
# Correlations are looked at among this many parameters at most.
_MOST_PARAMETERS = 200
_SIZE = 2


@dataclass(frozen=True, slots=True)
class JointEffect:
    """What a group of parameters that went together does to the objective."""

    parameters: tuple[str, ...]
    """Their names, in order."""
    correlation: float
    """The weakest correlation, along their scales, of one of them with the one it goes with best; between levels and
    numbers the correlation ratio."""
    n: int
    """Configurations that have all of them."""
    p_value: float | None = None
    """F test of lines and parabolas of all of them, on ranks, given the other parameters that matter."""
    p_adjusted: float | None = None
    """Times the searched parameters over those of the group, and weighted as single effects are."""
    claimed: bool = False
    """Whether p_adjusted is below LEVEL."""


def joint_effects(population: Population, effects: Sequence[Effect]) -> tuple[JointEffect, ...]:
    """Find the groups of parameters that correlate above 0.9 along their scales, and test each as one.

    Numbers go with levels where these explain them as well: a learning rate that was chosen for each model.
    """
    seen = observations(population)
    along = dimensions(population, seen.rows, seen.counts)
    usable = [axis for axis in along if int(axis.known.sum()) >= FEWEST_RUNS][:_MOST_PARAMETERS]
    claimed = {effect.parameter for effect in effects if effect.claimed}
    tested = sum(effect.p_value is not None for effect in effects)
    out = []
    for group, weakest in _groups(usable):
        others = [axis for axis in along if axis.name in claimed and axis not in group]
        one = JointEffect(tuple(axis.name for axis in group), weakest, int(_known(group).sum()))
        p_value = _p_value(group, others, seen)
        if p_value is not None:
            p_adjusted = min(1.0, p_value * tested / len(group) / SPENT_ON_EFFECTS)
            one = replace(one, p_value=p_value, p_adjusted=p_adjusted, claimed=p_adjusted < LEVEL)
        out.append(one)
    return tuple(out)


def _groups(usable: Sequence[Dimension]) -> list[tuple[list[Dimension], float]]:
    """Return the connected groups of parameters that correlate above TOGETHER, each with its weakest link."""
    links: dict[int, dict[int, float]] = {}
    for at, one in enumerate(usable):
        for to in range(at + 1, len(usable)):
            r = _correlation(one, usable[to])
            if r > TOGETHER:
                links.setdefault(at, {})[to] = links.setdefault(to, {})[at] = r
    out, left = [], set(links)
    while left:
        group, edge = set(), {min(left)}
        while edge:
            group |= edge
            edge = {to for at in edge for to in links[at]} - group
        left -= group
        weakest = min(max(links[at].values()) for at in group)
        out.append(([usable[at] for at in sorted(group)], weakest))
    return out


def _correlation(one: Dimension, other: Dimension) -> float:
    """Return how closely two parameters go together, 0..1: Pearson's correlation, or of levels and numbers its ratio.

    The correlation ratio is the root of the share of the numbers' variance that lies between the levels
    (en.wikipedia.org/wiki/Correlation_ratio). 0 for two lists of levels, and where one of them doesn't vary.
    """
    both = one.known & other.known
    if both.sum() < FEWEST_RUNS or not (one.ordered or other.ordered):
        return 0.0
    first, second = one.position[both], other.position[both]
    if min(np.ptp(first), np.ptp(second)) == 0:
        return 0.0
    if one.ordered and other.ordered:
        return abs(float(np.corrcoef(first, second)[0, 1]))
    numbers, levels = (first, second.astype(int)) if one.ordered else (second, first.astype(int))
    counts = np.bincount(levels)
    means = np.bincount(levels, numbers)[levels] / counts[levels]
    return float(np.std(means) / np.std(numbers))


def _known(group: Sequence[Dimension]) -> np.ndarray:
    return np.logical_and.reduce([axis.known for axis in group])


def _p_value(group: Sequence[Dimension], others: Sequence[Dimension], seen: Observations) -> float | None:
    rows = _known(group)
    if rows.sum() < FEWEST_RUNS or np.ptp(seen.good[rows]) == 0:
        return None
    block = np.hstack([axis.basis(axis.position[rows], axis.size(_SIZE, rows)) for axis in group])
    result = added(seen.scores(rows), seen.held(others, rows, group), seen.weighted(block, rows), block)
    return None if result is None else result[1]
