"""Overview: what was searched, how, for what; how many runs of each state; the objective over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lib.analysis.population import text_of_level
from lib.charts.marks import sweep_colours
from lib.charts.picks import ranges
from lib.charts.progress import progress_chart
from lib.model.numbers import count, duration, listing, number, percent
from lib.sections.blocks import AppOnly, Blocks, Chart, Heading, Headline, Metric, Note, Row, Table, Text, Tip
from lib.sections.hyperparameter_impact import impact_headline

if TYPE_CHECKING:
    from lib.analysis.coverage import Tried
    from lib.model.sweep import Parameter
    from lib.results.report import Report


def build(report: Report) -> Blocks:
    """Yield the section."""
    objective, ledger, summary = report.population.objective, report.population.ledger, report.overview
    yield AppOnly("welcome", "It tells visitors who see the sample how to open their own sweep.")
    yield Headline(overview_headline(report))
    best = number(report.progress["best_so_far"].iloc[-1]) if ledger.used else "–"
    compute = duration(summary.compute_seconds) if summary.runs_timed else "–"
    yield Row(
        (
            Metric("Best value", best),
            Metric("Runs used", f"{ledger.used:,}"),
            Metric("Runs in all", f"{ledger.total:,}"),
            Metric("Compute time", compute),
        )
    )
    if ledger.used:
        yield Heading("The objective over time")
        yield Chart(
            "objective-over-time",
            "The objective over time",
            f"{objective.metric} of {ledger.used} runs in order of creation, with the best so far as a line; "
            f"it ends at {best}.",
            progress_chart,
            (report.progress, objective),
            {"sweeps": sweep_colours(report.population)},
            live={"pickable": True},
            reader=ranges(y=(objective.metric, report.population.values)),
        )
        yield Tip("Drag up or down over the chart to keep the runs of a range of the objective, on every page.")
        yield Table(
            "objective-over-time",
            "The objective of each run in order of creation",
            lambda: report.progress,
            folded="The table behind the chart",
            written=0,
        )
    yield Heading("Headline finding")
    yield Text(impact_headline(report))
    yield Heading("Search space")
    if any(p.role == "fixed" for p in report.population.parameters):
        yield Row((lambda: _searched(report), lambda: _fixed(report)), weights=(3, 2))
    else:
        yield from _searched(report)
    if summary.early_terminate:
        yield Note(f"Runs were stopped early by: {summary.early_terminate}.")
    yield Heading("Runs by state")
    yield Table("runs-by-state", "Runs by state", lambda: states_table(report))


def _searched(report: Report) -> Blocks:
    yield Table("search-space", "Searched hyperparameters", lambda: search_space_table(report, "searched"))
    coverage = coverage_sentence(report)
    if coverage:
        yield Note(coverage)


def _fixed(report: Report) -> Blocks:
    yield Note("Fixed in every run")
    yield Table("fixed-parameters", "Fixed hyperparameters", lambda: search_space_table(report, "fixed"))


def overview_headline(report: Report) -> str:
    """Say what was searched, for what, by how many runs, and what came out on top."""
    objective, ledger = report.population.objective, report.population.ledger
    methods = [{"bayes": "Bayesian"}.get(method, method) for method in report.overview.methods]
    how = f"{' and '.join(methods)} search" if methods else "search"
    searched = [p.name for p in report.population.searched]
    over = f" over {listing(searched)}" if searched else ""
    article = "An" if how[0] in "aeiou" else "A"
    text = f"{article} {how}{over}: {count(ledger.total, 'run')}, {ledger.used:,} of them used here"
    if report.overview.compute_seconds > 0:
        text += f", {duration(report.overview.compute_seconds)} of compute"
    text += f", to {objective.goal} {objective.metric}."
    if ledger.used:
        best = int(report.population.best_first[0])
        value = number(float(report.population.values[best]))
        text += f" The {objective.best_word} is {value}."
    return text


def coverage_sentence(report: Report) -> str | None:
    """Say how many combinations of levels were tried; None where fewer than two parameters have levels."""
    found = report.coverage
    if found.of is None or sum(t.levels is not None for t in found.parameters) < 2:
        return None
    return f"Of {count(found.of, 'combination')} of their levels, {found.combinations:,} were tried."


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


def states_table(report: Report) -> pd.DataFrame:
    """One row a run state, with the count."""
    return pd.DataFrame([{"state": s, "runs": c} for s, c in report.population.ledger.by_state])


def _tried(tried: Tried) -> str:
    if tried.levels is not None:
        return f"{tried.levels} of {count(tried.of or 0, 'level')}"
    if tried.gap is None:
        return ""
    return (
        f"largest untested gap: {percent(tried.gap)} of the range ({number(tried.gap_low)} to {number(tried.gap_high)})"
    )


def _range(p: Parameter) -> str:
    if p.values is not None and p.kind in ("discrete", "categorical"):
        return listing([number(v) if not isinstance(v, str) else v for v in p.values], most=12)
    if p.low is None or p.high is None:
        return "not bounded"
    return f"{number(p.low)} to {number(p.high)}"
