"""What is wrong or unwise in the sweep config that the runs were drawn by."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lib.findings.rule import Group, Statement, Statements, finding
from lib.model.config_lint import lint

if TYPE_CHECKING:
    from lib.results.report import Report

# What shaped the runs there are; the other rules are about starting a sweep, which this one is past.
_OF_RUNS = {
    "exponents",
    "uniform_over_decades",
    "repeated_values",
    "two_integers",
    "step",
    "min_above_max",
    "goal",
    "metric_and_metrics",
    "early_terminate",
    "run_cap_below_grid",
    "optimized_seed",
}


@finding(kind="data_quality", section="data", group=Group.DATA)
def config_lint(report: Report) -> Statements:
    """Say what the sweep config does that is hardly meant; the same rules as the command line's `check`."""
    said = set()
    searched = {p.name for p in report.population.searched}
    for declaration in report.sweep.declarations:
        # By place: a config that was written out again may hold its keys in another order.
        for one in sorted(lint(declaration.config or {}), key=lambda issue: issue.where):
            if one.severity == "note" or one.rule not in _OF_RUNS or (one.rule, one.where) in said:
                continue
            said.add((one.rule, one.where))
            parameter = ".".join(key for key in one.path[1:] if key not in ("parameters", "values", "min", "max", "q"))
            yield Statement(
                about=f"config:{one.rule}:{one.where}",
                parameter=parameter if parameter in searched else None,
                strength="strong" if one.severity == "error" or one.rule == "exponents" else "moderate",
                headline="Check {where} in the sweep config",
                text="In the sweep config, {where}: {what}. For the next sweep: {fix}.",
                evidence={"where": one.where, "quoted": [n for n in one.quoted if math.isfinite(n)]},
                words={"what": one.what, "fix": f"{one.fix[0].lower()}{one.fix[1:]}"},
            )
