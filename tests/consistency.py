"""Reads a report as a careful reader would, and names every two statements on one parameter that contradict."""

import re

import pytest

from lib.analysis.effects import SPENT_ON_EFFECTS
from lib.analysis.interactions import SPENT_ON_INTERACTIONS
from lib.findings import findings_of
from lib.sections.agreement import correlation_notes
from lib.sections.claims import claims
from lib.sections.hyperparameter_impact import effect_sentence, impact_headline
from lib.statistics.multiple_testing import holm


def contradictions(report):
    """Return one sentence a contradiction; none where the report agrees with itself."""
    found = findings_of(report)
    data = report.to_dict()
    effects = {one["parameter"]: one for one in data["effects"] if one["within"] is None}
    return [
        *_claims(found, effects, report),
        *_sizes(found, effects),
        *_edges(found, effects, report.population.objective.sign),
        *_ranges(found, effects, data),
        *_p_values(report),
        *_means(found, report),
    ]


def _of(found, kind):
    return {one.parameter: one for one in found if one.kind == kind}


def _claims(found, effects, report):
    clear, quiet = _of(found, "effect"), _of(found, "no_effect")
    for name in clear.keys() & quiet.keys():
        yield f"{name} has an effect and none"
    for name, one in effects.items():
        if one["claimed"] != (name in clear):
            yield f"{name} is claimed in one place only"
        if one["direction_clear"] and not one["claimed"]:
            yield f"{name} has a direction without an effect"
        own = clear.get(name) or quiet.get(name)
        said = effect_sentence(report, name)
        if own is not None and said != own.text:
            yield f"the part of {name} says something else than its finding"
        if one["p_value"] is not None and said.startswith("Too few"):
            yield f"{name} was tested, and its part says that too few runs allow it"
    interacting = {name for pair in report.interactions if pair.claimed for name in (pair.first, pair.second)}
    for name in quiet.keys() & interacting:
        if "by itself" not in quiet[name].text:
            yield f"{name} has no effect, but is part of an interaction"
    for claim in claims(report):
        for name in interacting:
            if claim.sentence.startswith("No clear effect of") and re.search(rf"\b{re.escape(name)}\b", claim.sentence):
                yield f"{name} interacts, and is among those without an effect"
    headline = impact_headline(report)
    for name in clear:
        if name not in headline:
            yield f"the headline leaves out {name}"
    for note in correlation_notes(report):
        name = note.split(" ")[0]
        denied = "has no clear effect" in note or "not clearly" in note
        if name in effects and denied and effects[name]["claimed"]:
            yield f"a note on the correlation of {name} contradicts its claim"


def _sizes(found, effects):
    for name, one in _of(found, "effect").items():
        effect = effects[name]
        if "±" in one.text and not effect["gain_low"] > 0:
            yield f"the gain of {name} is given ± beside an interval through zero"
        if one.strength == "strong" and not effect["direction_clear"]:
            yield f"{name} is strong without a direction"
        if effect["gain"] is not None and effect["gain"] <= 0:
            yield f"{name} is claimed and gains {effect['gain']}"
        if effect["gain"] is not None and not effect["gain_low"] <= effect["gain"] <= effect["gain_high"]:
            yield f"the gain of {name} lies outside its interval"
        if effect["ruled_out_above"] is not None:
            yield f"{name} has an effect and one ruled out"


def _edges(found, effects, sign):
    for name, one in _of(found, "edge").items():
        effect = effects[name]
        if not (effect["claimed"] and effect["gain_low"] > 0):
            yield f"an edge of {name} without a clear effect"
        # A valley of an objective that is to be high may be best at one of its ends.
        if effect["shape"] == ("peak" if sign > 0 else "valley"):
            yield f"an edge of {name} and a best place inside"
        ends = effect["best_low"], effect["best_high"]
        if one.evidence["end"] not in ends and not ends[0] <= one.evidence["end"] <= ends[1]:
            yield f"the best place of {name} isn't at its edge"


def _ranges(found, effects, data):
    clear = _of(found, "effect")
    spots = {one["parameter"]: one["sweet_spot"] for one in data["continuous"]}
    config = (data["next_sweep"] or {}).get("parameters", {})
    for name, effect in effects.items():
        advice, spec = effect["recommended"], config.get(name)
        if name in clear and "recommended_low" in clear[name].evidence:
            said = {end: clear[name].evidence[f"recommended_{end}"] for end in ("low", "high")}
            if said != advice:
                yield f"the finding recommends {said} for {name}, the report {advice}"
        if spots.get(name) is not None and spots[name] != advice:
            yield f"the sweet spot of {name} is {spots[name]}, {advice} is recommended"
        if spec is None:
            continue
        if "values" in advice:
            levels = spec.get("values") or [spec.get("value")]
            if [str(v) for v in levels] != [str(v) for v in advice["values"]]:
                yield f"the next sweep tries {levels} of {name}, {advice['values']} are recommended"
        elif (spec["min"], spec["max"]) != pytest.approx((advice["low"], advice["high"]), rel=1e-6):
            yield f"the next sweep searches {spec['min']} to {spec['max']} of {name}, {advice} is recommended"


def _p_values(report):
    again = holm([one.p_value for one in report.effects])
    for one, p in zip(report.effects, again, strict=True):
        if p is not None and one.p_adjusted != pytest.approx(min(1.0, p / SPENT_ON_EFFECTS), abs=1e-12):
            yield f"the p-value of {one.parameter} can't be recomputed"
    for one in report.interactions:
        if one.claimed and one.p_adjusted < one.p_value * one.pairs_left / SPENT_ON_INTERACTIONS - 1e-12:
            yield f"the p-value of {one.first} with {one.second} can't be recomputed"


def _means(found, report):
    if report.next_sweep is None:
        return
    text = report.next_sweep.expected
    quoted = re.search(
        r"(?:compared with|mean \S+) (−?[\d.,e-]+?)\)? so far|runs like these \(mean \S+ (−?[\d.]+)[,)]", text
    )
    best = next((one for one in found if one.kind == "best"), None)
    if quoted is None or best is None or "mean" not in best.evidence:
        return
    mean = float((quoted[1] or quoted[2]).replace("−", "-").replace(",", ""))
    said_why = any(why in text for why in ("pulled in", "that collapsed", "full-length runs", "both at step"))
    if mean != pytest.approx(best.evidence["mean"], rel=2e-3) and not said_why:
        yield f"the mean so far is {mean} and {best.evidence['mean']}"
