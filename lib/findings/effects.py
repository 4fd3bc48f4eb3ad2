"""Which hyperparameters move the objective, in which direction and by how much; and which show no clear effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib.analysis.effect_sizes import CONFIDENCE
from lib.analysis.effects import SPENT_ON_EFFECTS
from lib.analysis.levels import text_of_level
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
    from lib.analysis.parameter_advice import Recommended
    from lib.results.report import Report

# A gain from the median configuration below this part of the whole gain isn't said.
_WORTH_SAYING = 0.05


def strength_of(effect: Effect) -> Strength:
    """Return how strong the evidence for a claimed effect is, by its p-value and its share of the variance."""
    share, p = effect.share or 0.0, effect.p_adjusted if effect.p_adjusted is not None else 1.0
    if not effect.direction_clear:
        return "weak"
    if p < 0.001 and share >= 0.05:
        return "strong"
    return "moderate" if p < 0.01 else "weak"


@finding(kind="effect", section="hyperparameter-impact", group=group_of_parameter)
def effect(report: Report) -> Statements:
    """Say which hyperparameter moves the objective; largest gain first."""
    continuous = {p.name for p in report.population.searched if not p.grouped}
    sign = report.population.objective.sign
    claimed = [one for one in report.effects if one.claimed]
    for one in sorted(claimed, key=lambda e: (-e.size, e.parameter)):
        advice = report.recommendation.of(one.parameter)
        evidence = objective_named(report) | _evidence(one, advice) | _correction(report)
        partners = partners_of(report, one.parameter)
        if partners:
            evidence["partners"] = partners
        ranged = one.parameter in continuous
        claim = _claim(one, advice, sign, ranged)
        shown = ["95% interval {times_low:factor} to {times_high:factor}"] if _by_times(one) else []
        shown.append("{p_adjusted:p} after correction")
        if one.share:
            shown.append("{share:percent} of the variance")
        adjusted = " Adjusted for {adjusted_for}." if one.adjusted_for else ""
        yield Statement(
            about=one.parameter,
            parameter=one.parameter,
            strength=strength_of(one),
            headline=claim,
            text=f"{claim}{_size(one, ranged, sign)} ({', '.join(shown)}).{_advice(advice, claim)}{adjusted}",
            evidence=evidence,
            words=objective_words(report),
        )


@finding(kind="no_effect", section="hyperparameter-impact", group=group_of_parameter)
def no_effect(report: Report) -> Statements:
    """Say which hyperparameter shows no clear effect, and how large an effect is ruled out."""
    joined = {name for group in report.joint_effects for name in group.parameters}
    for one in report.effects:
        # What went together can't be judged apart: that is a finding of its own.
        if one.claimed or one.p_adjusted is None or one.parameter in joined:
            continue
        evidence = {
            "parameter": one.parameter,
            **objective_named(report),
            "p_adjusted": one.p_adjusted,
            "n": one.n,
        }
        partners = partners_of(report, one.parameter)
        alone = text = ""
        if partners:
            evidence["partners"] = partners
            alone, text = " by itself", " It matters together with {partners}."
        elif one.ruled_out_above is not None:
            evidence |= {"ruled_out_above": one.ruled_out_above, "confidence": CONFIDENCE}
            text = " An effect larger than {ruled_out_above:digits 2} is ruled out ({confidence:percent})."
            if one.ruled_out_times is not None:
                evidence["ruled_out_times"] = one.ruled_out_times
                text = " An effect of more than {ruled_out_times:factor} times is ruled out ({confidence:percent})."
        yield Statement(
            about=one.parameter,
            parameter=one.parameter,
            strength="weak",
            headline=f"No clear effect of {{parameter}}{alone}",
            text=f"No clear effect of {{parameter}}{alone} on {{objective}} in these runs ({{p_adjusted:p}} after "
            f"correction, n = {{n:whole}}).{text}",
            evidence=evidence,
            words=objective_words(report),
        )


def partners_of(report: Report, parameter: str) -> list[str]:
    """Return the hyperparameters that one clearly interacts with, strongest evidence first."""
    pairs = [(pair.first, pair.second) for pair in report.interactions if pair.claimed]
    return [name for pair in pairs if parameter in pair for name in pair if name != parameter]


def _correction(report: Report) -> dict[str, Any]:
    """Return what p_adjusted can be recomputed from, with the p-values of all effects."""
    tested = sum(one.p_value is not None for one in report.effects)
    return {"tested": tested, "part_of_level": SPENT_ON_EFFECTS}


def _evidence(one: Effect, advice: Recommended) -> dict[str, Any]:
    evidence: dict[str, Any] = {
        "parameter": one.parameter,
        "better": one.better,
        "worse": one.worse,
        "gain": one.gain,
        "direction_clear": one.direction_clear,
        "p_value": one.p_value,
        "p_adjusted": one.p_adjusted,
        "share": one.share,
        "n": one.n,
    }
    if one.gain_low is not None and one.gain_high is not None:
        evidence |= {"gain_low": one.gain_low, "gain_high": one.gain_high, "gain_least": max(0.0, one.gain_low)}
        evidence |= {"plus_minus": (one.gain_high - one.gain_low) / 2, "confidence": CONFIDENCE}
    if one.times is not None and one.times_low is not None and one.times_high is not None:
        evidence |= {"times": one.times, "times_low": one.times_low, "times_high": one.times_high}
    if one.gain_from_typical is not None:
        evidence |= {"typical": one.typical, "gain_from_typical": one.gain_from_typical}
    if one.adjusted_for:
        evidence["adjusted_for"] = list(one.adjusted_for)
    if one.best_low is not None and one.best_high is not None:
        evidence |= {"best_low": one.best_low, "best_high": one.best_high}
    if advice.levels is not None:
        evidence["recommended_values"] = list(advice.levels)
    else:
        evidence |= {"recommended_low": advice.low, "recommended_high": advice.high}
    return evidence


def _claim(one: Effect, advice: Recommended, sign: int, continuous: bool) -> str:
    """Say in which direction the better values lie, as a template."""
    better, worse = _places(continuous)
    if not one.direction_clear or one.better is None:
        return "{parameter} matters, but which values are better is not clear"
    if one.shape in ("rising", "falling") and _all_towards(advice, (one.shape == "rising") == (sign > 0)):
        return f"{'Higher' if (one.shape == 'rising') == (sign > 0) else 'Lower'} {{parameter}} is better"
    if one.shape == ("peak" if sign > 0 else "valley"):
        if continuous and advice.narrowed:
            return "The best {parameter} is between {recommended_low} and {recommended_high}"
        return (
            f"Values of {{parameter}} near {better} are best" if continuous else f"The best {{parameter}} is {better}"
        )
    return f"{{parameter}} = {better} is better than {worse}"


def _all_towards(advice: Recommended, higher: bool) -> bool:
    """Whether the levels that are recommended go on to that end of those tried; true of a range.

    Where 128 and 1024 are recommended and 512 did clearly worse than 1024, "higher is better" would contradict it.
    """
    if advice.levels is None or advice.dimension.levels is None:
        return True
    wanted = {text_of_level(level) for level in advice.levels}
    among = [text_of_level(level) in wanted for level in advice.dimension.levels]
    inwards = among[::-1] if higher else among
    return all(inwards[: sum(inwards)])


def _size(one: Effect, continuous: bool, sign: int) -> str:
    """Say by how much, as a template that continues the claim; by how many times where the objective spans decades."""
    if not one.direction_clear:
        return ""
    if one.gain is None or one.gain_low is None or one.gain_high is None:
        return ", but by how much is not known" + ("" if not one.gain_high else ": at most {gain_high:digits 2}")
    better, worse = _places(continuous)
    if _by_times(one):
        way = "higher" if sign > 0 else "lower"
        return f": going from {worse} to {better} makes {{objective}} {{times:factor}} times {way}"
    move = f"going from {worse} to {better} improves {{objective}} by"
    if one.gain_low > 0:
        usual = ""
        if (
            one.gain_from_typical
            and one.gain_from_typical > _WORTH_SAYING * one.gain
            and one.typical not in (one.worse, one.better)
        ):
            typical = "{typical:digits 2}" if continuous else "{typical}"
            usual = f", or by {{gain_from_typical:digits 2}} from the typical value {typical}"
        return f": {move} {{gain:± gain_low gain_high}}{usual}"
    return f", but by how much is not known: {move} {{gain_least}} to {{gain_high:digits 2}}"


def _by_times(one: Effect) -> bool:
    """Whether a clear effect is said by how many times the objective is better, since that spans decades."""
    return one.direction_clear and one.times is not None and one.times_low is not None and one.times_low > 1


def _advice(advice: Recommended, claim: str) -> str:
    """Say what is recommended, as a template; nothing where the claim says it, or the parameter is kept as it was."""
    if not advice.changed or "recommended_low" in claim:
        return ""
    if advice.levels is not None:
        return " Recommended: {recommended_values}."
    return " Recommended range: {recommended_low} to {recommended_high}."


def _places(continuous: bool) -> tuple[str, str]:
    return ("{better:digits 2}", "{worse:digits 2}") if continuous else ("{better}", "{worse}")
