"""What a parameter does where the partner of an interaction has one level, or lies in one half of its range.

Where two parameters interact, the effect of one on average over the other answers no question that anyone has: it may
be nothing, or the opposite of what holds at the level in use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lib.analysis.effect_tests import Test, tested
from lib.analysis.effects import Effect, measured_effect
from lib.analysis.interactions import Interaction
from lib.analysis.observations import Observations, observations
from lib.analysis.population import Population
from lib.analysis.positions import Dimension, dimensions
from lib.model.numbers import number
from lib.statistics.multiple_testing import holm

FEWEST_WITHIN = 12
MOST_LEVELS = 12


@dataclass(frozen=True, eq=False)
class _Part:
    """A part of the runs, and the parameter to test in it."""

    moved: Dimension
    others: list[Dimension]
    seen: Observations
    within: str
    test: Test | None


def effects_within(
    population: Population, effects: Sequence[Effect], interactions: Sequence[Interaction]
) -> tuple[Effect, ...]:
    """Test and measure one parameter of each claimed pair at every level of the other, or in both halves of its range.

    The partner is the one with levels (the fewer, where both have them). Parts of fewer than 12 runs, and levels after
    the 12 most common, are left out. Holm's correction is over all of them. In order of pair and level.
    """
    seen = observations(population)
    along = {axis.name: axis for axis in dimensions(population, seen.rows, seen.counts)}
    by_name = {effect.parameter: effect for effect in effects}
    claimed = [pair for pair in interactions if pair.claimed]
    parts = [part for pair in claimed for part in _parts(population, seen, pair, along=along, by_name=by_name)]
    adjusted = holm([part.test.p_value if part.test else None for part in parts])
    sign, by_factors = population.objective.sign, population.spans_decades
    return tuple(
        measured_effect(
            part.moved,
            part.others,
            part.seen,
            sign=sign,
            test=part.test,
            p_adjusted=p_adjusted,
            by_factors=by_factors,
            within=part.within,
        )
        for part, p_adjusted in zip(parts, adjusted, strict=True)
        if part.test is not None and p_adjusted is not None
    )


def _parts(
    population: Population,
    seen: Observations,
    pair: Interaction,
    *,
    along: dict[str, Dimension],
    by_name: dict[str, Effect],
) -> Iterator[_Part]:
    moved, partner = _roles(along[pair.first], along[pair.second])
    matter = [name for name, effect in by_name.items() if effect.claimed and name not in (moved.name, partner.name)]
    for label, mask in _cuts(partner):
        if int((mask & moved.known).sum()) < FEWEST_WITHIN:
            continue
        part = seen.among(mask)
        inside = {axis.name: axis for axis in dimensions(population, part.rows, part.counts)}
        one = inside[moved.name]
        others = [inside[name] for name in matter] if int(mask.sum()) >= 8 * FEWEST_WITHIN else []
        yield _Part(one, others, part, label, tested(one, others, part))


def _roles(first: Dimension, second: Dimension) -> tuple[Dimension, Dimension]:
    """Return the parameter to move and its partner."""
    sizes = [len(axis.levels) if axis.levels is not None else None for axis in (first, second)]
    if sizes[0] is not None and (sizes[1] is None or sizes[0] < sizes[1]):
        return second, first
    return first, second


def _cuts(partner: Dimension) -> list[tuple[str, np.ndarray]]:
    if partner.levels is None:
        middle = partner.value(float(np.median(partner.position[partner.known])))
        place = float(f"{middle:.2g}")
        at = (np.log10(place) if partner.log else place) / 2 - partner.low / 2
        cut = at / (partner.high / 2 - partner.low / 2)
        text = number(place)
        return [
            (f"{partner.name} < {text}", partner.known & (partner.position < cut)),
            (f"{partner.name} >= {text}", partner.known & (partner.position >= cut)),
        ]
    last = len(partner.levels) - 1
    code = np.full(len(partner.position), -1)
    code[partner.known] = np.round(partner.position[partner.known] * (last if partner.ordered else 1)).astype(int)
    counts = np.bincount(code[code >= 0], minlength=last + 1)
    kept = sorted(np.argsort(-counts, kind="stable")[:MOST_LEVELS].tolist())
    return [(f"{partner.name} = {number(partner.levels[k])}", code == k) for k in kept]
