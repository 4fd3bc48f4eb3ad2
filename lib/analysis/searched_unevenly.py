"""Parameters without a clear effect along which a search went elsewhere than even draws do.

After Bayes or TPE the runs crowd where the search went. The mean of even draws then differs from theirs by what such a
parameter does, though it isn't clear: by how much is as unsure as its curve is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lib.analysis.next_config import next_config, searchable, space_of
from lib.analysis.next_draws import places
from lib.analysis.observations import Observations
from lib.analysis.parameter_advice import Recommended
from lib.analysis.population import Population
from lib.analysis.positions import Dimension
from lib.analysis.response import Curve, curve

# The largest difference of two cumulative shares, times the root of n, that 1 % of even samples exceed (Kolmogorov's
# distribution; of levels and of rounded numbers, fewer).
_UNEVEN = 1.63


def searched_unevenly(
    population: Population,
    parameters: Sequence[Recommended],
    others: Mapping[str, Sequence[Dimension]],
    seen: Observations,
) -> dict[str, Curve]:
    """Return the curves of parameters without a clear effect whose runs aren't drawn as the next config draws them.

    others : what each parameter is adjusted for.
    """
    regions = searchable(population, parameters)
    space = space_of(next_config(population, tuple(regions.values())), regions)
    found = {}
    for name, region in regions.items():
        axis = region.dimension
        if region.fitted is not None or name not in space or not axis.known.any():
            continue
        if _apart(axis.position[axis.known], places(axis, space[name].values), space[name].chances) > _UNEVEN:
            fitted = curve(axis, others[name], seen)
            if fitted is not None:
                found[name] = fitted
    return found


def _apart(seen: np.ndarray, where: np.ndarray, chances: np.ndarray) -> float:
    """Return Kolmogorov's statistic of some positions against those of a config's draws, times the root of n."""
    known = ~np.isnan(where)
    every = np.sort(np.concatenate([seen, where[known]]))
    order = np.argsort(where[known])
    reached = np.concatenate([[0.0], np.cumsum(chances[known][order])]) / max(float(chances[known].sum()), 1e-300)
    drawn = reached[np.searchsorted(where[known][order], every, "right")]
    tried = np.searchsorted(np.sort(seen), every, "right") / len(seen)
    return float(np.abs(tried - drawn).max()) * float(np.sqrt(len(seen)))
