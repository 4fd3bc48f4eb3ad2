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
    INK,
    LABEL_LIMIT,
    Drawing,
    Names,
    colour_of_kinds,
    objective_axis,
    objective_colour,
    objective_title,
    thinned,
    value_axis,
)
from lib.charts.names import labels, short, tip_title
from lib.charts.palette import ACCENT, CATEGORICAL, GREY
from lib.charts.run_marks import of_runs
from lib.model.scales import result_scale

LABELS = 30
SECOND = CATEGORICAL[1]
# Names closer than these parts of the picture, across and up, would cover each other.
_APART = (0.14, 0.06)


def trade_off_chart(population: Population, found: TradeOff, limit: float | None = None) -> Drawing:
    """Draw every run by both metrics, coloured by the first, and the front as a line of steps with its runs' names.

    Of more than 2,000 runs the best by the first metric and an even sample of the others are drawn, and all the front.
    limit : a value of the second metric that is to be kept to, as a dashed line.
    """
    names = population.runs["name"].to_numpy()[found.runs]
    order = np.argsort(-found.first_objective.sign * found.first, kind="stable")
    kept = np.setdiff1d(thinned(order), found.front)[::-1]
    sweeps = population.sweeps.to_numpy()[found.runs] if population.sweeps is not None else None

    def points(rows: np.ndarray) -> pd.DataFrame:
        frame = pd.DataFrame({"x": found.second[rows], "y": found.first[rows], "run": names[rows]}, index=rows)
        return frame if sweeps is None else frame.assign(of=sweeps[rows])

    of = population.rows[found.runs]
    front = points(found.front)
    on_front = of_runs(of, found.front, lambda rows: points(rows[np.isin(rows, found.front)]))
    cloud = of_runs(of, kept, lambda rows: points(rows[~np.isin(rows, found.front)]))
    scale, second_scale = result_scale(found.first), result_scale(found.second)
    # Room beyond the best value of the second for names.
    before, behind = (0.13, 0.013) if found.second_objective.sign < 0 else (0.013, 0.13)
    linear = {"axis": alt.Axis(grid=False, labelExpr=AS_PEOPLE_READ)}
    along = {**linear, **value_axis(second_scale, _ends(found.second), before, above=behind, nice=False)}
    x = alt.X("x:Q", title=objective_title(found.second_objective, second_scale), **along)
    y = objective_axis(found.first_objective, scale, _ends(found.first))
    colour = objective_colour(found.first_objective, scale, "y").legend(None)
    tooltip = [
        alt.Tooltip("run:N", title="run"),
        alt.Tooltip("y:Q", title=tip_title(found.first_objective.metric), format=".6g"),
        alt.Tooltip("x:Q", title=tip_title(found.second_objective.metric), format=".6g"),
        *([] if sweeps is None else [alt.Tooltip("of:N", title="sweep")]),
    ]
    # Between two runs of the front nothing better is known than the worse of both: the corner lies on that side.
    corner: Literal["step-after", "step-before"] = "step-after" if found.second_objective.sign < 0 else "step-before"
    runs = alt.Chart(cloud).mark_circle(size=30, opacity=0.7).encode(x=x, y=y, color=colour, tooltip=tooltip)
    line = alt.Chart(front).mark_line(color=ACCENT, strokeWidth=1.5, interpolate=corner)
    best = alt.Chart(on_front).mark_circle(size=80, color=ACCENT, opacity=1).encode(x=x, y=y, tooltip=tooltip)
    layers = [runs, line.encode(x=x, y=y, order=alt.Order("x:Q")), best, _names(front, found, x, y)]
    if limit is not None:
        rule = alt.Chart(pd.DataFrame({"x": [limit]})).mark_rule(color=GREY, strokeDash=[4, 3], strokeWidth=1.5)
        layers.append(rule.encode(x=alt.X("x:Q")))
    return alt.layer(*layers, height=HEIGHT)


def _ends(values: np.ndarray) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _places(values: np.ndarray) -> np.ndarray:
    """Return how far along their axis values stand, 0..1."""
    on = np.log(values) if result_scale(values) == "log" else values
    half = max(float(on.max() / 2 - on.min() / 2), 1e-300)
    return (on / 2 - on.min() / 2) / half


def _names(front: pd.DataFrame, found: TradeOff, x: alt.X, y: alt.Y) -> alt.Chart:
    """Return the names of the front's runs, on the side where no run is better; none where one would cover another."""
    across, up = (_places(values)[found.front] for values in (found.second, found.first))
    shown: list[int] = []
    for at in range(len(front)):
        gaps = [(abs(across[at] - across[k]), abs(up[at] - up[k])) for k in shown]
        if all(aside > _APART[0] or above > _APART[1] for aside, above in gaps):
            shown.append(at)
    named = front.iloc[shown].assign(label=lambda rows: [short(str(run), LABELS) for run in rows["run"]])
    left = found.second_objective.sign < 0
    words = alt.Chart(named).mark_text(
        align="right" if left else "left",
        dx=-8 if left else 8,
        dy=-11 if found.first_objective.sign > 0 else 9,
        fontSize=12,
        color=INK,
        # Where it is narrow, a name ends in dots before it covers the axis.
        limit=alt.expr("max(scale('x', datum.x) - 8, 1)" if left else "max(width - scale('x', datum.x) - 8, 1)"),
    )
    return words.encode(x=x, y=y, text=alt.Text("label:N"))


def trades_chart(found: TradeOff) -> Drawing | None:
    """Draw how each parameter goes with both metrics, towards better to the right; None without a numeric parameter."""
    sides = ((found.first_objective.metric, "first"), (found.second_objective.metric, "second"))
    names = Names(tuple(labels([t.parameter for t in found.trades], LABELS)))
    metrics = zip(labels([metric for metric, _ in sides], LABELS), (ACCENT, SECOND), strict=True)
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
    y = alt.Y("y:N", title=None, scale=names.scale(), axis=names.axis(labelLimit=LABEL_LIMIT))
    scale, title = alt.Scale(domain=[-1, 1]), "Spearman, towards better"
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=GREY, strokeDash=[3, 3]).encode(x=alt.X("x:Q"))
    spans = (
        alt.Chart(lines)
        .mark_rule(color=GREY, strokeWidth=2)
        .encode(y=y, x=alt.X("min:Q", title=title, scale=scale), x2=alt.X2("max:Q"))
    )
    dots = (
        alt.Chart(rows)
        .mark_circle(size=110, opacity=1)
        .encode(
            y=y,
            x=alt.X("x:Q", title=title, scale=scale),
            color=colour_of_kinds("kind", metrics),
            tooltip=[
                alt.Tooltip("parameter:N"),
                alt.Tooltip("metric:N"),
                alt.Tooltip("x:Q", title="Spearman towards better", format=".3f"),
                alt.Tooltip("p:Q", title="adjusted p", format=".3g"),
            ],
        )
    )
    return alt.layer(zero, spans, dots, height=max(150, 36 * len(names.texts) + 100))
