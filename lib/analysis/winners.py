"""Whether the rule for the objective decides who wins: the best run by last values beside the best by best values."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lib.analysis.population import Population
from lib.model.errors import InputError
from lib.model.objective import objective_values


@dataclass(frozen=True, slots=True)
class Winners:
    """The winner among the used runs by each rule: its name and its value by that rule."""

    last_name: str
    last_value: float
    best_name: str
    best_value: float
    same: bool


def winners(population: Population) -> Winners | None:
    """Find the winner by last values and by best values among the used runs of which both are known; None without one.

    None too where the winner of all runs is one of the others. Ties go to the earlier run in canonical order, as
    everywhere.
    """
    scores = {}
    for rule in ("last", "best"):
        try:
            values = objective_values(population.sweep, replace(population.objective, value=rule))[population.rows]
        except InputError:
            return None
        scores[rule] = population.objective.sign * np.where(np.isfinite(values), values, np.nan)
    known = np.isfinite(scores["last"]) & np.isfinite(scores["best"])
    if not known.any():
        return None
    found = []
    for rule in ("last", "best"):
        at = int(np.nanargmax(np.where(known, scores[rule], np.nan)))
        if np.nanmax(scores[rule]) > scores[rule][at]:
            return None
        found.append((at, str(population.runs["name"].iloc[at]), float(population.objective.sign * scores[rule][at])))
    (last, last_name, last_value), (best, best_name, best_value) = found
    return Winners(last_name, last_value, best_name, best_value, same=last == best)
