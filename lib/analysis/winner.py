"""What the best run is worth if repeated, and which runs are as good as it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize, special

from lib.analysis.contenders import Contenders, contenders
from lib.analysis.noise import Noise
from lib.analysis.population import Population
from lib.statistics.selection import CONFIDENCE, as_good_as_best, probability_of_best

# "As good" allows for a difference that the mean of this many repeats couldn't show.
REPEATS = 3
_ENDS = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)


@dataclass(frozen=True, slots=True)
class ToUse:
    """A used run, by its position, and the mean that repeats of its configuration would have, with a 95 % interval."""

    run: int
    expected: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Winner:
    """The best run, allowing for luck.

    expected, low, high : mean of the objective if its configuration were repeated, geometric where it spans decades,
    with a 95 % interval; None where nothing is known of it. probability : that its configuration has the best mean of
    all that were run. tied : positions of the used runs that are as good as the best, best first; the best run leads.
    within : the difference that still counts as as good, in the objective's units. recommended : the used run whose
    configuration has the highest expected mean, and that mean with its interval; None where nothing is known of it.
    probability_of : that a run's configuration is the best, by position of the run.
    """

    expected: float | None
    low: float | None
    high: float | None
    probability: float | None
    tied: np.ndarray
    within: float | None
    recommended: ToUse | None
    probability_of: dict[int, float]


def winner(population: Population, noise: Noise | None, within: float | None = None) -> Winner | None:
    """Say what the best run is worth; None where no run is used.

    From joint posterior draws of the means of the configurations (see `contenders`). The runs as good as the best are
    those within `within` of it (by default the noise of a mean of three repeats) most often, until 95 % of the draws
    have their best among them. Without draws, Gupta's subset selection at the noise of one run.
    """
    if len(population.rows) == 0:
        return None
    possible = contenders(population) if noise is not None else None
    if possible is None:
        return Winner(None, None, None, None, tied_with_best(population, noise), None, None, {})
    unit = possible.process.means.unit
    means, sds = _in_units(population, possible, possible.best)
    low, high = np.quantile(means, _ENDS)
    # On the process's scale, noise at the best counts what `within` counts in the objective's units.
    noise_there, noise_here = float(np.sqrt(np.median(possible.noise_of_best))), float(np.median(sds))
    if noise is not None and noise.sd > 0 and noise_here > 0:
        noise_there *= noise.sd / (noise_here * unit)
        noise_here = noise.sd / unit
    allowed = noise_there / np.sqrt(REPEATS)
    if within is not None and noise_here > 0:
        allowed = noise_there * (within / unit) / noise_here
    chance = probability_of_best(possible.draws)
    first = possible.process.means.first[possible.which]
    use = int(np.argmax(possible.draws.mean(axis=0)))
    of_use, _ = _in_units(population, possible, use)
    ends = np.quantile(of_use, _ENDS) * unit
    return Winner(
        expected=float(np.mean(means)) * unit,
        low=float(low) * unit,
        high=float(high) * unit,
        probability=float(chance[possible.best]),
        tied=_tied(population, possible, as_good_as_best(possible.draws, allowed)),
        within=noise_here * unit / float(np.sqrt(REPEATS)) if within is None else within,
        recommended=ToUse(int(first[use]), float(np.mean(of_use)) * unit, float(ends[0]), float(ends[1])),
        probability_of={int(run): float(p) for run, p in zip(first, chance, strict=True) if p > 0},
    )


def _in_units(population: Population, possible: Contenders, at: int) -> tuple[np.ndarray, np.ndarray]:
    """Return draws of the mean of a contender and of its noise, shape (draws,), in the configurations' unit."""
    noise = possible.noise_of_best * (possible.noise[at] / possible.noise[possible.best]) ** 2
    return possible.process.in_units(population.objective.sign * possible.draws[:, at], np.sqrt(noise))


def tied_with_best(population: Population, noise: Noise | None) -> np.ndarray:
    """Return positions of the used runs that may be the best at this noise, best first, the best included.

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


def _tied(population: Population, possible: Contenders, chosen: np.ndarray) -> np.ndarray:
    """Return the runs of the chosen configurations but the best run's own repeats, best first, the best run leading."""
    fitted = possible.process
    among = np.zeros(len(fitted.means.first), dtype=bool)
    among[possible.which[chosen]] = True
    if len(fitted.seen) > len(possible.which):
        # Draws of all would take too long: the others count where they are predicted to be as good as one chosen.
        of_seen = np.full(len(among), -np.inf)
        of_seen[fitted.seen] = possible.predicted
        among |= of_seen >= of_seen[possible.which[chosen]].min()
    best = int(population.best_first[0])
    own = fitted.means.of_run == fitted.means.of_run[best]
    tied = among[fitted.means.of_run] & ~own
    order = population.best_first
    return np.concatenate([[best], order[tied[order]]]).astype(int)
