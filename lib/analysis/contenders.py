"""The configurations that may be the best, and draws of what each would give if repeated endlessly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from lib.analysis.population import Population
from lib.analysis.process import Process, predicted_in_parts, process
from lib.statistics.gaussian_process import Posterior, fit, posterior

MOST = 150
# The best run stands alone where it lies this much further above the second than that above the middle, and this many
# standard deviations above what the others predict of it, which luck never is that varies as theirs does.
_FURTHER, _BEYOND_LUCK = 1.5, 4.5
# An observation with this much more noise says nothing.
_SAYS_NOTHING = 1e6
_DRAWS = 2000


@dataclass(frozen=True, eq=False)
class Contenders:
    """The configurations that a process predicts most of, with that of the best run; c of them.

    which : numbers of the configurations, shape (c,). best : the place of the best run's among them. draws : joint
    draws of their mean goodness on the process's scale, shape (draws, c). noise : the standard deviation of one run of
    each on that scale, shape (c,). noise_of_best : draws of the variance of one run of the best run's configuration.
    predicted : goodness that the process predicts for each of `process.seen`.
    """

    process: Process
    which: np.ndarray
    best: int
    draws: np.ndarray
    noise: np.ndarray
    noise_of_best: np.ndarray
    predicted: np.ndarray

    @property
    def own(self) -> np.ndarray:
        """Draws of the mean goodness of the best run's configuration, shape (draws,)."""
        return self.draws[:, self.best]


# For the noise, the winner and its repeats.
@lru_cache(maxsize=1)
def contenders(population: Population) -> Contenders | None:
    """Draw the means of up to MOST configurations, the best by prediction; None where there is no process.

    A posterior needs no further correction for having picked the highest (Dawid 1994, IMS Lecture Notes 24, 211-220;
    Senn 2008, The American Statistician 62), as long as its prior describes how configurations differ: here that is
    fitted to all of them, and its hyperparameters are integrated over. A best run that stands alone above all others
    may as well be rare luck of which the process knows nothing: half of the draws are then of a fit that leaves out
    what it reached.
    """
    fitted = process(population)
    if fitted is None:
        return None
    predicted = fitted.centre + fitted.scale * predicted_in_parts(fitted.gp, fitted.places.x)
    best = fitted.means.of_run[population.best_first[0]]
    at_best = np.flatnonzero(fitted.seen[fitted.rows] == best)
    order = np.argsort(-predicted[fitted.rows], kind="stable")[:MOST]
    chosen = np.union1d(order, at_best)
    drawn = posterior(fitted.gp, chosen, draws=_DRAWS)
    if len(at_best):
        drawn = _or_luck(fitted, drawn, int(at_best[0]))
    relative = fitted.gp.data.noise[chosen]
    place = int(np.searchsorted(chosen, at_best[0])) if len(at_best) else int(np.argmax(drawn.draws.mean(axis=0)))
    return Contenders(
        process=fitted,
        which=fitted.seen[fitted.rows[chosen]],
        best=place,
        draws=fitted.centre + fitted.scale * drawn.draws,
        noise=fitted.scale * np.sqrt(float(np.median(drawn.noise)) * relative),
        noise_of_best=fitted.scale**2 * drawn.noise * relative[place],
        predicted=predicted,
    )


def _or_luck(fitted: Process, drawn: Posterior, best: int) -> Posterior:
    """Return draws half of which take the best run for luck, where it stands alone; else those that are given.

    best : its place among the rows of the fit.
    """
    data = fitted.gp.data
    second, first = np.sort(data.y)[-2:] if len(data.y) > 1 else (0.0, 0.0)
    if data.y[best] < first or data.counts[best] > 1 or first - second <= _FURTHER * (second - np.median(data.y)):
        return drawn
    noise = data.noise.copy()
    noise[best] *= _SAYS_NOTHING
    others = posterior(fit(replace(data, noise=noise)), drawn.at, draws=_DRAWS // 2)
    own = others.draws[:, int(np.searchsorted(drawn.at, best))]
    if first - np.mean(own) <= _BEYOND_LUCK * np.sqrt(np.var(own) + np.median(others.noise) * data.noise[best]):
        return drawn
    half = slice(None, None, 2)
    return Posterior(
        drawn.at,
        np.concatenate([drawn.draws[half], others.draws]),
        np.concatenate([drawn.noise[half], others.noise]),
    )
