"""Where the best values lie at the end of the searched range, so that the range ends too early."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.analysis.best_place import SURE
from lib.findings.effects import strength_of
from lib.findings.rule import Statement, Statements, finding, group_of_parameter, objective_named, objective_words

if TYPE_CHECKING:
    from lib.results.report import Report


@finding(kind="edge", section="hyperparameter-impact", group=group_of_parameter)
def edge(report: Report) -> Statements:
    """Say where the best values lie at an end of a hyperparameter's range."""
    for one in report.effects:
        if not one.claimed or one.at_edge is None:
            continue
        if one.at_edge == "low" and one.edge == 0:
            # Settings that reach down to 0 end there: there is no decay, dropout or clipping below none.
            continue
        ranged = any(p.name == one.parameter and not p.grouped for p in report.population.searched)
        end = "{end:digits 2}" if ranged else "{end}"
        further = "lower" if one.at_edge == "low" else "higher"
        yield Statement(
            about=one.parameter,
            parameter=one.parameter,
            strength=strength_of(one),
            headline=f"Try {further} values of {{parameter}}",
            text=f"The best {{objective}} lies at the {{side}} end of {{parameter}} ({end}), where it still improves "
            f"({{confidence:percent}}): nothing {further} was tried.",
            evidence={
                "parameter": one.parameter,
                "end": one.edge,
                "side": one.at_edge,
                "confidence": SURE,
                **objective_named(report),
            },
            words=objective_words(report),
        )
