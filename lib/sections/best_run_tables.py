"""The tables of Best run: repeated configurations, the run's metrics, its nearest runs, those as good as it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lib.analysis.levels import text_of_level
from lib.analysis.one_run import nearest_runs, one_run
from lib.model.numbers import MISSING, number
from lib.sections.objective import metric_words
from lib.sections.run_tables import free_name, used_runs_table

if TYPE_CHECKING:
    from lib.model.goal import Goal
    from lib.results.report import Report

BETTER: Mapping[Goal | None, str] = {"maximize": "higher", "minimize": "lower", None: MISSING}


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
    """One row a metric of the best run: its value, its place from the better end, which end that is, all runs' median.

    The objective comes first; what is no number, last, has its value alone.
    """
    best, population = report.best_run, report.population
    columns = ["metric", "value", "place", "better is", "median of all runs", "in full"]
    if best is None:
        return pd.DataFrame(columns=columns)
    ranked = report.once(one_run, int(population.rows[population.best_first[0]])).metrics
    rows = []
    for one in ranked:
        column = pd.to_numeric(population.metric(one.name), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        place = f"{one.rank:,} of {one.of:,}" if one.rank else MISSING
        median = metric_words(report, one.name, float(np.median(column[np.isfinite(column)])))
        value = metric_words(report, one.name, one.value)
        rows.append((one.name, value, place, BETTER[one.better], median, text_of_level(one.value)))
    known = {one.name for one in ranked}
    rows += [
        (name, number(value), "", "", "", text_of_level(value))
        for name, value in best.metrics.items()
        if name not in known
    ]
    return pd.DataFrame(rows, columns=columns)


def nearest_table(report: Report) -> pd.DataFrame:
    """One row a run, nearest in configuration to the best one first: distance, name, objective, searched parameters."""
    rows, apart = report.once(nearest_runs, int(report.population.best_first[0]))
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
