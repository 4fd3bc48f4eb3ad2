"""Pairs of hyperparameters of which the best value of one depends on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.rule import Group, Statement, Statements, Strength, finding

if TYPE_CHECKING:
    from lib.results.report import Report


@finding(kind="interaction", section="interactions", group=Group.INTERACTIONS)
def interaction(report: Report) -> Statements:
    """Say which two hyperparameters interact."""
    for pair in report.interactions:
        if not pair.claimed:
            continue
        p = pair.p_adjusted or 1.0
        strength: Strength = "strong" if p < 0.001 else "moderate" if p < 0.01 else "weak"
        yield Statement(
            about=f"{pair.first}:{pair.second}",
            parameter=pair.first,
            strength=strength,
            headline="The best {first} depends on {second}",
            text="{first} and {second} interact: the best value of one depends on the other ({share:percent} of the "
            "variance beyond their separate effects, {p_adjusted:p} after correction).",
            evidence={
                "first": pair.first,
                "second": pair.second,
                "share": pair.score,
                "p_adjusted": pair.p_adjusted,
                "n": pair.n,
            },
        )
