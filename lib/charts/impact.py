"""The objective against one parameter: box plots by level, scatter with trend, and partial dependence."""

from __future__ import annotations

from dataclasses import replace

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.groups import DiscreteImpact, Level
from lib.analysis.population import Population, text_of_level, texts_of_levels
from lib.analysis.surrogate import PartialDependence
from lib.analysis.trend import ContinuousImpact
from lib.charts.marks import (
    FULL,
    HEIGHT,
    MOST_MARKS,
    PICK,
    Drawing,
    Names,
    colour_of_runs,
    labels,
    objective_axis,
    objective_title,
    parameter_axis,
    places_in,
    thinned,
    tip_title,
    title_of,
)
from lib.charts.palette import ACCENT, GREY
from lib.model.numbers import number
from lib.model.sweep import Objective
from lib.statistics.moments import quartiles

MOST_LEVELS_DRAWN = 40
CELLS = 48


def level_chart(population: Population, impact: DiscreteImpact, pickable: bool = False) -> Drawing:
    """Draw a box a level (quartiles, whiskers to the furthest run within 1.5 times the box), the runs over it.

    Of more than 40 levels those with the most runs are drawn (`levels_note`). Of many runs an even sample is drawn
    over the boxes. Runs of several sweeps are coloured by their sweep.
    pickable : whether a click on a level picks its place (`levels_drawn`).
    """
    objective = population.objective
    levels = levels_drawn(impact)
    names = Names(tuple(labels(levels, 24)))
    level = places_in(levels, texts_of_levels(population.levels(impact.parameter)))
    boxes = [{"x": at, "level": name, **_box(population.values[level == at])} for at, name in enumerate(names.texts)]
    kept = np.sort(thinned(population.best_first))
    points = pd.DataFrame(
        {
            "x": level[kept],
            "y": population.values[kept],
            "run": population.runs["name"].to_numpy()[kept],
            # A golden-ratio sequence spreads neighbours apart without chance, so that the picture never changes.
            "jitter": (np.arange(len(kept)) * 0.6180339887) % 1.0 - 0.5,
        }
    )
    points = points[points["x"] >= 0]
    colour = colour_of_runs(population, points, kept[points.index])
    x = alt.X(
        "x:N", title=title_of(impact.parameter), scale=names.scale(), axis=names.axis(labelAngle=0, labelLimit=120)
    )
    y = objective_axis(objective)
    frame = pd.DataFrame(boxes)
    # Half of the room that a level has.
    wide = alt.expr(f"min(160, width / {2 * max(len(boxes), 1)})")
    dots = (
        alt.Chart(points)
        .mark_circle(size=24, opacity=0.75)
        .encode(
            x=x,
            xOffset=alt.XOffset("jitter:Q", scale=alt.Scale(domain=[-1.25, 1.25])),
            y=y,
            color=colour,
            tooltip=[
                alt.Tooltip("run:N", title="run"),
                alt.Tooltip("y:Q", title=tip_title(objective.metric), format=FULL),
            ],
        )
    )
    whiskers = alt.Chart(frame).mark_rule(color=GREY, strokeWidth=1.5).encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
    body = (
        alt.Chart(frame)
        .mark_bar(size=wide, fillOpacity=0.12, color=GREY, stroke=GREY, strokeWidth=1.5)
        .encode(
            x=x,
            y=alt.Y("q1:Q", title=objective_title(objective), scale=alt.Scale(zero=False)),
            y2="q3:Q",
            tooltip=[
                alt.Tooltip("level:N", title=tip_title(impact.parameter)),
                alt.Tooltip("q1:Q", title="lower quartile", format=".4g"),
                alt.Tooltip("median:Q", format=".4g"),
                alt.Tooltip("q3:Q", title="upper quartile", format=".4g"),
            ],
        )
    )
    if pickable:
        body = body.add_params(alt.selection_point(name=PICK, fields=["x"], on="click"))
    middle = alt.Chart(frame).mark_tick(color=ACCENT, thickness=3, size=wide).encode(x=x, y=alt.Y("median:Q"))
    return alt.layer(whiskers, body, dots, middle).properties(height=HEIGHT)


def levels_drawn(impact: DiscreteImpact) -> list[str]:
    """Return the levels in the order of `level_chart`, as filters name them: its field "x" counts them from 0."""
    return [text_of_level(group.value) for group in _groups_drawn(impact)]


def levels_note(impact: DiscreteImpact) -> str | None:
    """Say how many levels aren't drawn; None where all are."""
    left = len(impact.groups) - MOST_LEVELS_DRAWN
    if left <= 0:
        return None
    return f"The {MOST_LEVELS_DRAWN} levels with the most runs are drawn; the table holds the {left:,} others too."


def _groups_drawn(impact: DiscreteImpact) -> list[Level]:
    """Return the levels with the most runs, the first of those with the same number, in the order of the table."""
    most = sorted(range(len(impact.groups)), key=lambda at: -impact.groups[at].count)[:MOST_LEVELS_DRAWN]
    return [impact.groups[at] for at in sorted(most)]


def trend_chart(population: Population, impact: ContinuousImpact, pickable: bool = False) -> Drawing:
    """Draw every run against the parameter, the mean of equal-count bins with its 95% interval, and the sweet spot.

    Beyond 2,000 runs the cloud is drawn as counts in a grid, and the best runs as points over it.
    Runs of several sweeps are coloured by their sweep.
    pickable : whether a part of the picture can be brushed.
    """
    objective, x_values = population.objective, population.numbers(impact.parameter)
    known = np.isfinite(x_values)
    x = parameter_axis(impact.parameter, impact.scale, x_values[known])
    y = objective_axis(objective)
    layers: list[alt.Chart] = []
    if impact.sweet_spot is not None:
        spot = pd.DataFrame({"x": [impact.sweet_spot.low], "x2": [impact.sweet_spot.high]})
        layers.append(alt.Chart(spot).mark_rect(color=ACCENT, opacity=0.10).encode(x=x, x2="x2:Q"))
    order = population.best_first[known[population.best_first]]
    if len(order) > MOST_MARKS:
        layers.append(_density(x_values[known], population.values[known], impact.scale, x, y))
        order = order[: MOST_MARKS // 10]
    points = pd.DataFrame(
        {"x": x_values[order], "y": population.values[order], "run": population.runs["name"].to_numpy()[order]}
    )
    colour = colour_of_runs(population, points, order)
    cloud = (
        alt.Chart(points)
        .mark_circle(size=32, opacity=0.65)
        .encode(
            x=x,
            y=y,
            color=colour,
            tooltip=[
                alt.Tooltip("run:N", title="run"),
                alt.Tooltip("x:Q", title=tip_title(impact.parameter), format=FULL),
                alt.Tooltip("y:Q", title=tip_title(objective.metric), format=FULL),
            ],
        )
    )
    layers.append(cloud.add_params(alt.selection_interval(name=PICK, encodings=["x", "y"])) if pickable else cloud)
    layers += _bins(impact, x, y)
    return alt.layer(*layers).properties(height=HEIGHT)


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
    y = objective_axis(population.objective)
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
        band = base.mark_area(color=ACCENT, opacity=0.18).encode(
            y=alt.Y("low:Q", scale=alt.Scale(zero=False)), y2="high:Q"
        )
        return alt.layer(band, base.mark_line(color=ACCENT, strokeWidth=2.5).encode(y=y, tooltip=tooltip)).properties(
            height=HEIGHT
        )
    base = alt.Chart(frame).encode(
        x=alt.X("x:O", title=title_of(dependence.parameter), scale=names.scale(), axis=names.axis(labelAngle=0))
    )
    bars = base.mark_rule(color=ACCENT, strokeWidth=2).encode(
        y=alt.Y("low:Q", scale=alt.Scale(zero=False)), y2="high:Q"
    )
    dots = base.mark_circle(color=ACCENT, size=80).encode(y=y, tooltip=tooltip)
    return alt.layer(bars, dots).properties(height=HEIGHT)


def _only(dependence: PartialDependence, kept: np.ndarray) -> PartialDependence:
    return replace(
        dependence,
        x=tuple(dependence.x[at] for at in kept),
        mean=dependence.mean[kept],
        low=dependence.low[kept],
        high=dependence.high[kept],
    )


def _bins(impact: ContinuousImpact, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    rows = [
        {
            "x": (b.x_low * b.x_high) ** 0.5 if impact.scale == "log" and b.x_low > 0 else (b.x_low + b.x_high) / 2,
            "y": b.mean,
            "low": b.ci_low,
            "high": b.ci_high,
            "count": b.count,
            "from": b.x_low,
            "to": b.x_high,
        }
        for b in impact.trend
        if b.ci_low is not None
    ]
    if len(rows) < 2:
        return []
    base = alt.Chart(pd.DataFrame(rows)).encode(x=x)
    tooltip = [
        alt.Tooltip("from:Q", format=".4g"),
        alt.Tooltip("to:Q", format=".4g"),
        alt.Tooltip("count:Q", title="runs"),
        alt.Tooltip("y:Q", title="mean", format=".4g"),
        alt.Tooltip("low:Q", title="95% from", format=".4g"),
        alt.Tooltip("high:Q", title="95% to", format=".4g"),
    ]
    return [
        base.mark_area(color=ACCENT, opacity=0.22).encode(y=alt.Y("low:Q", scale=alt.Scale(zero=False)), y2="high:Q"),
        base.mark_line(color=ACCENT, strokeWidth=2.5, point=alt.OverlayMarkDef(color=ACCENT, size=45)).encode(
            y=y, tooltip=tooltip
        ),
    ]


def _density(x: np.ndarray, y: np.ndarray, scale: str, x_axis: alt.X, y_axis: alt.Y) -> alt.Chart:
    place = np.log10(x) if scale == "log" else x
    counts, x_edges, y_edges = np.histogram2d(place, y, bins=CELLS)
    filled = np.argwhere(counts > 0)
    x_edges = 10**x_edges if scale == "log" else x_edges
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
        alt.Chart(cells)
        .mark_rect(color=GREY)
        .encode(
            x=x_axis,
            x2="x2:Q",
            y=y_axis,
            y2="y2:Q",
            opacity=alt.Opacity("count:Q", scale=alt.Scale(type="sqrt", range=[0.08, 0.8]), legend=None),
            tooltip=[alt.Tooltip("count:Q", title="runs")],
        )
    )


def _box(values: np.ndarray) -> dict[str, float]:
    q1, median, q3 = quartiles(values)
    reach = 1.5 * (q3 - q1)
    inside = values[(values >= q1 - reach) & (values <= q3 + reach)]
    return {"q1": q1, "median": median, "q3": q3, "low": float(inside.min()), "high": float(inside.max())}


def drawn_note(objective: Objective, runs: int) -> str | None:
    """Say what was summed up where not every run is drawn; None where each is."""
    if runs <= MOST_MARKS:
        return None
    best = MOST_MARKS // 10
    what = f"the {best} with the {objective.best_word} {objective.metric}"
    return f"{runs:,} runs are drawn as counts in a grid; {what} as points."
