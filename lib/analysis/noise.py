"""The noise of one run: how much runs of one configuration differ, where the best are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.analysis.contenders import contenders
from lib.analysis.population import Population
from lib.analysis.repeat_means import repeat_means
from lib.analysis.surrogate import FOREST, GAUSSIAN_PROCESS, Surrogate
from lib.statistics.moments import deviation, of_unit_size
from lib.statistics.pooled_noise import near_the_best

# Below this share of the spread a model explains some of it, whether or not it predicts runs that it hasn't seen.
NEARLY_ALL = 0.9


@dataclass(frozen=True, slots=True)
class Noise:
    """The standard deviation of the objective between runs of one configuration, near the best.

    `source` is "repeats" (runs of one configuration; `groups` and `runs` count them), "surrogate" (what a model of the
    runs leaves unexplained), "spread" (no model predicts anything or explains a tenth of it, so nearly all the
    spread counts) or "bound" (too few runs for a model: all the spread, an upper bound).
    """

    sd: float
    source: str
    groups: int
    runs: int


def noise(population: Population, surrogate: Surrogate) -> Noise | None:
    """Estimate the noise of one run near the best; None below three runs.

    From repeats, where at least three degrees of freedom are there: by the trend of their variances along goodness, or
    pooled from the best configuration downwards as long as they agree (see `near_the_best`). Else the noise of the
    Gaussian process at the best run, or less where a forest predicts the same runs better, held out. Without a process
    the root mean square of the surrogate's held-out residuals where it is trusted, else the objective's deviation.
    """
    values = population.values
    if len(values) < 3:
        return None
    found = repeat_means(population)
    near = near_the_best(found.good, found.counts, found.squares)
    if near is not None:
        sd = float(np.sqrt(near.variance)) * found.unit
        return Noise(sd, "repeats", near.groups, near.degrees + near.groups)
    spread = deviation(values)
    source = "surrogate" if surrogate.trusted else "bound" if surrogate.too_few else "spread"
    possible = contenders(population)
    if possible is not None:
        sign = population.objective.sign
        _, sds = possible.process.warp.mean_and_sd(sign * possible.own, np.sqrt(possible.noise_of_best))
        # Where the process leaves failures out, its held-out error over all runs is of those, and no noise.
        less = 1.0 if possible.process.failed else _less(surrogate)
        sd = float(np.median(sds)) * possible.process.means.unit * less
        return Noise(sd, "spread" if source == "spread" and sd > NEARLY_ALL * spread else "surrogate", 0, len(values))
    if surrogate.trusted:
        residuals = values - surrogate.predictions
        known, size = of_unit_size(residuals[np.isfinite(residuals)])
        return Noise(min(float(np.sqrt(np.mean(known**2))) * size, spread), source, 0, len(known))
    return Noise(spread, source, 0, len(values))


def _less(surrogate: Surrogate) -> float:
    """Return by what factor the held-out error of a forest that was chosen is smaller than the Gaussian process's."""
    scores = dict(surrogate.scores)
    if surrogate.r2 is None or not surrogate.trusted or surrogate.kind != FOREST or GAUSSIAN_PROCESS not in scores:
        return 1.0
    return float(np.sqrt(min(1.0, (1 - surrogate.r2) / max(1 - scores[GAUSSIAN_PROCESS], 1e-9))))
