"""Where plain means of a hyperparameter's levels mislead, since another one differed between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.findings.rule import Statement, Statements, finding, group_of_parameter, objective_named, objective_words

if TYPE_CHECKING:
    from lib.results.report import Report


@finding(kind="confounded", section="hyperparameter-impact", group=group_of_parameter)
def confounded(report: Report) -> Statements:
    """Say where the levels of a hyperparameter were tried with different values of another one that matters."""
    for one in report.confounding:
        yield Statement(
            about=f"{one.parameter}:{one.other}",
            parameter=one.parameter,
            strength="strong" if one.strength > 0.14 else "moderate",
            headline="Plain means of {parameter} mislead",
            text="The levels of {parameter} were tried with different values of {other} (typically {low_typical} at "
            "{low_level}, {high_typical} at {high_level}; {p_adjusted:p}): compare the adjusted effect, not plain "
            "means.",
            evidence={
                "parameter": one.parameter,
                "other": one.other,
                "low_level": one.low_level,
                "low_typical": one.low_typical,
                "high_level": one.high_level,
                "high_typical": one.high_typical,
                "share_of_variance": one.strength,
                "p_adjusted": one.p_adjusted,
            },
        )


@finding(kind="confounded", section="hyperparameter-impact", group=group_of_parameter)
def together(report: Report) -> Statements:
    """Say which hyperparameters went together in all runs, and what they do as a group."""
    for one in report.joint_effects:
        evidence = {
            "parameters": list(one.parameters),
            "parameter": one.parameters[0],
            **objective_named(report),
            "correlation": one.correlation,
            "n": one.n,
        }
        joint = " Too few runs tell what they do together."
        if one.p_adjusted is not None:
            evidence["p_adjusted"] = one.p_adjusted
            moved = "Together they affect" if one.claimed else "Together they do not clearly affect"
            joint = f" {moved} {{objective}} ({{p_adjusted:p}} after correction)."
        yield Statement(
            about=":".join(one.parameters),
            parameter=one.parameters[0],
            strength="strong" if one.p_adjusted is not None and one.p_adjusted < 0.001 else "moderate",
            headline="{parameters} went together",
            text="{parameters} went together in these runs (correlation {correlation:coefficient}, n = {n:whole}), so "
            f"their effects can't be separated.{joint} To separate them, vary one and keep the other.",
            evidence=evidence,
            words=objective_words(report),
        )
