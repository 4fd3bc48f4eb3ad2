"""Makers of small sweeps through the door that every source uses, for tests of what comes after the sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from lib.analysis.population import Population, population
from lib.model.assemble import assemble
from lib.model.choices import Choices
from lib.model.columns import table_of
from lib.model.sweep import Declaration, Origin, Sweep
from lib.report import Report, report_of
from lib.sources.join import join
from lib.sources.sample import read_sample

Columns = Mapping[str, Sequence[Any]]


def sweep_of(
    config: Columns,
    summary: Columns,
    *,
    states: Sequence[str] | None = None,
    names: Sequence[str] | None = None,
    urls: Sequence[str] | None = None,
    created: Sequence[str] | None = None,
    histories: Mapping[str, Mapping[str, Sequence[float]]] | None = None,
    declared: Mapping[str, Any] | None = None,
    order: Sequence[int] | None = None,
    label: str = "runs.csv",
) -> Sweep:
    """Make a sweep from columns of plain values, one value a run, None where a run has none.

    Run i has the id "r000i" and was created on minute i, unless `created` says otherwise. `histories` holds, by run
    id, the values of each metric step by step. `declared` is a W&B sweep config. `order` is the order in which the rows
    reach `assemble`.
    """
    count = len(next(iter([*config.values(), *summary.values()])))
    ids = [f"r{i:04d}" for i in range(count)]
    runs = pd.DataFrame(
        {
            "run_id": ids,
            "name": ids if names is None else list(names),
            "state": ["finished"] * count if states is None else list(states),
            "created_at": [f"2025-03-01T{i // 60 % 24:02d}:{i % 60:02d}:00Z" for i in range(count)]
            if created is None
            else list(created),
            "runtime": [60.0] * count,
            "url": [""] * count if urls is None else list(urls),
        }
    )
    turn = list(range(count)) if order is None else list(order)
    steps = [
        {"run_id": run, "_step": step, **{metric: values[step] for metric, values in metrics.items()}}
        for run, metrics in (histories or {}).items()
        for step in range(len(next(iter(metrics.values()))))
    ]
    config_table, _, _ = table_of([{name: config[name][i] for name in config} for i in turn])
    summary_table, logged_nan, _ = table_of([{name: summary[name][i] for name in summary} for i in turn])
    return assemble(
        Origin("csv", label, None),
        runs.iloc[turn].reset_index(drop=True),
        config_table,
        summary=summary_table,
        history=pd.DataFrame(steps) if steps else None,
        logged_nan=logged_nan,
        declarations=() if declared is None else (Declaration(config=dict(declared)),),
    )


def columns_of_a_search(runs: int = 60, seed: int = 0) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Return the config and summary of a random search in which `lr` (peak) and `batch` matter, `depth` and `act` not.

    The score is 1 - (log10(lr) + 3)^2 / 4 + 0.1 log2(batch / 4) + noise of 0.05.
    """
    rng = np.random.default_rng(seed)
    lr = 10 ** rng.uniform(-5, -1, runs)
    batch = rng.choice([4, 8, 16], runs)
    config = {
        "lr": lr.tolist(),
        "batch": batch.tolist(),
        "depth": rng.integers(1, 40, runs).tolist(),
        "act": rng.choice(["relu", "gelu"], runs).tolist(),
        "epochs": [40] * runs,
    }
    score = 1 - (np.log10(lr) + 3) ** 2 / 4 + 0.1 * np.log2(batch / 4) + rng.normal(0, 0.05, runs)
    return config, {"val_score": score.tolist(), "train_loss": (1 - score + rng.normal(0, 0.1, runs)).tolist()}


def search(runs: int = 60, seed: int = 0, **more: Any) -> Sweep:
    """Make the sweep of `columns_of_a_search`; `more` goes to `sweep_of`."""
    return sweep_of(*columns_of_a_search(runs, seed), **more)


def populated(sweep: Sweep, **choices: Any) -> Population:
    """Resolve a sweep for choices named as in `Choices`."""
    return population(sweep, Choices(**choices))


def reported(sweep: Sweep, **choices: Any) -> Report:
    """Return the report of a sweep for choices named as in `Choices`."""
    return report_of(sweep, Choices(**choices))


@cache
def sample_report(name: str = "sample") -> Report:
    """Return the report of a bundled sweep. Reports are immutable, and the forest in this one takes seconds."""
    return report_of(read_sample(name), Choices())


@cache
def joined_report() -> Report:
    """Return the report of the sample's two sweeps together."""
    return report_of(join([read_sample("sample"), read_sample("sample/followup")]), Choices())
