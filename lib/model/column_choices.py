"""What a reader says of columns that were read wrongly: their role, their kind, which way is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
import pandas as pd

from lib.model.choices import ColumnChoice
from lib.model.errors import InputError
from lib.model.goal import Goal, goal_of
from lib.model.parameter import Kind
from lib.model.sweep import ColumnReading, Sweep

SETTING, RESULT, UNUSED = "setting", "result", "unused"
ROLES = (SETTING, RESULT, UNUSED)
KINDS: tuple[Kind, ...] = get_args(Kind)
WORDS = (*ROLES, *KINDS, *get_args(Goal))
_PARTS = {SETTING: "config", RESULT: "summary"}
_WHY = "chosen by the reader"


def column_choices_of(texts: Sequence[str]) -> tuple[ColumnChoice, ...]:
    """Read choices written as NAME:WORD; of two of one sort for a column the last counts. Raises InputError."""
    found: dict[tuple[str, int], ColumnChoice] = {}
    for text in texts:
        name, _, word = text.rpartition(":")
        if not name or word not in WORDS:
            raise InputError(f"The column {text!r} is not written as NAME:WORD with one of: {', '.join(WORDS)}.")
        sort = 0 if word in ROLES else 1 if word in KINDS else 2
        found[name, sort] = ColumnChoice(name, word)
    return tuple(found.values())


def roles_of(choices: Sequence[ColumnChoice]) -> dict[str, str]:
    """Return the role of each column that a reader gave one."""
    return {one.column: one.word for one in choices if one.word in ROLES}


def kinds_of(choices: Sequence[ColumnChoice]) -> dict[str, Kind]:
    """Return the kind of each column that a reader gave one."""
    return {one.column: kind for one in choices for kind in KINDS if one.word == kind}


def goals_of(choices: Sequence[ColumnChoice]) -> dict[str, Goal]:
    """Return the better direction of each column that a reader gave one."""
    return {one.column: goal for one in choices if (goal := goal_of(one.word)) is not None}


def with_roles(sweep: Sweep, choices: Sequence[ColumnChoice]) -> Sweep:
    """Return the sweep with its columns on the sides that a reader chose; results that are not used are dropped.

    A setting that is not used stays in the config, and `parameters_of` passes over it. Doing it again changes nothing.
    Raises InputError for what is no column, or a record of the run.
    """
    for column, role in roles_of(choices).items():
        sweep = _with_role(sweep, column, role)
    for column in {*kinds_of(choices), *goals_of(choices)}:
        _check_known(sweep, column)
    return sweep


def _with_role(sweep: Sweep, column: str, role: str) -> Sweep:
    tables = {"config": sweep.config, "summary": sweep.summary}
    here = next((part for part, table in tables.items() if column in table.columns), None)
    _check_known(sweep, column)
    wanted = _PARTS.get(role)
    if here is None and wanted is not None:
        raise InputError(
            f"{column!r} is a record of the run in {sweep.origin.label} and can't be used as a {role}. "
            "Where it is the objective or a hyperparameter, name it so: --metric NAME or --parameters NAME."
        )
    readings = tuple(
        replace(one, part=wanted or one.part, why=_WHY, confidence="sure") if one.column == column else one
        for one in sweep.readings
    )
    if here is None or here == wanted:
        return replace(sweep, readings=readings)
    if not any(one.column == column for one in readings):
        readings = (*readings, ColumnReading(column, wanted or here, str(tables[here][column].dtype), _WHY))
    if wanted is None:
        if here == "config":
            return replace(sweep, readings=readings)
        return replace(sweep, readings=readings, summary=sweep.summary.drop(columns=[column]))
    held: pd.Series = tables[here][column]
    moved = {**tables, here: tables[here].drop(columns=[column]), wanted: tables[wanted].assign(**{column: held})}
    masks = dict(sweep.logged_nan)
    mask: np.ndarray | None = masks.pop(column, None)
    if wanted == "summary" and mask is not None:
        masks[column] = mask
    config, summary = moved["config"], moved["summary"]
    return replace(sweep, readings=readings, logged_nan=masks, config=config, summary=summary)


def _check_known(sweep: Sweep, column: str) -> None:
    if column in sweep.config.columns or column in sweep.summary.columns or column == sweep.runtime_metric:
        return
    if not any(one.column == column for one in sweep.readings):
        raise InputError(f"{sweep.origin.label} has no column {column!r} to choose a role, kind or direction of.")
