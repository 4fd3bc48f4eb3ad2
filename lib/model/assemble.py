"""Building a Sweep of the tables that a source has read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lib.model.sweep import (
    FIRST_TIME,
    LAST_TIME,
    LONGEST_RUNTIME,
    NO_STATE,
    RUN_COLUMNS,
    TIME_COLUMNS,
    ColumnReading,
    Declaration,
    Origin,
    Sweep,
)


def assemble(
    origin: Origin,
    runs: pd.DataFrame,
    config: pd.DataFrame,
    *,
    summary: pd.DataFrame,
    history: pd.DataFrame | None = None,
    logged_nan: Mapping[str, np.ndarray] | None = None,
    declarations: tuple[Declaration, ...] = (),
    readings: tuple[ColumnReading, ...] = (),
    warnings: tuple[str, ...] = (),
    thinned: bool = False,
    counted_by: str | None = None,
) -> Sweep:
    """Build a Sweep: fill the run columns that a source lacks, make run ids unique, and sort into canonical order.

    Canonical order is by creation time, then run id, then content, so that a report does not depend on the order in
    which runs arrived. A repeated run id gets "#2", "#3" in that order; nothing is dropped.
    """
    runs = _complete_runs(runs)
    order = _canonical_order(runs, config, summary)
    runs = runs.iloc[order]
    if runs["run_id"].duplicated().any():
        # Sorted once more under the new ids, so that assembling an assembled sweep again changes nothing.
        runs = _with_unique_ids(runs).sort_values(["created_at", "run_id"], kind="stable")
        order = runs.index.to_numpy()
    config = config.iloc[order].reset_index(drop=True)
    summary = summary.iloc[order].reset_index(drop=True)
    return Sweep(
        origin=origin,
        runs=runs.reset_index(drop=True),
        config=config,
        summary=summary,
        history=_complete_history(history),
        logged_nan={name: mask[order] for name, mask in (logged_nan or {}).items()},
        declarations=declarations,
        readings=readings,
        warnings=warnings,
        thinned=thinned,
        counted_by=counted_by,
    )


def _with_unique_ids(runs: pd.DataFrame) -> pd.DataFrame:
    runs = runs.copy()
    while (repeats := runs.groupby("run_id").cumcount()).any():
        runs["run_id"] = runs["run_id"].where(repeats == 0, runs["run_id"] + "#" + (repeats + 1).astype(str))
    return runs


def _complete_runs(runs: pd.DataFrame) -> pd.DataFrame:
    # Arrays, put together at the end: pandas aligns columns that are set one by one with those that are there.
    columns: dict[str, Any] = {}
    for name in RUN_COLUMNS:
        given = runs.get(name)
        if name in TIME_COLUMNS:
            times = pd.Series(pd.NaT, index=runs.index) if given is None else given
            times = pd.to_datetime(times, utc=True, errors="coerce", format="ISO8601").astype("datetime64[ms, UTC]")
            columns[name] = times.where(times.between(FIRST_TIME, LAST_TIME)).array
        elif name == "runtime":
            seconds = pd.Series(np.nan, index=runs.index) if given is None else pd.to_numeric(given, errors="coerce")
            columns[name] = seconds.astype(float).where(seconds.between(0, LONGEST_RUNTIME)).array
        elif given is None:
            columns[name] = pd.array([""] * len(runs), dtype="str")
        else:
            columns[name] = given.astype("str").fillna("").array
    out = pd.DataFrame(columns)
    out["state"] = out["state"].str.strip().str.lower().replace("", NO_STATE)
    out["name"] = out["name"].where(out["name"] != "", out["run_id"])
    return out


def _complete_history(history: pd.DataFrame | None) -> pd.DataFrame:
    if history is None or history.empty:
        return pd.DataFrame({"run_id": pd.Series(dtype="str"), "_step": pd.Series(dtype="int64")})
    return history.sort_values(["run_id", "_step"], kind="stable").reset_index(drop=True)


def _canonical_order(runs: pd.DataFrame, config: pd.DataFrame, summary: pd.DataFrame) -> np.ndarray:
    order = runs.sort_values(["created_at", "run_id"], kind="stable").index.to_numpy()
    twins = runs.duplicated(["created_at", "run_id"], keep=False).to_numpy()
    if not twins.any():
        return order
    content = np.zeros(len(runs), dtype="uint64")
    contents = pd.concat([runs[twins][["created_at", "run_id"]], config[twins], summary[twins]], axis=1)
    content[twins] = pd.util.hash_pandas_object(contents, index=False).to_numpy()
    keyed = runs[["created_at", "run_id"]].assign(content=content)
    return keyed.sort_values(["created_at", "run_id", "content"], kind="stable").index.to_numpy()
