"""Hyperparameters that are one factor under several names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.rule import Group, Statement, Statements, finding
from lib.model.numbers import listing

if TYPE_CHECKING:
    from lib.results.report import Report


@finding(kind="alias", section="data", group=Group.DATA)
def alias(report: Report) -> Statements:
    """Say which config keys are one factor, and under which name it is reported."""
    for one in report.aliases:
        same = len(one.equal) == len(one.others)
        how = (
            "{others} {names:plural holds|hold} the same values as {parameter}"
            if same
            else "{others} {names:plural is|are} determined by {parameter} in these runs, and determine it"
        )
        yield Statement(
            about=one.kept,
            parameter=one.kept,
            strength="moderate",
            headline="{all} are one factor",
            text=f"{how}, so they are one factor: it is reported as {{parameter}}, and nothing can separate "
            "what each name does.",
            evidence={"parameter": one.kept, "others": list(one.others), "names": len(one.others), "runs": one.runs},
            words={"all": listing([one.kept, *one.others])},
        )
