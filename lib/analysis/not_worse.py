"""No space is recommended whose expected mean is below today's: what would lower it stays as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lib.analysis.failures import Failing
from lib.analysis.next_config import next_config, searchable, space_of
from lib.analysis.next_space import lift_of
from lib.analysis.parameter_advice import Reason, Recommendation, Recommended, kept
from lib.analysis.population import Population
from lib.analysis.recommended_limits import limited


def not_worse(population: Population, advice: Recommendation, fails: Sequence[Failing]) -> Recommendation:
    """Return a recommendation without those changes that make the mean of the next config's draws worse than today's.

    Where a search went where it is good, even draws of all that was searched are worse than its runs: then, than those.
    What fails is kept out either way.
    """
    regions = searchable(population, advice.parameters)
    unchanged = {name: _unchanged(population, one, fails) for name, one in regions.items() if one.fitted is not None}
    if not any(regions[name].changed for name in unchanged):
        return advice
    same = {name: kept(one.dimension, fitted=one.fitted) for name, one in regions.items()}
    config = next_config(population, tuple(same.values()))
    today = min(0.0, lift_of(advice, same, space_of(config, same)).mean)
    while True:
        space = space_of(next_config(population, tuple(regions.values())), regions)
        left = [name for name in unchanged if regions[name].changed and regions[name] is not unchanged[name]]
        if not left or lift_of(advice, regions, space).mean >= today:
            break
        own = {name: lift_of(advice, {name: regions[name]}, space).mean for name in left}
        worst = min(left, key=lambda name: (own[name], name))
        regions = regions | {worst: unchanged[worst]}
    return replace(advice, parameters=tuple(regions.get(one.name, one) for one in advice.parameters))


def _unchanged(population: Population, one: Recommended, fails: Sequence[Failing]) -> Recommended:
    return limited(population, kept(one.dimension, Reason("not_worse", {}), fitted=one.fitted), fails)
