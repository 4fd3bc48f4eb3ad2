"""How much of the declared space the runs have tried: which levels, which combinations, and where nothing was tried."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lib.analysis.levels import text_of_level, texts_of_levels
from lib.analysis.population import Population
from lib.model.parameter import Parameter


@dataclass(frozen=True, slots=True)
class Tried:
    """What of one searched parameter the used runs have tried.

    levels, of : how many of its levels (discrete, categorical), None for a range. gap_low, gap_high : the widest
    stretch of its range without a run, in its units; gap : that stretch's share of the range along its scale, 0..1. All
    None where the range isn't known or no run has a value.
    """

    parameter: str
    levels: int | None = None
    of: int | None = None
    gap_low: float | None = None
    gap_high: float | None = None
    gap: float | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of the whole space was tried.

    combinations : how many of the `of` combinations of all discrete and categorical levels; None without such levels.
    """

    parameters: tuple[Tried, ...]
    combinations: int | None
    of: int | None


def coverage(population: Population) -> Coverage:
    """Count tried levels and combinations, and find the widest gap in every range.

    Levels are those declared, or seen where none are; a run whose level isn't among them doesn't count. A range reaches
    from the declared lowest to the declared highest value, or from the lowest to the highest seen.
    """
    grouped = [p for p in population.searched if p.grouped and p.values]
    seen = {p.name: texts_of_levels(population.levels(p.name)) for p in grouped}
    known = {p.name: {text_of_level(v) for v in p.values or ()} for p in grouped}
    parameters = tuple(
        Tried(p.name, len(set(seen[p.name]) & known[p.name]), len(known[p.name]))
        if p.name in known
        else _gap(p, population.numbers(p.name))
        for p in population.searched
    )
    if not grouped:
        return Coverage(parameters, None, None)
    inside = np.all([seen[name].isin(levels) for name, levels in known.items()], axis=0)
    tried = set(zip(*(seen[name][inside] for name in known), strict=True))
    return Coverage(parameters, len(tried), math.prod(len(levels) for levels in known.values()))


def _gap(parameter: Parameter, numbers: np.ndarray) -> Tried:
    values = np.unique(numbers[np.isfinite(numbers)])
    if not len(values):
        return Tried(parameter.name)
    low = min(float(values[0]), math.inf if parameter.low is None else float(parameter.low))
    high = max(float(values[-1]), -math.inf if parameter.high is None else float(parameter.high))
    if not math.isfinite(low) or not math.isfinite(high):
        return Tried(parameter.name)
    log = parameter.scale == "log" and low > 0
    ends = np.unique([low, *values, high])
    along = np.log(ends) if log else ends / max(abs(low), abs(high), 1e-300)
    if not along[-1] > along[0]:
        return Tried(parameter.name)
    steps = np.diff(along)
    at = int(np.argmax(steps))
    return Tried(
        parameter.name, None, None, float(ends[at]), float(ends[at + 1]), float(steps[at] / (along[-1] - along[0]))
    )
