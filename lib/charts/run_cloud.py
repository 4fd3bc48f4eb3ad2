"""Runs over two axes: a dot for each, coloured by the objective, or how many there are in each cell of a grid."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.population import Population
from lib.charts.marks import FULL, objective_colour
from lib.charts.names import tip_title
from lib.charts.palette import GREY
from lib.charts.robust import beyond
from lib.charts.run_marks import Build, bin_of, of_counts, of_runs

CELLS = 48


def runs_at(
    population: Population,
    build: Build,
    drawn: np.ndarray,
    ends: tuple[float, float],
    y: alt.Y,
    plain: bool = False,
    *tips: alt.Tooltip,
) -> list[alt.Chart]:
    """Return the runs as dots coloured by the objective, and those above or below the axis as triangles at its edge.

    build : makes the table of used runs by their positions (`of_runs`). drawn : the positions of those that are drawn.
    plain : without colours, which mean the objective, where the values are something else.
    """
    objective = population.objective
    colour = objective_colour(objective, population.objective_scale, "y").legend(None)
    # Far values would take the whole ramp: it covers the axis.
    colour["scale"]["domain"], colour["scale"]["clamp"] = list(ends), True
    shade = alt.ColorValue(GREY) if plain else colour
    tooltip = [
        alt.Tooltip("run:N", title="run"),
        *tips,
        alt.Tooltip("y:Q", title=tip_title(objective.metric), format=FULL),
    ]

    def at(side: int) -> pd.DataFrame:
        def on_side(positions: np.ndarray) -> pd.DataFrame:
            frame = build(positions)
            return frame[beyond(frame["y"].to_numpy(dtype=float), ends) == side]

        return of_runs(population.rows, drawn, on_side, grey=plain)

    charts = [alt.Chart(at(0)).mark_circle(size=30, opacity=0.8, clip=True).encode(y=y, color=shade, tooltip=tooltip)]
    for side, edge, shape in ((-1, alt.YValue(alt.expr("height")), "triangle-down"), (1, alt.YValue(0), "triangle-up")):
        if len(beyond_it := at(side)):
            far = alt.Chart(beyond_it).mark_point(shape=shape, size=70, filled=True, opacity=0.9)
            charts.append(far.encode(y=edge, color=shade, tooltip=tooltip))
    return charts


def density(
    population: Population, values: np.ndarray, known: np.ndarray, scale: str, x_axis: alt.X, y_axis: alt.Y
) -> alt.Chart:
    """Draw how many of the runs that are `known` lie in each cell of a grid over a parameter and the objective."""
    x, y = values[known], population.values[known]
    place = np.log10(x) if scale == "log" else x
    height = np.log10(y) if population.objective_scale == "log" else y
    counts, x_edges, y_edges = np.histogram2d(place, height, bins=CELLS)
    filled = np.argwhere(counts > 0)
    number_of = np.full(counts.shape, -1)
    number_of[filled[:, 0], filled[:, 1]] = np.arange(len(filled))
    row_of_run = number_of[bin_of(place, x_edges), bin_of(height, y_edges)]
    x_edges = 10**x_edges if scale == "log" else x_edges
    y_edges = 10**y_edges if population.objective_scale == "log" else y_edges
    cells = pd.DataFrame(
        {
            "x": x_edges[filled[:, 0]],
            "x2": x_edges[filled[:, 0] + 1],
            "y": y_edges[filled[:, 1]],
            "y2": y_edges[filled[:, 1] + 1],
            "count": counts[filled[:, 0], filled[:, 1]],
        }
    )
    return (
        alt.Chart(of_counts(population.rows[known], row_of_run, "count", frame=cells))
        .mark_rect(color=GREY)
        .encode(
            x=x_axis,
            x2=alt.X2("x2:Q"),
            y=y_axis,
            y2=alt.Y2("y2:Q"),
            opacity=alt.Opacity("count:Q", scale=alt.Scale(type="sqrt", range=[0.08, 0.8]), legend=None),
            tooltip=[alt.Tooltip("count:Q", title="runs")],
        )
    )
