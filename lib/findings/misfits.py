"""Where the sweep config doesn't fit the runs, and what only the runs that were left out varied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lib.analysis.misfits import MOST_VALUES
from lib.findings.rule import Group, Statement, Statements, Strength, finding
from lib.model.numbers import count, listing, number

if TYPE_CHECKING:
    from lib.analysis.misfits import Misfit
    from lib.results.report import Report

# Of each kind how much it matters, the headline and the text.
_SAID: Mapping[str, tuple[Strength, str, str]] = {
    "constant_varies": (
        "strong",
        "{parameter} varies, though declared constant",
        "{parameter} is {expected} in the sweep config, but {values} in these {runs:count run}: the runs aren't all of "
        "that sweep, or their program set it. It is treated as a hyperparameter of these runs.",
    ),
    "other_constant": (
        "moderate",
        "{parameter} isn't as declared",
        "{parameter} is {expected} in the sweep config, but {values} in {runs:count run}.",
    ),
    "absent": (
        "strong",
        "{parameter} is in no run's config",
        "{parameter} is declared as searched, but none of the {runs:count used run} has a value of it, so nothing can "
        "be said of it. Check its name, or add its column to the export.",
    ),
    "outside": (
        "moderate",
        "{runs:count run} {runs:plural has|have} values of {parameter} outside what was declared",
        "{parameter} is {values} in {runs:count run}, outside the {kind_of_space} that the sweep config declares "
        "({expected}).",
    ),
    "unused_levels": (
        "moderate",
        "No used run has {parameter} at {values}",
        "No used run has {parameter} at {values}, so nothing is known of {found_count:plural that level|those levels}"
        "{elsewhere}.",
    ),
    "unvaried": (
        "moderate",
        "{parameter} never varied in the used runs",
        "{parameter} {meant}, but is {values} in {held}, so its effect can't be assessed{elsewhere}.",
    ),
}


@finding(kind="data_quality", section="data", group=Group.DATA)
def misfit(report: Report) -> Statements:
    """Say, parameter by parameter, where the sweep config and the used runs differ."""
    used = report.population.ledger.used
    for one in report.misfits:
        strength, headline, text = _SAID[one.kind]
        about = f"constant:{one.parameter}" if one.kind == "unvaried" else f"misfit:{one.kind}:{one.parameter}"
        yield Statement(
            about=about,
            parameter=one.parameter,
            strength=strength,
            headline=headline,
            text=text,
            evidence={
                "parameter": one.parameter,
                "declared": list(one.expected[:MOST_VALUES]),
                "found": list(one.found),
                "found_count": one.found_count,
                "found_more": one.found_count - len(one.found),
                "runs": one.runs,
                "used": used,
                "left_out_levels": [level for level, _ in one.left_out],
                "left_out_runs": [runs for _, runs in one.left_out],
            },
            words=_words(one, used),
        )


def _words(one: Misfit, used: int) -> dict[str, str]:
    values = [_text(value) for value in one.found]
    if one.found_count > len(values):
        values.append(f"{one.found_count - len(values)} more")
    ranged = len(one.expected) == 2 and one.kind == "outside" and all(isinstance(v, (int, float)) for v in one.expected)
    expected = [_text(value) for value in one.expected[:MOST_VALUES]]
    expected += ["others"] if len(one.expected) > MOST_VALUES else []
    held = [f"{_text(level)} in {count(runs, 'run')}" for level, runs in one.left_out]
    if one.found and one.runs < used:
        where = f"the {count(one.runs, 'used run')} that {'has' if one.runs == 1 else 'have'} it"
    else:
        where = f"each of the {count(used, 'used run')}"
    return {
        "values": listing(values) or "empty",
        "expected": (" to ".join(expected) if ranged else listing(expected)) or "nothing",
        "kind_of_space": "range" if ranged else "levels",
        "meant": "was meant to be searched" if one.declared else "varies among all runs",
        "held": where,
        "elsewhere": f"; of the runs that were left out, it is {listing(held)}" if held else "",
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else number(value)
