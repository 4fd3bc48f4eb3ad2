"""The story of a report: its claims, the most useful first, each with a small picture and where to see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lib.analysis.best_corner import best_corner
from lib.charts.claims import leaders_chart
from lib.findings import findings_of
from lib.findings.rule import Group
from lib.model.numbers import count, factor, listing, number
from lib.sections import BY_ADDRESS
from lib.sections.blocks import Chart, Claim, Link, RunName, Sureness
from lib.sections.hyperparameter_impact import PARAMETER
from lib.sections.interactions import PAIR, name_of
from lib.sections.sketches import sketch, sketch_of_corner

if TYPE_CHECKING:
    from lib.analysis.best_corner import Corner
    from lib.findings.rule import Finding
    from lib.results.report import Report

# What is said of data and search is no claim about hyperparameters.
CLAIMS = ("effect", "edge", "interaction", "conditional", "failures", "best", "tie")
IMPACT, INTERACTIONS = "hyperparameter-impact", "interactions"
_SURE: Mapping[str, Sureness] = {"strong": "clear", "moderate": "likely", "weak": "likely"}
MOST_PICTURES = 6


def claims(report: Report) -> tuple[Claim, ...]:
    """Return the claims: what moves the objective, the largest gain first, then the winner, then what shows nothing.

    What is said of a range's end stands with its hyperparameter's effect.
    """
    return tuple(_numbered(report))


def facts(report: Report) -> tuple[str, ...]:
    """Return what is said of the data and the search, which decides how far the claims can be trusted."""
    return tuple(
        one.text for one in findings_of(report) if not _is_claim(one) and one.kind not in ("no_effect", "budget")
    )


def _is_claim(one: Finding) -> bool:
    # That some runs failed, whatever the settings, is a fact about the data.
    return one.kind in CLAIMS and (one.kind != "failures" or one.parameter is not None)


def stated(report: Report) -> tuple[str, ...]:
    """Return the ids of the findings that have a claim of their own."""
    return tuple(one.id for one in _told(report))


def _told(report: Report) -> list[Finding]:
    return [one for one in findings_of(report) if _is_claim(one) and one.kind != "edge"]


def _numbered(report: Report) -> Iterator[Claim]:
    found = _told(report)
    edges = {one.parameter: one for one in findings_of(report) if one.kind == "edge"}
    order = sorted(range(len(found)), key=lambda at: (found[at].group is Group.BEST, at))
    best, last = report.best_run, 0
    for last, at in enumerate(order, start=1):
        one = found[at]
        edge = edges.get(one.parameter) if one.kind == "effect" else None
        yield Claim(
            last,
            one.headline,
            _SURE[one.strength],
            f"{_beyond_headline(one)} {edge.text}" if edge else _beyond_headline(one),
            _picture(report, one) if last <= MOST_PICTURES else None,
            _there(report, one),
            RunName(best.run_id, best.name, one.id) if best is not None and one.section == "best-run" else None,
            one.id,
        )
    # What matters together with another parameter is said with their interaction.
    quiet = [one for one in findings_of(report) if one.kind == "no_effect" and "partners" not in one.evidence]
    if quiet:
        names = [one.parameter or "" for one in quiet]
        yield Claim(
            last + 1,
            f"No clear effect of {listing(names, most=4)}",
            "nothing found",
            _quiet_sentence(report, quiet),
            None,
            Link(IMPACT, "See it on Impact", {PARAMETER: names[0]}),
        )


def _quiet_sentence(report: Report, quiet: Sequence[Finding]) -> str:
    """Say that some hyperparameters show no pattern, and how large an effect of each is ruled out."""
    runs = count(report.population.ledger.used, "run")
    text = f"{runs} show no clear pattern along {'it' if len(quiet) == 1 else 'any of them'}."
    ruled_out = []
    for one in quiet:
        if "ruled_out_times" in one.evidence:
            ruled_out.append(f"{factor(one.evidence['ruled_out_times'])} times for {one.parameter}")
        elif "ruled_out_above" in one.evidence:
            ruled_out.append(f"{number(one.evidence['ruled_out_above'], 2)} for {one.parameter}")
    if not ruled_out:
        return text
    return f"{text} Larger effects than these are ruled out (95%): {listing(ruled_out, most=8)}."


def _beyond_headline(one: Finding) -> str:
    """Return the claim in full without what its headline says already."""
    if not one.text.startswith(one.headline):
        return one.text
    rest = one.text[len(one.headline) :].lstrip(" :,;.")
    return rest[:1].upper() + rest[1:] if rest else one.text


def _there(report: Report, one: Finding) -> Link:
    if one.section == INTERACTIONS and (corner := _corner(report, one)):
        pairs = (name_of(pair) for pair in report.interactions if {pair.first, pair.second} == set(corner.parameters))
        return Link(INTERACTIONS, "See it on Interactions", {PAIR: next(pairs, "")})
    if one.parameter is not None and one.section == IMPACT:
        return Link(IMPACT, "See it on Impact", {PARAMETER: one.parameter})
    return Link(one.section, f"See {BY_ADDRESS[one.section].label}")


def _corner(report: Report, one: Finding) -> Corner | None:
    """Return the corner that a claim is about: that of a pair, or the one in which the best runs crowd."""
    if one.kind == "interaction":
        return report.once(best_corner, one.evidence["first"], one.evidence["second"])
    return report.crowded_corner.corner if report.crowded_corner else None


def _picture(report: Report, one: Finding) -> Chart | None:
    population = report.population
    if one.section == INTERACTIONS:
        corner = _corner(report, one)
        return sketch_of_corner(report, corner) if corner else None
    if one.kind == "best":
        if population.ledger.used < 2:
            return None
        return Chart(
            "leaders",
            one.headline,
            f"How {population.objective.metric} is distributed, with the runs that are as good as the best marked.",
            leaders_chart,
            (population, report.best_run),
            small=True,
        )
    searched = {p.name for p in population.searched}
    return sketch(report, one.parameter) if one.kind == "effect" and one.parameter in searched else None
