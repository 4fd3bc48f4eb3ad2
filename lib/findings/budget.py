"""Whether the search was still getting better when it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib.findings.rule import Group, Statement, Statements, finding, objective_named, objective_words
from lib.model.numbers import listing

if TYPE_CHECKING:
    from lib.analysis.convergence import Convergence
    from lib.results.report import Report

# By `Convergence.verdict`: the headline, and what the last quarter of the runs says.
_VERDICTS = {
    "converged": ("The search has settled", "there is no sign that the search was still improving"),
    "still improving": ("The search was still improving", "the search had not settled yet"),
    "too few runs": (
        "Too few runs to say whether the search has settled",
        "too few runs to say whether it has settled",
    ),
}


@finding(kind="budget", section="findings", group=Group.DATA)
def budget(report: Report) -> Statements:
    """Say what the last quarter of the runs brought."""
    found = report.convergence
    if found is None or found.last_quarter_gain is None:
        return
    headline, verdict = _VERDICTS[found.verdict]
    evidence: dict[str, Any] = {"runs_last": found.last_quarter_runs, **objective_named(report)}
    if found.last_quarter_gain > 0:
        evidence["gain"] = found.last_quarter_gain
    brought = _brought(found)
    more = ""
    following = report.next_sweep
    if following is not None and following.more_runs:
        most = following.more_runs[-1]
        if most.gain <= following.hidden:
            evidence |= {"more": most.runs, "hidden": following.hidden}
            more = " {more:whole} runs of the next sweep would improve it by less than noise hides ({hidden:digits 2})"
        else:
            evidence |= {f"more_{at}": one.runs for at, one in enumerate(following.more_runs)}
            evidence |= {f"gain_{at}": one.gain for at, one in enumerate(following.more_runs)}
            counts, gains = (
                listing([form.format(at) for at in range(len(following.more_runs))])
                for form in ("{{more_{}:whole}}", "{{gain_{}:digits 2}}")
            )
            more = f" {counts} runs of the next sweep would improve it by about {gains}"
        more += ", not counting luck"
        more += "; beyond the searched ranges, nothing is known yet." if following.beyond else "."
    yield Statement(
        strength="weak" if found.verdict == "too few runs" else "moderate",
        headline=headline,
        text=f"The last {{runs_last:count run}} {brought}: {verdict}.{more}",
        evidence=evidence,
        words=objective_words(report),
    )


def _brought(found: Convergence) -> str:
    """Say what the last quarter brought, and whether that is more than chance does: the verdict follows from it."""
    improved = "improved the best {objective} by {gain:digits 2}" if found.last_quarter_gain else None
    if found.verdict == "still improving" and found.rose:
        better = "were better than the {runs_last:whole} before them"
        return f"{improved} and {better}" if improved else f"brought no better {{objective}}, but {better}"
    if improved is None:
        return "brought no better {objective}"
    chance = {"converged": ", no more than chance explains", "still improving": ", more than chance explains"}
    return improved + chance.get(found.verdict, "")
