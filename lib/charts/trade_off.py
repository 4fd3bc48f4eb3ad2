"""Two metrics of every run against each other, with the Pareto front."""

from __future__ import annotations

from typing import Literal

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.population import Population
from lib.analysis.trade_off import TradeOff
from lib.charts.marks import (
    AS_PEOPLE_READ,
    HEIGHT,
    Drawing,
    objective_axis,
    objective_title,
    shown_sweeps,
    sweep_colours,
    sweep_encoding,
    thinned,
)
from lib.charts.palette import ACCENT, GREY


def trade_off_chart(population: Population, found: TradeOff) -> Drawing:
    """Draw every run by both metrics, the front as a line of steps through its runs.

    Runs of several sweeps are coloured by their sweep, those on the front larger. Of more than 2,000 runs the best by
    the first metric and an even sample of the others are drawn, and all the front.
    """
    names = population.runs["name"].to_numpy()[found.runs]
    order = np.argsort(-found.first_objective.sign * found.first, kind="stable")
    kept = np.setdiff1d(thinned(order), found.front)
    colours = sweep_colours(population)
    sweeps = population.sweeps.to_numpy()[found.runs] if population.sweeps is not None else np.full(len(names), "")

    def points(rows: np.ndarray) -> pd.DataFrame:
        frame = pd.DataFrame({"x": found.second[rows], "y": found.first[rows], "run": names[rows]})
        return frame.assign(sweep=shown_sweeps(pd.Series(sweeps[rows]), colours)) if colours else frame

    cloud, front = points(kept), points(found.front)
    x = alt.X(
        "x:Q",
        title=objective_title(found.second_objective),
        scale=alt.Scale(zero=False),
        axis=alt.Axis(grid=False, labelExpr=AS_PEOPLE_READ),
    )
    y = objective_axis(found.first_objective)
    tooltip = [
        alt.Tooltip("run:N", title="run"),
        alt.Tooltip("y:Q", title=found.first_objective.metric, format=".6g"),
        alt.Tooltip("x:Q", title=found.second_objective.metric, format=".6g"),
    ]
    # Between two runs of the front nothing better is known than the worse of both: the corner lies on that side.
    corner: Literal["step-after", "step-before"] = "step-after" if found.second_objective.sign < 0 else "step-before"
    along = GREY if colours else ACCENT
    runs = alt.Chart(cloud).mark_circle(size=30, color=GREY, opacity=0.5).encode(x=x, y=y, tooltip=tooltip)
    line = alt.Chart(front).mark_line(color=along, strokeWidth=1.5, interpolate=corner)
    best = alt.Chart(front).mark_circle(size=90, color=ACCENT, opacity=1).encode(x=x, y=y, tooltip=tooltip)
    if colours:
        tooltip.append(alt.Tooltip("sweep:N"))
        runs, best = (one.encode(color=sweep_encoding(colours), tooltip=tooltip) for one in (runs, best))
    return alt.layer(runs, line.encode(x=x, y=y, order="x:Q"), best).properties(height=HEIGHT + 60)


def trades_chart(found: TradeOff) -> Drawing | None:
    """Draw how each parameter goes with both metrics, towards better to the right; None without a numeric parameter."""
    sides = ((found.first_objective.metric, "first"), (found.second_objective.metric, "second"))
    rows = pd.DataFrame(
        [
            {"y": t.parameter, "metric": metric, "x": getattr(t, side), "p": getattr(t, f"{side}_p")}
            for t in found.trades
            for metric, side in sides
            if getattr(t, side) is not None
        ]
    )
    if rows.empty:
        return None
    order = [t.parameter for t in found.trades]
    lines = rows.groupby("y", sort=False)["x"].agg(["min", "max"]).reset_index()
    y = alt.Y("y:N", title=None, sort=order, axis=alt.Axis(labelLimit=220))
    scale, title = alt.Scale(domain=[-1, 1]), "Spearman, towards better"
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=GREY, strokeDash=[3, 3]).encode(x="x:Q")
    spans = (
        alt.Chart(lines)
        .mark_rule(color=GREY, strokeWidth=2)
        .encode(y=y, x=alt.X("min:Q", title=title, scale=scale), x2="max:Q")
    )
    dots = (
        alt.Chart(rows)
        .mark_circle(size=110, opacity=1)
        .encode(
            y=y,
            x=alt.X("x:Q", title=title, scale=scale),
            color=alt.Color(
                "metric:N",
                title=None,
                sort=[metric for metric, _ in sides],
                scale=alt.Scale(domain=[metric for metric, _ in sides], range=[ACCENT, "#da7e1e"]),
                legend=alt.Legend(orient="top", labelLimit=240),
            ),
            tooltip=[
                alt.Tooltip("y:N", title="parameter"),
                alt.Tooltip("metric:N"),
                alt.Tooltip("x:Q", title="Spearman towards better", format=".3f"),
                alt.Tooltip("p:Q", title="adjusted p", format=".3g"),
            ],
        )
    )
    return alt.layer(zero, spans, dots).properties(height=max(150, 36 * len(order) + 100))
