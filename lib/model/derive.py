"""Derived columns: a parameter or a metric made from others by an expression that the reader gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from lib.model.choices import Derivation
from lib.model.errors import InputError
from lib.model.expression import Expression, parse_expression
from lib.model.sweep import RUN_COLUMNS, ColumnReading, Sweep

MOST_DERIVATIONS = 20
_LONGEST_NAME = 100
Part = Literal["config", "summary", "runs"]


def derivation_of(text: str) -> Derivation:
    """Read NAME=EXPRESSION. Raises InputError where it is no such thing, or the expression isn't allowed."""
    name, equals, expression = text.partition("=")
    name = name.strip().strip("`").strip()
    if not equals or not name:
        raise InputError(f"A derived column is written NAME=EXPRESSION, like lr=base_lr * multiplier; got {text!r}.")
    if len(name) > _LONGEST_NAME or any(c in name for c in "`,") or not name.isprintable():
        raise InputError(
            f"The name {name[:_LONGEST_NAME]!r} can't be used for a derived column: it must be one line without "
            f"commas and backticks, of at most {_LONGEST_NAME} characters."
        )
    return Derivation(name, parse_expression(expression).text)


def derivations_of(texts: Sequence[str]) -> tuple[Derivation, ...]:
    """Read several NAME=EXPRESSION. Raises InputError as `derivation_of` does, and for a name that is given twice."""
    derivations = tuple(derivation_of(text) for text in texts)
    if len(derivations) > MOST_DERIVATIONS:
        raise InputError(f"{len(derivations)} derived columns were asked for; at most {MOST_DERIVATIONS} are allowed.")
    names = [d.name for d in derivations]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"The derived column {name!r} is given twice. Choose another name for one of them.")
    return derivations


def derived(sweep: Sweep, derivations: Sequence[Derivation]) -> Sweep:
    """Return the sweep with the derived columns added, one after the other; a later one may use an earlier one.

    A name means the config key before the metric; `config.NAME` and `summary.NAME` choose, and `runtime` is the run's
    in seconds. A column that uses a metric or the runtime is a metric, else a config key; a metric is worked out
    at each step of the histories too, where they hold what it uses. Whole results become integers, and comparisons
    booleans. A column that the sweep already has derived alike is left as it is.

    Raises InputError where a name is no column or holds no number, or where a new name is taken.
    """
    for derivation in derivations:
        if derivation not in sweep.derived:
            sweep = _with_one(sweep, derivation)
    return sweep


def without_derived(sweep: Sweep) -> Sweep:
    """Return the sweep as it was read, without its derived columns."""
    if not sweep.derived:
        return sweep
    names = [d.name for d in sweep.derived]
    return replace(
        sweep,
        config=sweep.config.drop(columns=names, errors="ignore"),
        summary=sweep.summary.drop(columns=names, errors="ignore"),
        history=sweep.history.drop(columns=names, errors="ignore"),
        logged_nan={name: mask for name, mask in sweep.logged_nan.items() if name not in names},
        readings=tuple(r for r in sweep.readings if r.column not in names),
        derived=(),
    )


def _with_one(sweep: Sweep, derivation: Derivation) -> Sweep:
    name = derivation.name
    if name in sweep.config.columns or name in sweep.summary.columns or name in RUN_COLUMNS:
        raise InputError(
            f"{sweep.origin.label} already has a column {name!r}. Choose another name for the derived one."
        )
    expression = parse_expression(derivation.expression)
    found = {column: _found(sweep, column) for column in expression.columns}
    inputs = {column: _numbers(sweep, column, *where) for column, where in found.items()}
    result = expression.evaluate(inputs, len(sweep))
    values, kind = _typed(result, expression.logical)
    is_metric = any(part != "config" for part, _ in found.values())
    part = "summary" if is_metric else "config"
    reading = ColumnReading(name, part, kind, f"derived: {derivation.expression}")
    sweep = replace(sweep, derived=(*sweep.derived, derivation), readings=(*sweep.readings, reading))
    if not is_metric:
        return replace(sweep, config=sweep.config.assign(**{name: values}))
    not_a_number = np.isnan(result) & ~_lacking(sweep, found)
    logged = {**sweep.logged_nan, name: not_a_number} if not_a_number.any() else sweep.logged_nan
    history = _derived_history(sweep, name, expression, found=found, inputs=inputs)
    return replace(sweep, summary=sweep.summary.assign(**{name: values}), history=history, logged_nan=logged)


def _found(sweep: Sweep, column: str) -> tuple[Part, str]:
    prefix, dot, rest = column.partition(".")
    if dot and prefix == "config" and rest in sweep.config.columns:
        return "config", rest
    if dot and prefix == "summary" and rest in sweep.summary.columns:
        return "summary", rest
    if column in sweep.config.columns:
        return "config", column
    if column in sweep.summary.columns:
        return "summary", column
    if column == "runtime":
        return "runs", column
    known = [str(c) for table in (sweep.config, sweep.summary) for c in table.columns]
    near = [c for c in known if c.lower() in column.lower() or column.lower() in c.lower()][:5]
    hint = f" Did you mean: {', '.join(near)}?" if near else ""
    only = " Expressions can only use columns, not attributes." if dot else ""
    raise InputError(f"{sweep.origin.label} has no column {column!r} to derive another from.{hint}{only}")


def _numbers(sweep: Sweep, column: str, part: Part, name: str) -> np.ndarray:
    series: pd.Series = getattr(sweep, part)[name]
    if pd.api.types.is_numeric_dtype(series):
        return series.to_numpy(dtype=float, na_value=np.nan)
    numbers = pd.to_numeric(series, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(numbers).all() and series.notna().any():
        raise InputError(f"The column {column!r} holds text, and expressions need numbers.")
    return numbers


def _lacking(sweep: Sweep, found: Mapping[str, tuple[Part, str]]) -> np.ndarray:
    """Where some input was not logged at all (as against logged as NaN), shape (runs,)."""
    lacking = np.zeros(len(sweep), dtype=bool)
    for part, name in found.values():
        missing = getattr(sweep, part)[name].isna().to_numpy()
        logged = sweep.logged_nan.get(name) if part == "summary" else None
        lacking |= missing if logged is None else missing & ~logged
    return lacking


def _derived_history(
    sweep: Sweep,
    name: str,
    expression: Expression,
    *,
    found: Mapping[str, tuple[Part, str]],
    inputs: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    history = sweep.history
    metrics = [of for part, of in found.values() if part == "summary"]
    if history.empty or not metrics or any(metric not in history.columns for metric in metrics):
        return history
    rows = pd.Index(sweep.runs["run_id"]).get_indexer(pd.Index(history["run_id"]))
    by_step = {
        column: history[of].to_numpy(dtype=float)
        if part == "summary"
        else np.where(rows >= 0, inputs[column][rows], np.nan)
        for column, (part, of) in found.items()
    }
    return history.assign(**{name: expression.evaluate(by_step, len(history))})


def _typed(result: np.ndarray, logical: bool) -> tuple[pd.Series, str]:
    known = result[~np.isnan(result)]
    if logical:
        truth = pd.array([pd.NA if np.isnan(x) else bool(x) for x in result], dtype="boolean")
        return pd.Series(truth), "boolean"
    if known.size and np.all(known == np.floor(known)) and np.all(np.abs(known) < 2**53):
        whole = pd.array([pd.NA if np.isnan(x) else int(x) for x in result], dtype="Int64")
        return pd.Series(whole), "integer"
    return pd.Series(result), "number"
