"""Several sweeps in one picture: their objectives, the effort they took, and the ranges they searched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.comparison import Comparison, ParameterRange, Side
from lib.analysis.population import Population
from lib.charts.effort_axes import RUNS, RUNS_TITLE, best_so_far_axis, effort_axis, effort_frame, in_unit_of_compute
from lib.charts.marks import (
    HEIGHT,
    LABEL_LIMIT,
    MOST_MARKS,
    OTHER_SWEEPS,
    Drawing,
    Names,
    colour_of_kinds,
    objective_title,
    value_axis,
)
from lib.charts.names import labels, short
from lib.charts.palette import ACCENT, CATEGORICAL, GREY
from lib.charts.run_marks import of_runs
from lib.model.goal import Objective
from lib.model.parameter import Scale
from lib.model.sweep import SWEEP
from lib.statistics.moments import quartiles

ROW = 46
LABELS = 28


def distributions_chart(comparison: Comparison, population: Population) -> Drawing:
    """Draw a row a sweep: its runs, the box of their quartiles, the median; the best run as a larger dot."""
    sides = [side for side in comparison.sides if side.used]
    names = Names(tuple(shown_labels(sides)))
    share = max(20, MOST_MARKS // max(1, len(sides)))
    of_sweep = population.runs[SWEEP].to_numpy()
    boxes: list[dict[str, Any]] = []
    points: list[np.ndarray] = []
    for at, side in enumerate(sides):
        q1, median, q3 = quartiles(side.values)
        boxes.append(
            {
                "y": at,
                "sweep": names.texts[at],
                "q1": q1,
                "median": median,
                "q3": q3,
                "best": side.best,
                "run": side.best_run,
            }
        )
        own = np.flatnonzero(of_sweep == side.key)
        ordered = own[np.argsort(population.values[own], kind="stable")]
        points.append(ordered[np.unique(np.linspace(0, len(ordered) - 1, min(share, len(ordered))).astype(int))])
    row = {side.key: at for at, side in enumerate(sides)}

    def at_places(positions: np.ndarray) -> pd.DataFrame:
        positions = positions[np.isin(of_sweep[positions], list(row))]
        # A golden-ratio sequence spreads neighbours apart without chance, so that the picture never changes.
        spread = (population.rows[positions] * 0.6180339887) % 1.0 - 0.5
        rows = [row[key] for key in of_sweep[positions]]
        return pd.DataFrame({"y": rows, "x": population.values[positions], "jitter": spread}, index=positions)

    drawn = of_runs(population.rows, np.concatenate(points), at_places, grey=True)
    y = alt.Y("y:N", title=None, scale=names.scale(), axis=names.axis(labelLimit=LABEL_LIMIT, grid=False))
    title = objective_title(population.objective, population.objective_scale)
    axis: dict[str, Any] = {"scale": alt.Scale(zero=False)}
    if population.objective_scale == "log":
        axis = value_axis("log", (float(population.values.min()), float(population.values.max())))
    frame = pd.DataFrame(boxes)
    # As many as there are colours; more sweeps than these are distinguished by their rows alone.
    many = len(sides) > len(CATEGORICAL)
    shades = [ACCENT] * len(sides) if many else list(CATEGORICAL[: len(sides)])
    colour = alt.Color("y:N", scale=names.scale(range=shades), legend=None)
    edge = alt.Stroke("y:N", scale=names.scale(range=shades), legend=None)
    dots = (
        alt.Chart(drawn)
        .mark_circle(size=16, opacity=0.45, color=GREY)
        .encode(
            y=y,
            yOffset=alt.YOffset("jitter:Q", scale=alt.Scale(domain=[-1.1, 1.1])),
            x=alt.X("x:Q", title=title, **axis),
        )
    )
    body = (
        alt.Chart(frame)
        .mark_bar(size=20, fillOpacity=0.15, strokeWidth=1.5)
        .encode(
            y=y,
            color=colour,
            stroke=edge,
            x=alt.X("q1:Q", title=title, **axis),
            x2=alt.X2("q3:Q"),
            tooltip=[
                alt.Tooltip("sweep:N"),
                alt.Tooltip("q1:Q", title="lower quartile", format=".4g"),
                alt.Tooltip("median:Q", format=".4g"),
                alt.Tooltip("q3:Q", title="upper quartile", format=".4g"),
            ],
        )
    )
    middle = alt.Chart(frame).mark_tick(thickness=3, size=20).encode(y=y, x=alt.X("median:Q"), color=colour)
    best = (
        alt.Chart(frame)
        .mark_point(size=90, filled=True, shape="diamond", opacity=1)
        .encode(
            y=y,
            color=colour,
            x=alt.X("best:Q"),
            tooltip=[
                alt.Tooltip("sweep:N"),
                alt.Tooltip("run:N", title="best run"),
                alt.Tooltip("best:Q", format=".6g"),
            ],
        )
    )
    return alt.layer(dots, body, middle, best, height=max(140, ROW * len(sides) + 60))


def effort_chart(
    comparison: Comparison, objective: Objective, scale: Scale, against: str, value: float | None = None
) -> Drawing:
    """Draw the best so far of each sweep against its runs or its hours of compute, a value as a dashed line.

    scale : of the objective's axis. value : the one to reach; None for that which all sweeps reached. The five sweeps
    with the best best have colours of their own; the others are grey.
    """
    sides = [s for s in comparison.sides if s.used and (against == RUNS or np.isfinite(s.effort.hours).any())]
    names = shown_labels(sides)
    order = sorted(range(len(sides)), key=lambda i: -objective.sign * (sides[i].best or 0.0))
    coloured = sorted(order[: len(CATEGORICAL)])
    frames = []
    kinds = [(names[at], shade) for at, shade in zip(coloured, CATEGORICAL, strict=False)]
    if len(sides) > len(coloured):
        kinds.append((OTHER_SWEEPS, GREY))
    for at, (side, name) in enumerate(zip(sides, names, strict=True)):
        kind = coloured.index(at) if at in coloured else len(coloured)
        frames.append(effort_frame(side.effort, against).assign(kind=kind, line=at, sweep=name))
    rows = pd.concat(frames) if frames else pd.DataFrame(columns=["x", "y", "kind", "line", "sweep"])
    rows, unit = (rows, RUNS) if against == RUNS else in_unit_of_compute(rows)
    title = RUNS_TITLE if against == RUNS else f"{unit.capitalize()} of compute of the sweep"
    lines = (
        alt.Chart(rows)
        .mark_line(interpolate="step-after", strokeWidth=2.5)
        .encode(
            x=effort_axis(rows, title),
            y=best_so_far_axis(rows, objective, scale),
            detail=alt.Detail("line:N"),
            color=colour_of_kinds("kind", kinds, symbolType="stroke", symbolStrokeWidth=3),
            tooltip=[
                alt.Tooltip("sweep:N"),
                alt.Tooltip("x:Q", title=unit, format=".4g"),
                alt.Tooltip("y:Q", title="best so far", format=".6g"),
            ],
        )
    )
    layers = [lines]
    value = comparison.target if value is None else value
    if value is not None:
        rule = pd.DataFrame({"y": [value]})
        layers.append(alt.Chart(rule).mark_rule(color=GREY, strokeDash=[4, 3], strokeWidth=1.5).encode(y=alt.Y("y:Q")))
    return alt.layer(*layers, height=HEIGHT)


def ranges_chart(comparison: Comparison) -> Drawing | None:
    """Draw each numeric parameter's range in each sweep: declared light, that of its best runs dark.

    Every parameter is drawn from the lowest to the highest end of all sweeps, on its own scale. None without one.
    """
    names = shown_labels(comparison.sides)
    rows = [{"y": at, **row} for at, (_, ranges) in enumerate(comparison.ranges) for row in _positions(ranges, names)]
    if not rows:
        return None
    frame = pd.DataFrame(rows)
    # A parameter whose ranges can't be drawn has no row.
    order = list(dict.fromkeys(frame["y"]))
    parameters = Names(tuple(labels([comparison.ranges[at][0] for at in order], LABELS)))
    frame["y"] = frame["y"].map({at: place for place, at in enumerate(order)})
    frame["parameter"] = [parameters.texts[place] for place in frame["y"]]
    y = alt.Y("y:N", title=None, scale=parameters.scale(), axis=parameters.axis(labelLimit=LABEL_LIMIT))
    offset = alt.YOffset("kind:N", scale=Names(tuple(names)).scale())
    colour = colour_of_kinds("kind", ((name, CATEGORICAL[at % len(CATEGORICAL)]) for at, name in enumerate(names)))
    x = alt.X(
        "low:Q",
        title="lowest → highest of all sweeps",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(labels=False, ticks=False, grid=False),
    )
    tooltip = [
        alt.Tooltip("parameter:N"),
        alt.Tooltip("sweep:N"),
        alt.Tooltip("said:N", title="range"),
        alt.Tooltip("top:N", title="of its best runs"),
    ]
    base = alt.Chart(frame).encode(y=y, yOffset=offset, color=colour, tooltip=tooltip)
    wide = base.mark_bar(opacity=0.28, height=12, cornerRadius=3).encode(x=x, x2=alt.X2("high:Q"))
    narrow = base.mark_bar(height=5).encode(x=alt.X("top_low:Q"), x2=alt.X2("top_high:Q"))
    # A range that is one value would be no bar at all.
    ends = base.mark_point(shape="stroke", angle=90, size=60, strokeWidth=2, filled=True).encode(x=alt.X("top_low:Q"))
    height = max(120, (16 * len(names) + 14) * len(order) + 50)
    return alt.layer(wide, narrow, ends, height=height)


def shown_labels(sides: Sequence[Side]) -> list[str]:
    """Return the sides' labels, short enough for an axis and each its own."""
    names = [short(side.label, LABELS) for side in sides]
    return [name if names.count(name) == 1 else f"{name} ({at})" for at, name in enumerate(names, start=1)]


def _positions(ranges: Sequence[ParameterRange | None], names: list[str]) -> list[dict[str, object]]:
    """Return one row a sweep with the range in 0..1 along the union of all sweeps' ranges."""
    ends = [end for each in ranges if each is not None for end in range_ends(each)]
    if not ends or any(e is not None and e.parameter is not None and not e.parameter.numeric for e in ranges if e):
        low_high = [e for e in ranges if e is not None and e.low is not None]
        if not ends or not low_high:
            return []
    low, high = min(ends), max(ends)
    log = low > 0 and any(e.parameter is not None and e.parameter.scale == "log" for e in ranges if e is not None)

    def place(value: float | None) -> float | None:
        if value is None:
            return None
        if high == low:
            return 0.5
        if log:
            return float(np.log(value / low) / np.log(high / low))
        return (value - low) / (high - low)

    rows: list[dict[str, object]] = []
    for kind, (name, each) in enumerate(zip(names, ranges, strict=True)):
        if each is None or not range_ends(each):
            continue
        first, last = min(range_ends(each)), max(range_ends(each))
        rows.append(
            {
                "kind": kind,
                "sweep": name,
                "low": place(first),
                "high": place(last),
                "top_low": place(each.top_low),
                "top_high": place(each.top_high),
                "said": f"{first:.4g} to {last:.4g}",
                "top": "" if each.top_low is None else f"{each.top_low:.4g} to {each.top_high:.4g}",
            }
        )
    return rows


def range_ends(each: ParameterRange) -> list[float]:
    """Return the ends of what was declared and what was observed, as far as they are known numbers."""
    declared = [] if each.parameter is None else [each.parameter.low, each.parameter.high]
    return [float(end) for end in (*declared, each.low, each.high) if end is not None]
