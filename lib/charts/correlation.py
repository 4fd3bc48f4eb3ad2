"""Correlations with their intervals, the matrix among parameters and metrics, and importances."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.correlation import Correlation, CorrelationMatrix
from lib.analysis.surrogate import Importance
from lib.charts.marks import Drawing, labels
from lib.charts.palette import ACCENT, CATEGORICAL, GREY

ROW = 34
LABELS = 30


def correlation_chart(correlations: Sequence[Correlation]) -> Drawing:
    """Draw a dot and a 95% interval for each parameter and method; filled where the adjusted p is below 0.05."""
    names = list(dict.fromkeys(c.parameter for c in correlations))
    label = dict(zip(names, labels(names, LABELS), strict=True))
    rows = pd.DataFrame(
        [
            {
                "y": label[c.parameter],
                "method": c.method.capitalize(),
                "x": c.coefficient,
                "low": c.ci_low,
                "high": c.ci_high,
                "p": c.p_adjusted,
                "n": c.n,
                "clear": "adjusted p < 0.05" if c.p_adjusted is not None and c.p_adjusted < 0.05 else "not clear",
            }
            for c in correlations
            if c.coefficient is not None
        ]
    )
    order = _by_size(rows)
    y = alt.Y("y:N", title=None, sort=order, axis=alt.Axis(labelLimit=220))
    offset = alt.YOffset("method:N", sort=["Pearson", "Spearman"])
    colour = alt.Color(
        "method:N",
        title=None,
        scale=alt.Scale(domain=["Pearson", "Spearman"], range=[CATEGORICAL[0], CATEGORICAL[1]]),
        legend=alt.Legend(orient="top"),
    )
    title, scale = "Correlation with the objective, 95% interval", alt.Scale(domain=[-1, 1])
    ticks = alt.Axis(values=[-1, -0.5, 0, 0.5, 1], format="~g")
    base = alt.Chart(rows).encode(y=y, yOffset=offset, color=colour)
    bars = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=title, scale=scale, axis=ticks), x2="high:Q")
    dots = base.mark_point(size=70, strokeWidth=2).encode(
        x=alt.X("x:Q", title=title, scale=scale, axis=ticks),
        fill=alt.condition(alt.datum.clear == "adjusted p < 0.05", colour, alt.value("transparent")),
        tooltip=[
            alt.Tooltip("y:N", title="parameter"),
            "method:N",
            alt.Tooltip("x:Q", title="coefficient", format=".4f"),
            alt.Tooltip("low:Q", title="95% from", format=".3f"),
            alt.Tooltip("high:Q", title="95% to", format=".3f"),
            alt.Tooltip("p:Q", title="adjusted p", format=".3g"),
            "n:Q",
        ],
    )
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=GREY, strokeDash=[3, 3]).encode(x="x:Q")
    return alt.layer(zero, bars, dots).properties(height=max(140, (ROW + 14) * len(order) + ROW))


def matrix_chart(matrix: CorrelationMatrix) -> Drawing:
    """Draw the matrix as a heat map on one diverging scale (-1 to 1), with the coefficients written where they fit."""
    names = labels(matrix.names, LABELS)
    size = len(names)
    rows = pd.DataFrame(
        {
            "x": np.tile(names, size),
            "y": np.repeat(names, size),
            "value": matrix.coefficients.ravel(),
        }
    )
    # On a phone the names take less of the width, and the cells hold no numbers: they stand in the table.
    limit = alt.ExprRef("containerSize()[0] < 500 ? 90 : 170")
    size_of_label = alt.ExprRef("containerSize()[0] < 500 ? 9 : 12")
    base = alt.Chart(rows).encode(
        x=alt.X(
            "x:N",
            sort=names,
            title=None,
            axis=alt.Axis(labelAngle=-90, labelLimit=limit, labelFontSize=size_of_label, labelOverlap=False),
        ),
        y=alt.Y(
            "y:N",
            sort=names,
            title=None,
            axis=alt.Axis(labelLimit=limit, labelFontSize=size_of_label, labelOverlap=False),
        ),
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "value:Q",
            title=matrix.method.capitalize(),
            scale=alt.Scale(scheme="blueorange", domain=[-1, 1], reverse=True),
            legend=alt.Legend(orient="top", gradientLength=180),
        ),
        tooltip=["x:N", "y:N", alt.Tooltip("value:Q", title=matrix.method, format=".3f")],
    )
    chart: Drawing = alt.layer(cells)
    if size <= 16:
        fits = alt.ExprRef(f"width / {size} < 30 ? 0 : 10")
        text = base.mark_text(fontSize=fits).encode(
            text=alt.Text("value:Q", format=".2f"),
            color=alt.condition("abs(datum.value) > 0.7", alt.value("white"), alt.value("#1b2430")),
        )
        chart = alt.layer(cells, text)
    return chart.properties(height=max(280, 28 * size + 150))


def importance_chart(importances: Sequence[Importance]) -> Drawing:
    """Draw a bar and a 95% interval a parameter, most important first."""
    rows = pd.DataFrame(
        [
            {"y": label, "x": i.importance, "low": i.ci_low, "high": i.ci_high}
            for label, i in zip(labels([i.parameter for i in importances], LABELS), importances, strict=True)
        ]
    )
    y = alt.Y("y:N", title=None, sort=list(rows["y"]), axis=alt.Axis(labelLimit=220))
    title = "Fall of the held-out R² when the parameter is shuffled"
    bars = (
        alt.Chart(rows)
        .mark_bar(color=ACCENT, opacity=0.75, height=14)
        .encode(
            y=y,
            x=alt.X("x:Q", title=title),
            tooltip=[
                alt.Tooltip("y:N", title="parameter"),
                alt.Tooltip("x:Q", title="importance", format=".4f"),
                alt.Tooltip("low:Q", title="95% from", format=".4f"),
                alt.Tooltip("high:Q", title="95% to", format=".4f"),
            ],
        )
    )
    spans = alt.Chart(rows).mark_rule(color=GREY, strokeWidth=2).encode(y=y, x=alt.X("low:Q", title=title), x2="high:Q")
    return alt.layer(bars, spans).properties(height=max(110, ROW * len(rows) + 50))


def _by_size(rows: pd.DataFrame) -> list[str]:
    if rows.empty:
        return []
    size = rows.assign(size=rows["x"].abs()).groupby("y", sort=True)["size"].max()
    return [str(name) for name in size.sort_values(ascending=False, kind="stable").index]
