"""How many runs the next sweep is worth, and what more of them would bring.

Runs stop paying once the best of them is expected to be as good as the space allows, within what noise lets anyone see:
the stopping rule of Makarova et al. (2022, "Automatic Termination for Hyperparameter Optimization", AutoML Conf), with
the expected best of k runs in closed form (Dodge et al. 2019, EMNLP-IJCNLP, 2185-2194) over values drawn from the fits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from lib.analysis.convergence import chances_of_best
from lib.model.numbers import number
from lib.statistics.moments import of_unit_size

LEAST, MOST = 20, 200
# What 20, 50 and 100 more runs bring is what people ask.
ASKED = (20, 50, 100)
# The best that a space allows: what this share of its runs reaches.
TOP = 0.01
# Noise that the best run's value is judged by: that of a mean of this many repeats.
REPEATS = 3
POOL = 4_000
_COUNTS = tuple(range(LEAST, MOST + 1, 10))


@dataclass(frozen=True, slots=True)
class MoreRuns:
    """What `runs` more runs of a space bring: `gain`, the expected improvement of the true best, objective's units."""

    runs: int
    gain: float


@dataclass(frozen=True, slots=True)
class Worth:
    """How many runs to make, by what argument, and what more of them would bring."""

    runs: int
    why: str
    more: tuple[MoreRuns, ...]


def worth_of_runs(true: np.ndarray, noise: float, before: int, *, cells: int | None, repeats: int, grid: bool) -> Worth:
    """Say how many runs a space is worth.

    true : how good configurations of the space are (higher is better), shape (POOL,). noise : standard deviation of one
    run. before : how many runs were made in it already. cells : its combinations where it has finitely many; repeats :
    runs that each combination asks for; a `grid` makes each once.
    """
    near, size = of_unit_size(true)
    # Spread evenly along the normal distribution, in an order that has nothing to do with the values'.
    order = np.random.default_rng(20261126).permutation(len(near))
    u = (order + 0.5) / len(near)
    seen = near + noise / size * special.ndtri(u)
    turn = np.lexsort((near, seen))
    ordered = near[turn]

    def best(runs: int) -> float:
        return 0.0 if runs < 1 else float(chances_of_best(len(ordered), min(runs, len(ordered))) @ ordered) * size

    start = best(before) if before else float(np.mean(near)) * size
    more = tuple(MoreRuns(count, max(0.0, best(before + count) - start)) for count in ASKED)
    if grid and cells is not None:
        return Worth(cells, f"A grid tries each of its {cells:,} combinations once.", more)
    if cells is not None and cells * repeats < LEAST + 40:
        why = f"The space has {cells} combinations; {repeats} runs of each distinguish them from noise."
        return Worth(cells * repeats, why, more)
    within = noise / math.sqrt(REPEATS)
    allows = float(np.quantile(near, 1 - TOP)) * size
    runs = next((count for count in _COUNTS if allows - best(before + count) <= within), MOST)
    left = max(0.0, allows - best(before + runs))
    known = f", with the {before:,} that lie in it already," if before else ""
    if runs == MOST and left > within:
        why = (
            f"{MOST} runs{known} are expected to come within {number(left, 2)} of the best 1% of the space; "
            "more would bring less for each."
        )
    else:
        why = (
            f"After {runs} runs{known} the best is expected to be within {number(max(left, 0.0), 2)} of the best 1% of "
            f"the space, which is less than noise hides (a mean of {REPEATS} repeats varies by {number(within, 2)})."
        )
    return Worth(runs, why, more)
