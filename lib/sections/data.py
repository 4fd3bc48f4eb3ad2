"""Data: where the runs came from, which count and why, how each column was read, and downloads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from lib.analysis.config_as_read import sweep_config_of
from lib.charts.ledger import ledger_chart
from lib.model.derive import without_derived
from lib.model.numbers import count, listing, moment
from lib.model.sweep import RUN_COLUMNS
from lib.sections.blocks import AppOnly, Blocks, Chart, Code, Download, Heading, Headline, Note, Table
from lib.sections.column_table import columns_table
from lib.sections.run_tables import is_blank
from lib.sources.registry import fetching_code

if TYPE_CHECKING:
    from lib.model.notes import Notes
    from lib.results.report import Report


def build(report: Report) -> Blocks:
    """Yield the section."""
    sweep = report.sweep
    yield Headline(data_headline(report), data_evidence(report))
    yield Heading("Ledger: every run, used or left out")
    ledger = report.population.ledger
    yield Chart(
        "ledger",
        "Every run, used or left out",
        f"One bar of all {ledger.total:,} runs: {ledger.used:,} used, {ledger.total - ledger.used:,} left out.",
        ledger_chart,
        (ledger.used, tuple((e.reason, e.count) for e in ledger.excluded)),
    )
    yield Table("ledger", "Runs used, and left out by reason", lambda: ledger_table(report))
    if len(sweep) > 1:
        yield Note(f"The counts add up to all {len(sweep):,} runs.")

    yield Heading("How each column was read")
    unsaid = (
        "A run table doesn't say which columns are hyperparameters and which are results. " if sweep.readings else ""
    )
    yield Note(
        f"{unsaid}The least certain columns come first. Where one was read wrongly, say so in the app's table of "
        "columns, or on the command line by --columns NAME:WORD: what is chosen changes the whole report."
    )
    yield AppOnly("columns-editor", "A table whose cells are edited needs the running app.")
    yield Table(
        "columns", "Columns of the source and how each was read", lambda: columns_table(report), folded="All columns"
    )
    yield Download(
        "These choices as a sweep config (YAML)",
        lambda: sweep_config_of(report.population).encode(),
        f"{sweep.origin.label}.sweep.yaml",
        "application/yaml",
        "Objective, goal, hyperparameters and their ranges as they are read now: opens the next export of this sweep "
        "with --sweep-config, or beside it in the upload.",
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
        lambda: _snapshot(report, sweep.notes),
        f"{sweep.origin.label}.parquet",
        "application/vnd.apache.parquet",
        "Everything the app knows of these runs in one file: opens later with no account and no network.",
        noted=lambda notes: _snapshot(report, notes),
    )
    yield Note(f"Data hash (SHA-256): {sweep.data_sha256}")

    yield Heading("Load this data in Python")
    yield Code(fetching_code(sweep), "python")


def _snapshot(report: Report, notes: Notes) -> bytes:
    from lib.sources.snapshot.file import snapshot_bytes

    return snapshot_bytes(replace(without_derived(report.sweep), notes=notes))


def data_headline(report: Report) -> str:
    """Say where the runs came from, how many of them count, and why the others don't."""
    ledger = report.population.ledger
    text = f"{count(ledger.total, 'run')} from {report.sweep.origin.label}: {ledger.used:,} used"
    if ledger.excluded:
        text += f", left out: {listing([f'{e.count:,} ({e.reason})' for e in ledger.excluded])}"
    return f"{text}."


def data_evidence(report: Report) -> str | None:
    """Say when the runs were read; None where the source doesn't tell."""
    read_at = report.sweep.origin.fetched_at
    return f"Read {moment(read_at)}." if read_at else None


def ledger_table(report: Report) -> pd.DataFrame:
    """One row a fate: used, or left out and why, with the count; the counts add up to all runs."""
    ledger = report.population.ledger
    rows = [{"runs": ledger.used, "used or left out": "used"}]
    rows += [{"runs": e.count, "used or left out": f"left out: {e.reason}"} for e in ledger.excluded]
    return pd.DataFrame(rows)


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
