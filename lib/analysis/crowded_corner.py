"""The corner of two parameters in which the best runs crowd, where chance wouldn't put as many of them.

That says where the best runs are, and not that the two parameters interact: each by itself may lead there. The test is
the hypergeometric one of `best_corner`, times the corners of a pair and times the pairs looked at (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from lib.analysis.best_corner import Corner, best_corner
from lib.analysis.effects import Effect
from lib.analysis.population import Population

# It is said beside the claims of effect, which spend most of the 5 % of false claims.
LEVEL = 0.01
MOST_SHARE = 0.05
FEWEST_BEST = 3
FEWEST_RUNS = 40
MOST_PARAMETERS = 6


@dataclass(frozen=True, slots=True)
class CrowdedCorner:
    """A corner that holds few of the runs and many of the best."""

    corner: Corner
    """The corner, with its counts."""
    p_value: float
    """The chance of as many of the best runs in any corner of any pair looked at."""
    pairs: int
    """How many pairs were looked at."""


def crowded_corner(population: Population, effects: Sequence[Effect]) -> CrowdedCorner | None:
    """Return the corner with the smallest chance; None where none is below 0.01, or fewer than 40 runs are used.

    Pairs of the 6 parameters with the smallest p-values are looked at. A corner has at least 3 of the best runs and at
    most 5 % of all.
    """
    tested = sorted((one.p_value, one.parameter) for one in effects if one.p_value is not None)[:MOST_PARAMETERS]
    if len(tested) < 2 or population.ledger.used < FEWEST_RUNS:
        return None
    pairs = list(combinations(sorted(name for _, name in tested), 2))
    found = [
        (corner.p_value, at, corner) for at, pair in enumerate(pairs) if (corner := best_corner(population, *pair))
    ]
    crowded = [one for one in found if _is_crowded(one[2])]
    if not crowded:
        return None
    chance, _, corner = min(crowded, key=lambda one: one[:2])
    p_value = min(1.0, chance * len(pairs))
    return CrowdedCorner(corner, p_value, len(pairs)) if p_value < LEVEL else None


def _is_crowded(corner: Corner) -> bool:
    return len(corner.ranks) >= FEWEST_BEST and corner.runs <= MOST_SHARE * corner.of
