"""Learning curves: how the best runs learned against the rest, overfitting, and how early the ranking was known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lib.analysis import learning_curves as curves_of
from lib.charts.learning_curves import MOST_LINES, axis_title, gap_chart, metric_chart, ranking_chart
from lib.charts.palette import CATEGORICAL
from lib.installed import PROGRAM
from lib.sections.blocks import (
    AppOnly,
    Blocks,
    Chart,
    Choice,
    Code,
    Heading,
    Headline,
    Method,
    Note,
    Part,
    Row,
    Several,
    Table,
    Text,
)
from lib.sections.learning_curves_tables import (
    axis_word,
    best_places_table,
    curves_table,
    gap_table,
    ranking_table,
    stopped_table,
)
from lib.sections.learning_curves_words import (
    early_stopping_sentence,
    early_terminate_yaml,
    gap_sentence,
    learning_curves_evidence,
    learning_curves_headline,
    ranking_sentence,
    stopped_sentence,
)

if TYPE_CHECKING:
    from lib.analysis.learning_curves import LearningCurves
    from lib.results.report import Report

MOST_OFFERED = 200
MOST_STOPPED_WRITTEN = 50


@dataclass(frozen=True, eq=False, slots=True)
class _Shown:
    """Which runs are drawn how."""

    rows: np.ndarray
    """Positions of used runs, best first."""
    named: bool
    """Whether a reader named them; else they are the best."""
    along: str
    """The axis that a reader chose."""
    faded: bool
    """Whether the other runs are drawn as faint lines; else as their quartiles."""

    @property
    def whose(self) -> str:
        return "chosen" if self.named else "best"


def why_empty(report: Report) -> str | None:
    """Say why there are no learning curves; None where there are."""
    return curves_of.why_unavailable(report.population)


def build(report: Report) -> Blocks:
    """Yield the section."""
    population = report.population
    yield Headline(learning_curves_headline(report), learning_curves_evidence(report))
    if why_empty(report) is not None:
        if population.sweep.history.empty:
            yield Text(
                "A run table holds the last value of each metric alone. Open the sweep by its address on W&B, or a "
                "snapshot made of it by this command: both have what each run logged."
            )
            if population.sweep.origin.kind == "csv":
                yield Code(f"{PROGRAM} fetch ENTITY/PROJECT/SWEEP --output sweep.parquet", "bash")
            yield AppOnly("read-histories", "It asks W&B for what a written report was made without.")
        return
    learned, metrics = report.learning_curves, curves_of.curve_metrics(population)
    first = metrics[:1]
    chosen, picked = yield Row((_metrics(metrics, first), _runs(report)), weights=(1, 1))
    shown = [metric for metric in chosen if metric in metrics] or first
    axes = curves_of.axes_of(population, shown[0])
    along, others = yield Row(
        (
            Choice("over", "Over", axes, words=axis_title),
            Choice("rest", "The other runs", ("faded", "quartiles"), style="segmented"),
        ),
        weights=(1, 1),
    )
    rows, unknown = curves_of.rows_named(population, picked)
    for name in unknown:
        yield Note(f"No run that is used here is called {name}.")
    how = _Shown(rows if len(rows) else best_rows(report), len(rows) > 0, along, others == "faded")

    yield from _curves(report, shown[0], how)
    for at in range(1, len(shown), 2):
        pair = tuple(lambda metric=metric: _curves(report, metric, how) for metric in shown[at : at + 2])
        yield Row(pair, weights=(1, 1))
    yield Note(
        "A dot marks where a run's own best value was."
        + ("" if how.faded else " The band holds the middle half of the other runs, the dashed line their median.")
    )
    if len(how.rows) > MOST_LINES:
        yield Note(f"The first {MOST_LINES} of {len(how.rows)} runs are drawn; the tables hold all.")
    if learned is not None:
        yield Table(
            "best-places",
            f"Where each of the {how.whose} runs was best",
            lambda: best_places_table(report, learned, how.rows),
            run_ids=lambda: population.runs["run_id"].iloc[how.rows].tolist(),
        )
    yield Heading("Overfitting")
    yield Part(lambda: _overfitting(report, metrics))
    if learned is not None:
        yield from _ranking(report, learned)
        yield from _ended_early(report, learned)


def _metrics(metrics: Sequence[str], first: Sequence[str]) -> Several:
    return Several("curve", "Metrics", metrics, default=", ".join(first), help="The first is drawn large.")


def _runs(report: Report) -> Several:
    population = report.population
    labels = curves_of.run_labels(population)
    return Several(
        "runs",
        "Runs",
        [labels[row] for row in population.best_first[:MOST_OFFERED]],
        default=f"the best {len(best_rows(report))}",
        further=True,
        help="Names or ids of runs. Up to five are distinguished by colour.",
    )


def best_rows(report: Report) -> np.ndarray:
    """Return the runs that are drawn while nobody names any: as many of the best as have a colour of their own."""
    population = report.population
    return population.best_first[: min(population.choices.top, len(CATEGORICAL))]


def _curves(report: Report, metric: str, how: _Shown) -> Blocks:
    """Show the curves of one metric, and the table behind them."""
    population, rows = report.population, how.rows
    fitting = curves_of.axes_of(population, metric)
    axis = how.along if how.along in fitting else fitting[0]
    lower = curves_of.smaller_is_better(population, metric)
    behind = "the others faded" if how.faded else "the quartiles of the others"
    yield Chart(
        f"curves-{metric}",
        f"Learning curves of {metric}",
        f"{metric} of the {how.whose} {len(rows)} runs over {axis_word(axis)}s, with {behind}.",
        metric_chart,
        (population, metric, axis, rows, lower),
        {"named": True, "faded": how.faded},
    )
    yield Table(
        f"curves-{metric}",
        f"{metric} of the {how.whose} runs",
        lambda: curves_table(report, curves_of.curves_along(population, metric, axis), rows),
        folded=f"The table behind {metric}",
        written=0,
    )


def _overfitting(report: Report, metrics: list[str]) -> Blocks:
    pairs = curves_of.metric_pairs(metrics)
    if not pairs:
        yield Text("No metric was logged both in training and on held-out data (such as loss and val_loss).")
        return
    names = [pair.held_out for pair in pairs]
    gap = report.once(curves_of.gap, pairs[names.index((yield Choice("gap", "Held-out metric", names)))])
    yield Text(gap_sentence(report, gap))
    yield Chart(
        "gap",
        "Overfitting",
        f"How much worse {gap.pair.held_out} is than {gap.pair.trained} along the runs: median, quartiles, best run.",
        gap_chart,
        (gap, int(report.population.best_first[0])),
    )
    yield Table(
        "gap",
        "Gap between training and held-out data",
        lambda: gap_table(gap),
        folded="The table behind the gap",
        written=0,
    )


def _ended_early(report: Report, learned: LearningCurves) -> Blocks:
    yield Heading("Runs that ended early")
    yield Text(stopped_sentence(report, learned))
    if len(learned.stopped):
        yield Table(
            "ended-early",
            "Runs that ended early",
            lambda: stopped_table(report, learned),
            folded="Which they are",
            written=MOST_STOPPED_WRITTEN,
        )


def _ranking(report: Report, learned: LearningCurves) -> Blocks:
    yield Heading("How early the final ranking could have been known")
    yield Text(ranking_sentence(report))
    ranks, rule, axis = report.rank_curve, report.early_stopping, learned.curves.steps.axis
    if ranks is not None:
        metric = report.population.objective.metric
        yield Chart(
            "ranking",
            "How early the final ranking could have been known",
            f"Spearman correlation of {metric} along the runs with its final value, with its 95% band.",
            ranking_chart,
            (ranks, axis, rule),
        )
        yield Table(
            "ranking",
            "Correlation with the end",
            lambda: ranking_table(ranks, axis),
            folded="The table behind the ranking",
            written=0,
        )
    yield Text(early_stopping_sentence(report))
    yield Method(
        "The correlation is Spearman's, over the runs that reached a place. The rule is W&B's Hyperband: after "
        "min_iter logged values, and again at every eta times as many, runs go on whose best value so far is among the "
        "best 1/eta; it is the one that would have saved most of these runs' training and kept at least 80% of the "
        "best, on average."
    )
    if rule is not None:
        yield Code(early_terminate_yaml(rule), "yaml")
