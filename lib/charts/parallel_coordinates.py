"""Parallel coordinates: one axis a parameter with its own scale and ticks, the objective last, a line a run.

Vega-Lite has no scale of its own for each axis, so places are worked out before and ticks drawn as marks. What is
brushed lights up in the browser at once. Streamlit has Vega interpret expressions, about a microsecond a step, so the
brush is tested once a run, and only lines that it changes are made again: each stretch between two axes is a layer of
rules, one a run. As lines, each run would be a group with a flow of data of its own, and folding the axes into rows
makes all of them again whenever one changes. Nothing but three tables depends on which runs are kept or lifted: a page
changes them without having the chart drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.axes import Axis
from lib.analysis.levels import text_of_level
from lib.analysis.population import Population
from lib.charts.marks import MOST_ELEMENTS, Drawing, either
from lib.charts.names import tip_title
from lib.charts.palette import ACCENT, GREY, Surface
from lib.charts.parallel_axes import BESIDE_FIRST, frame_of, marked, marks_of
from lib.charts.parallel_colours import MISSING, colour_of, column_of, quartiles, top_of
from lib.charts.parallel_gestures import PICKED, brushed, brushes, carried, held_ends
from lib.charts.tables import NAME
from lib.model.choices import Condition
from lib.model.numbers import number

HEIGHT = 560
MOST_LINES = 500
_WIDTH, _RAISED, _NEAR = 1, 4, 9
# Its tables that depend on what is selected.
_MARKS, _LINES, _COUNT = "marks", "lines", "count"
# Every run has a place on every axis: the browser needn't look for those that have none.
_ALL: Literal["show"] = "show"


def lines_drawn(population: Population, kept: np.ndarray | None = None, most: int = MOST_LINES) -> np.ndarray:
    """Choose the runs drawn as lines, worst first so that the best lie on top: all, or the best and an even choice.

    kept : True for the runs to choose from, shape (n,); None for all.
    """
    order = population.best_first[::-1]
    order = order if kept is None else order[kept[order]]
    if len(order) <= most:
        return order
    best = most // 5
    rest = order[np.unique(np.linspace(0, len(order) - best - 1, most - best).astype(int))]
    return np.concatenate([rest, order[len(order) - best :]])


def parallel_coordinates_chart(
    population: Population,
    axes: Sequence[Axis],
    by: str = "quartile",
    *,
    kept: np.ndarray | None = None,
    lifted: Sequence[str] = (),
    filters: Sequence[Condition] = (),
    pickable: bool = False,
    surface: Surface | None = None,
) -> Drawing:
    """Draw the runs as lines over the axes. Pointing at a line lifts it, names its run and writes its values.

    by : what colours them: "quartile" or "value" of the objective, or the name of a parameter or metric, or "sweep".
    kept : runs in colour, the others in grey, shape (n,); None for all. lifted : ids of runs drawn thick.
    filters : spans marked on their axes. pickable : whether the chart has the selections of GESTURES.
    surface : what the chart stands on, where that is known: text then has its contrast, and an edge against the lines.
    """
    tables = tables_of_selection(population, axes, by, kept=kept, lifted=lifted, filters=filters)
    frame = tables[_LINES]
    _, own_colour, rows = colour_of(population, by)
    colour = either(alt.ColorValue, "isValid(datum.c)", own_colour, alt.value(GREY))
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-BESIDE_FIRST, max(len(axes) - 0.55, 0.55)], nice=False))
    # Below the axes is room for the count in the corner.
    low = -0.16 if any(a.missing for a in axes) else -0.06
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[low, alt.ExprRef(top_of(low, rows, HEIGHT))], nice=False))
    pointed = alt.selection_point(name="pointed", fields=["run"], on="pointerover", empty=False, clear="pointerout")
    # Lines are thin: what is pointed at are wide ones that aren't seen.
    wide = (
        alt.Chart(frame)
        .mark_rule(color=GREY, strokeWidth=_NEAR, opacity=0, invalid=_ALL)
        .encode(
            tooltip=[
                alt.Tooltip("name:N", title="run"),
                alt.Tooltip("objective:Q", title=tip_title(population.objective.metric), format=".6g"),
            ]
        )
    )
    near = _stretches("near", wide, len(axes), x=x, y=y)
    near[0] = near[0].add_params(pointed)
    line = (
        alt.Chart(frame)
        .mark_rule(invalid=_ALL)
        .encode(
            color=colour,
            strokeWidth=either(alt.StrokeWidthValue, "datum.lifted", alt.value(_RAISED), alt.value(_WIDTH)),
            opacity=alt.when("datum.lifted").then(alt.value(1)).otherwise(alt.Opacity("strength:Q", scale=None)),
        )
    )
    if pickable:
        clicked = ", ".join(f"@{one.name}_marks:click" for one in near)
        near[0] = near[0].add_params(alt.selection_point(name=PICKED, fields=["id"], on=clicked), *brushed(len(axes)))
        # The same for all stretches: the browser tests each run once.
        line = line.transform_filter("dragged_axis < 0 || inrange(datum[dragged_axis], span)")
    alone = _folded(
        alt.layer(
            alt.Chart()
            .mark_line(interpolate="linear", strokeWidth=_RAISED, strokeJoin="round")
            .encode(x=x, y=y, detail=alt.Detail("run:N"), color=colour),
            alt.Chart()
            .mark_text(align="left", dx=7, fontWeight="bold", fontSize=11, color=ACCENT)
            .encode(x=x, y=y, text=alt.Text("text:N"))
            .transform_calculate(text="datum['t' + datum.x]"),
            data=frame,
        ).transform_filter(pointed),
        len(axes),
    )
    runs = [*near, *_stretches("lit", line, len(axes), x=x, y=y), alone]
    every = lines_drawn(population)
    if pickable or kept is not None:
        # Where the others pass, whatever is kept: the browser draws these once.
        grey = alt.Chart(_places(axes, every)).mark_rule(color=GREY, strokeWidth=_WIDTH, opacity=0.07, invalid=_ALL)
        runs = [*_stretches("others", grey, len(axes), x=x, y=y), *runs]
    # This many marks are too slow as elements of the page; what is kept must not change how it is drawn.
    many = len(every) * len(axes) > MOST_ELEMENTS
    drawing = {"embedOptions": {"renderer": "canvas" if many else "svg"}}
    # Each change of a finished chart copies all of it.
    shown = [_count(tables[_COUNT], surface)]
    handles = [*brushes(len(axes), x, y), *carried(axes, x, y), held_ends(axes, x, y)] if pickable else []
    # Everything lies within the plot, so the browser needn't lay it out, and place each mark, a second time.
    laid_out = {"autosize": alt.AutoSizeParams(type="none", contains="padding"), "padding": 0} if pickable else {}
    return alt.layer(
        marked(tables[_MARKS], x, y),
        *runs,
        *frame_of(axes, x, y, surface=surface, pickable=pickable),
        *shown,
        *handles,
        height=HEIGHT,
        usermeta=drawing,
        **laid_out,
    )


def tables_of_selection(
    population: Population,
    axes: Sequence[Axis],
    by: str = "quartile",
    *,
    kept: np.ndarray | None = None,
    lifted: Sequence[str] = (),
    filters: Sequence[Condition] = (),
) -> dict[str, pd.DataFrame]:
    """Return the tables of the chart that depend on which runs are kept, lifted or filtered, by their names."""
    raised = np.flatnonzero(population.runs["run_id"].isin(lifted))
    drawn = lines_drawn(population, kept)
    drawn = np.concatenate([drawn[~np.isin(drawn, raised)], raised])
    colours, *_ = colour_of(population, by)
    runs = len(population.rows)
    tables = {
        _MARKS: marks_of(axes, filters),
        _LINES: _lines_frame(population, axes, drawn, len(raised)).assign(c=colours[drawn]),
        _COUNT: pd.DataFrame({"text": [f"{runs if kept is None else int(kept.sum()):,} of {runs:,} runs"]}),
    }
    for name, table in tables.items():
        table.attrs[NAME] = name
    return tables


def _count(words: pd.DataFrame, surface: Surface | None) -> alt.Chart:
    """Return the words in the corner: how many of the runs are in colour."""
    ink = surface.text if surface else GREY
    return (
        alt.Chart(words)
        .mark_text(align="right", baseline="bottom", dx=-4, dy=-2, fontSize=13, fontWeight="bold", color=ink)
        .encode(x=alt.XValue(alt.expr("width")), y=alt.YValue(alt.expr("height")), text=alt.Text("text:N"))
    )


def _places(axes: Sequence[Axis], rows: np.ndarray) -> pd.DataFrame:
    """Return where some runs pass each axis, which is a column by its number."""
    return pd.DataFrame({"run": rows, **{str(i): np.round(axis.places[rows], 4) for i, axis in enumerate(axes)}})


def _lines_frame(population: Population, axes: Sequence[Axis], drawn: np.ndarray, lifted: int) -> pd.DataFrame:
    """Return the lines in colour, the last `lifted` of them thick: where they pass, and what they tell."""
    faint = 0.18 if len(drawn) > 150 else 0.4
    # So that the best quarter stays lines, not a wall, it fades as it grows.
    bright = min(0.9, max(0.4, 180 / max(len(drawn), 1)))
    strengths = np.array([faint * 0.7, faint, faint * 1.5, bright])[quartiles(population)[drawn]]
    # Few runs need no fading among themselves.
    few = len(drawn) <= 60
    return _places(axes, drawn).assign(
        id=population.runs["run_id"].to_numpy()[drawn],
        name=population.runs["name"].to_numpy()[drawn],
        objective=population.values[drawn],
        lifted=np.arange(len(drawn)) >= len(drawn) - lifted,
        strength=np.maximum(strengths, 0.75) if few else strengths,
        **{f"t{i}": _texts(population, axis, drawn) for i, axis in enumerate(axes)},
    )


def _texts(population: Population, axis: Axis, drawn: np.ndarray) -> list[str]:
    values = column_of(population, axis.name)[drawn]
    return [number(v) if isinstance(v, float) else text_of_level(v) or MISSING for v in values]


def _folded(chart: Any, count: int) -> Any:
    """Give each run one row an axis: the axis's number, which is the name of its column, and where it passes there."""
    return chart.transform_fold([str(i) for i in range(count)], as_=["x", "y"])


def _stretches(name: str, line: alt.Chart, count: int, *, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Return the stretches between two axes, each a layer with a rule a run: NAME_0 and on; at least one, if empty."""
    stretches = []
    for at in range(max(count - 1, 1)):
        onward = min(at + 1, count - 1)
        one = line.encode(
            x=alt.XDatum(at, axis=None, scale=x["scale"]),
            y=alt.Y(f"{at}:Q", axis=None, scale=y["scale"]),
            x2=alt.X2Datum(onward),
            y2=alt.Y2(f"{onward}:Q"),
        )
        # By names of their own: Altair makes some of the data.
        one.name = f"{name}_{at}"
        stretches.append(one)
    return stretches
