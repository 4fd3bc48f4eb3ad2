"""What is recommended for each searched parameter: kept, narrowed, extended, or without its worse levels.

This is decided here once: findings, pages, the JSON report and the next sweep all quote it. A parameter changes only
where its effect, or an interaction that it is part of, is claimed: on noise nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lib.analysis.best_place import best_region
from lib.analysis.branches import branches
from lib.analysis.effects import Effect
from lib.analysis.failures import failing_regions
from lib.analysis.interactions import Interaction
from lib.analysis.levels import text_of_level
from lib.analysis.not_worse import not_worse
from lib.analysis.observations import Observations, observations
from lib.analysis.parameter_advice import OUTSIDE, Action, Reason, Recommendation, Recommended, kept
from lib.analysis.population import Population
from lib.analysis.positions import Dimension, dimensions
from lib.analysis.range_ends import STEP, allowed, extent, further, padded, tidy
from lib.analysis.recommended_limits import limited
from lib.analysis.response import Curve, Surface, curve, surface
from lib.analysis.searched_unevenly import searched_unevenly
from lib.statistics.moments import fenced
from lib.statistics.multiple_testing import LEVEL, holm

_WORTH_NARROWING = 0.9


def recommendation(
    population: Population, effects: Sequence[Effect], interactions: Sequence[Interaction]
) -> Recommendation:
    """Decide what becomes of each searched parameter; what would lower the expected mean stays as it was."""
    seen = observations(population)
    along = {one.name: one for one in dimensions(population, seen.rows, seen.counts)}
    by_name = {effect.parameter: effect for effect in effects}
    matter = [name for name in along if by_name[name].claimed]
    surfaces = {}
    for pair in interactions:
        if pair.claimed:
            others = [along[name] for name in matter if name not in (pair.first, pair.second)]
            fitted = surface(along[pair.first], along[pair.second], others, seen)
            if fitted is not None:
                surfaces[pair.first, pair.second] = fitted
    fails = failing_regions(population)
    found = (_recommended(one, by_name[one.name], along, seen=seen, surfaces=surfaces) for one in along.values())
    parameters = tuple(limited(population, one, fails) for one in found)
    beside = {name: [along[other] for other in by_name[name].adjusted_for] for name in along}
    uneven = searched_unevenly(population, parameters, beside, seen)
    first = Recommendation(parameters, surfaces, fenced(seen.good), uneven)
    return not_worse(population, first, fails)


def _recommended(
    one: Dimension,
    effect: Effect,
    along: dict[str, Dimension],
    *,
    seen: Observations,
    surfaces: dict[tuple[str, str], Surface],
) -> Recommended:
    own = {pair: fitted for pair, fitted in surfaces.items() if one.name in pair}
    fitted = None
    if effect.claimed or own:
        fitted = curve(one, [along[name] for name in effect.adjusted_for], seen)
    if fitted is None:
        tested = effect.p_adjusted is not None
        reason = Reason("no_effect", {"p_adjusted": effect.p_adjusted}) if tested else Reason("not_tested", {})
        return kept(one, reason)
    profiles = [_profile(surface, pair.index(one.name)) for pair, surface in own.items()]
    # The best place on average over the other parameters says where to look only where the direction is clear.
    average = fitted if effect.direction_clear or not profiles else None
    if one.levels is not None:
        return _levels(one, fitted, average, profiles=profiles, effect=effect)
    found = _range(
        one,
        fitted,
        average,
        profiles=profiles,
        effect=effect,
        partners=[n for pair in own for n in pair if n != one.name],
    )
    by_level = _by_level(one, own)
    return found if by_level is None else replace(found, reasons=(*found.reasons, by_level))


def _by_level(one: Dimension, own: dict[tuple[str, str], Surface]) -> Reason | None:
    """Say where the best lies for each level of the one parameter that this one acts together with."""
    if len(own) != 1:
        return None
    ((pair, fitted),) = own.items()
    found = branches(fitted, pair.index(one.name), OUTSIDE)
    partner = pair[1 - pair.index(one.name)]
    return Reason("by_level", {"partner": partner, "branches": [b.text for b in found]}) if found else None


# Positions, the mean curve and its draws: the best over the other parameter where two interact. A range or level goes
# only where all of them, and the parameter's own curve, say so.
_Profile = tuple[np.ndarray, np.ndarray, np.ndarray]


def _profile(fitted: Surface, side: int) -> _Profile:
    other = 1 - side
    return fitted.positions[side], fitted.mean.max(axis=other), fitted.draws.max(axis=other + 1)


def _range(
    one: Dimension,
    fitted: Curve,
    average: Curve | None,
    *,
    profiles: Sequence[_Profile],
    effect: Effect,
    partners: list[str],
) -> Recommended:
    ends = [best_region(average, OUTSIDE)] if average is not None else []
    for positions, _, draws in profiles:
        low, high = np.quantile(positions[np.argmax(draws, axis=1)], [OUTSIDE / 2, 1 - OUTSIDE / 2])
        ends.append((float(low), float(high)))
    best_low, best_high = min(low for low, _ in ends), max(high for _, high in ends)
    low, high = padded(best_low, best_high)
    old_low, old_high = tidy(one, 0.0, "down"), tidy(one, 1.0, "up")
    new_low, new_high = tidy(one, low, "down"), tidy(one, high, "up")
    narrowed = high - low <= _WORTH_NARROWING and (new_low > old_low or new_high < old_high)
    if not narrowed:
        low, high, new_low, new_high = 0.0, 1.0, old_low, old_high
    place = Reason(
        "best_place" if narrowed else "most_of_range", {"low": one.value(best_low), "high": one.value(best_high)}
    )
    if partners and not narrowed:
        place = Reason("depends", {"partners": partners})
    edge = effect.at_edge
    reasons = [place]
    if edge is not None:
        wanted = tidy(one, -STEP if edge == "low" else 1 + STEP, "down" if edge == "low" else "up")
        reached = allowed(one, wanted, edge, old_low, old_high)
        if reached is None:
            limit = Reason("limit", {"side": edge})
            reasons, edge = [place, limit] if narrowed else [limit], None
        else:
            new_low, new_high = (reached, new_high) if edge == "low" else (new_low, reached)
            reasons = [Reason("edge", {"side": edge, "end": old_low if edge == "low" else old_high})]
    if edge is None and not narrowed:
        return kept(one, *reasons, fitted=fitted)
    action: Action = "narrowed" if edge is None else "narrowed and extended" if narrowed else "extended"
    ratio = extent(one, new_low, new_high) / max(extent(one, old_low, old_high), 1e-300)
    inside = np.array([low, high])
    return Recommended(one, action, tuple(reasons), new_low, new_high, None, ratio, inside, fitted)


def _levels(
    one: Dimension, fitted: Curve, average: Curve | None, *, profiles: Sequence[_Profile], effect: Effect
) -> Recommended:
    levels = list(one.levels or ())
    # A column that mixes numbers and words holds text: -1 was declared, "-1" was run.
    tried = {text_of_level(v) for v in levels}
    declared = [v for v in one.parameter.values or () if text_of_level(v) not in tried]
    worse = set(range(len(levels)))
    own = [(average.positions, average.mean, average.draws)] if average is not None else []
    bests = []
    for _, mean, draws in (*own, *profiles):
        best = int(np.argmax(mean))
        bests.append(best)
        beaten = [
            None if at == best else (1 + float(np.sum(draws[:, at] >= draws[:, best]))) / (1 + len(draws))
            for at in range(len(levels))
        ]
        worse &= {at for at, p in enumerate(holm(beaten)) if p is not None and p < LEVEL}
    winner = levels[bests[0]]
    more = [] if effect.at_edge is None else further(one, levels, effect.at_edge)
    if not worse and not more:
        return kept(one, Reason("levels_alike", {"winner": winner}), fitted=fitted)
    # Levels of too few runs were not tested, so they can't have been shown to be worse.
    new = [v for at, v in enumerate(levels) if at not in worse] + declared + more
    if one.ordered:
        new.sort()
    elif one.parameter.values:
        order = [text_of_level(v) for v in one.parameter.values]
        new.sort(key=lambda v: order.index(text_of_level(v)) if text_of_level(v) in order else len(order))
    reasons = []
    if worse:
        reasons.append(Reason("worse_levels", {"dropped": [levels[at] for at in sorted(worse)], "winner": winner}))
    if more:
        side = "smallest" if effect.at_edge == "low" else "largest"
        reasons.append(Reason("list_edge", {"winner": winner, "side": side}))
    action: Action = "extended" if not worse else "narrowed and extended" if more else "dropped levels"
    ratio = len(new) / max(len(levels) + len(declared), 1)
    inside = np.array([place for at, place in enumerate(fitted.positions) if at not in worse])
    return Recommended(
        one, "fixed" if len(new) == 1 else action, tuple(reasons), None, None, tuple(new), ratio, inside, fitted
    )
