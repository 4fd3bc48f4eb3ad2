"""How the objective and its goal are known, in words, where neither the reader nor the sweep's config states them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib.findings.rule import Group, Statement, Statements, finding
from lib.model.goal import Objective
from lib.model.metric_names import read_name

if TYPE_CHECKING:
    from lib.results.report import Report

_BETTER = {"maximize": "larger is better", "minimize": "smaller is better"}
_OPPOSITE = {"maximize": "minimize", "minimize": "maximize"}


@finding(kind="goal_inferred", section="data", group=Group.DATA)
def goal_inferred(report: Report) -> Statements:
    """Say how the objective and its goal are known, where neither the reader nor the sweep's config states them.

    Strong where which way is better isn't known or is a guess, moderate where it was read from the metric's name.
    """
    objective = report.population.objective
    if not objective.inferred or not report.population.ledger.used:
        return
    evidence: dict[str, Any] = {
        "metric": objective.metric,
        "goal": objective.goal,
        "metric_source": objective.metric_source,
        "goal_source": objective.goal_source,
        "runners_up": list(objective.runners_up),
        "as_likely": list(objective.as_likely),
        "other_goal": _OPPOSITE[objective.goal],
    }
    if objective.metric_key:
        evidence["metric_key"] = objective.metric_key
    if objective.goal_key:
        evidence["goal_key"] = objective.goal_key
    if objective.goal_beside:
        evidence["goal_beside"] = objective.goal_beside
    sure = not goal_caveat(objective, report.sweep.origin.format)
    goal = _goal_sentence(objective, report.sweep.origin.format)
    metric = _metric_sentence(objective)
    yield Statement(
        strength="moderate" if sure else "strong",
        headline="The objective was inferred: {goal} {metric}" if sure else "Check first whether to {goal} {metric}",
        # What may turn every result upside down comes first.
        text=" ".join(part for part in ((metric, goal) if sure else (goal, metric)) if part),
        evidence=evidence,
    )


def goal_caveat(objective: Objective, format: str | None = None) -> str:
    """Return what to say beside the goal wherever it is stated; "" where the goal is known.

    format : what kind of table the runs came from.
    """
    if objective.goal_source == "default" and format == "optuna":
        return "assumed, as it is Optuna's default"
    if _doubtful_default(objective):
        return "W&B's default, and against what its name suggests"
    caveats = {"unknown": "assumed, as nothing says which way is better", "data": "guessed from a run that diverged"}
    return caveats.get(objective.goal_source, "")


def _metric_sentence(objective: Objective) -> str:
    if objective.metric_source == "monitor":
        text = "No sweep config declares the objective; {metric} was taken because the runs' own config names it"
        text += " ({metric_key})"
    elif objective.metric_source == "name" and objective.as_likely:
        return (
            "No sweep config declares the objective, and the names leave it open: {metric} was taken because it comes "
            "first, and {as_likely} could be meant as well. Choose it at the top of the page or with --metric NAME."
        )
    elif objective.metric_source == "name":
        text = "No sweep config declares the objective; {metric} was chosen by its name"
    else:
        return ""
    return text + ("; next in line: {runners_up}." if objective.runners_up else ".")


def _goal_sentence(objective: Objective, format: str | None) -> str:
    source, better = objective.goal_source, _BETTER[objective.goal]
    turn = "Turn it at the top of the page or with --goal {other_goal} where that is wrong."
    if source == "unknown":
        return f"Nothing says which way is better for {{metric}}: that {better} is only assumed. Check it first. {turn}"
    if source == "data":
        return (
            "The name of {metric} doesn't say which way is better: since single runs lie far beyond all others, as "
            f"runs that diverge do, it is guessed that {better}. Check it first. {turn}"
        )
    if source == "sign":
        return (
            "{metric} is named like an error, which is never below zero, and no value is above: it was logged with its "
            f"sign turned, so {better}. {turn}"
        )
    if source == "company":
        return (
            "The name of {metric} leaves open which way is better; it goes with {goal_beside} from run to run, whose "
            f"name doesn't, so {better}. {turn}"
        )
    if source == "default" and format == "optuna":
        return f"Optuna's tables don't say which way is better: that {better}, its default, is assumed. {turn}"
    if source == "default":
        text = f"The sweep config states no goal for {{metric}}, so W&B took it that {better}."
        doubt = " The metric's name suggests the opposite: check it first."
        return f"{text}{doubt if _doubtful_default(objective) else ''} {turn}"
    if source == "monitor":
        return f"That {better} is what {{goal_key}} in the runs' config says."
    if source in ("stated", "name"):
        return f"That {better} was read from its name. {turn}"
    return ""


def _doubtful_default(objective: Objective) -> bool:
    return objective.goal_source == "default" and read_name(objective.metric).goal not in (None, objective.goal)
