"""The best corner of two hyperparameters beside what to expect of its best run: why they differ, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib.analysis.crowded_corner import MOST_SHARE
from lib.analysis.winner import CONFIDENCE
from lib.model.scales import mean_named
from lib.model.sentence import sentence

if TYPE_CHECKING:
    from lib.analysis.best_corner import Corner
    from lib.results.report import Report

_WHY = (
    "The corner was picked because its mean is good, and a model of all runs evens out what so few runs show: the "
    "truth is probably between the two, and repeating {run} would show it."
)
_BESIDE_EXPECTED = (
    "The {corner_runs:count run} with {sides}, {run} among them, have a {mean_word} of {corner_mean:digits 3}, which "
    "is better than this interval. " + _WHY
)


def expectation_evidence(report: Report, corner: Corner | None) -> dict[str, Any]:
    """Return what is expected of the best run where the mean of few runs around it is better; else nothing.

    Both are honest and neither is the answer: the mean of a corner that was chosen after looking is too good, and a
    model whose smoothness is that of all runs follows a few of them less than they may deserve.
    """
    best, sign = report.best_run, report.population.objective.sign
    if corner is None or best is None or best.noise is None or 1 not in corner.ranks:
        return {}
    if corner.runs > MOST_SHARE * corner.of:
        return {}
    if best.expected is None or best.expected_low is None or best.expected_high is None:
        return {}
    if sign * corner.mean <= sign * (best.expected_high if sign > 0 else best.expected_low):
        return {}
    return {
        "run": best.name,
        "expected": best.expected,
        "expected_low": best.expected_low,
        "expected_high": best.expected_high,
        "confidence": CONFIDENCE,
        "noise_sd": best.noise.sd,
    }


def expectation_text(report: Report) -> str:
    """Return the template that is filled from `expectation_evidence`, to stand where a corner's mean is stated."""
    form = ":within noise_sd" if report.precision is not None else ""
    return (
        f"A model of all runs is more careful: if {{run}} is repeated, it expects {{expected{form}}} "
        f"({{confidence:percent}} interval {{expected_low{form}}} to {{expected_high{form}}}). {_WHY}"
    )


def beside_corner(report: Report, corner: Corner) -> str:
    """Say what is expected of the best run where a corner's mean is stated; "" where they agree."""
    evidence = expectation_evidence(report, corner)
    return sentence(expectation_text(report), evidence) if evidence else ""


def beside_expected(report: Report) -> str:
    """Say what the claimed corner of the best run has on average, beside its expected value; "" where they agree."""
    crowded = [report.crowded_corner.corner] if report.crowded_corner else []
    for corner in (*crowded, *(pair.best_corner for pair in report.interactions if pair.best_corner is not None)):
        evidence = expectation_evidence(report, corner)
        if evidence:
            return sentence(
                _BESIDE_EXPECTED,
                evidence | {"corner_runs": corner.runs, "corner_mean": corner.mean},
                sides=f"{corner.first.text} and {corner.second.text}",
                mean_word=mean_named(report.population.objective_scale),
            )
    return ""
