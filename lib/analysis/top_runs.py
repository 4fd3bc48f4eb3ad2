"""The best N runs as a table, and what they have in common against the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from lib.analysis.levels import texts_of_levels
from lib.analysis.population import Population
from lib.model.columns import row_of
from lib.statistics.multiple_testing import holm


@dataclass(frozen=True, eq=False)
class TopRun:
    """One of the best runs, rank 1 the best."""

    rank: int
    run_id: str
    name: str
    value: float
    url: str | None
    parameters: Mapping[str, Any]
    metrics: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shared:
    """What the top runs have of one parameter against the rest.

    Numeric: the range and median of the top runs and the median of the rest, Mann-Whitney p. Categorical: the level
    most over-represented (`level`), its share in the top and in the rest, Fisher's exact p. Holm over parameters. These
    are descriptions of the runs picked as best, not claims of effect.
    """

    parameter: str
    top_low: float | None
    top_high: float | None
    top_median: float | None
    rest_median: float | None
    level: Any
    top_share: float | None
    rest_share: float | None
    p_adjusted: float | None


def top_runs(population: Population) -> tuple[TopRun, ...]:
    """Return the best `choices.top` used runs, best first, ties in canonical order."""
    found = []
    searched = [p.name for p in population.searched]
    for rank, row in enumerate(population.best_first[: max(0, population.choices.top)], start=1):
        run, config = population.runs.iloc[row], row_of(population.config, row)
        found.append(
            TopRun(
                rank=rank,
                run_id=str(run["run_id"]),
                name=str(run["name"]),
                value=float(population.values[row]),
                url=str(run["url"]) or None,
                parameters={name: config.get(name) for name in searched},
                metrics=row_of(population.sweep.metrics, population.rows[row]),
            )
        )
    return tuple(found)


def shared_by_top(population: Population) -> tuple[Shared, ...]:
    """Compare the top runs with the rest, one entry a searched parameter; none where either side has under two runs."""
    top = np.zeros(len(population.rows), dtype=bool)
    top[population.best_first[: population.choices.top]] = True
    if top.sum() < 2 or (~top).sum() < 2:
        return ()
    found = [
        _numbers(population.numbers(p.name), top, p.name)
        if p.numeric and not p.grouped
        else _levels(texts_of_levels(population.levels(p.name)).to_numpy(dtype=object), top, p.name)
        for p in population.searched
    ]
    tested = [i for i, (_, p) in enumerate(found) if p is not None]
    adjusted = dict(zip(tested, holm([found[i][1] or 0.0 for i in tested]), strict=True))
    return tuple(_with_p(shared, adjusted.get(i)) for i, (shared, _) in enumerate(found))


def _numbers(x: np.ndarray, top: np.ndarray, name: str) -> tuple[Shared, float | None]:
    ours, theirs = x[top & ~np.isnan(x)], x[~top & ~np.isnan(x)]
    if len(ours) == 0 or len(theirs) == 0:
        return Shared(name, None, None, None, None, None, None, None, None), None
    p_value = float(stats.mannwhitneyu(ours, theirs).pvalue)
    shared = Shared(
        name,
        float(ours.min()),
        float(ours.max()),
        float(np.median(ours)),
        float(np.median(theirs)),
        None,
        None,
        None,
        None,
    )
    return shared, p_value if np.isfinite(p_value) else None


def _levels(x: np.ndarray, top: np.ndarray, name: str) -> tuple[Shared, float | None]:
    known = x != ""
    ours, theirs = x[top & known], x[~top & known]
    if len(ours) == 0 or len(theirs) == 0:
        return Shared(name, None, None, None, None, None, None, None, None), None
    levels = sorted(set(ours))
    lift = {level: float(np.mean(ours == level) - np.mean(theirs == level)) for level in levels}
    level = max(levels, key=lambda v: lift[v])
    ours_in, theirs_in = int(np.sum(ours == level)), int(np.sum(theirs == level))
    table = np.array([[ours_in, len(ours) - ours_in], [theirs_in, len(theirs) - theirs_in]])
    p_value = float(stats.fisher_exact(table).pvalue)
    shared = Shared(name, None, None, None, None, level, ours_in / len(ours), theirs_in / len(theirs), None)
    return shared, p_value


def _with_p(shared: Shared, p_adjusted: float | None) -> Shared:
    return Shared(
        shared.parameter,
        shared.top_low,
        shared.top_high,
        shared.top_median,
        shared.rest_median,
        shared.level,
        shared.top_share,
        shared.rest_share,
        p_adjusted,
    )
