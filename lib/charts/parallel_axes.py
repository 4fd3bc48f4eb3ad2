"""The axes of parallel coordinates: their lines, names and ticks, and what the filters name on them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.axes import MISSING_PLACE, Axis
from lib.charts.marks import either
from lib.charts.names import labels as short_names
from lib.charts.names import one_line, short
from lib.charts.palette import ACCENT, GREY, Surface
from lib.charts.parallel_gestures import LABELLED, ROW_HEIGHT, ROWS, TITLES, crowded, gesture, pressed_on, step_of
from lib.model.choices import Condition
from lib.model.filters import parts_of

# Up to this many axes have room for all their ticks.
_ROOMY = 12
# Left of the first axis, in steps between axes.
BESIDE_FIRST = 0.45
# Beyond it nested keys are written by their last part: of the beginning alone, which is all that fits, many are alike.
_LONGEST_NAME = 36


def marks_of(axes: Sequence[Axis], filters: Sequence[Condition]) -> pd.DataFrame:
    """Return the spans of the axes that the filters name, and whether their runs are left out."""
    rows = [
        {"x": float(i), "y": low, "y2": high, "excludes": one.exclude}
        for i, axis in enumerate(axes)
        for one in itertools.chain.from_iterable(map(parts_of, filters))
        if one.column == axis.name and one.contains is None and one.digests is None
        for low, high in axis.spans_of(one)
    ]
    frame = pd.DataFrame(rows, columns=["x", "y", "y2", "excludes"])
    return frame.astype({"x": float, "y": float, "y2": float, "excludes": bool})


def marked(marks: pd.DataFrame, x: alt.X, y: alt.Y) -> alt.Chart:
    """Mark on each axis what the filters name: in the accent colour what they keep, in grey what they leave out."""
    return (
        alt.Chart(marks)
        .mark_bar(size=16, opacity=0.4, cornerRadius=3)
        .encode(
            x=x,
            y=y,
            y2=alt.Y2("y2:Q"),
            color=either(alt.ColorValue, "datum.excludes", alt.value(GREY), alt.value(ACCENT)),
        )
    )


def frame_of(axes: Sequence[Axis], x: alt.X, y: alt.Y, *, surface: Surface | None, pickable: bool) -> list[alt.Chart]:
    """Draw the axes: a line each, its name over it, its ticks and what they say.

    x, y : the encodings that all layers share. surface : what the chart stands on, where that is known. pickable :
    whether a click on a tick's text is answered.
    """
    places = np.arange(len(axes), dtype=float)
    last = len(axes) - 1
    rules = pd.DataFrame({"x": places, "y": 0.0, "y2": 1.0})
    names = [one_line(a.name) for a in axes]
    written = [name + _suffix(a) for name, a in zip(short_names(names, _LONGEST_NAME), axes, strict=True)]
    titles = pd.DataFrame({"x": places, "y": TITLES, "text": written, "whole": names})
    ticks = pd.DataFrame(
        [
            {"x": float(i), "y": place, "text": short(label, 24)}
            for i, axis in enumerate(axes)
            for place, label in _labelled(axis, len(axes))
        ],
        columns=["x", "y", "text"],
    )
    step, close = step_of(len(axes)), crowded(len(axes))
    ink = surface.text if surface else GREY
    labels: dict[str, Any] = {
        "align": "right",
        "dx": -7,
        "fontSize": alt.expr(f"{step} < 70 ? 9 : 11"),
        # The first axis has half of a step beside it.
        "limit": alt.expr(f"max(datum.x ? {step} - 26 : {step} * {BESIDE_FIRST} - 9, 20)"),
    }
    edge = [alt.Chart(ticks).mark_text(**labels, stroke=surface.background, strokeWidth=3)] if surface else []
    written_levels = alt.Chart(ticks).mark_text(**labels, color=ink)
    if pickable:
        written_levels = written_levels.properties(name="labels").add_params(
            gesture(
                LABELLED,
                ["x", "y"],
                "@labels_marks:click",
                pressed_on("cells", "ends", "names"),
            )
        )
    return [
        alt.Chart(rules).mark_rule(color=GREY, strokeWidth=1.2).encode(x=x, y=y, y2=alt.Y2("y2:Q")),
        alt.Chart(titles)
        .mark_text(
            fontWeight="bold",
            fontSize=alt.expr(f"{step} < 70 ? 10 : 12"),
            color=ink,
            dy=alt.expr(f"{close} ? -{ROW_HEIGHT} * (datum.x % {ROWS}) : 0"),
            align=alt.expr(f"{close} && datum.x == 0 ? 'left' : {close} && datum.x == {last} ? 'right' : 'center'"),
            # The first and the last go on to one side only, towards the next name in their row.
            limit=alt.expr(f"{step} * ({close} ? (datum.x % {max(last, 1)} ? {ROWS - 0.6} : {ROWS / 2 + 0.2}) : 0.95)"),
        )
        .encode(x=x, y=y, text=alt.Text("text:N"), tooltip=alt.Tooltip("whole:N", title="axis")),
        alt.Chart(ticks).mark_tick(color=GREY, orient="horizontal", size=8, thickness=1.2).encode(x=x, y=y),
        *(chart.encode(x=x, y=y, text=alt.Text("text:N")) for chart in (*edge, written_levels)),
    ]


def _labelled(axis: Axis, count: int) -> Sequence[tuple[float, str]]:
    """Return the ticks of an axis of numbers: all, or its ends and middle where axes stand close; levels all."""
    if count <= _ROOMY or axis.scale == "levels":
        return axis.ticks
    inside = [tick for tick in axis.ticks if tick[0] not in (0.0, 1.0, MISSING_PLACE)]
    nearest = sorted(inside, key=lambda tick: abs(tick[0] - 0.5))[:1]
    return [tick for tick in axis.ticks if tick not in inside or tick in nearest]


def _suffix(axis: Axis) -> str:
    extra = {"log": "log", "quantile": "quantiles"}.get(axis.scale, "")
    words = ", ".join(w for w in (extra, "inverted" if axis.inverted else "", "a part" if axis.shown else "") if w)
    return f" ({words})" if words else ""
