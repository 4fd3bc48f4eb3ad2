"""Interactions: which pairs of hyperparameters interact beyond their single effects, and how."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from lib.analysis.best_corner import best_corner
from lib.analysis.interactions import heat_map
from lib.charts.interactions import heat_map_chart, pairs_chart
from lib.findings.corner_and_best import beside_corner
from lib.model.numbers import count, listing, number, p_value, percent
from lib.model.scales import mean_named
from lib.sections.blocks import Blocks, Chart, Choice, Heading, Headline, Method, Note, OneOf, Table, Text, Tip

if TYPE_CHECKING:
    from lib.analysis.best_corner import Corner
    from lib.analysis.interactions import HeatMap, Interaction
    from lib.model.parameter import Scale
    from lib.results.report import Report

PAIR = "pair"
"""The key of the control that chooses a pair: what links to one set."""
MOST_WRITTEN = 6
NO_CORNER = "No corner has the five runs that it takes to be called best."


def build(report: Report) -> Blocks:
    """Yield the section."""
    yield Headline(interactions_headline(report), interactions_evidence(report))
    pairs = [pair for pair in report.interactions if pair.score is not None]
    if not pairs:
        return
    names = [name_of(pair) for pair in pairs]
    yield OneOf(
        Choice(PAIR, "Pair", names, default=f"clearest: {names[0]}"),
        {name: partial(_one_pair, report, pair) for name, pair in zip(names, pairs, strict=True)},
        beside=(
            Chart(
                "pairs",
                "How strongly pairs interact",
                f"How much each of {len(pairs)} pairs of hyperparameters adds to their single effects, with 95% "
                "intervals.",
                pairs_chart,
                (pairs,),
                live={"pickable": True},
                chooses=(PAIR, names),
            ),
            Note(
                "Dots: the share of the objective's variance that a pair explains beyond its single effects, with its "
                "95% interval; filled where that is clear. The clearest comes first."
            ),
            Tip("Click a pair to see it."),
        ),
        # The picture of a pair that doesn't interact says little; the strongest is shown all the same.
        most_written=max(1, min(MOST_WRITTEN, sum(pair.claimed for pair in pairs))),
    )
    yield Table(
        "interactions",
        "Pairs of hyperparameters and their interaction",
        lambda: interactions_table(report),
        folded="All pairs in numbers",
    )
    yield Method(
        "A pair is claimed where the products of its two hyperparameters add to their single effects, on the "
        "objective's own scale and on that of its ranks, with p below 5% after Holm's correction over all pairs. The "
        "framed corner is the level or range of each with the best mean at the low end of a wide interval (bump "
        "hunting): it was chosen after looking, so its mean flatters it."
    )


def name_of(pair: Interaction) -> str:
    """Return a pair as the page names it."""
    return f"{pair.first} × {pair.second}"


def _one_pair(report: Report, pair: Interaction) -> Blocks:
    corner = report.once(best_corner, pair.first, pair.second)
    objective, cells = report.population.objective, report.once(heat_map, pair.first, pair.second, corner)
    yield Heading(name_of(pair), level=2)
    yield Text(pair_sentence(pair))
    yield Chart(
        f"heat-map-{pair.first}-{pair.second}",
        f"{pair.first} and {pair.second} at once",
        f"Mean {objective.metric} over {pair.first} and {pair.second}, with the best corner framed.",
        heat_map_chart,
        (cells, objective, corner, report.population.objective_scale),
    )
    yield (
        Text(corner_sentence(corner, report.population.objective_scale))
        if corner
        else Note("No corner has the five runs that it takes to call it best.")
    )
    if corner and (differs := beside_corner(report, corner)):
        yield Text(differs)
    mean = mean_named(report.population.objective_scale)
    framed = " The frame allows for luck: it asks a better mean of fewer runs." if corner else ""
    yield Note(
        f"Numbers are the {mean} of a cell's runs: fainter where they are few, none where there is no run.{framed}"
    )
    yield Table(
        f"heat-map-{pair.first}-{pair.second}",
        f"Mean objective by {pair.first} and {pair.second}",
        lambda: heat_map_table(cells),
        folded="The cells in numbers",
    )


def corner_sentence(corner: Corner, scale: Scale = "linear") -> str:
    """Say where two hyperparameters are best together, with the counts behind it."""
    text = (
        f"Best corner (framed): {corner.text}: {mean_named(scale)} {number(corner.mean, 3)} over "
        f"{count(corner.runs, 'run')}, elsewhere {number(corner.mean_elsewhere, 3)}"
    )
    if corner.ranks:
        first, last = corner.ranks[0], corner.ranks[-1]
        together = len(corner.ranks) > 2 and corner.ranks == tuple(range(first, last + 1))
        ranks = f"ranks {first} to {last}" if together else listing([str(rank) for rank in corner.ranks], most=10)
        named = ranks if together else f"{'rank' if len(corner.ranks) == 1 else 'ranks'} {ranks}"
        text += f"; {named} {'is' if len(corner.ranks) == 1 else 'are'} there"
    return f"{text}; {percent(corner.runs / corner.of)} of the runs were tried there."


def interactions_headline(report: Report) -> str:
    """Say which pairs interact, or that none clearly does."""
    pairs = [i for i in report.interactions if i.score is not None]
    if not pairs:
        return "With fewer than two hyperparameters that vary over enough runs, there is no pair to look at."
    claimed = [i for i in pairs if i.claimed]
    if not claimed:
        return f"No clear interaction among the {count(len(pairs), 'pair')} of hyperparameters in these runs."
    named = listing([f"{i.first} with {i.second}" for i in claimed], most=3)
    interact = "interacts" if len(claimed) == 1 else "interact"
    return f"{len(claimed)} of {count(len(pairs), 'pair')} clearly {interact} beyond single effects: {named}."


def interactions_evidence(report: Report) -> str | None:
    """Say where few runs and many of the best are, where no pair clearly interacts; None where that is nowhere."""
    if any(pair.claimed for pair in report.interactions) or report.crowded_corner is None:
        return None
    return f"Still, the best runs are where few were tried: {report.crowded_corner.corner.text}."


def pair_sentence(pair: Interaction) -> str:
    """Say how strongly one pair interacts, and how sure that is."""
    share = f"{percent(pair.score)} of the variance beyond their single effects"
    if pair.score_low is not None and pair.score_high is not None:
        share += f" (95% interval {percent(pair.score_low)} to {percent(pair.score_high)})"
    verdict = "interact" if pair.claimed else "show no clear interaction"
    sure = f"{p_value(pair.p_adjusted)} after correction, n = {pair.n:,}"
    return f"{pair.first} and {pair.second} {verdict}: {share}, {sure}."


def interactions_table(report: Report) -> pd.DataFrame:
    """One row a pair of parameters: share of variance beyond the single effects, interval, p."""
    return pd.DataFrame(
        [
            {
                "first": i.first,
                "second": i.second,
                "interaction": "clear" if i.claimed else "not clear",
                "share of variance": i.score,
                "95% from": i.score_low,
                "95% to": i.score_high,
                "p": i.p_value,
                "adjusted p": i.p_adjusted,
                "runs": i.n,
            }
            for i in report.interactions
        ]
    )


def heat_map_table(cells: HeatMap) -> pd.DataFrame:
    """One row a cell that holds runs: both bins, the mean objective, the count."""
    return pd.DataFrame(
        [
            {
                cells.first: first,
                f"{cells.second} " if cells.second == cells.first else cells.second: second,
                "mean": float(cells.mean[i, j]),
                "runs": int(cells.count[i, j]),
            }
            for i, first in enumerate(cells.first_labels)
            for j, second in enumerate(cells.second_labels)
            if cells.count[i, j]
        ]
    )
