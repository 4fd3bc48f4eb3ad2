"""What the recommended ranges bring: how much better runs of the next space are than the runs so far, on average."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lib.analysis.positions import Dimension
from lib.analysis.recommended import Recommendation, Recommended
from lib.analysis.response import Curve, Surface
from lib.statistics.moments import deviation


def lift_of(recommendation: Recommendation, regions: Sequence[Recommended]) -> tuple[float, float]:
    """Return how much better runs drawn evenly from what stays of the searched space are than the runs so far.

    On average (higher is better, objective's units), with the standard error of that; over the parameters of `regions`.
    """
    single = {one.name: _lift(one.fitted, one.inside) for one in regions if one.fitted is not None}
    known = {one.name: one for one in regions}
    lift = sum(value for value, _ in single.values())
    doubts = [doubt for _, doubt in single.values()]
    for (first, second), fitted in recommendation.surfaces.items():
        if first not in known or second not in known:
            continue
        extra, doubt = _joint_lift(fitted, known[first], known[second])
        lift += extra - sum(single[name][0] for name in (first, second) if name in single)
        doubts.append(doubt)
    return lift, math.hypot(*doubts)


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


def _lift(fitted: Curve, inside: np.ndarray | None) -> tuple[float, float]:
    at = _nearest(fitted.axis, fitted.positions)
    seen = np.bincount(at[at >= 0], minlength=len(fitted.positions)) / max(int((at >= 0).sum()), 1)
    chosen = _inside(fitted.axis, fitted.positions, inside)
    weights = chosen / chosen.sum() - seen
    return float(fitted.mean @ weights), deviation(fitted.draws @ weights)


def _joint_lift(fitted: Surface, first: Recommended, second: Recommended) -> tuple[float, float]:
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
