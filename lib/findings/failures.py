"""Which settings fail, and a run that was left out though it beats the best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.rule import Group, Statement, Statements, finding, objective_named, objective_words
from lib.model.numbers import listing

if TYPE_CHECKING:
    from lib.analysis.failures import Failures
    from lib.results.report import Report

_VERBS = {
    "crashed": "crashed",
    "failed": "failed",
    "killed": "were killed",
    "preempted": "were preempted",
    "no finite value": "gave no finite value",
    "collapsed": "collapsed",
}


def verb_of(failures: Failures) -> str:
    """Return what failed runs did, in words: "collapsed", or "failed" where they did different things."""
    kinds = [kind for kind, _ in failures.counts]
    return _VERBS[kinds[0]] if len(kinds) == 1 else "failed"


@finding(kind="failures", section="data", group=Group.DATA)
def failing(report: Report) -> Statements:
    """Say which settings fail, with counts; or that none stands out."""
    failures = report.failures
    if failures is None or failures.failed < 3:
        return
    counts = {f"runs_{at}": count for at, (_, count) in enumerate(failures.counts)}
    kinds = listing([f"{count:,} {_VERBS[kind]}" for kind, count in failures.counts])
    words = {"verb": verb_of(failures), "kinds": kinds, **objective_words(report)}
    apart, ends = "", {}
    if failures.gap is not None:
        ends = dict(zip(("collapsed_best", "others_worst"), failures.gap, strict=True)) | objective_named(report)
        apart = (
            " Of the runs that collapsed, the best {objective} is {collapsed_best}, of all others the worst is "
            "{others_worst}, and none lies between."
        )
    for one in failures.failing:
        words |= {"where": one.where}
        elsewhere = "elsewhere"
        if one.level is None:
            elsewhere = "below" if one.low is not None else "above"
        mixed = " Of all runs, {kinds}." if len(failures.counts) > 1 else ""
        yield Statement(
            about=one.parameter,
            parameter=one.parameter,
            strength="strong" if one.p_adjusted < 0.001 else "moderate",
            headline="Runs with {where} fail more often",
            text=f"{{failed:whole}} of {{of:count run}} with {{where}} {{verb}}, {{else_failed:whole}} of "
            f"{{else_of:whole}} {elsewhere} ({{p_adjusted:p}}).{mixed}{apart} Effects are measured among the runs "
            "that succeeded.",
            evidence={
                "parameter": one.parameter,
                "failed": one.failed,
                "of": one.of,
                "else_failed": one.else_failed,
                "else_of": one.else_of,
                "p_adjusted": one.p_adjusted,
                **counts,
                **ends,
            },
            words=dict(words),
        )
        apart = ""
    if not failures.failing:
        yield Statement(
            strength="weak",
            headline="{failed:whole} of {runs:count run} failed, whatever the settings",
            text="{failed:whole} of {runs:count run} failed ({kinds}), and no setting fails clearly more often."
            + apart,
            evidence={"failed": failures.failed, "runs": failures.runs, **counts, **ends},
            words=words,
        )


@finding(kind="data_quality", section="data", group=Group.DATA)
def better_left_out(report: Report) -> Statements:
    """Say where a run that was left out because of its state beats the best."""
    better, best = report.better_left_out, report.best_run
    if better is None or best is None:
        return
    yield Statement(
        about="better_left_out",
        strength="strong",
        headline="A run that was left out beats the best: {run}",
        text="{run} is {state} and was left out, but its {objective} of {value} beats the best used run's {best_value} "
        "({runs:count such run|such runs}). If its value can be trusted, include its state.",
        evidence={
            **objective_named(report),
            "run": better.name,
            "state": better.state,
            "value": better.value,
            "best_value": best.value,
            "runs": better.count,
        },
        words=objective_words(report),
    )
