"""Data: where the runs came from, which count and why, how each column was read, and downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lib.model.derive import without_derived
from lib.model.numbers import count, moment
from lib.model.sweep import RUN_COLUMNS
from lib.sections.blocks import Blocks, Code, Download, Heading, Headline, Note, Table
from lib.sections.run_tables import is_blank
from lib.sources.registry import fetching_code

if TYPE_CHECKING:
    from lib.results.report import Report

_LEAST_CERTAIN_FIRST = {"unsure": 0, "likely": 1, "sure": 2}


def build(report: Report) -> Blocks:
    """Yield the section."""
    sweep = report.sweep
    yield Headline(data_headline(report))
    yield Heading("Ledger: every run, used or left out")
    yield Table("ledger", "Runs used, and left out by reason", lambda: ledger_table(report))
    yield Note(f"The counts add up to all {len(sweep):,} runs.")

    yield Heading("How each column was read")
    yield Note(
        "A run table doesn't say which columns are config and which are results. The least certain columns come first. "
        "Where one was read wrongly, choose the objective, its goal, the hyperparameters or their scales at the "
        "top of the page or by the command line's options."
    )
    yield Table(
        "columns", "Columns of the source and how each was read", lambda: columns_table(report), folded="All columns"
    )

    yield Heading("Runs")
    yield Table(
        "runs",
        "All runs with their config and results",
        lambda: runs_table(report),
        head=lambda most: runs_table(report, most),
        opens=lambda: sweep.runs["run_id"].astype(str).tolist(),
        names="name",
        rows=len(sweep),
        written=0,
    )

    yield Heading("Download")
    yield Download(
        "Snapshot (Parquet)",
        lambda: _snapshot(report),
        f"{sweep.origin.label}.parquet",
        "application/vnd.apache.parquet",
        "Everything the app knows of these runs in one file: opens later with no account and no network.",
    )
    yield Note(f"Data hash (SHA-256): {sweep.data_sha256}")

    yield Heading("Load this data in Python")
    yield Code(fetching_code(sweep), "python")


def _snapshot(report: Report) -> bytes:
    from lib.sources.snapshot.file import snapshot_bytes

    return snapshot_bytes(without_derived(report.sweep))


def data_headline(report: Report) -> str:
    """Say where the runs came from and how many of them count."""
    ledger, origin = report.population.ledger, report.sweep.origin
    when = f", read {moment(origin.fetched_at)}" if origin.fetched_at else ""
    text = f"{count(ledger.total, 'run')} from {origin.label}{when}: {ledger.used:,} used"
    if ledger.excluded:
        text += ", left out: " + "; ".join(f"{e.count:,} ({e.reason})" for e in ledger.excluded)
    return text + "."


def ledger_table(report: Report) -> pd.DataFrame:
    """One row a fate: used, or left out and why, with the count; the counts add up to all runs."""
    ledger = report.population.ledger
    rows = [{"runs": ledger.used, "fate": "used"}]
    rows += [{"runs": e.count, "fate": f"left out: {e.reason}"} for e in ledger.excluded]
    return pd.DataFrame(rows)


def columns_table(report: Report) -> pd.DataFrame:
    """One row a column of the source, least certain first: how it was read, how surely, and how many runs lack it."""
    sweep = report.sweep
    rows: list[dict[str, object]] = []
    for r in report.sweep.readings:
        table = {"config": sweep.config, "summary": sweep.summary}.get(r.part)
        missing = int(table[r.column].isna().sum()) if table is not None and r.column in table.columns else None
        row: dict[str, object] = {"column": r.column, "read as": r.part, "type": r.type, "missing": missing}
        rows.append(row | {"how sure": r.confidence, "why": r.why})
    # Sorting is stable, so columns that are equally sure stay in the order of the file.
    rows.sort(key=lambda row: _LEAST_CERTAIN_FIRST.get(str(row["how sure"]), len(_LEAST_CERTAIN_FIRST)))
    read = {(r.part, r.column) for r in sweep.readings}
    for part, table in (("config", sweep.config), ("summary", sweep.summary)):
        for name in table.columns:
            if (part, str(name)) in read:
                continue
            missing = int(table[name].isna().sum())
            kind = str(table[name].dtype)
            row = {"column": str(name), "read as": part, "type": kind, "missing": missing}
            rows.append(row | {"how sure": "sure", "why": "stated"})
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
