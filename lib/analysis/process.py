"""The Gaussian process of a population's configurations, with noise that may differ from place to place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from lib.analysis.population import Population
from lib.analysis.repeat_means import Places, RepeatMeans, places, repeat_means
from lib.analysis.training import training
from lib.statistics.gaussian_process import GaussianProcess, Observations, fit
from lib.statistics.moments import mean_of, spread_of
from lib.statistics.pooled_noise import near_the_best
from lib.statistics.uneven_noise import noise_at, relative_noise
from lib.statistics.warp import LINEAR, Warp, likeliest

# Each fit costs the cube of this.
MOST = 300
# Configurations of which the best are chosen for the fit, and which are held against the best.
MOST_SEEN = 10_000
LEAST = 8
MOST_PARAMETERS = 40
# Values this many robust standard deviations of the better half below the median are failures, not noise.
FAILED = 4.0
# The square of a smaller spread, in units of the largest value, isn't a number above zero.
_SMALLEST = 1e-140
_PASSES = 2
_STEEPEST = 3.4
_OF_SCALE, _LEAST_OF_SCALE = 100, 15


@dataclass(frozen=True, eq=False)
class Process:
    """A Gaussian process of configurations.

    seen : the configurations that were looked at: all but failures, and evenly thinned beyond MOST_SEEN. rows : those
    that it is fitted to. gp : the fit, of (goodness - centre) / scale. failed : configurations far below all others,
    which it leaves out. warp : the objective's scale that goodness is on. by_ratio : whether means are geometric, since
    the objective spans decades: the plain mean of values that vary by factors is that of the worst of them.
    """

    means: RepeatMeans
    places: Places
    seen: np.ndarray
    rows: np.ndarray
    gp: GaussianProcess
    centre: float
    scale: float
    warp: Warp
    failed: int
    by_ratio: bool

    def in_units(self, middle: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation, in `means.unit`, of values that are normal on the scale.

        middle, sd : on the scale, `middle` of the objective and not of goodness.
        """
        mean, spread = self.warp.mean_and_sd(middle, sd)
        return (self.warp.back(np.asarray(middle)) if self.by_ratio else mean), spread


# For the surrogate, the noise and the winner of one population.
@lru_cache(maxsize=1)
def process(population: Population) -> Process | None:
    """Fit the process; None with too few configurations for one, or where all values are as good as equal.

    Of more than MOST configurations, half of those it is fitted to are spread evenly and half are the best by what a
    first fit to evenly spread ones predicts: chosen by their values, lucky ones would make the best look better.
    """
    found = repeat_means(population)
    kept = _comparable(population, found)
    if len(kept) < 2:
        return None
    warp = _scale(population, found, kept)
    if warp is not LINEAR:
        found = repeat_means(population, warp)
        kept = _comparable(population, found)
    seen = kept if len(kept) <= MOST_SEEN else _with_best(kept[_even(len(kept), MOST_SEEN)], found)
    where = places(population, found.first[seen])
    repeats_alone = found.degrees >= 3 and len(seen) >= 2
    if len(seen) < LEAST and not repeats_alone or len(where.names) > MOST_PARAMETERS:
        return None
    if len(seen) < LEAST or not where.names:
        if not repeats_alone:
            return None
        where = Places((), np.empty((len(seen), 0)), np.empty(0, dtype=int))
    good = found.good[seen]
    centre, scale = mean_of(good), spread_of(good)
    if not scale > _SMALLEST or not np.isfinite(scale):
        return None
    data = _observations(found, where, seen, centre=centre, scale=scale)
    even = _even(len(seen), MOST)
    gp = fit(data.part(even))
    rows = even
    if len(seen) > MOST:
        promising = np.argsort(-predicted_in_parts(gp, where.x), kind="stable")[: MOST // 2]
        rows = np.unique(np.concatenate([even[::2], promising, [int(np.argmax(good))]]))
        gp = fit(data.part(rows), gp.theta)
    gp = _with_uneven_noise(gp, where, found, chosen=seen[rows], centre=centre, scale=scale)
    by_ratio = warp.name == "log" and population.spans_decades
    return Process(found, where, seen, rows, gp, centre, scale, warp, len(found.good) - len(kept), by_ratio)


def predicted_in_parts(gp: GaussianProcess, x: np.ndarray) -> np.ndarray:
    """Return predictions at many places, shape (m,), a few thousand at a time."""
    parts = [gp.predict(x[at : at + 2_000]) for at in range(0, len(x), 2_000)]
    return np.concatenate(parts) if parts else np.empty(0)


def _with_uneven_noise(
    gp: GaussianProcess, where: Places, found: RepeatMeans, *, chosen: np.ndarray, centre: float, scale: float
) -> GaussianProcess:
    data = gp.data
    counts, within = found.counts[chosen], found.squares[chosen] / scale**2
    near = near_the_best(found.good[chosen], counts, within)
    if near is not None and (near.others > 0 or near.trend):
        # A single run may be high by luck: it counts as near the best where it is predicted to be.
        level = np.where(counts > 1, found.good[chosen], centre + scale * gp.predict(data.x))
        if near.trend:
            relative = np.exp(np.clip(near.trend * (level - level.mean()), -_STEEPEST, _STEEPEST))
        else:
            relative = np.where(level > near.down_to, near.variance, near.others) / near.others
        return fit(replace(data, noise=relative, squares=float(np.sum(within / relative))), gp.theta)
    single, several = counts == 1, counts > 1
    for _ in range(0 if near is not None else _PASSES):
        predicted, variance = gp.held_out()
        own = gp.noise * data.noise
        squares = (data.y - predicted) ** 2 / variance * own
        freedom = np.where(single, 1.0, counts - 1)
        squares = np.where(single, squares, within / np.maximum(freedom, 1)) / gp.noise
        if several.sum() and freedom[several].sum() >= 10:
            squares, freedom, used = squares[several], freedom[several], several
        else:
            used = np.ones(len(counts), dtype=bool)
        columns = {name: data.x[:, data.owner == j] for j, name in enumerate(where.names)}
        columns[""] = np.clip(predicted, -3, 3)[:, None]
        blocks = {name: block[used] for name, block in columns.items() if np.ptp(block[used], axis=0).max() > 0}
        slopes, _ = relative_noise(squares, freedom, blocks)
        if not slopes:
            return gp
        relative = noise_at(slopes, columns)
        # Where repeats say how large noise is, it may differ between their places only.
        uneven = replace(data, noise=relative, squares=float(np.sum(within / relative)))
        gp = fit(uneven, gp.theta)
        data = uneven
    return gp


def _scale(population: Population, found: RepeatMeans, kept: np.ndarray) -> Warp:
    """Choose the scale of the objective on a part of the configurations."""
    part = kept[_even(len(kept), _OF_SCALE)]
    where = places(population, found.first[part])
    if len(part) < _LEAST_OF_SCALE or not 0 < len(where.names) <= MOST_PARAMETERS:
        return LINEAR
    values = population.values[found.first[part]]

    def fitted(warp: Warp) -> float:
        good = warp(values)
        centre, scale = mean_of(good), spread_of(good)
        if not scale > _SMALLEST or not np.isfinite(scale):
            return -np.inf
        ones = np.ones(len(part))
        data = Observations(where.x, where.owner, (good - centre) / scale, ones, ones)
        return fit(data, quick=True).height - len(part) * float(np.log(scale))

    return likeliest(values, fitted)


def _observations(found: RepeatMeans, where: Places, seen: np.ndarray, *, centre: float, scale: float) -> Observations:
    counts = found.counts[seen]
    return Observations(
        x=where.x,
        owner=where.owner,
        y=(found.good[seen] - centre) / scale,
        counts=counts,
        noise=np.ones(len(seen)),
        squares=float(np.sum(found.squares[seen])) / scale**2,
        degrees=int(np.sum(counts - 1)),
    )


def _comparable(population: Population, found: RepeatMeans) -> np.ndarray:
    """Return the configurations that succeeded; where runs were cut short, those of full length alone.

    How good a run is that was cut short says little of what it would have become. Where the best run is itself one of
    them, nothing can be said of it: none is returned.
    """
    kept, trained = _succeeded(found.good), training(population)
    if trained is None or not trained.cut:
        return kept
    full = trained.full[found.first[kept]]
    return kept[full] if trained.full[population.best_first[0]] else kept[:0]


def _succeeded(good: np.ndarray) -> np.ndarray:
    """Return the configurations that aren't far below all others; never fewer than half."""
    median, high = np.quantile(good, [0.5, 0.9]) if len(good) else (0.0, 0.0)
    spread = (high - median) / 1.2816
    if not spread > 0:
        return np.arange(len(good))
    return np.flatnonzero(good >= median - FAILED * spread)


def _even(n: int, most: int) -> np.ndarray:
    return np.arange(n) if n <= most else np.unique(np.linspace(0, n - 1, most).astype(int))


def _with_best(rows: np.ndarray, found: RepeatMeans) -> np.ndarray:
    return np.union1d(rows, np.argmax(found.good))
