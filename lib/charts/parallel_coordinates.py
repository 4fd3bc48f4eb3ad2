"""Parallel coordinates: one axis a parameter with its own scale and ticks, the objective last, a line a run."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.axes import Axis
from lib.analysis.population import Population
from lib.charts.marks import Drawing, objective_colour, short
from lib.charts.palette import GREY, SEQUENTIAL

HEIGHT = 460
MOST_LINES = 500
QUARTILES = ("worst quarter", "third quarter", "second quarter", "best quarter")


def quartiles(population: Population) -> np.ndarray:
    """Return 0 (worst) to 3 (best) a used run, by rank of the objective; shape (n,)."""
    n = len(population.rows)
    out = np.empty(n, dtype=int)
    out[population.best_first] = 3 - (np.arange(n) * 4 // max(n, 1))
    return out


def lines_drawn(population: Population, most: int = MOST_LINES) -> np.ndarray:
    """Choose the runs drawn as lines, worst first so that the best lie on top: all, or an even choice by rank."""
    order = population.best_first[::-1]
    if len(order) <= most:
        return order
    best = order[-most // 5 :]
    rest = order[np.unique(np.linspace(0, len(order) - most // 5 - 1, most - most // 5).astype(int))]
    return np.concatenate([rest, best])


def parallel_coordinates_chart(population: Population, axes: Sequence[Axis], by: str = "quartile") -> Drawing:
    """Draw the runs as lines over the axes; by "quartile" or by "value".

    Axes are normalised here, since Vega-Lite has no scale of its own for each axis; ticks are drawn as marks.
    Pointing at a line lifts it and names its run.
    """
    drawn = lines_drawn(population)
    names = population.runs["name"].to_numpy()[drawn]
    group = quartiles(population)[drawn]
    frame = pd.DataFrame(
        {
            "run": np.tile(np.arange(len(drawn)), len(axes)),
            "name": np.tile(names, len(axes)),
            "x": np.repeat(np.arange(len(axes)), len(drawn)),
            "y": np.concatenate([axis.places[drawn] for axis in axes]) if axes else np.array([]),
            "color": np.tile(population.values[drawn], len(axes)),
            "group": np.tile(np.array(QUARTILES)[group], len(axes)),
        }
    )
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.45, max(len(axes) - 0.55, 0.55)], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.16, 1.12], nice=False))
    hover = alt.selection_point(
        name="pointed", fields=["run"], on="pointerover", nearest=True, empty=False, clear="pointerout"
    )
    colour = (
        objective_colour(population.objective)
        if by == "value"
        else alt.Color(
            "group:N",
            title=short(population.objective.metric, 30),
            sort=list(reversed(QUARTILES)),
            scale=alt.Scale(
                domain=list(reversed(QUARTILES)),
                range=[SEQUENTIAL[8], SEQUENTIAL[5], SEQUENTIAL[2], SEQUENTIAL[0]],
            ),
        )
    )
    faint = 0.18 if len(drawn) > 150 else 0.4
    lines = (
        alt.Chart(frame)
        .mark_line(interpolate="linear", strokeJoin="round")
        .encode(
            x=x,
            y=y,
            detail="run:N",
            color=colour,
            strokeWidth=alt.condition(hover, alt.value(4), alt.value(1.4)),
            opacity=alt.condition(hover, alt.value(1.0), alt.Opacity("group:N", scale=_opacity(faint), legend=None)),
        )
    )
    points = (
        alt.Chart(frame)
        .mark_circle(size=60, opacity=0)
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip("name:N", title="run"),
                alt.Tooltip("color:Q", title=population.objective.metric, format=".6g"),
            ],
        )
        .add_params(hover)
    )
    return alt.layer(lines, *_frame_of(axes, x, y), points).properties(height=HEIGHT)


def _opacity(faint: float) -> alt.Scale:
    return alt.Scale(domain=list(reversed(QUARTILES)), range=[0.9, faint * 1.5, faint, faint * 0.7])


def _frame_of(axes: Sequence[Axis], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    places = np.arange(len(axes))
    rules = pd.DataFrame({"x": places, "y": 0.0, "y2": 1.0})
    width = 26 if len(axes) <= 6 else 14
    titles = pd.DataFrame(
        {
            "x": places,
            "y": 1.09,
            "text": [short(a.name, width) + _suffix(a) for a in axes],
            "whole": [a.name for a in axes],
        }
    )
    ticks = pd.DataFrame(
        [{"x": i, "y": place, "text": short(label, 14)} for i, axis in enumerate(axes) for place, label in axis.ticks],
        columns=["x", "y", "text"],
    )
    return [
        alt.Chart(rules).mark_rule(color=GREY, strokeWidth=1.2).encode(x=x, y=y, y2="y2:Q"),
        alt.Chart(titles)
        .mark_text(fontWeight="bold", fontSize=12, color=GREY)
        .encode(x=x, y=y, text="text:N", tooltip=alt.Tooltip("whole:N", title="axis")),
        alt.Chart(ticks).mark_tick(color=GREY, orient="horizontal", size=8, thickness=1.2).encode(x=x, y=y),
        alt.Chart(ticks).mark_text(align="right", dx=-7, fontSize=10.5, color=GREY).encode(x=x, y=y, text="text:N"),
    ]


def _suffix(axis: Axis) -> str:
    extra = {"log": "log", "quantile": "quantiles"}.get(axis.scale, "")
    words = ", ".join(w for w in (extra, "inverted" if axis.inverted else "") if w)
    return f" ({words})" if words else ""
