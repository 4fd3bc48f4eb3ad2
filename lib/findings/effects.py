"""Which hyperparameters move the objective, in which direction and by how much; and which show no clear effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib.findings.rule import (
    Statement,
    Statements,
    Strength,
    finding,
    group_of_parameter,
    objective_named,
    objective_words,
)

if TYPE_CHECKING:
    from lib.analysis.effects import Effect
    from lib.results.report import Report


def strength_of(effect: Effect) -> Strength:
    """Return how strong the evidence for a claimed effect is, by its p-value and its share of the variance."""
    share, p = effect.share or 0.0, effect.p_adjusted if effect.p_adjusted is not None else 1.0
    if p < 0.001 and share >= 0.05:
        return "strong"
    return "moderate" if p < 0.01 else "weak"


@finding(kind="effect", section="hyperparameter-impact", group=group_of_parameter)
def effect(report: Report) -> Statements:
    """Say which hyperparameter moves the objective; largest gain first."""
    continuous = {p.name for p in report.population.searched if not p.grouped}
    claimed = [one for one in report.effects if one.claimed]
    for one in sorted(claimed, key=lambda e: (-(e.gain or 0.0), e.parameter)):
        evidence = objective_named(report) | _evidence(one)
        claim = _claim(one, report.population.objective.sign, one.parameter in continuous)
        shown = ["{p_adjusted:p} after correction"]
        if one.share is not None:
            shown.append("{share:percent} of the variance")
        adjusted = " Adjusted for {adjusted_for}." if one.adjusted_for else ""
        yield Statement(
            about=one.parameter,
            parameter=one.parameter,
            strength=strength_of(one),
            headline=claim,
            text=f"{claim}{_size(one, one.parameter in continuous)} ({', '.join(shown)}).{adjusted}",
            evidence=evidence,
            words=objective_words(report),
        )


@finding(kind="no_effect", section="hyperparameter-impact", group=group_of_parameter)
def no_effect(report: Report) -> Statements:
    """Say which hyperparameter shows no clear effect."""
    interacting = {name for pair in report.interactions if pair.claimed for name in (pair.first, pair.second)}
    for one in report.effects:
        if one.claimed or one.p_adjusted is None:
            continue
        alone = " by itself" if one.parameter in interacting else ""
        yield Statement(
            about=one.parameter,
            parameter=one.parameter,
            strength="weak",
            headline=f"No clear effect of {{parameter}}{alone}",
            text=f"No clear effect of {{parameter}}{alone} on {{objective}} in these runs ({{p_adjusted:p}} after "
            "correction, n = {n:whole}).",
            evidence={
                "parameter": one.parameter,
                **objective_named(report),
                "p_adjusted": one.p_adjusted,
                "n": one.n,
            },
            words=objective_words(report),
        )


def _evidence(one: Effect) -> dict[str, Any]:
    evidence: dict[str, Any] = {
        "parameter": one.parameter,
        "better": one.better,
        "worse": one.worse,
        "gain": one.gain,
        "p_adjusted": one.p_adjusted,
        "share": one.share,
        "n": one.n,
    }
    if one.gain_low is not None and one.gain_high is not None:
        evidence |= {"gain_low": one.gain_low, "gain_high": one.gain_high, "gain_least": max(0.0, one.gain_low)}
        evidence["plus_minus"] = (one.gain_high - one.gain_low) / 2
    if one.adjusted_for:
        evidence["adjusted_for"] = list(one.adjusted_for)
    if one.best_low is not None and one.best_high is not None and one.shape in ("peak", "valley"):
        evidence |= {"best_low": one.best_low, "best_high": one.best_high}
    return evidence


def _claim(one: Effect, sign: int, continuous: bool) -> str:
    """Say in which direction the better values lie, as a template."""
    better, worse = _places(continuous)
    if one.shape in ("rising", "falling"):
        return f"{'Higher' if (one.shape == 'rising') == (sign > 0) else 'Lower'} {{parameter}} is better"
    if one.better is None:
        return "{parameter} matters"
    if one.shape == ("peak" if sign > 0 else "valley"):
        if continuous and one.best_low is not None:
            return "The best {parameter} is between {best_low:digits 2} and {best_high:digits 2}"
        return f"The best {{parameter}} is {better}"
    return f"{{parameter}} = {better} is better than {worse}"


def _size(one: Effect, continuous: bool) -> str:
    """Say by how much, as a template that continues the claim."""
    if not one.gain or one.gain_low is None or one.gain_high is None:
        return ", but by how much is not known"
    better, worse = _places(continuous)
    move = f"going from {worse} to {better} improves {{objective}} by"
    if one.gain_low > 0:
        return f": {move} {{gain:± plus_minus}}"
    return f", but by how much is not known: {move} {{gain_least}} to {{gain_high:digits 2}}"


def _places(continuous: bool) -> tuple[str, str]:
    return ("{better:digits 2}", "{worse:digits 2}") if continuous else ("{better}", "{worse}")
