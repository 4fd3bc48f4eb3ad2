"""The tests that claims of effects rest on, and which other parameters each of them is adjusted for.

Tests are on the normal scores of the objective's ranks (Conover & Iman 1981, The American Statistician 35, 124-129),
which diverged runs and heavy tails can't sway, and on its values with outliers pulled in, which say how far apart a few
configurations are where ranks can't. A parameter is tested given the others that matter: those chosen because they
explain the objective, and those that go with the parameter itself in these runs (double selection: Belloni,
Chernozhukov & Hansen 2014, Review of Economic Studies 81, 608-650). Lines, parabolas and splines are tested together by
Cauchy's combination (Liu & Xie 2020, JASA 115, 393-402), so that peaks count as well as slopes; so are the levels of a
list of numbers, which no curve need follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import special

from lib.analysis.observations import Observations
from lib.analysis.positions import CONTROL_SIZE, Dimension
from lib.statistics.moments import fenced, of_unit_size
from lib.statistics.multiple_testing import LEVEL, combined
from lib.statistics.regression import beyond, gained, orthonormal

FEWEST_RUNS = 8
FEWEST_FOR_A_PARABOLA = 12
# Basis sizes tested together, and their weights: most truths are a slope or one bend, some are narrow peaks.
TEST_SIZES = {1: 0.15, 2: 0.65, 4: 0.15, 6: 0.05}
_RUNS_PER_TERM = 15
# And the levels of a list of numbers, for what no curve shows: even and odd, or one value that stands out.
_OF_LEVELS = 0.05
# How clearly another parameter goes with the one tested to be adjusted for because of that alone. Adaptive searches
# move all parameters together: links weaker than the penalty of the double selection lets through cost power, and a
# parameter that matters is chosen for that.
_ASSOCIATED = 0.0005
# Of the parameters that no effect is clear of by itself, this many are tried two at once; of more configurations than
# this, an effect that another could hide is clear by itself.
_TRIED_IN_TWOS, _FEW_ENOUGH_TO_HIDE = 6, 500


@dataclass(frozen=True, slots=True)
class Test:
    """The test of one parameter."""

    statistic: float
    """The largest F of the sizes tested."""
    p_value: float
    """Cauchy's combination over the sizes."""


def tested(axis: Dimension, others: Sequence[Dimension], seen: Observations) -> Test | None:
    """Test one parameter given others, over the configurations that have a value of it.

    None with fewer than 8 runs, one value, or a
    constant objective. A parabola is tested from 12 runs on, richer curves from 15 runs a term.
    """
    rows = axis.known
    n = int(rows.sum())
    if n < FEWEST_RUNS or axis.size(1, rows) < 1 or np.ptp(seen.good[rows]) == 0:
        return None
    held = seen.held(others, rows, [axis])
    answers = seen.scores(rows), seen.weighted(fenced(of_unit_size(seen.good[rows])[0]), rows)
    sizes = list(TEST_SIZES) if axis.ordered else [1]
    ground = axis.basis(axis.position[rows], axis.size(2, rows))
    found: dict[int, list[tuple[float, float, float]]] = {}
    for wanted in sizes:
        size = axis.size(wanted, rows)
        knots = axis.knots(size, rows)
        if size in found or (size > 4 and axis.ordered and knots is None) or n < _fewest(wanted):
            continue
        own = beyond(held, seen.weighted(axis.basis(axis.position[rows], size, knots), rows))
        results = [gained(answer, held, own, ground) for answer in answers]
        found[size] = [(*result, TEST_SIZES[wanted]) for result in results if result is not None]
    every = [one for results in found.values() for one in results]
    if axis.levels_say_more(rows, max(found, default=1)):
        own = beyond(held, seen.weighted(axis.single_levels(axis.position[rows]), rows))
        results = [gained(answer, held, own, ground) for answer in answers]
        every += [(*result, _OF_LEVELS) for result in results if result is not None]
    if not every:
        return None
    p_value = combined([p for _, p, _ in every], [weight for _, _, weight in every])
    return Test(max(statistic for statistic, _, _ in every), p_value)


def forward(along: Sequence[Dimension], seen: Observations) -> list[int]:
    """Choose parameters that explain the objective while Holm's step-down level is met: one by one, else two at once.

    Of few runs, two strong effects hide each other until both are taken together: adding one at a time misses pairs
    (Miller 1984, Journal of the Royal Statistical Society A 147, 389-425).
    """
    chosen: list[int] = []
    most = max(1, min(12, len(seen) // 10))
    left = list(range(len(along)))
    while left and len(chosen) < most:
        tests = [(at, tested(along[at], [along[k] for k in chosen], seen)) for at in left]
        known = sorted((test.p_value, at) for at, test in tests if test is not None)
        if not known:
            break
        found = [known[0][1]] if known[0][0] * len(known) <= LEVEL else []
        if not found and len(chosen) + 2 <= most and len(seen) <= _FEW_ENOUGH_TO_HIDE:
            found = _two_at_once(along, chosen, [at for _, at in known], seen)
        if not found:
            break
        chosen += found
        left = sorted(at for _, at in known if at not in found)
    return sorted(chosen)


def _two_at_once(
    along: Sequence[Dimension], chosen: Sequence[int], left: Sequence[int], seen: Observations
) -> list[int]:
    """Return the two of the parameters left that are clearest given each other, or none.

    left : in order of their p-values, of which the first few are tried. Both have to be clear after correction for all
    ordered pairs, so that neither is chosen for having been looked at beside many others.
    """
    looked_at = len(left) * (len(left) - 1)
    found: list[tuple[float, list[int]]] = []
    for first, second in combinations(left[:_TRIED_IN_TWOS], 2):
        held = [along[k] for k in chosen]
        one = tested(along[first], [*held, along[second]], seen)
        if one is None or one.p_value * looked_at > LEVEL:
            continue
        other = tested(along[second], [*held, along[first]], seen)
        if other is not None and other.p_value * looked_at <= LEVEL:
            found.append((max(one.p_value, other.p_value), [first, second]))
    return min(found)[1] if found else []


def controls_of(along: Sequence[Dimension], chosen: Sequence[int], seen: Observations) -> list[list[int]]:
    """Return the parameters to hold still for each one: those chosen, then those that go with it, strongest first.

    The latter only as far as a quarter of the runs pays for their terms.
    """
    p_values = _associations(along, seen)
    out = []
    for at, one in enumerate(along):
        held = [k for k in chosen if k != at and not _exists_only_under(along[k], one)]
        budget = int(one.known.sum()) // 4
        spent = sum(along[k].size(CONTROL_SIZE, one.known) for k in held)
        order = np.argsort(p_values[at], kind="stable").tolist()
        for k in order:
            if p_values[at, k] >= _ASSOCIATED:
                break
            if k == at or k in held or _exists_only_under(along[k], one):
                continue
            spent += along[k].size(CONTROL_SIZE, one.known)
            if spent > budget:
                break
            held.append(k)
        out.append(sorted(held))
    return out


def _exists_only_under(child: Dimension, one: Dimension) -> bool:
    return child.parameter.only_where is not None and child.parameter.only_where[0] == one.name


def _associations(along: Sequence[Dimension], seen: Observations) -> np.ndarray:
    """Return the p-values of Pillai's trace between any two parameters' bases (chi-squared approximation).

    Beside time, which tests are adjusted for anyway: a search that learns moves all parameters at once.
    """
    blocks, owner = [], []
    for at, one in enumerate(along):
        n = len(one.position)
        known = one.known
        if known.sum() < FEWEST_RUNS or one.size(1, known) < 1:
            continue
        block = one.basis(one.position[known], one.size(2, known))
        time = orthonormal(np.hstack([np.ones((len(block), 1)), seen.time[known]]))
        if seen.by_design(one, known):
            time = time[:, :0]
            block = block - block.mean(axis=0)
        part = orthonormal(block - time @ (time.T @ block))
        own = np.zeros((n, part.shape[1]))
        own[known] = part
        blocks.append(own)
        owner += [at] * part.shape[1]
    out = np.ones((len(along), len(along)))
    if not blocks:
        return out
    every = np.hstack(blocks)
    member = np.equal.outer(np.arange(len(along)), np.array(owner)).astype(float)
    trace = member @ (every.T @ every) ** 2 @ member.T
    size = member.sum(axis=1)
    known = np.array([one.known for one in along], dtype=float)
    both = known @ known.T
    tested = np.outer(size, size) > 0
    out[tested] = special.chdtrc(np.outer(size, size)[tested], (both[tested] - 1) * trace[tested])
    return out


def _fewest(terms: int) -> int:
    """Return how many runs a basis of this many terms needs: the F test holds on few runs, its power doesn't."""
    return FEWEST_FOR_A_PARABOLA if terms == 2 else 0 if terms == 1 else _RUNS_PER_TERM * terms
