"""What a model of the runs expects along one parameter: its mean prediction with a band."""

from __future__ import annotations

from dataclasses import replace

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.levels import text_of_level
from lib.analysis.population import Population
from lib.analysis.surrogate import PartialDependence
from lib.charts.impact import MOST_LEVELS_DRAWN
from lib.charts.marks import HEIGHT, Drawing, Names, for_field, objective_axis, on_axis, parameter_axis
from lib.charts.names import labels, tip_title, title_of
from lib.charts.palette import ACCENT
from lib.model.numbers import number


def partial_dependence_chart(
    dependence: PartialDependence, population: Population, numeric: bool, scale: str
) -> Drawing:
    """Draw the surrogate's mean prediction along one parameter, with the band of its refits.

    Of more than 40 levels those with the best prediction are drawn.
    """
    if not numeric and len(dependence.x) > MOST_LEVELS_DRAWN:
        best = np.argsort(-population.objective.sign * dependence.mean, kind="stable")[:MOST_LEVELS_DRAWN]
        dependence = _only(dependence, np.sort(best))
    along_axis = numeric and len(dependence.x) > 12
    names = Names(
        tuple(number(v) for v in dependence.x)
        if numeric
        else tuple(labels([text_of_level(v) for v in dependence.x], 24))
    )
    frame = pd.DataFrame(
        {
            "x": dependence.x if along_axis else names.places,
            "text": names.texts,
            "y": dependence.mean,
            "low": dependence.low,
            "high": dependence.high,
        }
    )
    objective_scale = population.objective_scale
    drawn = frame[["y", "low", "high"]].to_numpy()
    ends = (float(max(drawn.min(), population.values.min())), float(drawn.max()))
    frame["from_low"] = on_axis(frame["low"].to_numpy(), objective_scale, ends)
    y = objective_axis(population.objective, objective_scale, ends)
    from_low = for_field(y, "from_low")
    tooltip = [
        alt.Tooltip("text:N", title=tip_title(dependence.parameter)),
        alt.Tooltip("y:Q", title="predicted mean", format=".4g"),
        alt.Tooltip("low:Q", format=".4g"),
        alt.Tooltip("high:Q", format=".4g"),
    ]
    if along_axis:
        x = parameter_axis(
            dependence.parameter, "log" if scale == "log" else "linear", np.array(frame["x"], dtype=float)
        )
        base = alt.Chart(frame).encode(x=x)
        band = base.mark_area(color=ACCENT, opacity=0.18, clip=True).encode(y=from_low, y2=alt.Y2("high:Q"))
        return alt.layer(band, base.mark_line(color=ACCENT, strokeWidth=2.5).encode(y=y, tooltip=tooltip)).properties(
            height=HEIGHT
        )
    base = alt.Chart(frame).encode(
        x=alt.X("x:O", title=title_of(dependence.parameter), scale=names.scale(), axis=names.axis(labelAngle=0))
    )
    bars = base.mark_rule(color=ACCENT, strokeWidth=2, clip=True).encode(y=from_low, y2=alt.Y2("high:Q"))
    dots = base.mark_circle(color=ACCENT, size=80).encode(y=y, tooltip=tooltip)
    return alt.layer(bars, dots, height=HEIGHT)


def _only(dependence: PartialDependence, kept: np.ndarray) -> PartialDependence:
    return replace(
        dependence,
        x=tuple(dependence.x[at] for at in kept),
        mean=dependence.mean[kept],
        low=dependence.low[kept],
        high=dependence.high[kept],
    )
