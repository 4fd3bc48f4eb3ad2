"""Which parameters move the objective, and by how much: the one result that every claim of effect rests on.

A claim needs the test alone (`lib.analysis.effect_tests`, Holm's correction over all searched parameters); that its
direction is clear needs the interval too (`lib.analysis.effect_sizes`), so that no clear claim stands beside an
interval that holds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from lib.analysis.effect_sizes import Size, size_of
from lib.analysis.effect_tests import FEWEST_RUNS, Test, controls_of, forward, tested
from lib.analysis.failures import Failing, failing_regions
from lib.analysis.levels import text_of_level
from lib.analysis.observations import Observations, observations
from lib.analysis.population import Population
from lib.analysis.positions import Dimension, dimensions
from lib.analysis.response import curve
from lib.statistics.multiple_testing import LEVEL, holm
from lib.statistics.ranks import normal_scores

# Single effects and interactions share one chance in twenty of a false claim. What is left of it is a margin, since the
# tests are approximate where noise is uneven or a sampler crowds a region.
SPENT_ON_EFFECTS, SPENT_ON_INTERACTIONS = 0.75, 0.2
# Effects that aren't claimed are measured for this many parameters, those of the smallest p-values.
MOST_MEASURED = 40
_SURE = 0.975
_TEST_NUMERIC = "rank F test of a line, a parabola, splines and single levels, given the other parameters that matter"
_TEST_LEVELS = "rank F test between levels, given the other parameters that matter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one searched parameter does to the objective, adjusted for the other parameters that matter.

    Sizes are those of `lib.analysis.effect_sizes.Size`; None where it wasn't tested or measured.
    """

    parameter: str
    """Its name."""
    n: int
    """Configurations with a value of it (see `lib.analysis.observations`)."""
    test: str
    """What was tested, in words."""
    statistic: float | None = None
    """The largest F of the sizes tested."""
    p_value: float | None = None
    """Of the test, for this parameter alone."""
    p_adjusted: float | None = None
    """Holm over all searched parameters, and weighted so that effects and interactions together stay within LEVEL."""
    claimed: bool = False
    """Whether it moves the objective: p_adjusted is below LEVEL."""
    direction_clear: bool = False
    """Whether it is claimed and `better` is better than `worse`, on average over the other parameters, at 95 %."""
    share: float | None = None
    better: object | None = None
    worse: object | None = None
    gain: float | None = None
    """Gained from worse to better; None where it is claimed and its size isn't known (see `gain_high`)."""
    gain_low: float | None = None
    gain_high: float | None = None
    typical: object | None = None
    gain_from_typical: float | None = None
    times: float | None = None
    """How many times better it is at `better` than at `worse`; None where the objective is on a linear scale."""
    times_low: float | None = None
    times_high: float | None = None
    ruled_out_times: float | None = None
    ruled_out_above: float | None = None
    """Effects larger than this are ruled out at 95 %; None where one is claimed."""
    shape: str = "levels"
    best_low: object | None = None
    best_high: object | None = None
    at_edge: str | None = None
    """"low" or "high" where the best lies at that end of the range; only where it is claimed with a clear gain."""
    edge: object | None = None
    """The value there."""
    adjusted_for: tuple[str, ...] = ()
    """The other parameters that it is adjusted for."""
    within: str | None = None
    """The part of the runs that it is about, like "optimizer = sgd"; None where it is about all."""

    @property
    def size(self) -> float:
        """What effects are ordered by: how many times better, else the gain; 0 where it isn't known."""
        return self.times or self.gain or 0.0


def effects(population: Population) -> tuple[Effect, ...]:
    """Test and measure every searched parameter; one effect each, in order of name.

    A parameter is tested over the configurations that have a value of it; levels of fewer than 3 are left out of its
    test. With fewer than 8, one value, or a constant objective, p-values are None and nothing is claimed.
    """
    seen = observations(population)
    along = dimensions(population, seen.rows, seen.counts)
    if len(seen) < FEWEST_RUNS or np.ptp(seen.good) == 0:
        return tuple(untested(axis) for axis in along)
    beside = controls_of(along, forward(along, seen), seen)
    tests = [tested(axis, [along[k] for k in beside[at]], seen) for at, axis in enumerate(along)]
    adjusted = holm([test.p_value if test else None for test in tests], SPENT_ON_EFFECTS)
    # Where runs fail at an end of a range, the best lies before it and not at it.
    by_name = {axis.name: axis for axis in along}
    fails = {(one.parameter, _failing_end(one, by_name[one.parameter])) for one in failing_regions(population)}
    by_p = sorted((test.p_value, at) for at, test in enumerate(tests) if test)
    first = {at for _, at in by_p[:MOST_MEASURED]}
    out = []
    for at, axis in enumerate(along):
        test, p_adjusted = tests[at], adjusted[at]
        if test is None or p_adjusted is None:
            out.append(untested(axis))
            continue
        others = [along[k] for k in beside[at]]
        measured = p_adjusted < LEVEL or at in first
        sign, by_factors = population.objective.sign, population.spans_decades
        effect = measured_effect(
            axis, others, seen, sign=sign, test=test, p_adjusted=p_adjusted, by_factors=by_factors, measured=measured
        )
        out.append(replace(effect, at_edge=None, edge=None) if (axis.name, effect.at_edge) in fails else effect)
    return tuple(out)


def _failing_end(failing: Failing, axis: Dimension) -> str | None:
    """Return at which end of a range or list runs fail; None where it is neither."""
    if failing.level is None:
        return "low" if failing.low is None else "high"
    ends = {text_of_level(axis.levels[at]): end for at, end in ((0, "low"), (-1, "high"))} if axis.levels else {}
    return ends.get(text_of_level(failing.level))


def untested(axis: Dimension) -> Effect:
    """Return the effect of a parameter that can't be tested."""
    return Effect(parameter=axis.name, n=int(axis.known.sum()), test=_TEST_NUMERIC if axis.ordered else _TEST_LEVELS)


def measured_effect(
    axis: Dimension,
    others: Sequence[Dimension],
    seen: Observations,
    *,
    sign: int,
    test: Test,
    p_adjusted: float,
    by_factors: bool,
    measured: bool = True,
    within: str | None = None,
) -> Effect:
    """Return a tested effect, with its size where it is `measured` and enough runs allow it.

    sign : 1 where a higher objective is better, else -1. by_factors : whether most values lie decades apart.
    """
    fitted = curve(axis, others, seen) if measured else None
    size = size_of(axis, fitted, sign, by_factors=by_factors) if fitted is not None else None
    claimed = p_adjusted < LEVEL
    parts = {one.name: getattr(size, one.name) for one in fields(Size)} if size is not None else {}
    if size is not None and claimed:
        parts |= {"ruled_out_above": None, "ruled_out_times": None}
        clear = size.gain_low > 0 or _clear_by_ranks(axis, others, seen, size)
        parts["direction_clear"] = clear
        if size.gain <= 0 or not clear:
            # A clear effect of no size contradicts itself: what is known is that it is no larger than the interval.
            parts |= {"gain": None, "gain_from_typical": None, "times": None}
        if size.gain_low <= 0:
            parts["at_edge"] = None
    elif size is not None:
        parts["at_edge"] = None
    if parts.get("at_edge"):
        parts["edge"] = axis.value(0.0 if parts["at_edge"] == "low" else 1.0)
    blank = untested(axis)
    return Effect(
        parameter=axis.name,
        n=blank.n,
        test=blank.test,
        statistic=test.statistic,
        p_value=test.p_value,
        p_adjusted=p_adjusted,
        claimed=claimed,
        adjusted_for=tuple(one.name for one in others),
        within=within,
        **parts,
    )


def _clear_by_ranks(axis: Dimension, others: Sequence[Dimension], seen: Observations, size: Size) -> bool:
    """Whether `better` is better than `worse` by ranks, where diverged runs or heavy tails hide it in the units."""
    fitted = curve(axis, others, replace(seen, good=normal_scores(seen.good)))
    if fitted is None:
        return False
    values = [axis.value(place) for place in fitted.positions]
    better, worse = values.index(size.better), values.index(size.worse)
    return bool(np.mean(fitted.draws[:, better] > fitted.draws[:, worse]) >= _SURE)
