"""Which runs meet conditions: those that a reader filters by, and those that a reader highlights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lib.analysis.levels import texts_of_levels
from lib.model.choices import AnyOf, Condition, Filter
from lib.model.errors import InputError
from lib.model.objective import objective_values
from lib.model.run_sets import digest_of
from lib.model.sweep import RUN_COLUMNS, SWEEP, Sweep

if TYPE_CHECKING:
    from lib.analysis.population import Population

# What people call a run by.
_NAMES = ("name", "run_id", "group", "tags", "sweep", "state")


def meeting(sweep: Sweep, conditions: Sequence[Condition], own: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return which runs of a sweep meet all conditions, shape (runs,).

    own : values that stand before the sweep's, by their names: those of the objective. Raises InputError for a column
    that isn't there.
    """
    met = np.ones(len(sweep), dtype=bool)
    for one in conditions:
        if isinstance(one, AnyOf):
            met &= np.logical_or.reduce([_meeting_one(sweep, part, own) for part in one.parts])
        else:
            met &= _meeting_one(sweep, one, own)
    return met


def meeting_all(population: Population, conditions: Sequence[Condition]) -> np.ndarray:
    """Return which runs of the sweep meet all conditions, used or not, shape (runs,)."""
    objective = population.objective
    own = {objective.metric: objective_values(population.sweep, objective)}
    return meeting(population.sweep, conditions, own)


def _meeting_one(sweep: Sweep, one: Filter, own: Mapping[str, np.ndarray]) -> np.ndarray:
    matches: np.ndarray
    if not one.column:
        matches = _with_text(sweep, one.contains or "")
        return ~matches if one.exclude else matches
    column = pd.Series(own[one.column]) if one.column in own else _column(sweep, one.column)
    if one.digests is not None:
        wanted = frozenset(one.digests)
        matches = np.array([digest_of(run_id) in wanted for run_id in column.astype(str)], dtype=bool)
    elif one.contains is not None:
        matches = _containing(column, one.contains)
    elif one.values is not None:
        matches = texts_of_levels(column).isin(one.values).to_numpy()
        if one.column == SWEEP:
            # A sweep may be called by its name as well as by its id.
            matches = matches | column.map(dict(sweep.sweep_names)).isin(one.values).to_numpy()
    else:
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        low = -np.inf if one.low is None else one.low
        high = np.inf if one.high is None else one.high
        matches = (numbers >= low) & (numbers <= high)
    return ~matches if one.exclude else matches


def _with_text(sweep: Sweep, text: str) -> np.ndarray:
    """Return which runs have a text in one of their names, or in a level of their config that is text."""
    met = np.zeros(len(sweep), dtype=bool)
    for name in _NAMES:
        met |= _containing(sweep.runs[name], text)
    for name in sweep.config.columns:
        if not pd.api.types.is_numeric_dtype(sweep.config[name]):
            met |= _containing(sweep.config[name], text)
    return met


def _containing(column: pd.Series, text: str) -> np.ndarray:
    found = texts_of_levels(column).str.contains(text, case=False, regex=False)
    return found.fillna(False).to_numpy(dtype=bool)


def _column(sweep: Sweep, name: str) -> pd.Series:
    for table in (sweep.config, sweep.metrics):
        if name in table.columns:
            return table[name]
    if name in RUN_COLUMNS:
        return sweep.runs[name]
    raise InputError(f"A filter names {name!r}, which is neither a parameter nor a metric of {sweep.origin.label}.")
