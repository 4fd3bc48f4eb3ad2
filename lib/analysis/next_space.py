"""What the next space brings: how much better runs drawn by its config are than the runs so far, on average."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lib.analysis.levels import text_of_level
from lib.analysis.next_draws import Drawn, places
from lib.analysis.parameter_advice import Recommendation, Recommended
from lib.analysis.response import Curve, Surface
from lib.statistics.moments import deviation, of_unit_size

# Fewer runs can't show that effects together are more or less than their sum.
_FEWEST_BEYOND_SUMS = 20


@dataclass(frozen=True, slots=True)
class Lift:
    """How much better than the runs so far, on average (higher is better, objective's units).

    doubt : its standard error. optimism : what was taken off for having chosen the space by the same runs.
    """

    mean: float
    doubt: float
    optimism: float


@dataclass(frozen=True, eq=False)
class _Share:
    """How often the new space and the runs so far visit each place of a curve, shape (g,), each adding up to 1.

    unknown : the share of the new space that is of levels that weren't tried: they count at the mean of the runs so
    far. untried : how far their mean may lie from that, one standard deviation: as levels differ from each other.
    beyond : how far the answer may go on changing beyond the ends that were searched, on average: there, places count
    as the end does.
    """

    new: np.ndarray
    seen: np.ndarray
    unknown: float
    untried: float
    beyond: float

    @property
    def weights(self) -> np.ndarray:
        return self.new + (self.unknown - 1) * self.seen


def lift_of(recommendation: Recommendation, regions: Mapping[str, Recommended], space: Mapping[str, Drawn]) -> Lift:
    """Return what runs drawn from `space` (by parameter) bring over the runs so far, by the fits of what is claimed.

    The space was chosen by the same runs, which flatters it: that is measured by choosing again a space of the same
    size in each curve that the runs leave possible and looking at it in the fitted one, the idea of the bootstrap bias
    corrected estimate (Tsamardinos, Greasidou & Borboudakis 2018, Machine Learning 107, doi:10.1007/s10994-018-5714-4).
    """
    total, doubts, optimism = 0.0, [], 0.0
    single: dict[str, float] = {}
    shares: dict[str, _Share] = {}
    for name, region in regions.items():
        if region.fitted is None or name not in space:
            continue
        share = shares[name] = _share(region.fitted, space[name])
        there = _presence(region.fitted, space)
        single[name] = there * float(region.fitted.mean @ share.weights)
        total += single[name]
        doubts += [there * deviation(region.fitted.draws @ share.weights), there * share.beyond, there * share.untried]
        optimism += there * _optimism(region.fitted, share) if region.narrowed else 0.0
    for name, curve in recommendation.unclaimed.items():
        if name in regions and name in space:
            mean, doubt = _unclaimed_lift(curve, _share(curve, space[name]))
            total += _presence(curve, space) * mean
            doubts.append(_presence(curve, space) * doubt)
    for (first, second), fitted in recommendation.surfaces.items():
        if first in regions and second in regions and first in space and second in space:
            extra, doubt = _joint_lift(fitted, (space[first], space[second]))
            total += extra - single.get(first, 0.0) - single.get(second, 0.0)
            doubts.append(doubt)
    if len(shares) > 1 and not recommendation.surfaces:
        extra, doubt = _beyond_sums(
            recommendation.good, [(regions[name].fitted, share) for name, share in shares.items()]
        )
        total += extra
        doubts.append(doubt)
    return Lift(total - optimism, math.hypot(*doubts), optimism)


def _unclaimed_lift(fitted: Curve, share: _Share) -> tuple[float, float]:
    """Return what a parameter without a clear effect brings where the search crowded it, and its standard error.

    It may do nothing, or what its curve says: each has half of the chance, and the error is of the two together
    (Buckland, Burnham & Augustin 1997, Biometrics 53, 603-618). The curve alone would promise too little: a search
    leaves off where it had bad luck, too (Nie, Tian, Taylor & Zou 2018, AISTATS, arXiv:1708.01977).
    """
    if_real, error = float(fitted.mean @ share.weights), deviation(fitted.draws @ share.weights)
    return if_real / 2, math.hypot(if_real / 2, error / math.sqrt(2))


def _presence(fitted: Curve, space: Mapping[str, Drawn]) -> float:
    """Return the share of the new runs that have a parameter, which may exist only under levels of another."""
    where = fitted.axis.parameter.only_where
    if where is None or where[0] not in space:
        return 1.0
    parent, levels = space[where[0]], set(map(text_of_level, where[1]))
    return float(sum(p for v, p in zip(parent.values, parent.chances, strict=True) if text_of_level(v) in levels))


def _beyond_sums(good: np.ndarray, parts: Sequence[tuple[Curve | None, _Share]]) -> tuple[float, float]:
    """Return how much more (or less) several effects bring together than their sum, and its standard error.

    Effects that multiply, or that meet a ceiling, aren't their sum where all of them are at their best: by Tukey's one
    degree of freedom for that (1949, Biometrics 5, 232-242), the slope of what is left along the square of the sum.
    """
    found = [(fitted, share) for fitted, share in parts if fitted is not None]
    known = np.all([fitted.axis.known for fitted, _ in found], axis=0)
    if known.sum() < _FEWEST_BEYOND_SUMS:
        return 0.0, 0.0
    total, of_new, spread = np.zeros(int(known.sum())), 0.0, 0.0
    scale = max(float(np.ptp(fitted.mean)) for fitted, _ in found)
    if not scale > 0:
        return 0.0, 0.0
    for fitted, share in found:
        curve = (fitted.mean - fitted.mean @ share.seen) / scale
        total += curve[_nearest(fitted.positions, fitted.axis.position[known])]
        chances = share.new + share.unknown * share.seen
        middle = float(curve @ chances)
        of_new, spread = of_new + middle, spread + float((curve - middle) ** 2 @ chances)
    left = good[known] / scale - total
    plain = np.column_stack([np.ones(len(total)), total])
    bent = total**2
    line = np.linalg.lstsq(plain, bent, rcond=None)[0]
    own = bent - plain @ line
    left = left - plain @ np.linalg.lstsq(plain, left, rcond=None)[0]
    size = float(own @ own)
    if not size > 1e-9 * float(bent @ bent):
        return 0.0, 0.0
    slope = float(own @ left) / size
    doubt = deviation(left - slope * own) / math.sqrt(size)
    bend = of_new**2 + spread - float(line[0] + line[1] * of_new)
    return scale * slope * bend, scale * doubt * abs(bend)


def _share(fitted: Curve, drawn: Drawn) -> _Share:
    axis, positions = fitted.axis, fitted.positions
    at = _nearest(positions, axis.position)
    seen = np.bincount(at[at >= 0], minlength=len(positions)) / max(int((at >= 0).sum()), 1)
    where = places(axis, drawn.values)
    new, unknown = _weights(positions, where, drawn.chances)
    apart, unit = of_unit_size(fitted.mean - fitted.mean @ seen)
    untried = unit * math.sqrt(float(apart**2 @ seen)) * float(np.linalg.norm(drawn.chances[np.isnan(where)]))
    beyond = 0.0
    if axis.ordered:
        for outside, mirrored, end in ((where > 1, 2 - where, -1), (where < 0, -where, 0)):
            if outside.any():
                inner = fitted.mean[_nearest(positions, np.clip(mirrored[outside], 0, 1))]
                beyond += float(np.abs(fitted.mean[end] - inner) @ drawn.chances[outside])
    return _Share(new, seen, unknown, untried, beyond)


def _weights(positions: np.ndarray, where: np.ndarray, chances: np.ndarray) -> tuple[np.ndarray, float]:
    at = _nearest(positions, where)
    known = at >= 0
    return np.bincount(at[known], chances[known], minlength=len(positions)), float(chances[~known].sum())


def _nearest(positions: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Return the index of the nearest of some positions; the end's beyond them, -1 where it isn't known."""
    middle = (positions[1:] + positions[:-1]) / 2
    known = ~np.isnan(where)
    return np.where(known, np.searchsorted(middle, np.where(known, where, 0.0)), -1)


def _optimism(fitted: Curve, share: _Share) -> float:
    """Return by how much a space of this size looks better in the curve it was chosen by than in another one."""
    size = int((share.new > 0).sum())
    if not 0 < size < len(fitted.positions):
        return 0.0
    draws, unit = of_unit_size(fitted.draws)
    mean = fitted.mean / unit
    if fitted.axis.levels is not None:
        best = np.argsort(-draws, axis=1, kind="stable")[:, :size]
        own = np.take_along_axis(draws, best, axis=1).mean(axis=1)
        return max(0.0, float((own - mean[best].mean(axis=1)).mean())) * unit
    sums = np.cumsum(np.pad(draws, ((0, 0), (1, 0))), axis=1, dtype=float)
    windows = (sums[:, size:] - sums[:, :-size]) / size
    true = np.cumsum(np.pad(mean, (1, 0)))
    at = np.argmax(windows, axis=1)
    own = windows[np.arange(len(at)), at]
    return max(0.0, float((own - (true[size:] - true[:-size])[at] / size).mean())) * unit


def _joint_lift(fitted: Surface, drawn: tuple[Drawn, Drawn]) -> tuple[float, float]:
    at = [_nearest(where, one.position) for one, where in zip(fitted.axes, fitted.positions, strict=True)]
    both = (at[0] >= 0) & (at[1] >= 0)
    seen = np.zeros(fitted.mean.shape)
    np.add.at(seen, (at[0][both], at[1][both]), 1 / max(int(both.sum()), 1))
    new = np.outer(
        *(
            _weights(positions, places(one, some.values), some.chances)[0]
            for one, positions, some in zip(fitted.axes, fitted.positions, drawn, strict=True)
        )
    )
    weights = new + (1 - float(new.sum()) - 1) * seen
    draws = fitted.draws.reshape(len(fitted.draws), -1) @ weights.ravel()
    return float((fitted.mean * weights).sum()), deviation(draws)


def answers(regions: Mapping[str, Recommended], space: Mapping[str, Drawn], count: int, seed: int) -> np.ndarray:
    """Return how good `count` runs drawn from the space would be by what is claimed, about their mean, shape (count,).

    Each is drawn from a curve that the runs leave possible, one at a time; all zero where nothing is claimed.
    """
    random = np.random.default_rng(seed)
    total = np.zeros(count)
    for name, region in regions.items():
        if region.fitted is None or name not in space:
            continue
        share = _share(region.fitted, space[name])
        chances = np.clip(share.new + share.unknown * share.seen, 0, None)
        at = random.choice(len(chances), count, p=chances / chances.sum())
        which = random.integers(0, len(region.fitted.draws), count)
        draws, unit = of_unit_size(region.fitted.draws)
        own = (draws - draws.mean(axis=1, keepdims=True))[which, at]
        total += unit * (own - own.mean())
    return total
