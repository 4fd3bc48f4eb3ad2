"""What the data allow: runs that were left out, values that are missing, and what was inferred."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.analysis.winners import winners
from lib.findings.rule import Group, Statement, Statements, Strength, finding
from lib.model.numbers import count, listing
from lib.model.objective import value_rule
from lib.model.sweep import NONE_LEVEL
from lib.statistics.moments import mean_of

if TYPE_CHECKING:
    from lib.analysis.population import Ledger
    from lib.results.report import Report

_MOST_COLUMNS = 5


def _reasons(ledger: Ledger) -> tuple[dict[str, int], dict[str, str]]:
    """Return how many runs each reason left out, as evidence, and the reasons as words."""
    counts = {f"runs_{at}": one.count for at, one in enumerate(ledger.excluded)}
    return counts, {"reasons": "; ".join(f"{one.reason}: {count(one.count, 'run')}" for one in ledger.excluded)}


@finding(kind="data_quality", section="data", group=Group.DATA)
def no_run(report: Report) -> Statements:
    """Say that no run can be used."""
    ledger = report.population.ledger
    if ledger.used:
        return
    counts, words = _reasons(ledger)
    yield Statement(
        about="none",
        strength="strong",
        headline="No run can be used",
        text="No run can be used, so there is nothing to report ({reasons}).",
        evidence=counts,
        words=words,
    )


@finding(kind="data_quality", section="data", group=Group.DATA)
def left_out(report: Report) -> Statements:
    """Say how many runs are left out of the report, and why."""
    ledger = report.population.ledger
    left = ledger.total - ledger.used
    if not left or not ledger.used:
        return
    counts, words = _reasons(ledger)
    share = left / ledger.total
    strength: Strength = "strong" if share > 0.2 else "moderate" if share > 0.05 else "weak"
    yield Statement(
        about="left_out",
        strength=strength,
        headline="{runs_left_out:whole} of {runs_total:count run} {runs_left_out:plural was|were} left out",
        text="{runs_left_out:whole} of {runs_total:count run} ({share:percent}) {runs_left_out:plural was|were} left "
        "out ({reasons}).",
        evidence={"runs_left_out": left, "runs_total": ledger.total, "share": share, **counts},
        words=words,
    )


@finding(kind="data_quality", section="data", group=Group.DATA)
def missing(report: Report) -> Statements:
    """Say how many used runs have no value for a searched hyperparameter."""
    if not report.population.ledger.used:
        return
    absent = {one.parameter for one in report.misfits if one.kind == "absent"}
    for name, lacking in report.overview.missing:
        if name in absent:
            continue
        share = lacking / report.population.ledger.used
        yield Statement(
            about=f"missing:{name}",
            parameter=name,
            strength="strong" if share > 0.2 else "weak",
            headline="{runs_missing:count run} {runs_missing:plural has|have} no value for {parameter}",
            text="{runs_missing:count run} ({share:percent}) {runs_missing:plural has|have} no value for {parameter} "
            "and {runs_missing:plural is|are} excluded from its comparisons.",
            evidence={"parameter": name, "runs_missing": lacking, "share": share},
        )


@finding(kind="data_quality", section="data", group=Group.DATA)
def none_levels(report: Report) -> Statements:
    """Say where runs without a value are compared as a level of their own, which nothing declares."""
    for name, runs in report.overview.none_levels:
        if not runs:
            continue
        yield Statement(
            about=f"none:{name}",
            parameter=name,
            strength="weak",
            headline="{parameter} has a level {level} for {runs:count run} without a value",
            text="{runs:count run} {runs:plural has|have} no value for {parameter}, which is compared with the others "
            "as a level of its own, {level}.",
            evidence={"parameter": name, "runs": runs, "level": NONE_LEVEL},
        )


def columns_in_doubt(report: Report) -> list[str]:
    """Return the columns that the report rests on and of which it isn't sure that they are what they are read as."""
    chosen = _rests_on(report)
    return [one.column for one in report.sweep.readings if one.confidence != "sure" and one.column in chosen]


def _rests_on(report: Report) -> set[str]:
    return {report.population.objective.metric, *(p.name for p in report.population.searched)}


@finding(kind="data_quality", section="data", group=Group.DATA)
def unsure_columns(report: Report) -> Statements:
    """Say which columns of a run table may have been taken for a setting or a result wrongly.

    Those that are likely right are said where the report rests on them: the objective and what was searched.
    """
    sides = {"config": "a setting", "summary": "a result"}
    chosen = _rests_on(report)
    read = [one for one in report.sweep.readings if one.part in sides]
    unsure = [one for one in read if one.confidence == "unsure"]
    unsure += [one for one in read if one.confidence == "likely" and one.column in chosen]
    if not unsure:
        return
    # What the report rests on comes first.
    unsure.sort(key=lambda one: one.column not in chosen)
    names = [one.column for one in unsure[:_MOST_COLUMNS]]
    named = [f"{one.column} (read as {sides[one.part]})" for one in unsure]
    yield Statement(
        about="unsure_columns",
        strength="moderate" if any(one.column in chosen for one in unsure) else "weak",
        headline="{columns:count column} may have been read wrongly",
        text="The table doesn't say whether {columns:count column} {columns:plural is a setting or a result|are "
        "settings or results}, and little else does: {listed}. Where one was read wrongly, say so in the Data page's "
        "table of columns or with --columns.",
        evidence={"columns": len(unsure), "names": names, "more": max(0, len(unsure) - _MOST_COLUMNS)},
        words={"listed": listing(named, most=_MOST_COLUMNS)},
    )


@finding(kind="data_quality", section="data", group=Group.DATA)
def zero_apart(report: Report) -> Statements:
    """Say where zero is a point of its own beside values on a log scale, and how its runs did."""
    population = report.population
    for parameter in population.searched:
        numbers = population.numbers(parameter.name)
        zero, above = numbers == 0, numbers > 0
        if not parameter.zero_apart or not zero.any() or not above.any():
            continue
        yield Statement(
            about=f"zero:{parameter.name}",
            parameter=parameter.name,
            strength="weak",
            headline="{parameter} = 0 is a point of its own",
            text="{parameter} is 0 in {runs:count run} and from {low} to {high} on a log scale in the others, so 0 is "
            "a point of its own: its runs have a mean {metric} of {mean_zero}, the others {mean_above}. What is said "
            "of {parameter} is about values above 0.",
            evidence={
                "parameter": parameter.name,
                "runs": int(zero.sum()),
                "low": float(numbers[above].min()),
                "high": float(numbers[above].max()),
                "metric": population.objective.metric,
                "mean_zero": mean_of(population.values[zero]),
                "mean_above": mean_of(population.values[above]),
            },
        )


@finding(kind="data_quality", section="data", group=Group.DATA)
def value_decides(report: Report) -> Statements:
    """Say where last values and best values give different winners."""
    if not report.population.ledger.used:
        return
    both = winners(report.population)
    if both is None or both.same:
        return
    rule = value_rule(report.population.objective.value)
    yield Statement(
        about="value_rule",
        strength="moderate",
        headline="The last and the best values have different winners",
        text="Which value of a run counts decides which run wins: by the last {metric} it is {last_run} "
        "({last_value}), by the best in each run's history {best_run} ({best_value}). This report uses {rule}.",
        evidence={
            "metric": report.population.objective.metric,
            "last_run": both.last_name,
            "last_value": both.last_value,
            "best_run": both.best_name,
            "best_value": both.best_value,
            "rule": rule.words,
            **({"rule_number": rule.number} if rule.number else {}),
        },
    )
