"""Where along one parameter the best lies, as far as the runs can say: a region, and whether it is at an end.

The region holds every place where the objective is as good as the best, within what the fit leaves open: on a plateau
that is the whole plateau, not the place where a curve happens to be highest. An end of the range counts as the best
place only where the objective still improves towards it: the slope test of Lind & Mehlum (2010, Oxford Bulletin of
Economics and Statistics 72, doi:10.1111/j.1468-0084.2009.00569.x), which asks it of a curve that is free to bend.
"""

from __future__ import annotations

import numpy as np

from lib.analysis.positions import Dimension
from lib.analysis.response import Curve
from lib.statistics.moments import deviation

# Along a parameter's scale, in parts of the searched range: how near to an end "at the end" is, and over what stretch
# the objective has to improve towards it.
AT_END = 0.1
FEW_RUNS = 30
_STRETCH = 0.2
# In how many of the curves the objective has to improve towards an end: of the parabolas, which test it, and of the
# fits that may bend more sharply, which must not contradict it.
SURE, _LIKELY = 0.95, 0.8


def best_region(fitted: Curve, outside: float = 0.05) -> tuple[float, float]:
    """Return the ends, as positions, of the region where the best lies but for a chance of `outside`.

    It covers the best place in the curves that the runs leave possible, whichever of the fits one trusts (see `Curve`),
    and all places that the fit puts within one standard error of its best; where it reaches the outermost place that
    runs visited, the rest of the range too. With few runs it also covers what a parabola
    allows, since they can't show a bend.
    """
    samples = [fitted.draws, fitted.full_draws]
    if fitted.bent_draws is not None and fitted.n < FEW_RUNS:
        samples.append(fitted.bent_draws)
    where = [fitted.positions[np.argmax(draws, axis=1)] for draws in samples]
    ends = [np.quantile(places, [outside / 2, 1 - outside / 2]) for places in where]
    top = int(np.argmax(fitted.full_mean))
    as_good = fitted.positions[fitted.full_mean >= fitted.full_mean[top] - deviation(fitted.full_draws[:, top])]
    low = min(float(as_good.min()), *(float(low) for low, _ in ends))
    high = max(float(as_good.max()), *(float(high) for _, high in ends))
    if fitted.axis.levels is not None:
        return low, high
    # Beyond the outermost place that runs visited, the range may be as good as there.
    return (0.0 if low <= fitted.positions[0] else low), (1.0 if high >= fitted.positions[-1] else high)


def best_end(axis: Dimension, fitted: Curve) -> str | None:
    """Return the end of the range where the best lies, "low" or "high"; None where it isn't shown to lie at one.

    The end must have been visited, no level beyond it declared, the best place of every fit within a tenth of the range
    of it (the last level of a list), and the objective must improve towards it over the last fifth of the range (from
    the last level but one) in 95 % of the parabolas possible, and in 80 % of the curves that may bend more sharply. The
    best of the places with enough runs, from which gains are measured, must not lie in the other half.
    """
    positions = fitted.positions
    if len(positions) < 2:
        return None
    best = positions[int(np.argmax(np.where(axis.visited(positions), fitted.mean, -np.inf)))]
    listed = axis.levels is not None
    reach = 1e-9 if listed else AT_END
    fits = [(fitted.full_mean, fitted.full_draws, _LIKELY)]
    if fitted.bent_mean is not None and fitted.bent_draws is not None:
        fits.append((fitted.bent_mean, fitted.bent_draws, SURE))
    else:
        fits.append((fitted.mean, fitted.draws, SURE))
    for name, end in (("low", 0.0), ("high", 1.0)):
        # Where both ends are good and the middle is not, fits may differ in which is better: then neither is the one.
        if np.abs(positions - end).min() > reach or abs(best - end) > 0.5 or _goes_on(axis, name):
            continue
        at = int(np.argmin(np.abs(positions - end)))
        inner = positions[at] + (_STRETCH if name == "low" else -_STRETCH)
        beside = (1 if name == "low" else len(positions) - 2) if listed else int(np.argmin(np.abs(positions - inner)))
        if all(
            abs(positions[int(np.argmax(mean))] - end) <= reach and np.mean(draws[:, at] > draws[:, beside]) >= sure
            for mean, draws, sure in fits
        ):
            return name
    return None


def _goes_on(axis: Dimension, end: str) -> bool:
    if axis.levels is None:
        return False
    known = [v for v in axis.parameter.values or () if isinstance(v, int | float)]
    return any(v < axis.levels[0] if end == "low" else v > axis.levels[-1] for v in known)
