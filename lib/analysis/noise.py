"""The noise of one run, the runs that can't be told from the best, and the winner's value less its luck."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize, special

from lib.analysis.population import Population
from lib.analysis.repeats import pooled_sd, repeat_groups
from lib.analysis.surrogate import Surrogate
from lib.statistics.moments import deviation, mean_of, of_unit_size

LEAST_DEGREES = 3
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Noise:
    """The standard deviation of the objective between runs of one configuration.

    `source` is "repeats" (runs of one configuration; `groups` and `runs` count them), "surrogate" (held-out residuals,
    which also hold what the surrogate misses, so it is an upper bound), "spread" (the surrogate predicts nothing, so
    all the spread counts) or "bound" (too few runs for a surrogate: all the spread, an upper bound).
    """

    sd: float
    source: str
    groups: int
    runs: int


def noise(population: Population, surrogate: Surrogate) -> Noise | None:
    """Estimate the noise of one run; None below three runs.

    From repeats, where at least three degrees of freedom are there: the pooled standard deviation within
    configurations. Else the root mean square of the surrogate's held-out residuals where it is trusted, else the
    standard deviation of the objective.
    """
    values = population.values
    if len(values) < 3:
        return None
    groups = repeat_groups(population)
    pooled = pooled_sd(values, groups)
    if pooled is not None and pooled[1] >= LEAST_DEGREES:
        counts = groups.value_counts()
        repeated = counts[counts > 1]
        return Noise(pooled[0], "repeats", len(repeated), int(repeated.sum()))
    spread = deviation(values)
    if surrogate.trusted:
        residuals = values - surrogate.predictions
        known, size = of_unit_size(residuals[np.isfinite(residuals)])
        return Noise(min(float(np.sqrt(np.mean(known**2))) * size, spread), "surrogate", 0, len(known))
    return Noise(spread, "bound" if surrogate.too_few else "spread", 0, len(values))


def tied_with_best(population: Population, noise: Noise | None) -> np.ndarray:
    """Return positions of the used runs that can't be told from the best at this noise, best first, the best included.

    Gupta's subset selection (1965, Technometrics 7, 225-245): with 95% confidence the run whose configuration is truly
    best is among them, allowing for how many runs were compared. Only the best itself where the noise isn't known.
    """
    order = population.best_first
    if len(order) == 0:
        return order
    if noise is None or noise.sd <= 0:
        ties = population.values[order] == population.values[order[0]]
        return order[ties]
    reach = selection_reach(len(order)) * noise.sd
    # In halves, whose difference is always a number.
    half_behind = np.abs(population.values[order] / 2 - population.values[order[0]] / 2)
    return order[half_behind <= reach / 2]


@lru_cache(maxsize=64)
def selection_reach(runs: int) -> float:
    """How far, in standard deviations of one run, a run may lie behind the best of `runs` and still be the true best.

    Solves P(max of the others - this one <= d) = 0.95 for independent normal values (Gupta 1965).
    """
    if runs < 2:
        return 0.0

    z = np.linspace(-8.0, 8.0, 2001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)

    def missed(d: float) -> float:
        others_below = np.exp((runs - 1) * special.log_ndtr(z + d))
        return float(np.trapezoid(density * others_below, z)) - CONFIDENCE

    return float(optimize.brentq(missed, 0.0, 20.0))


def shrunken_best(population: Population, surrogate: Surrogate, noise: Noise | None) -> float | None:
    """Return the best run's value less what luck probably added; None where no more than a bound of it is known.

    Empirical Bayes (Efron and Morris 1975): the value is drawn towards what the surrogate predicts for the run, or
    towards the mean of all runs where the surrogate isn't trusted, by the share of the spread round it that is noise.
    """
    if noise is None or noise.source == "bound" or len(population.values) < 3:
        return None
    best = int(population.best_first[0])
    trusted = surrogate.trusted and np.isfinite(surrogate.predictions[best])
    centre = surrogate.predictions if trusted else np.full(len(population.values), mean_of(population.values))
    around = population.values - centre
    near, size = of_unit_size(around[np.isfinite(around)])
    spread = float(np.mean(near**2))
    if not spread > 0:
        return float(population.values[best])
    kept = max(0.0, 1 - (noise.sd / size) ** 2 / spread)
    return float(centre[best] + kept * (population.values[best] - centre[best]))
