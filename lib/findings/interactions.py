"""Pairs of hyperparameters of which the best value of one depends on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib.analysis.effects import SPENT_ON_INTERACTIONS
from lib.findings.corner_and_best import expectation_evidence, expectation_text
from lib.findings.rule import Group, Statement, Statements, Strength, finding
from lib.model.scales import mean_named

if TYPE_CHECKING:
    from lib.analysis.best_corner import Corner
    from lib.analysis.effects import Effect
    from lib.analysis.interactions import Interaction
    from lib.results.report import Report

_MOST_SAID = 4
_MEANS = "{mean_word} {corner_mean:digits 3}, elsewhere {mean_elsewhere:digits 3}"


@finding(kind="interaction", section="interactions", group=Group.INTERACTIONS)
def interaction(report: Report) -> Statements:
    """Say which two hyperparameters interact, where both are best, and what one does at levels of the other."""
    sign = report.population.objective.sign
    for pair in report.interactions:
        if not pair.claimed:
            continue
        evidence: dict[str, Any] = {
            "first": pair.first,
            "second": pair.second,
            "share": pair.score,
            "p_value": pair.p_value,
            "pairs_left": pair.pairs_left,
            "part_of_level": SPENT_ON_INTERACTIONS,
            "p_adjusted": pair.p_adjusted,
            "n": pair.n,
        }
        within = [one for one in report.effects_within if _is_of(one, pair)]
        text = (
            "{first} and {second} interact: the best value of one depends on the other ({share:percent} of the "
            "variance beyond their separate effects, p = {p_value:digits 2} for this pair, {p_adjusted:p} after "
            "correction)."
        )
        if pair.best_corner is not None:
            evidence |= _corner_evidence(pair.best_corner)
            text += _corner_text(pair.best_corner)
            if expected := expectation_evidence(report, pair.best_corner):
                evidence |= expected
                text += f" {expectation_text(report)}"
        for at, one in enumerate(within[:_MOST_SAID]):
            evidence |= {f"within_{at}": one.within, f"better_{at}": one.better, f"moved_{at}": one.parameter}
            text += _within_text(one, at, sign)
        yield Statement(
            about=f"{pair.first}:{pair.second}",
            parameter=pair.first,
            strength=_strength(pair),
            headline="The best {first} depends on {second}",
            text=text,
            evidence=evidence,
            words={"mean_word": mean_named(report.population.objective_scale)},
        )


@finding(kind="best", section="interactions", group=Group.BEST)
def crowded_corner(report: Report) -> Statements:
    """Say where few of the runs and many of the best are, unless an interaction says it already."""
    found = report.crowded_corner
    if found is None:
        return
    corner = found.corner
    if any(pair.best_corner == corner for pair in report.interactions):
        return
    expected = expectation_evidence(report, corner)
    yield Statement(
        about=f"corner:{corner.first.parameter}:{corner.second.parameter}",
        parameter=corner.first.parameter,
        strength="strong" if found.p_value < 0.001 else "moderate",
        headline="The best runs are where few were tried: {corner}",
        text="Of the {corner_runs:count run} with {sides}, {corner_hits} are "
        + _ranks_words(corner)
        + f" of {{corner_of:whole}} ({_MEANS}), and only {{share_of_runs:percent}} of the runs were tried there "
        "({p_value:p} over all corners of {pairs:count pair})." + (f" {expectation_text(report)}" if expected else ""),
        evidence={"p_value": found.p_value, "pairs": found.pairs, "share_of_runs": corner.runs / corner.of}
        | _corner_evidence(corner)
        | expected,
        words={
            "sides": f"{corner.first.text} and {corner.second.text}",
            "mean_word": mean_named(report.population.objective_scale),
        },
    )


def _strength(pair: Interaction) -> Strength:
    """Return how strong the evidence is: that of the products, or that the best runs crowd in the corner."""
    p = pair.p_adjusted if pair.p_adjusted is not None else 1.0
    if pair.best_corner is not None:
        p = min(p, pair.best_corner.p_value)
    return "strong" if p < 0.001 else "moderate" if p < 0.01 else "weak"


def _is_of(one: Effect, pair: Interaction) -> bool:
    partner = {pair.first: pair.second, pair.second: pair.first}.get(one.parameter)
    return partner is not None and (one.within or "").startswith(f"{partner} ")


def _corner_evidence(corner: Corner) -> dict[str, Any]:
    evidence: dict[str, Any] = {
        "corner": corner.text,
        "corner_runs": corner.runs,
        "corner_of": corner.of,
        "corner_mean": corner.mean,
        "mean_elsewhere": corner.mean_elsewhere,
        "corner_ranks": list(corner.ranks),
        "corner_p_value": corner.p_value,
    }
    for side in (corner.first, corner.second):
        evidence |= {f"{side.parameter}:{key}": value for key, value in side.values.items() if value is not None}
    if corner.ranks:
        evidence |= {"corner_hits": len(corner.ranks), "rank_first": corner.ranks[0], "rank_last": corner.ranks[-1]}
    return evidence


def _corner_text(corner: Corner) -> str:
    text = " Both are best together at {corner}: "
    if len(corner.ranks) < 2:
        return f"{text}{{corner_runs:count}} of {{corner_of:whole}}, {_MEANS}."
    ranks = _ranks_words(corner)
    return f"{text}of its {{corner_runs:count}}, {{corner_hits}} are {ranks} of {{corner_of:whole}} ({_MEANS})."


def _ranks_words(corner: Corner) -> str:
    together = corner.ranks == tuple(range(corner.ranks[0], corner.ranks[-1] + 1))
    return "ranks {rank_first} to {rank_last}" if together else "ranks {corner_ranks}"


def _within_text(one: Effect, at: int, sign: int) -> str:
    place = f"{{better_{at}:digits 2}}" if isinstance(one.better, float) else f"{{better_{at}}}"
    if not one.claimed or not one.direction_clear or one.better is None:
        return f" With {{within_{at}}}, no clear effect of {{moved_{at}}}."
    if one.shape in ("rising", "falling"):
        way = "higher" if (one.shape == "rising") == (sign > 0) else "lower"
        return f" With {{within_{at}}}, {way} {{moved_{at}}} is better."
    return f" With {{within_{at}}}, the best {{moved_{at}}} is near {place}."
