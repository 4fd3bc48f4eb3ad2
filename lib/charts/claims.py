"""Small pictures beside claims: a parameter against the objective, and where the leaders lie among all runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.levels import text_of_level, texts_of_levels
from lib.charts.marks import AS_PEOPLE_READ, Drawing, Names, log_ticks, objective_colour, places_in, thinned, value_axis
from lib.charts.names import labels
from lib.charts.palette import ACCENT, GREY
from lib.charts.run_marks import bin_of, of_counts, of_runs
from lib.model.parameter import Parameter
from lib.statistics.moments import quartiles

if TYPE_CHECKING:
    from lib.analysis.best import BestRun
    from lib.analysis.best_corner import Corner
    from lib.analysis.population import Population

HEIGHT = 84
MOST_POINTS = 300
BINS = 8
HISTOGRAM_BINS = 24
_NARROW = 0.1
_FEW: dict[str, Any] = {"tickCount": 3, "labelFlush": False, "labelBound": False, "grid": False}


def trend_sketch(population: Population, parameter: Parameter) -> Drawing:
    """Draw the runs along a numeric parameter, and their median in bins of equal counts.

    The objective's axis leaves out the outermost 1% of the runs at each end.
    """
    x = pd.to_numeric(population.levels(parameter.name), errors="coerce").to_numpy(dtype=float)
    log = parameter.scale == "log" and bool((x[np.isfinite(x)] > 0).all())
    good = np.isfinite(x)

    def at(positions: np.ndarray) -> pd.DataFrame:
        rows = positions[good[positions]]
        return pd.DataFrame({"x": x[rows], "y": population.values[rows]}, index=rows)

    points = of_runs(population.rows, np.sort(thinned(population.best_first, MOST_POINTS)), at)
    order = np.argsort(x[good], kind="stable")
    parts = np.array_split(order, min(BINS, max(len(order) // 5, 1)))
    line = pd.DataFrame(
        {
            "x": [float(np.median(x[good][part])) for part in parts if len(part)],
            "y": [float(np.median(population.values[good][part])) for part in parts if len(part)],
        }
    )
    low, high = (float(v) for v in np.quantile(population.values, [0.01, 0.99]))
    y = alt.Y("y:Q", title=None, **_results(population, low, high))
    y["scale"]["clamp"] = low < high
    across = alt.X("x:Q", **_along(points["x"].to_numpy(), log))
    dots = (
        alt.Chart(points)
        .mark_circle(size=10, opacity=0.55)
        .encode(
            x=across, y=y, color=objective_colour(population.objective, population.objective_scale, "y").legend(None)
        )
    )
    middle = alt.Chart(line).mark_line(color=ACCENT, strokeWidth=3).encode(x=across, y=y)
    return alt.layer(dots, middle, height=HEIGHT)


def _along(values: np.ndarray, log: bool) -> dict[str, Any]:
    """Return title, scale and axis of a small picture along a numeric parameter."""
    known = values[np.isfinite(values)]
    if not log or not known.size:
        return {"title": None, "scale": alt.Scale(zero=False), "axis": alt.Axis(labelExpr=AS_PEOPLE_READ, **_FEW)}
    ticks = log_ticks(float(known.min()), float(known.max()))
    axis = alt.Axis(values=ticks[:: max(1, len(ticks) // 4)], format="~g", labelFlush=False, grid=False)
    return {"title": None, "scale": alt.Scale(type="log", nice=False), "axis": axis}


def _results(population: Population, low: float, high: float) -> dict[str, Any]:
    """Return scale and axis of the objective in a small picture, between two values."""
    if population.objective_scale == "log":
        axis = value_axis("log", (low, high), 0.0, above=0.0)
        axis["axis"]["values"] = log_ticks(low, high)[:: max(1, len(log_ticks(low, high)) // 2)]
        axis["axis"]["grid"] = False
        return axis
    domain = [low, high] if low < high else alt.Undefined
    return {"scale": alt.Scale(zero=False, domain=domain), "axis": alt.Axis(**_FEW)}


def corner_sketch(population: Population, corner: Corner) -> Drawing:
    """Draw the runs over both parameters of a corner, coloured by the objective, and frame the corner.

    Of many runs the best and an even sample of the others are drawn.
    """
    kept = thinned(population.best_first, MOST_POINTS)[::-1]
    # The best are drawn last, over the others.
    points: dict[str, Any] = {"value": population.values[kept]}
    axes: dict[str, Any] = {}
    frame: dict[str, list[float]] = {}
    # A range is read along the picture's longer side.
    across, up = (corner.second, corner.first) if corner.first.value is not None else (corner.first, corner.second)
    for name, side, encoding in (("x", across, alt.X), ("y", up, alt.Y)):
        parameter = next(p for p in population.searched if p.name == side.parameter)
        column = population.levels(side.parameter)
        if side.value is not None or parameter.grouped:
            texts = texts_of_levels(column)
            levels = sorted(set(texts) - {""}, key=lambda text: (as_number(text), text))
            names = Names(tuple(labels(levels, 8)))
            points[name] = places_in(levels, texts)[kept]
            end = places_in(levels, [text_of_level(side.value)])[0]
            frame[name] = [int(end)]
            axis = names.axis(labelAngle=0, ticks=False, domain=False, labelOverlap=False)
            axes[name] = encoding(f"{name}:N", title=None, scale=names.scale(), axis=axis)
            continue
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        start, end = low if side.low is None else side.low, high if side.high is None else side.high
        # A narrow corner near zero would be a line.
        log = low > 0 and (parameter.scale == "log" or end - start < _NARROW * (high - low))
        points[name], frame[name], frame[f"{name}2"] = values[kept], [start], [end]
        axes[name] = encoding(f"{name}:Q", **_along(values, log))
    beside = {}
    if up.value is not None and "y2" not in frame:
        # A golden-ratio sequence spreads neighbours apart without chance, so that the picture never changes.
        points["jitter"] = (np.arange(len(kept)) * 0.6180339887) % 1.0 - 0.5
        beside["yOffset"] = alt.YOffset("jitter:Q", scale=alt.Scale(domain=[-0.9, 0.9]))
    dots = (
        alt.Chart(pd.DataFrame(points))
        .mark_circle(size=12, opacity=0.8)
        .encode(
            **axes,
            **beside,
            color=objective_colour(population.objective, population.objective_scale, "value").legend(None),
        )
    )
    box = alt.Chart(pd.DataFrame(frame)).mark_rect(fillOpacity=0.08, fill=ACCENT, stroke=ACCENT, strokeWidth=2)
    ends = {end: f"{end}:Q" for end in ("x2", "y2") if end in frame}
    return alt.layer(dots, box.encode(**axes, **ends), height=HEIGHT)


def as_number(text: str) -> float:
    """Return the number that a level's text is, infinity for words: by it numbers come first, in their order."""
    try:
        return float(text)
    except ValueError:
        return float("inf")


def levels_sketch(population: Population, parameter: Parameter) -> Drawing:
    """Draw the quartiles and the median of each level, of at most 8 with the most runs."""
    texts = texts_of_levels(population.levels(parameter.name))
    counts = texts[texts != ""].value_counts()
    declared = [text_of_level(value) for value in parameter.values or ()]
    shown = [text for text in declared if counts.get(text)] or sorted(counts.index)
    shown = [text for text in shown if text in set(counts.index[:8])]
    names = Names(tuple(labels(shown, 12)))
    at = places_in(shown, texts)
    boxes = pd.DataFrame(
        [(place, *quartiles(population.values[at == place])) for place in names.places],
        columns=["x", "q1", "median", "q3"],
    )
    x = alt.X("x:N", title=None, scale=names.scale(), axis=names.axis(labelAngle=0, labelLimit=70))
    log = population.objective_scale == "log"
    ends = (float(boxes["q1"].min()), float(boxes["q3"].max())) if log else (0.0, 0.0)
    y = alt.Y("q1:Q", title=None, **_results(population, *ends))
    body = alt.Chart(boxes).mark_bar(size=26, color=GREY, opacity=0.4).encode(x=x, y=y, y2=alt.Y2("q3:Q"))
    middle = alt.Chart(boxes).mark_tick(color=ACCENT, thickness=3, size=26).encode(x=x, y=alt.Y("median:Q"))
    return alt.layer(body, middle, height=HEIGHT)


def leaders_chart(population: Population, best: BestRun) -> Drawing:
    """Draw how the values are distributed, and in the accent how many of each bar are as good as the best run."""
    values = population.values
    bins, log = min(HISTOGRAM_BINS, max(len(values) // 2, 1)), population.objective_scale == "log"
    ends = np.geomspace(values.min(), values.max(), bins + 1) if log else np.histogram_bin_edges(values, bins)
    every = np.histogram(values, bins=ends)[0]
    leaders = values[[int(population.best_first[0]), *best.tied]]
    leading = np.minimum(np.histogram(leaders, bins=ends)[0], every)
    of, at = population.rows, bin_of(values, ends)
    is_leader = np.zeros(len(values), dtype=bool)
    is_leader[[int(population.best_first[0]), *best.tied]] = True
    bars = pd.DataFrame({"x": ends[:-1], "end": ends[1:], "every": every})
    led = pd.DataFrame({"x": ends[:-1], "end": ends[1:], "leading": leading})
    bars, led = of_counts(of, at, "every", frame=bars), of_counts(of, np.where(is_leader, at, -1), "leading", frame=led)
    span = (float(values.min()), float(values.max())) if log else (0.0, 0.0)
    x = alt.X("x:Q", title=None, **_results(population, *span))
    grey = (
        alt.Chart(bars)
        .mark_bar(opacity=0.6)
        .encode(x=x, x2=alt.X2("end:Q"), y2=alt.Y2Datum(0), color=alt.ColorValue(GREY))
    )
    accent = alt.Chart(led).mark_bar().encode(x=x, x2=alt.X2("end:Q"), y2=alt.Y2Datum(0), color=alt.ColorValue(ACCENT))
    return alt.layer(
        grey.encode(y=alt.Y("every:Q", title=None, axis=None)),
        accent.encode(y=alt.Y("leading:Q", title=None, axis=None)),
        height=HEIGHT,
    )
