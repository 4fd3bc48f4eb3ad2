"""What counts as one observation: repeats, copies, blocks, unequal training, and changes over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib.findings.rule import Group, Statement, Statements, finding, objective_named, objective_words
from lib.model.numbers import number

if TYPE_CHECKING:
    from lib.results.report import Report


@finding(kind="repeats", section="data", group=Group.DATA)
def repeats(report: Report) -> Statements:
    """Say how the runs repeat each other: configurations, exact copies, and what repeats are compared within."""
    found = report.repetition
    if not found.repeated:
        return
    text = (
        "The {runs:count run} {runs:plural is|are} of {configurations:count configuration}, {repeated:whole} of them "
        "run more than once: "
    )
    if len(report.observations) > found.configurations:
        # Told by the observations themselves: see `lib.analysis.observations`.
        text += "since so few configurations are nearly all combinations of their values, claims count runs."
    else:
        text += "claims count configurations, each by the mean of its repeats."
    if found.copies:
        text += (
            " {copies:count run} {copies:plural is an exact copy|are exact copies} of another one, equal to the last "
            "digit: {copies:plural it tells|they tell} nothing about noise and {copies:plural counts|count} once."
        )
    evidence: dict[str, Any] = {
        "runs": found.runs,
        "configurations": found.configurations,
        "repeated": found.repeated,
        "copies": found.copies,
    }
    if found.blocks:
        evidence["blocks"] = list(found.blocks)
        text += " Runs are compared within the same {blocks}, none of which is recommended."
    means = report.repeats
    if means is not None and means.of_best is not means.configurations[0]:
        first = means.configurations[0]
        evidence |= {
            **objective_named(report),
            "best_settings": [f"{name} = {number(value)}" for name, value in first.parameters.items()],
            "best_mean": first.mean,
            "best_count": first.count,
        }
        text += (
            " Ranked by mean instead of single runs, the best is {best_settings}: {objective} {best_mean} over "
            "{best_count:count run}."
        )
    yield Statement(
        strength="moderate" if found.copies else "weak",
        headline="{copies:count run} {copies:plural is an exact copy|are exact copies} of another"
        if found.copies
        else "{repeated:count configuration was|configurations were} repeated",
        text=text,
        evidence=evidence,
        words=objective_words(report),
    )


@finding(kind="repeats", section="data", group=Group.DATA)
def blocks_differ(report: Report) -> Statements:
    """Say where seeds, folds or sweeps differ within configurations."""
    for one in report.repetition.differences:
        yield Statement(
            about=f"block:{one.block}",
            strength="moderate",
            headline="{objective} differs between values of {block}",
            text="For the same configuration, {objective} is {difference} higher at {block} = {highest} than at "
            "{block} = {lowest} ({p_adjusted:p}): runs are compared within {block}.",
            evidence={
                **objective_named(report),
                "block": one.block,
                "lowest": one.lowest,
                "highest": one.highest,
                "difference": one.difference,
                "p_adjusted": one.p_adjusted,
            },
            words=objective_words(report),
        )


@finding(kind="unequal_training", section="data", group=Group.DATA)
def unequal_training(report: Report) -> Statements:
    """Say where runs were trained for unequally long, and how they are compared."""
    found = report.training
    if found is None:
        return
    compared = int(found.compared.sum())
    evidence: dict[str, Any] = {
        **objective_named(report),
        "by": found.by,
        "shortest": found.shortest,
        "longest": found.longest,
        "short": found.short,
        "known": found.known,
        "compared": compared,
    }
    text = "{short:whole} of {known:count run} ended well before the longest ({by} from {shortest} to {longest})"
    if not found.cut:
        text += ", each at a point of its own: their values are compared as they ended."
    elif found.at is not None:
        evidence["at"] = found.at
        text += (
            ", so their last values can't be compared: the effects of hyperparameters are measured by {objective} at "
            "step {at} of the {compared:count run} that reached it."
        )
    elif compared:
        text += (
            ", so their last values can't be compared: the effects of hyperparameters are measured among the "
            "{compared:count full-length run}."
        )
    else:
        text += ", so their values can't be compared, and too few are full-length: no effect is claimed."
    yield Statement(
        strength="strong" if found.cut else "weak",
        headline="Runs were trained for different lengths ({by} {shortest} to {longest})",
        text=text,
        evidence=evidence,
        words=objective_words(report),
    )


@finding(kind="drift", section="overview", group=Group.DATA)
def drift(report: Report) -> Statements:
    """Say where the objective changed over time and no hyperparameter explains it."""
    found = report.drift
    if found is None:
        return
    way = "higher" if found.shift > 0 else "lower"
    evidence: dict[str, Any] = {
        **objective_named(report),
        "from_run": found.from_run,
        "run": found.name,
        "shift": found.shift,
        "size": abs(found.shift),
        "before": found.before,
        "after": found.after,
        "p_value": found.p_value,
    }
    text = f"From run {{from_run:whole}} ({{run}}) on, {{objective}} is {{size:digits 2}} {way}"
    if found.changed:
        evidence["changed"] = list(found.changed)
        text += ", but {changed} changed at the same time: which of them did it can't be known, so neither is claimed."
    else:
        text += (
            " and no hyperparameter explains it ({p_value:p}): something else changed, such as the code, the data or "
            "the machine. Tests are adjusted for it."
        )
    yield Statement(
        strength="strong" if found.p_value < 0.001 else "moderate",
        headline=f"{{objective}} changed over time: {way} from run {{from_run:whole}} on",
        text=text,
        evidence=evidence,
        words=objective_words(report),
    )
