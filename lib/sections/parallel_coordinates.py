"""Parallel coordinates: all runs at once, one axis a hyperparameter, the objective last; brush axes to keep runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lib.analysis.axes import axes
from lib.charts.palette import Surface
from lib.charts.parallel_coordinates import MOST_LINES, parallel_coordinates_chart, tables_of_selection
from lib.charts.parallel_gestures import GESTURES
from lib.model.numbers import count
from lib.sections.blocks import AppOnly, Blocks, Chart, Heading, Headline, Note, Table, Tip
from lib.sections.objective import value_words
from lib.sections.run_tables import used_runs_table

if TYPE_CHECKING:
    from lib.analysis.axes import Axis
    from lib.charts.picks import Reader
    from lib.model.choices import Condition
    from lib.results.report import Report

QUARTILE = "quartile"
CHART = "parallel-coordinates"
# The table of all runs is for choosing among them; a document needs the best.
MOST_RUNS_WRITTEN = 25


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """What is drawn how: by default all used runs on the axes of all hyperparameters and the objective."""

    everything: Report
    """The report without the selection: its runs are drawn, in grey where the selection leaves them out."""
    axes: Sequence[Axis]
    by: str
    """What colours the lines: QUARTILE, "value", or a column."""
    kept: np.ndarray
    """Whether each run of `everything` is drawn in colour, shape (its used runs,)."""
    best: np.ndarray
    """Positions of the report's own runs that are drawn in colour, best first."""
    listed: np.ndarray
    """Positions of those that the table lists on a page."""
    chosen: Sequence[int] = ()
    """Rows of the table that are chosen at first."""
    lifted: Sequence[str] = ()
    """Ids of runs whose lines are lifted."""
    reader: Reader | None = None
    """Turns a brush into filters."""
    highlighted: Sequence[Condition] = ()
    """What the highlighted runs meet."""
    surface: Surface | None = None
    """What the chart stands on, where that is known."""


def plain_view(report: Report) -> View:
    """Return the view in which nothing was chosen or brushed."""
    population = report.population
    best = population.best_first
    return View(report, report.once(axes), QUARTILE, np.ones(len(population.rows), dtype=bool), best, best)


def build(report: Report) -> Blocks:
    """Yield the section."""
    given: View | None = yield AppOnly(
        "axes", "A brush, and the buttons that move and turn axes, need a reader who clicks."
    )
    view = given or plain_view(report)
    yield Headline(parallel_coordinates_headline(view.everything))
    drawn, population = view.everything.population, report.population
    if not len(drawn.rows):
        return
    yield Chart(
        CHART,
        "Parallel coordinates",
        # The same whatever is kept: with another text the browser draws the chart again.
        f"Parallel coordinates of {len(drawn.rows)} runs over {len(view.axes)} axes; the table below lists the kept "
        "ones.",
        parallel_coordinates_chart,
        (drawn, view.axes, view.by),
        {"surface": view.surface},
        live={"pickable": True},
        tables=tables_of_selection,
        selection={
            "kept": view.kept,
            "lifted": view.lifted,
            "filters": (*population.choices.filters, *view.highlighted),
        },
        reader=view.reader,
        selections=GESTURES,
        adds_up=True,
    )
    yield Tip(
        "Drag along an axis, or click a level's name, to highlight the runs that pass there, on every page; do it on "
        "several axes to narrow them down. Drag an axis by its name to move it, and by an end to show a part of its "
        "values. Double-click an axis to undo that. Point at a line to see its run; click it to find it in the table. "
        "Rows that you choose there are drawn on top."
    )
    kept = int(view.kept.sum())
    if kept > MOST_LINES:
        yield Note(f"{MOST_LINES} of the {kept:,} kept runs are drawn: the best, and an even choice by rank.")
    for axis in view.axes:
        if axis.missing:
            yield Note(
                f"{count(axis.missing, 'run')} without a value of {axis.name} pass its axis at the tick “missing”."
            )
        if axis.beyond:
            yield Note(
                f"A part of {axis.name} is shown: {count(axis.beyond, 'run')} beyond it pass just past the axis's ends."
            )
    yield Heading("The runs behind the lines")
    yield Table(
        "used-runs",
        "The kept runs, best first",
        lambda: used_runs_table(report, view.best),
        run_ids=lambda: population.runs["run_id"].iloc[view.listed].tolist(),
        chosen=view.chosen,
        head=lambda most: used_runs_table(report, view.listed[:most]),
        rows=len(view.best),
        written=MOST_RUNS_WRITTEN,
    )


def parallel_coordinates_headline(report: Report) -> str:
    """Say how to read the picture and what its best quarter has in common."""
    ledger, objective = report.population.ledger, report.population.objective
    if not ledger.used:
        return f"{report.population.why_no_run}, so there is nothing to draw."
    if ledger.used == 1:
        value = value_words(report, float(report.population.values[0]))
        return f"The only run has {objective.metric} {value}; lines are of use from two runs on."
    values = report.population.values[report.population.best_first]
    cut = values[max(0, len(values) // 4 - 1)]
    return (
        f"Each line is one of {count(ledger.used, 'run')}; the brightest are the best quarter, "
        f"{objective.metric} {'above' if objective.sign > 0 else 'below'} {value_words(report, float(cut))}."
    )
