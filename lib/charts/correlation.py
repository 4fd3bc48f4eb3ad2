"""Correlations with their intervals, the matrix among parameters and metrics, and importances."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.correlation import Correlation, CorrelationMatrix
from lib.analysis.surrogate import Importance
from lib.charts.marks import LABEL_LIMIT, Drawing, Names, either
from lib.charts.names import labels
from lib.charts.palette import ACCENT, CATEGORICAL, GREY
from lib.statistics.multiple_testing import LEVEL, is_clear

ROW = 34
LABELS = 30
# Letters of all names side by side, each as wide as the longest, that have room on a phone.
MOST_UPRIGHT = 56
_CLEAR = f"adjusted p < {LEVEL}"


def correlation_chart(correlations: Sequence[Correlation]) -> Drawing:
    """Draw a dot and a 95% interval for each parameter and method; filled where the adjusted p is below 0.05."""
    known = [c for c in correlations if c.coefficient is not None]
    order = _by_size(known)
    place = {parameter: at for at, parameter in enumerate(order)}
    names = Names(tuple(labels(order, LABELS)))
    rows = pd.DataFrame(
        [
            {
                "y": place[c.parameter],
                "parameter": names.texts[place[c.parameter]],
                "method": c.method.capitalize(),
                "x": c.coefficient,
                "low": c.ci_low,
                "high": c.ci_high,
                "p": c.p_adjusted,
                "n": c.n,
                "clear": _CLEAR if is_clear(c.p_adjusted) else "not clear",
            }
            for c in known
        ]
    )
    y = alt.Y("y:N", title=None, scale=names.scale(), axis=names.axis(labelLimit=LABEL_LIMIT))
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
    bars = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=title, scale=scale, axis=ticks), x2=alt.X2("high:Q")
    )
    dots = base.mark_point(size=70, strokeWidth=2).encode(
        x=alt.X("x:Q", title=title, scale=scale, axis=ticks),
        fill=either(alt.FillValue, f"datum.clear == '{_CLEAR}'", colour, alt.value("transparent")),
        tooltip=[
            alt.Tooltip("parameter:N"),
            alt.Tooltip("method:N"),
            alt.Tooltip("x:Q", title="coefficient", format=".4f"),
            alt.Tooltip("low:Q", title="95% from", format=".3f"),
            alt.Tooltip("high:Q", title="95% to", format=".3f"),
            alt.Tooltip("p:Q", title="adjusted p", format=".3g"),
            alt.Tooltip("n:Q"),
        ],
    )
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=GREY, strokeDash=[3, 3]).encode(x=alt.X("x:Q"))
    return alt.layer(zero, bars, dots, height=(ROW + 14) * len(order) + 110)


def block_chart(matrix: CorrelationMatrix, parameters: Sequence[str]) -> Drawing:
    """Draw the hyperparameters across and the objective and metrics down, with the coefficient in each cell."""
    across = [at for at, name in enumerate(matrix.names) if name in parameters]
    down = [at for at, name in enumerate(matrix.names) if name not in parameters]
    return _cells(matrix, across, down)


def _cells(matrix: CorrelationMatrix, across: Sequence[int], down: Sequence[int]) -> Drawing:
    """Draw some columns and rows of the matrix on one diverging scale (-1 to 1), coefficients where they fit."""
    x_names = Names(tuple(labels([matrix.names[at] for at in across], LABELS)))
    y_names = Names(tuple(labels([matrix.names[at] for at in down], LABELS)))
    rows = pd.DataFrame(
        {
            "x": np.tile(x_names.places, len(down)),
            "y": np.repeat(y_names.places, len(across)),
            "across": np.tile(np.array(x_names.texts, dtype=object), len(down)),
            "down": np.repeat(np.array(y_names.texts, dtype=object), len(across)),
            "value": matrix.coefficients[np.ix_(down, across)].ravel(),
        }
    )
    # On a phone the names take less of the width, and the cells hold no numbers: they stand in the table.
    limit = alt.ExprRef("containerSize()[0] < 500 ? 90 : 170")
    size_of_label = alt.ExprRef("containerSize()[0] < 500 ? 9 : 12")
    longest = max(map(len, x_names.texts), default=0)
    upright = len(across) <= 8 and len(across) * longest <= MOST_UPRIGHT
    base = alt.Chart(rows).encode(
        x=alt.X(
            "x:N",
            title=None,
            scale=x_names.scale(),
            axis=x_names.axis(
                labelAngle=0 if upright else -90,
                labelLimit=limit,
                labelFontSize=size_of_label,
                labelOverlap=False,
                orient="top" if upright else "bottom",
            ),
        ),
        y=alt.Y(
            "y:N",
            title=None,
            scale=y_names.scale(),
            axis=y_names.axis(labelLimit=limit, labelFontSize=size_of_label, labelOverlap=False),
        ),
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "value:Q",
            title=matrix.method.capitalize(),
            scale=alt.Scale(scheme="blueorange", domain=[-1, 1], reverse=True),
            legend=alt.Legend(orient="top", gradientLength=180),
        ),
        tooltip=[
            alt.Tooltip("across:N"),
            alt.Tooltip("down:N"),
            alt.Tooltip("value:Q", title=matrix.method, format=".3f"),
        ],
    )
    fits = alt.ExprRef(f"width / {max(len(across), 1)} < 30 ? 0 : {12 if upright else 10}")
    text = base.mark_text(fontSize=fits).encode(
        text=alt.Text("value:Q", format=".2f"),
        color=either(alt.ColorValue, "abs(datum.value) > 0.7", alt.value("white"), alt.value("#1b2430")),
    )
    # Names that are turned take of the height what they are long.
    return alt.layer(cells, text, height=28 * len(down) + (110 if upright else 90 + min(7 * longest, 170)))


def importance_chart(importances: Sequence[Importance]) -> Drawing:
    """Draw a bar and a 95% interval a parameter, most important first."""
    names = Names(tuple(labels([i.parameter for i in importances], LABELS)))
    rows = pd.DataFrame(
        [
            {"y": at, "parameter": names.texts[at], "x": i.importance, "low": i.ci_low, "high": i.ci_high}
            for at, i in enumerate(importances)
        ]
    )
    y = alt.Y("y:N", title=None, scale=names.scale(), axis=names.axis(labelLimit=LABEL_LIMIT))
    title = "Loss of R² when shuffled"
    bars = (
        alt.Chart(rows)
        .mark_bar(color=ACCENT, opacity=0.75, height=14)
        .encode(
            y=y,
            x=alt.X("x:Q", title=title),
            tooltip=[
                alt.Tooltip("parameter:N"),
                alt.Tooltip("x:Q", title="importance", format=".4f"),
                alt.Tooltip("low:Q", title="95% from", format=".4f"),
                alt.Tooltip("high:Q", title="95% to", format=".4f"),
            ],
        )
    )
    spans = (
        alt.Chart(rows)
        .mark_rule(color=GREY, strokeWidth=2)
        .encode(y=y, x=alt.X("low:Q", title=title), x2=alt.X2("high:Q"))
    )
    return alt.layer(bars, spans, height=max(110, ROW * len(rows) + 50))


def _by_size(correlations: Sequence[Correlation]) -> list[str]:
    """Return the parameters by their largest coefficient of either sign, largest first, then by name."""
    size: dict[str, float] = {}
    for one in correlations:
        size[one.parameter] = max(size.get(one.parameter, 0.0), abs(one.coefficient or 0.0))
    return sorted(size, key=lambda parameter: (-size[parameter], parameter))
