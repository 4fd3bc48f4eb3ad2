"""The tables of Best run: repeated configurations, the run's metrics, its nearest runs, those as good as it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lib.analysis.one_run import nearest_runs
from lib.analysis.population import text_of_level
from lib.model.numbers import number
from lib.sections.run_tables import free_name, used_runs_table

if TYPE_CHECKING:
    from lib.results.report import Report


def repeats_table(report: Report) -> pd.DataFrame:
    """One row a configuration that was run more than once, best mean first: count, mean, 95% interval, std, best."""
    if report.repeats is None:
        return pd.DataFrame()
    return pd.DataFrame(
        [
            {
                "configuration": ", ".join(f"{name} {number(value)}" for name, value in c.parameters.items()),
                "runs": c.count,
                "mean": c.mean,
                "95% from": c.ci_low,
                "95% to": c.ci_high,
                "std": c.sd,
                "best": c.best,
            }
            for c in report.repeats.configurations
        ]
    )


def metrics_table(report: Report) -> pd.DataFrame:
    """One row a metric of the best run, in order of name: its value, its place from the highest, the median of all."""
    best, population = report.best_run, report.population
    rows = []
    for name, value in (best.metrics if best else {}).items():
        row = {"metric": name, "value": number(value), "from the highest": "", "median of all runs": ""}
        known = np.array([])
        if isinstance(value, (int, float)) and not isinstance(value, bool) and name in population.sweep.metrics.columns:
            column = pd.to_numeric(population.metric(name), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
            known = column[np.isfinite(column)]
        if known.size:
            row["from the highest"] = f"{int(np.sum(known > value)) + 1:,} of {known.size:,}"
            row["median of all runs"] = number(float(np.median(known)))
        rows.append(row | {"in full": text_of_level(value)})
    return pd.DataFrame(rows, columns=["metric", "value", "from the highest", "median of all runs", "in full"])


def nearest_table(report: Report) -> pd.DataFrame:
    """One row a run, nearest in configuration to the best one first: distance, name, objective, searched parameters."""
    rows, apart = nearest_runs(report.population, int(report.population.best_first[0]))
    table = used_runs_table(report, rows)
    table.insert(0, free_name("distance", table.columns), apart)
    return table


def tie_table(report: Report, most: int | None = None) -> pd.DataFrame:
    """One row a run of the tie set, the best first: name, objective, searched parameters, address.

    most : how many runs at most; None for all.
    """
    best = report.best_run
    rows = [*report.population.best_first[:1], *best.tied] if best else []
    return used_runs_table(report, np.array(rows[:most], dtype=int))
