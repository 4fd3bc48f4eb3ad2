"""Tables with one row a run, and what all tables of a population's values share."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

import pandas as pd

from lib.analysis.levels import text_of_level

if TYPE_CHECKING:
    import numpy as np

    from lib.results.report import Report

# Columns that hold the addresses of runs.
ADDRESSES = ("address", "url")


def ids_at(report: Report, rows: np.ndarray) -> list[str]:
    """Return the ids of the used runs given by position."""
    return [str(run_id) for run_id in report.population.runs["run_id"].iloc[rows]]


def used_runs_table(report: Report, rows: np.ndarray) -> pd.DataFrame:
    """One row a used run of those given by position: name, objective, sweep, searched parameters, address.

    The objective stands by the name, where a phone shows it.
    """
    population = report.population
    runs = population.runs.iloc[rows].reset_index(drop=True)
    table = pd.DataFrame({"run": runs["name"], population.objective.label: population.values[rows]})
    if population.sweeps is not None:
        table.insert(2, "sweep", population.sweeps.iloc[rows].reset_index(drop=True))
    for p in population.searched:
        if p.name in population.config.columns:
            column = population.config[p.name].iloc[rows].reset_index(drop=True)
            table[free_name(p.name, table.columns)] = column
    return table if is_blank(runs["url"]) else table.assign(address=runs["url"])


def free_name(name: str, taken: Container[str]) -> str:
    """Return a column's name for a parameter that may be called like a column of the table itself."""
    return name if name not in taken else f"{name} (parameter)"


def one_type(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Make a column of mixed Python values one that Arrow can hold: whole numbers Int64, mixtures text."""
    if name not in table or table[name].dtype != object:
        return table
    kinds = {type(v) for v in table[name] if v is not None}
    if kinds <= {int}:
        return table.astype({name: "Int64"})
    return table if kinds <= {float, int} else table.assign(**{name: table[name].map(text_of_level)})


def is_blank(column: pd.Series) -> bool:
    """Whether no run has a value in the column."""
    return bool(column.isna().all() or (column.astype("str") == "").all())
