"""How an adaptive search or early stopping shapes what plain means and correlations show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.rule import Group, Statement, Statements, finding

if TYPE_CHECKING:
    from lib.results.report import Report

_BAYES = (
    "The {runs:count run} {runs:plural was|were} chosen by a Bayesian search, which samples promising regions more "
    "densely"
)
_BAYES_AND_STOPPED = f"{_BAYES}, and runs that did badly were stopped early"
_STOPPED = "Of the {runs:count run}, those that did badly were stopped early"


@finding(kind="sampler_bias", section="correlation", group=Group.DATA)
def sampler_bias(report: Report) -> Statements:
    """Say where the runs don't cover the searched space evenly."""
    bayes = "bayes" in report.overview.methods
    stopped = report.overview.early_terminate is not None
    runs = report.population.ledger.used
    if not runs or not (bayes or stopped):
        return
    how = (_BAYES_AND_STOPPED if stopped else _BAYES) if bayes else _STOPPED
    yield Statement(
        strength="moderate",
        headline="The search didn't cover the space evenly" if bayes else "Some runs were stopped early",
        text=f"{how}: plain means and correlations reflect where the search looked as well as what works. Claims in "
        "this report rest on comparisons adjusted for the other hyperparameters.",
        evidence={"runs": runs},
    )
