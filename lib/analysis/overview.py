"""What was searched, how long it took, and how the objective came along over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.population import Population


@dataclass(frozen=True, eq=False)
class Overview:
    """The sweep at a glance; `compute_seconds` adds up the runtimes of all runs that state one.

    `none_levels` lists searched parameters of which no value was inferred to be a level, with how many runs have it.
    """

    methods: tuple[str, ...]
    early_terminate: str | None
    compute_seconds: float
    missing: tuple[tuple[str, int], ...]
    none_levels: tuple[tuple[str, int], ...]


def overview(population: Population) -> Overview:
    """Sum up the sweep; `missing` lists searched parameters that some used runs lack, with how many lack them.

    It doesn't list those that exist only where another one has certain levels.
    """
    runs = population.sweep.runs
    methods = {d.method for d in population.sweep.declarations if d.method}
    stops = [(d.config or {}).get("early_terminate") for d in population.sweep.declarations]
    stated = sorted({str(s.get("type", "yes")) for s in stops if isinstance(s, dict)})
    lacking = [(p.name, int(population.levels(p.name).isna().sum())) for p in population.searched if not p.only_where]
    inferred = [p.name for p in population.searched if p.null_level and not p.declared]
    return Overview(
        methods=tuple(sorted(methods)),
        early_terminate=", ".join(stated) or None,
        compute_seconds=float(runs["runtime"].sum()),
        missing=tuple((name, count) for name, count in lacking if count),
        none_levels=tuple((name, int(population.config[name].isna().sum())) for name in inferred),
    )


def progress(population: Population) -> pd.DataFrame:
    """Return the used runs in order of creation: `order`, run_id, name, created_at, value, best_so_far, `row`.

    `order` counts the runs from 1, also those that the reader's filters leave out; `row` is the run's row in the sweep.
    Runs of several sweeps have the name of theirs as `sweep`.
    """
    runs = population.runs
    order = runs["created_at"].sort_values(kind="stable", na_position="last").index.to_numpy()
    values = population.values[order]
    running = np.maximum.accumulate(values) if population.objective.sign > 0 else np.minimum.accumulate(values)
    frame = runs[["run_id", "name", "created_at"]].iloc[order].reset_index(drop=True)
    if population.sweeps is not None:
        frame = frame.assign(sweep=population.sweeps.iloc[order].to_numpy())
    created = population.sweep.runs["created_at"].iloc[population.place_rows]
    everyone = created.sort_values(kind="stable", na_position="last").index.to_numpy()
    place = pd.Series(np.arange(1, len(everyone) + 1), index=everyone)
    rows = population.rows[order]
    return frame.assign(order=place[rows].to_numpy(), value=values, best_so_far=running, row=rows)
