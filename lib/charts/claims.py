"""Small pictures beside claims: a parameter against the objective, and where the leaders lie among all runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.population import text_of_level, texts_of_levels
from lib.charts.marks import Drawing, Names, labels, log_ticks, objective_colour, places_in, thinned
from lib.charts.palette import ACCENT, GREY
from lib.charts.run_marks import bin_of, of_counts, of_runs
from lib.model.sweep import Parameter
from lib.statistics.moments import quartiles

if TYPE_CHECKING:
    from lib.analysis.best import BestRun
    from lib.analysis.population import Population

HEIGHT = 84
MOST_POINTS = 300
BINS = 8
HISTOGRAM_BINS = 24
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
    scale = alt.Scale(zero=False, domain=[low, high], clamp=True) if low < high else alt.Scale(zero=False)
    y = alt.Y("y:Q", title=None, scale=scale, axis=alt.Axis(**_FEW))
    if log and len(points):
        ticks = log_ticks(float(points["x"].min()), float(points["x"].max()))
        axis = alt.Axis(values=ticks[:: max(1, len(ticks) // 4)], format="~g", labelFlush=False, grid=False)
        across = alt.X("x:Q", title=None, scale=alt.Scale(type="log", nice=False), axis=axis)
    else:
        across = alt.X("x:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(**_FEW))
    dots = (
        alt.Chart(points)
        .mark_circle(size=10, opacity=0.55)
        .encode(x=across, y=y, color=objective_colour(population.objective, "y").legend(None))
    )
    middle = alt.Chart(line).mark_line(color=ACCENT, strokeWidth=3).encode(x=across, y=y)
    return alt.layer(dots, middle).properties(height=HEIGHT)


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
    y = alt.Y("q1:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(**_FEW))
    body = alt.Chart(boxes).mark_bar(size=26, color=GREY, opacity=0.4).encode(x=x, y=y, y2="q3:Q")
    middle = alt.Chart(boxes).mark_tick(color=ACCENT, thickness=3, size=26).encode(x=x, y=alt.Y("median:Q"))
    return alt.layer(body, middle).properties(height=HEIGHT)


def leaders_chart(population: Population, best: BestRun) -> Drawing:
    """Draw how the values are distributed; the bars that hold the best run or runs as good as it are in the accent."""
    values = population.values
    counts, ends = np.histogram(values, bins=min(HISTOGRAM_BINS, max(len(values) // 2, 1)))
    leaders = values[[int(population.best_first[0]), *best.tied]]
    led = [bool(((leaders >= low) & (leaders <= high)).any()) for low, high in zip(ends, ends[1:], strict=False)]
    bars = pd.DataFrame({"x": ends[:-1], "end": ends[1:], "n": counts, "led": led})
    bars = of_counts(population.rows, bin_of(values, ends), "n", bars)
    return (
        alt.Chart(bars)
        .mark_bar()
        .encode(
            x=alt.X("x:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(**_FEW)),
            x2="end:Q",
            y=alt.Y("n:Q", title=None, axis=None),
            y2=alt.datum(0),
            color=alt.condition("datum.led", alt.value(ACCENT), alt.value(GREY)),
        )
        .properties(height=HEIGHT)
    )
