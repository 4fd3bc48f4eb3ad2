"""What becomes of each searched parameter in the next sweep: kept, narrowed, extended, or rid of its worse levels.

A parameter changes only where its effect, or an interaction that it is part of, is claimed: on noise nothing changes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.analysis.effects import LEVEL, Effect, edge_of
from lib.analysis.interactions import Interaction
from lib.analysis.observations import Observations, observations
from lib.analysis.population import Population, text_of_level
from lib.analysis.positions import Dimension, dimensions
from lib.analysis.response import Curve, Surface, curve, surface
from lib.model.numbers import number, p_value
from lib.model.sweep import Parameter
from lib.statistics.moments import deviation
from lib.statistics.multiple_testing import holm

# Positions along a parameter's scale, in parts of the searched range.
PADDING = 0.05
# Chance that the best lies beyond either end of what is kept, by the curves that the runs leave possible.
OUTSIDE = 0.01
LEAST_WIDTH = 0.2
STEP = 0.2
_WORTH_NARROWING = 0.9
_SURE = 1e-6
_RATE = re.compile(r"(drop_?out|momentum|beta|alpha|decay_rate|gamma|prob|probability|fraction|ratio)", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Region:
    """What one searched parameter becomes.

    low, high : the new range in the parameter's units (None where it isn't one). levels : the new levels (None for a
    range). ratio : the new extent over the old, along the parameter's scale or in levels. lift : how much better the
    mean objective becomes by the change (higher is better), and the standard error of that. inside : the part of the
    searched range that stays, as positions.
    """

    dimension: Dimension
    action: str
    why: str
    low: Any = None
    high: Any = None
    levels: tuple[Any, ...] | None = None
    ratio: float = 1.0
    lift: tuple[float, float] = (0.0, 0.0)
    inside: np.ndarray | None = None

    @property
    def parameter(self) -> Parameter:
        """The parameter as it was searched."""
        return self.dimension.parameter

    @property
    def changed(self) -> bool:
        """Whether it differs from before."""
        return self.action != "kept"


def next_space(
    population: Population, effects: Sequence[Effect], interactions: Sequence[Interaction]
) -> tuple[tuple[Region, ...], tuple[float, float]]:
    """Decide what becomes of each searched parameter that the source itself holds; in order of name.

    Also returns how much better (higher is better, objective's units) runs drawn evenly from what stays of the searched
    space are than the runs so far, on average, and the standard error of that.
    """
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
    # W&B can't search a column that was derived here.
    derived = {d.name for d in population.sweep.derived}
    searched = [one for one in along.values() if one.name not in derived]
    regions = tuple(_region(one, by_name[one.name], along, seen, surfaces) for one in searched)
    lift = sum(region.lift[0] for region in regions)
    doubts = [region.lift[1] for region in regions]
    inside = {region.dimension.name: region for region in regions}
    for (first, second), fitted in surfaces.items():
        if not {first, second} <= set(inside):
            continue
        extra, doubt = _joint_lift(fitted, inside[first], inside[second])
        lift += extra - inside[first].lift[0] - inside[second].lift[0]
        doubts.append(doubt)
    return regions, (lift, math.hypot(*doubts))


def _region(
    one: Dimension,
    effect: Effect,
    along: dict[str, Dimension],
    seen: Observations,
    surfaces: dict[tuple[str, str], Surface],
) -> Region:
    own = {pair: fitted for pair, fitted in surfaces.items() if one.name in pair}
    fitted = None
    if effect.claimed or own:
        fitted = curve(one, [along[name] for name in effect.adjusted_for], seen)
    if fitted is None:
        return Region(one, "kept", _why_kept(effect), inside=None)
    profiles = [_profile(surface, pair.index(one.name)) for pair, surface in own.items()]
    if effect.claimed or not profiles:
        own_profiles = [(fitted.positions, fitted.mean, fitted.draws)]
        if one.levels is None and effect.p_adjusted is not None and effect.p_adjusted >= _SURE:
            # An effect just seen looks simpler than it is: what a bend would allow stays too.
            own_profiles.append((fitted.positions, fitted.full_mean, fitted.full_draws))
        profiles = [*own_profiles, *profiles]
    region = (_range if one.levels is None else _levels)(one, profiles, effect.claimed)
    if region.inside is None:
        return region
    return Region(**{**_fields(region), "lift": _lift(fitted, region.inside)})


def _fields(region: Region) -> dict[str, Any]:
    return {name: getattr(region, name) for name in Region.__dataclass_fields__}


def _why_kept(effect: Effect) -> str:
    if effect.p_adjusted is None:
        return "too few runs or values to test its effect, so it is unchanged"
    return f"no clear effect ({p_value(effect.p_adjusted)}), so it is unchanged"


# Positions, the mean curve and its draws: of the parameter alone, or the best over the other where two act together.
# A range or level goes only where all of them say so.
_Profile = tuple[np.ndarray, np.ndarray, np.ndarray]


def _profile(fitted: Surface, side: int) -> _Profile:
    other = 1 - side
    return fitted.positions[side], fitted.mean.max(axis=other), fitted.draws.max(axis=other + 1)


def _range(one: Dimension, profiles: Sequence[_Profile], claimed: bool) -> Region:
    ends, edges = [], []
    for positions, mean, draws in profiles:
        where = positions[np.argmax(draws, axis=1)]
        ends.append(np.quantile(where, [OUTSIDE, 1 - OUTSIDE]))
        edges.append(edge_of(one, positions, mean, draws))
    best_low, best_high = float(min(e[0] for e in ends)), float(max(e[1] for e in ends))
    edge = edges[0] if claimed or len(set(edges)) == 1 else None
    low, high = _padded(best_low, best_high)
    ends_of_best = [number(one.value(end)) for end in (best_low, best_high)]
    between = f"the best lies between {ends_of_best[0]} and {ends_of_best[1]} (98% interval)"
    old_low, old_high = one.value(0.0), one.value(1.0)
    new_low, new_high = _tidy(one, low, "down"), _tidy(one, high, "up")
    narrowed = high - low <= _WORTH_NARROWING and (new_low > old_low or new_high < old_high)
    if not narrowed:
        low, high, new_low, new_high = 0.0, 1.0, old_low, old_high
    inside = np.array([low, high])
    limit = ""
    if edge is not None:
        wanted = _tidy(one, -STEP if edge == "low" else 1 + STEP, "down" if edge == "low" else "up")
        reached = _allowed(one, wanted, edge, old_low, old_high)
        if reached is None:
            limit = f"; the best values are at its {edge} end, but it can't go further"
            edge = None
        elif edge == "low":
            new_low = reached
        else:
            new_high = reached
    if edge is None and not narrowed:
        if limit:
            return Region(one, "kept", limit.removeprefix("; "), inside=inside)
        return Region(one, "kept", f"{between}, which is most of its range, so it is unchanged", inside=inside)
    ratio = _extent(one, new_low, new_high) / max(_extent(one, old_low, old_high), 1e-300)
    if edge is None:
        return Region(one, "narrowed", between + limit, new_low, new_high, None, ratio, inside=inside)
    end = old_low if edge == "low" else old_high
    why = f"the best values are at the {edge} end of its range ({number(end)}), so the range is extended"
    action = "narrowed and extended" if narrowed else "extended"
    return Region(one, action, why, new_low, new_high, None, ratio, inside=inside)


def _padded(low: float, high: float) -> tuple[float, float]:
    low, high = low - PADDING, high + PADDING
    short = LEAST_WIDTH - (min(high, 1.0) - max(low, 0.0))
    if short > 0:
        low, high = low - short / 2, high + short / 2
    if low < 0:
        low, high = 0.0, max(high, LEAST_WIDTH)
    if high > 1:
        low, high = min(low, 1 - LEAST_WIDTH), 1.0
    return low, high


def _extent(one: Dimension, low: float, high: float) -> float:
    if one.log:
        return math.log10(high) - math.log10(low)
    return high - low + (1 if one.parameter.kind == "integer" else 0)


def _tidy(one: Dimension, position: float, way: str) -> Any:
    """Return the value at a position, rounded outwards to what a person would write; the ends stay as they are."""
    if position == 0.0 or position == 1.0:
        return one.value(position)
    along = one.low + position * (one.high - one.low)
    value = 10.0**along if one.log else along
    if one.parameter.kind == "integer":
        return math.floor(value) if way == "down" else math.ceil(value)
    size = abs(value) if one.log else (one.high - one.low) * LEAST_WIDTH
    step = math.floor(math.log10(size)) - 1
    turned = math.floor if way == "down" else math.ceil
    scaled = value * 10.0**-step
    near = round(scaled)
    units = near if abs(scaled - near) < 1e-6 else turned(scaled)
    tidy = float(f"{units}e{step}")
    if 0.0 < position < 1.0:
        tidy = min(max(tidy, one.value(0.0)), one.value(1.0))
    return tidy


def _allowed(one: Dimension, wanted: Any, edge: str, low: Any, high: Any) -> Any:
    """Return how far a range may be extended: rates stay within 0..1, counts and positive ranges positive.

    None where it can't be extended at all.
    """
    whole = one.parameter.kind == "integer"
    if edge == "low":
        if low > 0 and wanted <= 0:
            wanted = 1 if whole else float(f"{low / 10:.3g}")
        if low >= 0:
            wanted = max(wanted, 0)
        return wanted if wanted < low else None
    if low >= 0 and high <= 1 and not whole:
        most = 0.99 if _RATE.search(one.name) and high < 1 else 1.0
        wanted = min(wanted, most)
    return wanted if wanted > high else None


def _levels(one: Dimension, profiles: Sequence[_Profile], claimed: bool) -> Region:
    levels = list(one.levels or ())
    # A column that mixes numbers and words holds text: -1 was declared, "-1" was run.
    tried = {text_of_level(v) for v in levels}
    declared = [v for v in one.parameter.values or () if text_of_level(v) not in tried]
    worse = set(range(len(levels)))
    edges, bests = [], []
    for positions, mean, draws in profiles:
        best = int(np.argmax(mean))
        bests.append(best)
        beaten = [
            None if at == best else (1 + float(np.sum(draws[:, at] >= draws[:, best]))) / (1 + len(draws))
            for at in range(len(levels))
        ]
        adjusted = holm(beaten)
        worse &= {at for at, p in enumerate(adjusted) if p is not None and p < LEVEL}
        edges.append(edge_of(one, positions, mean, draws) if one.ordered else None)
    edge = edges[0] if claimed or len(set(edges)) == 1 else None
    further = [] if edge is None else _further(one, levels, edge)
    kept = [v for at, v in enumerate(levels) if at not in worse]
    inside = np.array([p for at, p in enumerate(profiles[0][0]) if at not in worse])
    # Levels of too few runs were not tested, so they can't have been shown to be worse.
    new = kept + declared + further
    if one.ordered:
        new.sort()
    winner = number(levels[bests[0]])
    dropped = ", ".join(number(levels[at]) for at in sorted(worse))
    ratio = len(new) / max(len(levels) + len(declared), 1)
    reasons = [f"{dropped} did clearly worse than {winner}"] if worse else []
    if further:
        reasons.append(f"{winner}, the {'smallest' if edge == 'low' else 'largest'}, did best, so the list is extended")
    if not reasons:
        return Region(one, "kept", f"no level did clearly worse than {winner}, so all are kept", inside=inside)
    action = "dropped levels" if worse else "extended"
    if worse and further:
        action = "narrowed and extended"
    elif len(new) == 1:
        action = "fixed"
    return Region(one, action, "; ".join(reasons), None, None, tuple(new), ratio, inside=inside)


def _further(one: Dimension, levels: Sequence[Any], edge: str) -> list[Any]:
    """Continue a list of numbers by one: by its own factor where it grows by one, else by its last step."""
    declared = sorted({*levels, *(one.parameter.values or ())})
    end, beside = (declared[0], declared[1]) if edge == "low" else (declared[-1], declared[-2])
    inner = declared[2] if edge == "low" and len(declared) > 2 else declared[-3] if len(declared) > 2 else None
    growing = declared[0] > 0 and (
        math.isclose(end / beside, beside / inner, rel_tol=0.01) if inner else declared[-1] / declared[0] >= 2
    )
    value = end * end / beside if growing else end + (end - beside)
    whole = all(float(v).is_integer() for v in declared)
    if whole:
        value = round(value) if value >= 1 or declared[0] <= 0 else 0
        if declared[0] > 0 and value < 1:
            return []
    else:
        value = float(f"{value:.6g}")
    if declared[0] >= 0 and (value < 0 or (declared[0] > 0 and value <= 0)):
        return []
    if not whole and declared[0] >= 0 and declared[-1] <= 1 and (value > 1 or (value >= 1 and _RATE.search(one.name))):
        return []
    return [value] if value not in declared else []


def _inside(one: Dimension, positions: np.ndarray, inside: np.ndarray | None) -> np.ndarray:
    if inside is None:
        return np.ones(len(positions), dtype=bool)
    if one.levels is not None:
        return np.isin(positions, inside)
    chosen = (positions >= inside[0] - 1e-9) & (positions <= inside[1] + 1e-9)
    return chosen if chosen.any() else np.ones(len(positions), dtype=bool)


def _nearest(one: Dimension, positions: np.ndarray) -> np.ndarray:
    """Return, for every known run, the index of the nearest of some positions; -1 where it isn't known."""
    middle = (positions[1:] + positions[:-1]) / 2
    return np.where(one.known, np.searchsorted(middle, np.where(one.known, one.position, 0.0)), -1)


def _lift(fitted: Curve, inside: np.ndarray) -> tuple[float, float]:
    at = _nearest(fitted.axis, fitted.positions)
    seen = np.bincount(at[at >= 0], minlength=len(fitted.positions)) / max(int((at >= 0).sum()), 1)
    chosen = _inside(fitted.axis, fitted.positions, inside)
    weights = chosen / chosen.sum() - seen
    return float(fitted.mean @ weights), deviation(fitted.draws @ weights)


def _joint_lift(fitted: Surface, first: Region, second: Region) -> tuple[float, float]:
    places = [_nearest(one, positions) for one, positions in zip(fitted.axes, fitted.positions, strict=True)]
    both = (places[0] >= 0) & (places[1] >= 0)
    seen = np.zeros(fitted.mean.shape)
    np.add.at(seen, (places[0][both], places[1][both]), 1 / max(int(both.sum()), 1))
    chosen = np.outer(
        *(
            _inside(one, positions, region.inside)
            for one, positions, region in zip(fitted.axes, fitted.positions, (first, second), strict=True)
        )
    )
    weights = chosen / chosen.sum() - seen
    draws = fitted.draws.reshape(len(fitted.draws), -1) @ weights.ravel()
    return float((fitted.mean * weights).sum()), deviation(draws)
