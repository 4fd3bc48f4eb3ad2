"""Hyperparameters that exist only under certain levels of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.analysis.conditionals import conditionals
from lib.findings.rule import Statement, Statements, finding, group_of_parameter
from lib.model.numbers import number

if TYPE_CHECKING:
    from lib.results.report import Report


@finding(kind="conditional", section="hyperparameter-impact", group=group_of_parameter)
def conditional(report: Report) -> Statements:
    """Say which hyperparameters exist only where another one has certain levels."""
    for one in report.once(conditionals):
        words = [level if isinstance(level, str) else number(level) for level in one.levels]
        yield Statement(
            about=one.parameter,
            parameter=one.parameter,
            strength="weak",
            headline="{parameter} exists only where {parent} is {under}",
            text="{parameter} exists only where {parent} is {under}: it is analysed within those {runs:count run}, and "
            "{parent} isn't adjusted for it.",
            evidence={
                "parameter": one.parameter,
                "parent": one.parent,
                "levels": list(one.levels),
                "runs": one.runs,
                "runs_without": one.runs_without,
            },
            words={"under": " or ".join(words)},
        )
