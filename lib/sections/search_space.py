"""What was searched and how: the search space, how it was searched, and the runs' states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lib.analysis.levels import text_of_level
from lib.model.numbers import count, duration, listing, number, percent
from lib.sections.blocks import Blocks, Note, Table

if TYPE_CHECKING:
    from lib.analysis.coverage import Tried
    from lib.model.parameter import Parameter
    from lib.results.report import Report


def search_space(report: Report) -> Blocks:
    """Yield what was searched, what was fixed, and how many runs there are of each state; folded on a page."""
    yield Note(" ".join(part for part in (search_sentence(report), coverage_sentence(report)) if part))
    if report.population.searched:
        yield Table(
            "search-space",
            "Searched hyperparameters",
            lambda: search_space_table(report, "searched"),
            folded="What was searched",
        )
    if any(p.role == "fixed" for p in report.population.parameters):
        yield Table(
            "fixed-parameters",
            "Fixed hyperparameters",
            lambda: search_space_table(report, "fixed"),
            folded="Fixed in every run",
        )
    yield Table("runs-by-state", "Runs by state", lambda: states_table(report), folded="Runs by state")


def search_sentence(report: Report) -> str:
    """Say how it was searched, over what, by how many runs, and what for."""
    objective, ledger = report.population.objective, report.population.ledger
    methods = [{"bayes": "Bayesian"}.get(method, method) for method in report.overview.methods]
    how = f"{' and '.join(methods)} search" if methods else "search"
    searched = [p.name for p in report.population.searched]
    over = f" over {listing(searched)}" if searched else ""
    article = "An" if how[0] in "aeiou" else "A"
    text = f"{article} {how}{over}: {count(ledger.total, 'run')}"
    if ledger.used < ledger.total:
        text += f", {ledger.used:,} of them used here"
    if (behind := report.population.averaged) is not None:
        text += f" (rows that are the means of {count(int(behind.sum()), 'run')})"
    if report.overview.compute_seconds > 0:
        text += f", {duration(report.overview.compute_seconds)} of compute"
    text += f", to {objective.goal} {objective.metric}."
    if report.overview.early_terminate:
        text += f" Runs were stopped early by: {report.overview.early_terminate}."
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
                "scale": p.scale if p.numeric else "",
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
    if p.values is not None and p.grouped:
        return listing([number(v) if not isinstance(v, str) else v for v in p.values], most=12)
    if p.low is None or p.high is None:
        return "not bounded"
    # Ends that the runs happen to have are no round numbers, as declared ones are.
    return " to ".join(number(end, 4 if p.declared else 2) for end in (p.low, p.high))
