"""The best run: its value, its parameters, where it stands, and which runs are as good as it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.analysis.noise import Noise
from lib.analysis.population import Population
from lib.analysis.winner import Winner
from lib.model.columns import plain, row_of
from lib.statistics.moments import mean_of, median_of


@dataclass(frozen=True, eq=False)
class Recommended:
    """The run whose configuration to use, and the mean that repeats of it would have, with its 95 % interval."""

    run_id: str
    name: str
    value: float
    parameters: Mapping[str, Any]
    expected: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class BestRun:
    """The best used run. `parameters` are the searched ones, `fixed` the rest of its config, `metrics` its summary.

    `tied` are the positions of the other runs that are as good as it, best first, `tied_run_ids` their ids; `expected`
    is the mean that repeats of it would have, with its 95 % interval; `probability_best` that no other configuration
    that was run has a better mean; `within` the difference that counts as as good. `recommended` is the run whose
    configuration has the highest expected mean: the one to use.
    """

    run_id: str
    name: str
    value: float
    url: str | None
    state: str
    created_at: str | None
    parameters: Mapping[str, Any]
    fixed: Mapping[str, Any]
    metrics: Mapping[str, Any]
    tied: tuple[int, ...]
    tied_run_ids: tuple[str, ...]
    noise: Noise | None
    expected: float | None
    expected_low: float | None
    expected_high: float | None
    probability_best: float | None
    within: float | None
    recommended: Recommended | None
    mean: float
    median: float


def another_is_better(best: BestRun) -> bool:
    """Whether another run's configuration is expected to be better by more than counts as as good."""
    use = best.recommended
    if use is None or best.expected is None or use.run_id == best.run_id:
        return False
    return abs(use.expected - best.expected) > (best.within or 0.0)


def best_run(population: Population, noise: Noise | None, won: Winner | None) -> BestRun | None:
    """Describe the best used run, the first in canonical order among equals; None where no run is used."""
    if won is None:
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
    tied = [int(i) for i in won.tied[1:]]
    ids = population.runs["run_id"]
    values = population.values
    return BestRun(
        run_id=str(run["run_id"]),
        name=str(run["name"]),
        value=float(values[best]),
        url=str(run["url"]) or None,
        state=str(run["state"]),
        created_at=_iso(run["created_at"]),
        parameters={name: config.get(name) for name in searched},
        fixed={name: value for name, value in sorted(config.items()) if name not in searched},
        metrics=dict(sorted(metrics.items())),
        tied=tuple(tied),
        tied_run_ids=tuple(str(ids.iloc[i]) for i in tied),
        noise=noise,
        expected=won.expected,
        expected_low=won.low,
        expected_high=won.high,
        probability_best=won.probability,
        within=won.within,
        recommended=_recommended(population, won, searched),
        mean=mean_of(values),
        median=median_of(values),
    )


def _recommended(population: Population, won: Winner, searched: list[str]) -> Recommended | None:
    use = won.recommended
    if use is None:
        return None
    run = population.runs.iloc[use.run]
    config = row_of(population.config, use.run)
    return Recommended(
        run_id=str(run["run_id"]),
        name=str(run["name"]),
        value=float(population.values[use.run]),
        parameters={name: config.get(name) for name in searched},
        expected=use.expected,
        low=use.low,
        high=use.high,
    )


def _iso(time: Any) -> str | None:
    value = plain(time)
    return None if value is None else value.strftime("%Y-%m-%dT%H:%M:%SZ")
