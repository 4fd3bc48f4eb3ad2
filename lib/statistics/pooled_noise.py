"""The noise near the best from repeats: by its trend along goodness, or pooled as far down as it is the same."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from lib.statistics.uneven_noise import relative_noise

LEAST_DEGREES = 3
# A preliminary test for pooling should be lenient in rejecting (Bancroft 1964, Biometrics 20, 427-442).
SAME = 0.25
# This many repeated configurations and degrees of freedom show a trend of the noise, or that there is none to speak of.
_OF_TREND, _DEGREES_OF_TREND = 5, 10
_TREND = 0.1


@dataclass(frozen=True, slots=True)
class NearTheBest:
    """The variance within the repeats of the best configurations.

    variance : pooled, of `degrees` degrees of freedom from `groups` configurations. down_to : goodness above which it
    holds, minus infinity where it holds everywhere. others : the pooled variance of the repeats below, 0 where none.
    trend : the slope of the logarithm of the variance along goodness, 0 where none is shown.
    """

    variance: float
    degrees: int
    groups: int
    down_to: float
    others: float
    trend: float = 0.0


def near_the_best(good: np.ndarray, counts: np.ndarray, squares: np.ndarray) -> NearTheBest | None:
    """Pool variances within repeats from the best mean down until an F test says that they differ; None without any.

    good : mean goodness of each configuration, shape (m,); counts : its observations; squares : its sum of squares
    about the mean. With five repeated configurations or more, the variance at the best by a log-linear trend along
    goodness where one is shown, else pooled over all. Variances of fewer than LEAST_DEGREES degrees in all are pooled
    untested. None below that, or where all repeats are equal.
    """
    repeated = np.flatnonzero(counts > 1)
    order = repeated[np.argsort(-good[repeated], kind="stable")]
    freedom, sums = (counts - 1)[order], squares[order]
    if freedom.sum() < LEAST_DEGREES or not sums.sum() > 0:
        return None
    if len(order) >= _OF_TREND and freedom.sum() >= _DEGREES_OF_TREND:
        return _by_trend(good[order], freedom, sums)
    taken = _alike(freedom, sums)
    rest = float(freedom[taken:].sum())
    return NearTheBest(
        variance=float(sums[:taken].sum() / freedom[:taken].sum()),
        degrees=int(freedom[:taken].sum()),
        groups=taken,
        down_to=float(good[order[taken - 1]] + good[order[taken]]) / 2 if rest else -np.inf,
        others=float(sums[taken:].sum() / rest) if rest else 0.0,
    )


def _by_trend(good: np.ndarray, freedom: np.ndarray, sums: np.ndarray) -> NearTheBest:
    degrees, pooled = int(freedom.sum()), float(sums.sum() / freedom.sum())
    spread = float(np.std(good))
    if not spread > 0:
        return NearTheBest(pooled, degrees, len(good), -np.inf, 0.0)
    along = (good - good[0]) / spread
    slopes, _ = relative_noise(sums / freedom / pooled, freedom, {"": along[:, None]}, _TREND)
    if not slopes:
        return NearTheBest(pooled, degrees, len(good), -np.inf, 0.0)
    relative = np.exp(along * slopes[""][0])
    # A trend need not be straight: what it leaves counts as far down as it agrees with the best.
    taken = _alike(freedom, sums / relative)
    at_best = float(np.sum((sums / relative)[:taken]) / freedom[:taken].sum())
    used = int(freedom[:taken].sum())
    return NearTheBest(at_best, used, taken, -np.inf, 0.0, float(slopes[""][0]) / spread)


def _alike(freedom: np.ndarray, sums: np.ndarray) -> int:
    """Return how many variances, from the first on, don't differ from those before them."""
    for taken in range(1, len(sums)):
        degrees, total = float(freedom[:taken].sum()), float(sums[:taken].sum())
        if degrees >= LEAST_DEGREES and total > 0:
            ratio = sums[taken] / freedom[taken] / (total / degrees)
            below = stats.f.cdf(ratio, freedom[taken], degrees)
            if 2 * min(below, 1 - below) < SAME:
                return taken
    return len(sums)
