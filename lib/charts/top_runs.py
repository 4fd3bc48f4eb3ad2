"""Where the top runs lie within each hyperparameter's range, against the rest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.axes import Axis, axes
from lib.analysis.levels import text_of_level
from lib.analysis.population import Population
from lib.analysis.top_runs import TopRun
from lib.charts.marks import FULL, LABEL_LIMIT, MOST_TICKS, Drawing, Names, colour_of_kinds, thinned
from lib.charts.names import labels, short, tip_title
from lib.charts.palette import ACCENT, GREY, SEQUENTIAL
from lib.charts.run_marks import of_runs
from lib.model.numbers import number

MOST_ROWS = 30
ROW = 46
MOST_REST = 400
# Of the axes, which go from 0 to 1.
ENDS = (-0.03, 1.03)
# How wide a letter of an axis's values is, in pixels.
LETTER = 6


def top_runs_chart(population: Population, top: Sequence[TopRun]) -> Drawing:
    """Draw a row a searched parameter (at most 30): top runs as dots, a sample of the rest as ticks.

    The top runs lie so close together on the objective's colour scale that it would tell nothing here: they have one
    colour of it.
    """
    laid_out = axes(population, [p.name for p in population.searched][:MOST_ROWS])
    best, others = population.best_first[: len(top)], thinned(population.best_first[len(top) :], MOST_REST)
    names = Names(tuple(labels([axis.name for axis in laid_out], 28)))
    groups = ("the best run", f"the other {len(top) - 1} of the top {len(top)}", "other runs")
    kinds = zip(groups, (ACCENT, SEQUENTIAL[6], GREY), strict=True)
    colour = colour_of_kinds("group", kinds, symbolType="circle", symbolOpacity=1)
    # Ticks are many and tell no values.
    rest = of_runs(
        population.rows,
        others,
        lambda rows: (
            _rows(population, laid_out, names, rows[~np.isin(rows, best)])[["x", "y"]].round({"x": 4}).assign(group=2)
        ),
        grey=True,
    )
    # The best is drawn last, on top.
    ours = of_runs(
        population.rows,
        best[::-1],
        lambda rows: _rows(population, laid_out, names, rows[np.isin(rows, best)]).pipe(
            lambda frame: frame.assign(group=np.where(frame.index == best[0], 0, 1))
        ),
    )
    y = alt.Y("y:N", title=None, scale=names.scale(), axis=names.axis(labelLimit=LABEL_LIMIT))
    x = alt.X(
        "x:Q",
        title="lowest tried  →  highest tried",
        scale=alt.Scale(domain=list(ENDS), nice=False),
        axis=alt.Axis(labels=False, ticks=False, grid=False),
    )
    ticks = alt.Chart(rest).mark_tick(opacity=0.45, thickness=1, size=14).encode(x=x, y=y, color=colour)
    dots = (
        alt.Chart(ours)
        .mark_circle(size=110, opacity=0.9)
        .encode(
            x=x,
            y=y,
            color=colour,
            tooltip=[
                alt.Tooltip("run:N", title="run"),
                alt.Tooltip("hyperparameter:N"),
                alt.Tooltip("value:N"),
                alt.Tooltip("color:Q", title=tip_title(population.objective.metric), format=FULL),
            ],
        )
    )
    marks = [
        {
            "x": place,
            "y": at,
            "text": text,
            "end": end,
            "from": wide,
        }
        for at, axis in enumerate(laid_out)
        for place, text, end, wide in scale_of(axis)
    ]
    scale_marks = pd.DataFrame(marks, columns=["x", "y", "text", "end", "from"])
    values = (
        alt.Chart(scale_marks)
        .mark_text(
            color=GREY,
            fontSize=10,
            dy=17,
            opacity=alt.expr("width < datum.from ? 0 : 1"),
            align=alt.expr("datum.end == 0 ? 'center' : datum.end < 0 ? 'left' : 'right'"),
        )
        .encode(x=x, y=y, text=alt.Text("text:N"))
    )
    return alt.layer(ticks, dots, values, height=max(120, ROW * len(names.texts) + 60))


def scale_of(axis: Axis) -> Iterator[tuple[float, str, int, int]]:
    """Yield the place and text of each value on an axis, the end it stands at, and from how many pixels on it is shown.

    Where not all have room, every second, fourth, ... is left out; the first and the last stay.
    """
    shown = [(place, short(text, 16)) for place, text in axis.ticks[:MOST_TICKS] if place >= 0]
    ends = [-1 if place < 0.05 else 1 if place > 0.95 else 0 for place, _ in shown]
    last, wide = len(shown) - 1, 0.0
    wides = [0.0] * len(shown)
    for step in (1, 2, 4, 8):
        kept = [at for at in range(len(shown)) if at % step == 0 or at == last]
        # Of a text at an end all lies on one side.
        taken = {at: LETTER * len(shown[at][1]) * (1 if ends[at] else 0.5) for at in kept}
        needed = max((_pixels(taken[a] + taken[b], shown[b][0] - shown[a][0]) for a, b in pairwise(kept)), default=0.0)
        wide = needed if step == 1 else min(wide, needed)
        for at in kept:
            wides[at] = wide
    for at in {0, last} & set(range(len(shown))):
        wides[at] = 0.0
    for (place, text), end, needed in zip(shown, ends, wides, strict=True):
        yield place, text, end, math.ceil(needed)


def _pixels(texts: float, apart: float) -> float:
    """Return how wide a chart must be so that texts of this many pixels fit between two places."""
    return (texts + LETTER) * (ENDS[1] - ENDS[0]) / max(apart, 1e-6)


def _rows(population: Population, laid_out: Sequence[Axis], shown: Names, rows: np.ndarray) -> pd.DataFrame:
    parts = []
    names, values = population.runs["name"].to_numpy()[rows], population.values[rows]
    for at, axis in enumerate(laid_out):
        places = axis.places[rows]
        text = [
            number(v) if not isinstance(v, str) else v for v in map(_plain, population.levels(axis.name).iloc[rows])
        ]
        part = pd.DataFrame({"x": places, "y": at, "run": names, "color": values, "value": text})
        part["hyperparameter"] = shown.texts[at]
        parts.append(part.set_index(rows)[places >= 0])
    columns = ["x", "y", "run", "color", "value", "hyperparameter"]
    return pd.concat(parts) if parts else pd.DataFrame(columns=columns)


def _plain(value: object) -> object:
    return text_of_level(value) if not isinstance(value, float) else value
