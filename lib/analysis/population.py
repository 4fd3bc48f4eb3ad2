"""Which runs a report is about: every run is used, or left out for a stated reason."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from lib.analysis.levels import text_of_level
from lib.analysis.meeting import meeting
from lib.model.choices import Choices
from lib.model.column_choices import with_roles
from lib.model.derive import derived
from lib.model.errors import InputError
from lib.model.goal import Objective
from lib.model.objective import objective_values, why_no_value
from lib.model.objective_choice import objective_of
from lib.model.parameter import Parameter, Scale
from lib.model.scales import result_scale, spans_decades
from lib.model.search_space import parameters_of
from lib.model.sweep import NO_STATE, NONE_LEVEL, SWEEP, Sweep

DEFAULT_STATES = ("finished", NO_STATE)
USED = "used"
LEFT_OUT = "left out by the reader"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """How many runs were left out for one reason."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The account of all runs: total = used + the counts of `excluded`."""

    total: int
    used: int
    by_state: tuple[tuple[str, int], ...]
    excluded: tuple[Exclusion, ...]


@dataclass(frozen=True, eq=False)
class Population:
    """The runs of a sweep that answer the reader's question, with the question resolved.

    fate : one text a run of the sweep: "used", or why it was left out.
    rows : positions of the used runs in the sweep's tables, in canonical order.
    """

    sweep: Sweep
    choices: Choices
    objective: Objective
    parameters: tuple[Parameter, ...]
    fate: pd.Series
    rows: np.ndarray

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The run columns of the used runs, indexed 0..n-1."""
        return self.sweep.runs.iloc[self.rows].reset_index(drop=True)

    @cached_property
    def config(self) -> pd.DataFrame:
        """The whole config of the used runs."""
        return self.sweep.config.iloc[self.rows].reset_index(drop=True)

    @cached_property
    def values(self) -> np.ndarray:
        """The objective of each used run, finite, shape (n,)."""
        return objective_values(self.sweep, self.objective)[self.rows]

    @cached_property
    def place_rows(self) -> np.ndarray:
        """Rows of the sweep that charts have places for: the used runs and those that the reader's filters leave out.

        Axes that end where these end stay as they are while runs are filtered.
        """
        return np.flatnonzero(self.fate.isin((USED, LEFT_OUT)).to_numpy())

    @cached_property
    def place_values(self) -> np.ndarray:
        """The objective of each of `place_rows`."""
        return objective_values(self.sweep, self.objective)[self.place_rows]

    @cached_property
    def objective_scale(self) -> Scale:
        """The scale on which charts draw the objective, by all `place_values`: filters don't change it."""
        return result_scale(self.place_values)

    @cached_property
    def spans_decades(self) -> bool:
        """Whether effects and expectations are said by factors, since most values lie decades apart."""
        return spans_decades(self.place_values)

    def place_numbers(self, name: str) -> np.ndarray:
        """Values of a config key of `place_rows` as floats, NaN where missing, infinite or not a number."""
        return _numbers(self.sweep.config, name, self.place_rows)

    @cached_property
    def averaged(self) -> np.ndarray | None:
        """Of how many runs each used row is the mean, shape (n,), 1 where not known; None where rows are runs."""
        name = self.sweep.counted_by
        if name is None or name not in self.sweep.summary.columns:
            return None
        counts = pd.to_numeric(self.sweep.summary[name].iloc[self.rows], errors="coerce")
        found = counts.to_numpy(dtype=float, na_value=np.nan)
        return np.where(found >= 1, np.round(found), 1.0)

    @cached_property
    def sweeps(self) -> pd.Series | None:
        """The name of the sweep that each used run is of, shape (n,); None where all runs of the source are of one."""
        names = self.sweep.sweep_names
        return self.runs[SWEEP].map(dict(names)) if len(names) > 1 else None

    @cached_property
    def searched(self) -> tuple[Parameter, ...]:
        """The searched parameters, in order of name."""
        return tuple(p for p in self.parameters if p.role == "searched")

    @cached_property
    def blocks(self) -> tuple[Parameter, ...]:
        """The seeds and folds that vary: repeats of one configuration differ in them, and none is recommended."""
        return tuple(p for p in self.parameters if p.role == "block")

    @cached_property
    def best_first(self) -> np.ndarray:
        """Positions 0..n-1 of the used runs, best first; ties in canonical order."""
        return np.argsort(-self.objective.sign * self.values, kind="stable")

    @cached_property
    def ledger(self) -> Ledger:
        """The account of all runs."""
        states = self.sweep.runs["state"].value_counts()
        excluded = self.fate[self.fate != USED].value_counts()
        return Ledger(
            total=len(self.fate),
            used=len(self.rows),
            by_state=tuple(sorted((str(s), int(c)) for s, c in states.items())),
            excluded=tuple(Exclusion(r, c) for r, c in sorted((str(r), int(c)) for r, c in excluded.items())),
        )

    @property
    def why_no_run(self) -> str:
        """Say why no run is used, where none is, as the beginning of a sentence."""
        if (self.fate == LEFT_OUT).any():
            return "The filters leave no run of those that could be used"
        return "No run has a usable value of the objective"

    @property
    def bytes_held(self) -> int:
        """How much memory the copies of the used runs' rows take once all are asked for, in bytes, roughly."""
        sweep = self.sweep
        tables = (sweep.runs, sweep.config)
        held = sum(int(table.memory_usage(index=False).sum()) for table in tables)
        return int(held * len(self.rows) / max(len(sweep), 1))

    def numbers(self, name: str) -> np.ndarray:
        """Values of a config key of the used runs as floats, NaN where missing, infinite or not a number."""
        return _numbers(self.sweep.config, name, self.rows)

    def metric(self, name: str) -> pd.Series:
        """Values of one of the sweep's metrics of the used runs as they are; it is not kept, as there may be many."""
        return self.sweep.metrics[name].iloc[self.rows].reset_index(drop=True)

    def levels(self, name: str) -> pd.Series:
        """Values of a config key of the used runs, missing as NA.

        Where runs without a value are a level of a parameter, that is NONE_LEVEL, and text that stands for one of its
        levels of another type is that level.
        """
        if name not in self.config.columns:
            return pd.Series(pd.NA, index=range(len(self.rows)), dtype="object")
        parameter = self._by_name.get(name)
        column = self.config[name]
        if parameter is None or parameter.kind != "categorical" or parameter.role != "searched":
            return column
        if pd.api.types.is_string_dtype(column):
            typed = {text_of_level(v): v for v in parameter.values or () if not isinstance(v, str)}
            known = typed.keys() & set(column.dropna().unique())
            column = column.astype(object).map(lambda v: typed.get(v, v)) if known else column
        if parameter.null_level and column.isna().any():
            column = column.astype(object).where(column.notna(), NONE_LEVEL)
        return column

    @cached_property
    def _by_name(self) -> dict[str, Parameter]:
        return {p.name: p for p in self.parameters}


def population(sweep: Sweep, choices: Choices) -> Population:
    """Resolve the objective and the parameters, and decide for every run whether it is used.

    A run is left out, for the first reason that holds, because of its state, because it has no value of the objective,
    because that value is NaN or infinite, or because the reader filtered it out. Raises InputError where the source
    has no runs, or a choice names what isn't there. No run left is no error: the ledger says why.
    """
    if len(sweep) == 0:
        raise InputError(f"{sweep.origin.label} holds no runs. Check the export's filter, or the sweep's id.")
    sweep = derived(with_roles(sweep, choices.columns), choices.derive)
    objective = objective_of(sweep, choices)
    states = choices.states or DEFAULT_STATES
    values = objective_values(sweep, objective)
    logged = sweep.logged_nan.get(objective.metric, np.zeros(len(sweep), dtype=bool))
    fate = pd.Series(USED, index=sweep.runs.index, dtype="str")
    for unwanted, reason in (
        (~sweep.runs["state"].isin(states).to_numpy(), "state " + sweep.runs["state"]),
        (np.isnan(values) & ~logged, why_no_value(sweep, objective)),
        (~np.isfinite(values), f"{objective.metric} is NaN or infinite"),
        (~meeting(sweep, choices.filters, {objective.metric: values}), LEFT_OUT),
    ):
        hit = unwanted & (fate == USED).to_numpy()
        fate[hit] = reason[hit] if isinstance(reason, pd.Series) else reason
    rows = np.flatnonzero((fate == USED).to_numpy())
    return Population(
        sweep=sweep,
        choices=choices,
        objective=objective,
        parameters=parameters_of(sweep, choices, rows),
        fate=fate,
        rows=rows,
    )


def _numbers(config: pd.DataFrame, name: str, rows: np.ndarray) -> np.ndarray:
    if name not in config.columns:
        return np.full(len(rows), np.nan)
    column = config[name].iloc[rows]
    if not pd.api.types.is_numeric_dtype(column):
        column = pd.to_numeric(column, errors="coerce")
    out = column.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(out), out, np.nan)
