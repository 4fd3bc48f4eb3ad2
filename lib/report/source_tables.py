"""The tables of what the source holds: its runs, columns and search space, as DataFrames whose headings people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lib.analysis.population import text_of_level
from lib.model.numbers import count, listing, number, percent
from lib.model.sweep import RUN_COLUMNS

if TYPE_CHECKING:
    from lib.analysis.coverage import Tried
    from lib.model.sweep import Parameter
    from lib.results.report import Report


def search_space_table(report: Report, role: str) -> pd.DataFrame:
    """One row a parameter of the role "searched" or "fixed": what was declared of it, or observed."""
    rows = []
    tried = {t.parameter: t for t in report.coverage.parameters}
    for p in report.population.parameters:
        if p.role != role:
            continue
        if role == "fixed":
            rows.append({"parameter": p.name, "value": text_of_level(p.values[0]) if p.values else ""})
            continue
        rows.append(
            {
                "parameter": p.name,
                "searched over": _range(p),
                "kind": p.kind,
                "scale": p.scale if p.kind != "categorical" else "",
                "distribution": p.distribution or "",
                "tried": _tried(tried[p.name]),
                "known from": "sweep config" if p.declared else "the runs",
            }
        )
    return pd.DataFrame(rows)


def ledger_table(report: Report) -> pd.DataFrame:
    """One row a fate: used, or left out and why, with the count; the counts add up to all runs."""
    ledger = report.population.ledger
    rows = [{"runs": ledger.used, "fate": "used"}]
    rows += [{"runs": e.count, "fate": f"left out: {e.reason}"} for e in ledger.excluded]
    return pd.DataFrame(rows)


def states_table(report: Report) -> pd.DataFrame:
    """One row a run state, with the count."""
    return pd.DataFrame([{"state": s, "runs": c} for s, c in report.population.ledger.by_state])


def columns_table(report: Report) -> pd.DataFrame:
    """One row a column of the source: how it was read, and how many runs lack a value."""
    sweep, rows = report.sweep, []
    for r in report.sweep.readings:
        table = {"config": sweep.config, "summary": sweep.summary}.get(r.part)
        missing = int(table[r.column].isna().sum()) if table is not None and r.column in table.columns else None
        rows.append({"column": r.column, "read as": r.part, "type": r.type, "missing": missing, "why": r.why})
    read = {(r.part, r.column) for r in sweep.readings}
    for part, table in (("config", sweep.config), ("summary", sweep.summary)):
        for name in table.columns:
            if (part, str(name)) in read:
                continue
            missing = int(table[name].isna().sum())
            kind = str(table[name].dtype)
            rows.append({"column": str(name), "read as": part, "type": kind, "missing": missing, "why": "stated"})
    return pd.DataFrame(rows).astype({"missing": "Int64"})


def runs_table(report: Report, most: int | None = None) -> pd.DataFrame:
    """Every run of the source, used or not: its fate, run columns, config and summary (a metric's own name wins).

    most : how many runs at most, the first in canonical order; None for all.
    """
    sweep = report.sweep
    runs = sweep.runs.loc[:, [c for c in sweep.runs.columns if not is_blank(sweep.runs[c])]].head(most or len(sweep))
    table = pd.concat([report.population.fate.rename("used or left out").head(len(runs)), runs], axis=1)
    # A config or result called like a run column that is blank is not taken for it.
    taken = {*table.columns, *RUN_COLUMNS}
    parts = [table]
    for prefix, frame in (("config", sweep.config), ("summary", sweep.summary)):
        renamed = {c: c if c not in taken else f"{prefix}.{c}" for c in frame.columns}
        taken |= set(renamed.values())
        parts.append(frame.head(len(runs)).rename(columns=renamed))
    return pd.concat(parts, axis=1)


def is_blank(column: pd.Series) -> bool:
    """Whether no run has a value in the column."""
    return bool(column.isna().all() or (column.astype("str") == "").all())


def _tried(tried: Tried) -> str:
    if tried.levels is not None:
        return f"{tried.levels} of {count(tried.of or 0, 'level')}"
    if tried.gap is None:
        return ""
    return f"all but gaps up to {percent(tried.gap)} ({number(tried.gap_low)} to {number(tried.gap_high)})"


def _range(p: Parameter) -> str:
    if p.values is not None and p.kind in ("discrete", "categorical"):
        return listing([number(v) if not isinstance(v, str) else v for v in p.values], most=12)
    if p.low is None or p.high is None:
        return "not bounded"
    return f"{number(p.low)} to {number(p.high)}"
