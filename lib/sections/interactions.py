"""Interactions: which pairs of hyperparameters interact beyond their single effects, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from lib.analysis.interactions import heat_map
from lib.charts.interactions import heat_map_chart, pairs_chart
from lib.model.numbers import count, listing, p_value, percent
from lib.sections.blocks import Blocks, Chart, Choice, Heading, Headline, Note, Part, Table, Text

if TYPE_CHECKING:
    from lib.analysis.interactions import HeatMap, Interaction
    from lib.results.report import Report


def build(report: Report) -> Blocks:
    """Yield the section."""
    yield Headline(interactions_headline(report))
    pairs = [pair for pair in report.interactions if pair.score is not None]
    if not pairs:
        return
    yield Chart(
        "pairs",
        "How strongly pairs interact",
        f"How much each of {len(pairs)} pairs of hyperparameters adds to their single effects, with 95% intervals.",
        pairs_chart,
        (pairs,),
    )
    yield Note("Filled dots are clear after correction (Holm over all pairs); hollow ones are not.")
    yield Table(
        "interactions",
        "Pairs of hyperparameters and their interaction",
        lambda: interactions_table(report),
        folded="The table behind the chart",
    )
    yield Heading("The objective over two at once")
    yield Part(lambda: _one_pair(report, pairs))


def _one_pair(report: Report, pairs: Sequence[Interaction]) -> Blocks:
    names = [f"{pair.first} × {pair.second}" for pair in pairs]
    pair = pairs[names.index((yield Choice("pair", "Pair", names, default=f"strongest: {names[0]}")))]
    objective, cells = report.population.objective, report.once(heat_map, pair.first, pair.second)
    yield Text(pair_sentence(pair))
    yield Chart(
        "heat-map",
        f"{pair.first} and {pair.second} at once",
        f"Mean {objective.metric} over {pair.first} and {pair.second}, with the best cell framed.",
        heat_map_chart,
        (cells, objective),
    )
    yield Note(
        "Numbers are the mean of a cell's runs: fainter where they are few, none where there is no run. The best cell "
        "of three runs or more is framed."
    )
    yield Table(
        "heat-map",
        f"Mean objective by {pair.first} and {pair.second}",
        lambda: heat_map_table(cells),
        folded="The table behind the heat map",
    )


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
