"""The best run, and the runs that are statistically tied with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib.analysis.winner import CONFIDENCE, REPEATS
from lib.findings.rule import Group, Statement, Statements, Strength, finding, objective_named, objective_words

if TYPE_CHECKING:
    from lib.results.report import Report

# How the noise of one run was estimated, by `Noise.source`.
NOISE_SOURCES = {
    "repeats": "measured from repeated configurations",
    "surrogate": "estimated from what a model of the runs leaves unexplained at the best run",
    "spread": "nearly the spread of all runs, since a model of the runs predicts none of it",
    "bound": "the spread of all runs, an upper bound, since there are too few runs to model it",
}


@finding(kind="best", section="best-run", group=Group.BEST)
def best(report: Report) -> Statements:
    """Say which run is best, and what to expect of its configuration if it is repeated."""
    best = report.best_run
    if best is None:
        return
    form = ":within noise_sd" if report.precision is not None else ""
    middle = "median" if report.population.spans_decades else "mean"
    end = f"the {report.population.objective.best_word} of {{runs:count run}} ({middle} {{{middle}{form}}})"
    evidence = {
        **objective_named(report),
        "run": best.name,
        "value": best.value,
        "runs": report.population.ledger.used,
        middle: best.median if middle == "median" else best.mean,
    }
    if best.noise is not None:
        evidence["noise_sd"] = best.noise.sd
    text = f"The best run is {{run}}: {{objective}} {{value{form}}}, {end}."
    if best.expected is not None and best.noise is not None:
        evidence |= {
            "expected": best.expected,
            "expected_low": best.expected_low,
            "expected_high": best.expected_high,
            "confidence": CONFIDENCE,
            "noise_sd": best.noise.sd,
        }
        # Over decades, worse runs vary by far more.
        noise = "run-to-run noise near it" if report.population.spans_decades else "run-to-run noise"
        text += (
            f" Part of a best value is luck: if its configuration is repeated, expect about {{expected{form}}} "
            f"({{confidence:percent}} interval {{expected_low{form}}} to {{expected_high{form}}}; {noise}: a "
            "standard deviation of {noise_sd:digits 2})."
        )
    if report.population.ledger.used == 1:
        text = "The only run that counts is {run}: {objective} {value}."
    yield Statement(
        strength=_lead((len(best.tied_run_ids) + 1) / report.population.ledger.used) if best.tied_run_ids else "strong",
        headline=f"{{run}} is the {_best_or_only(report)} run: {{objective}} {{value{form}}}",
        text=text,
        evidence=evidence,
        words=objective_words(report),
    )


def _lead(share: float) -> Strength:
    """Return how clearly the best leads where this share of the runs are as good: with half of them, hardly."""
    return "strong" if share < 0.1 else "moderate" if share < 0.5 else "weak"


def _best_or_only(report: Report) -> str:
    return "best" if report.population.ledger.used > 1 else "only"


@finding(kind="tie", section="best-run", group=Group.BEST)
def tie(report: Report) -> Statements:
    """Say how many runs are as good as the best, given run-to-run noise."""
    best = report.best_run
    if best is None or best.noise is None or not best.tied_run_ids:
        return
    tied = len(best.tied_run_ids)
    share = (tied + 1) / report.population.ledger.used
    evidence: dict[str, Any] = {
        "runs_tied": tied,
        "as_good": tied + 1,
        "runs": report.population.ledger.used,
        "share": share,
        "run": best.name,
        "noise_sd": best.noise.sd,
    }
    if best.noise.source == "bound":
        yield Statement(
            strength="weak",
            headline="Too few runs to show which are as good as the best",
            text="{runs_tied:count other run} can't be distinguished from {run}: run-to-run noise is known to be at "
            f"most {{noise_sd:digits 2}} (a standard deviation, {NOISE_SOURCES['bound']}). Repeat the leading "
            "configurations before choosing between them.",
            evidence=evidence,
        )
        return
    allowed = ""
    if best.within:
        evidence |= {"within": best.within, "repeats": REPEATS}
        allowed = (
            " Means less than {within:digits 2} apart count as equal, as {repeats:whole} repeats of each wouldn't show "
            "the difference."
        )
    yield Statement(
        strength=_lead(share),
        headline="{as_good:whole} of {runs:count run} are as good as the best, within noise",
        text="{runs_tied:count other run} {runs_tied:plural is|are} statistically tied with {run} ({share:percent} of "
        "the runs, with it), given run-to-run noise (a standard deviation of {noise_sd:digits 2}, "
        f"{NOISE_SOURCES[best.noise.source]}).{allowed} Repeat the leading configurations before choosing between "
        "them.",
        evidence=evidence,
    )
