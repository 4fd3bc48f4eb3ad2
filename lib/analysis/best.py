"""The best run: its value, its parameters, where it stands, and which runs can't be told from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.analysis.noise import Noise, shrunken_best, tied_with_best
from lib.analysis.population import Population
from lib.analysis.surrogate import Surrogate
from lib.model.columns import plain, row_of
from lib.statistics.moments import mean_of, median_of, of_unit_size


@dataclass(frozen=True, eq=False)
class BestRun:
    """The best used run. `parameters` are the searched ones, `fixed` the rest of its config, `metrics` its summary.

    `tied_run_ids` are the other runs that can't be told from it, best first; `z_score` is how many standard deviations
    of the objective it lies beyond the mean, in the better direction; `expected` its value less its probable luck.
    """

    run_id: str
    name: str
    value: float
    url: str | None
    state: str
    created_at: str | None
    runtime: float | None
    parameters: Mapping[str, Any]
    fixed: Mapping[str, Any]
    metrics: Mapping[str, Any]
    tied_run_ids: tuple[str, ...]
    tied_names: tuple[str, ...]
    noise: Noise | None
    expected: float | None
    mean: float
    median: float
    z_score: float | None
    runner_up: float | None


def best_run(population: Population, surrogate: Surrogate, noise: Noise | None) -> BestRun | None:
    """Describe the best used run, the first in canonical order among equals; None where no run is used."""
    if len(population.rows) == 0:
        return None
    order = population.best_first
    best = int(order[0])
    run = population.runs.iloc[best]
    config = {name: value for name, value in row_of(population.config, best).items() if value is not None}
    metrics = {
        name: value
        for name, value in row_of(population.sweep.metrics, population.rows[best]).items()
        if value is not None
    }
    searched = [p.name for p in population.searched]
    tied = [int(i) for i in tied_with_best(population, noise)[1:]]
    values = population.values
    near, _ = of_unit_size(values)
    spread = float(np.std(near, ddof=1)) if len(values) > 1 else 0.0
    sign = population.objective.sign
    return BestRun(
        run_id=str(run["run_id"]),
        name=str(run["name"]),
        value=float(values[best]),
        url=str(run["url"]) or None,
        state=str(run["state"]),
        created_at=_iso(run["created_at"]),
        runtime=plain(run["runtime"]),
        parameters={name: config.get(name) for name in searched},
        fixed={name: value for name, value in sorted(config.items()) if name not in searched},
        metrics=dict(sorted(metrics.items())),
        tied_run_ids=tuple(str(population.runs["run_id"].iloc[i]) for i in tied),
        tied_names=tuple(str(population.runs["name"].iloc[i]) for i in tied),
        noise=noise,
        expected=shrunken_best(population, surrogate, noise),
        mean=mean_of(values),
        median=median_of(values),
        z_score=float(sign * (near[best] - near.mean()) / spread) if spread > 0 else None,
        runner_up=float(values[order[1]]) if len(order) > 1 else None,
    )


def _iso(time: Any) -> str | None:
    value = plain(time)
    return None if value is None else value.strftime("%Y-%m-%dT%H:%M:%SZ")
