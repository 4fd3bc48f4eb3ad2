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
    Names,
    colour_of_kinds,
    labels,
    objective_axis,
    objective_title,
    sweep_colours,
    sweep_encoding,
    sweep_places,
    thinned,
    tip_title,
)
from lib.charts.palette import ACCENT, CATEGORICAL, GREY

LABELS = 30
SECOND = CATEGORICAL[1]


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
        if not colours:
            return frame
        return frame.assign(sweep=sweep_places(pd.Series(sweeps[rows]), colours), of=sweeps[rows])

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
        alt.Tooltip("y:Q", title=tip_title(found.first_objective.metric), format=".6g"),
        alt.Tooltip("x:Q", title=tip_title(found.second_objective.metric), format=".6g"),
    ]
    # Between two runs of the front nothing better is known than the worse of both: the corner lies on that side.
    corner: Literal["step-after", "step-before"] = "step-after" if found.second_objective.sign < 0 else "step-before"
    along = GREY if colours else ACCENT
    runs = alt.Chart(cloud).mark_circle(size=30, color=GREY, opacity=0.5).encode(x=x, y=y, tooltip=tooltip)
    line = alt.Chart(front).mark_line(color=along, strokeWidth=1.5, interpolate=corner)
    best = alt.Chart(front).mark_circle(size=90, color=ACCENT, opacity=1).encode(x=x, y=y, tooltip=tooltip)
    if colours:
        tooltip.append(alt.Tooltip("of:N", title="sweep"))
        runs, best = (one.encode(color=sweep_encoding(colours), tooltip=tooltip) for one in (runs, best))
    return alt.layer(runs, line.encode(x=x, y=y, order="x:Q"), best).properties(height=HEIGHT + 60)


def trades_chart(found: TradeOff) -> Drawing | None:
    """Draw how each parameter goes with both metrics, towards better to the right; None without a numeric parameter."""
    sides = ((found.first_objective.metric, "first"), (found.second_objective.metric, "second"))
    names = Names(tuple(labels([t.parameter for t in found.trades], LABELS)))
    metrics = zip(labels([metric for metric, _ in sides], 60), (ACCENT, SECOND), strict=True)
    rows = pd.DataFrame(
        [
            {
                "y": at,
                "parameter": names.texts[at],
                "kind": kind,
                "metric": metric,
                "x": getattr(t, side),
                "p": getattr(t, f"{side}_p"),
            }
            for at, t in enumerate(found.trades)
            for kind, (metric, side) in enumerate(sides)
            if getattr(t, side) is not None
        ]
    )
    if rows.empty:
        return None
    lines = rows.groupby("y", sort=False)["x"].agg(["min", "max"]).reset_index()
    y = alt.Y("y:N", title=None, scale=names.scale(), axis=names.axis(labelLimit=220))
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
            color=colour_of_kinds("kind", metrics),
            tooltip=[
                "parameter:N",
                alt.Tooltip("metric:N"),
                alt.Tooltip("x:Q", title="Spearman towards better", format=".3f"),
                alt.Tooltip("p:Q", title="adjusted p", format=".3g"),
            ],
        )
    )
    return alt.layer(zero, spans, dots).properties(height=max(150, 36 * len(names.texts) + 100))
