"""What a hand does in parallel coordinates: brushing an axis, holding its end, carrying it by its name.

Invisible marks lie over the picture and take the pointer; each gesture is a few point selections, one a step of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.axes import MISSING_PLACE, Axis
from lib.charts.marks import either
from lib.charts.names import one_line
from lib.charts.palette import ACCENT, GREY

# What a drag along an axis begins, passes and ends on, a double click, a click on a line, and one on a level's name.
PRESSED, DRAGGED, RELEASED, CLEARED, PICKED = "pressed", "dragged", "released", "cleared", "picked"
LABELLED = "labelled"
# The end of an axis that a drag begins on; the name of one that it begins on, and the axis where it passes and ends.
HELD, GRABBED, CARRIED, DROPPED = "held", "grabbed", "carried", "dropped"
# All that a page hears of.
GESTURES = (PRESSED, RELEASED, CLEARED, PICKED, LABELLED, HELD, GRABBED, DROPPED)
# Where the names of the axes stand, of the axes' places.
TITLES = 1.06
# Rows that titles stand in where axes are too close for one, and how far apart they are, in pixels.
ROWS, ROW_HEIGHT = 3, 14
# Stretches of an axis that a drag can tell apart, of all axes and of one, and half of their width in pixels.
_ALL_CELLS, _MOST_CELLS, _REACH = 1_600, 140, 14
_LOWEST, _HIGHEST = -0.15, 1.03


def gesture(name: str, fields: Sequence[str], on: str, clear: str) -> alt.Parameter:
    """Return one step of a gesture: which marks the pointer is on when it comes, until another step ends it."""
    return alt.selection_point(name=name, fields=list(fields), on=on, toggle=False, clear=clear)


def pressed_on(*marks: str) -> str:
    """Return the event that the pointer is pressed on any of some marks, by their names."""
    return ", ".join(f"@{one}_marks:pointerdown" for one in marks)


def cell_size(count: int) -> float:
    """Return how much of an axis one stretch takes that a drag can tell apart, where this many axes are drawn."""
    return (_HIGHEST - _LOWEST) / min(_MOST_CELLS, max(_ALL_CELLS // max(count, 1), 20))


def span_of(first: float, last: float, count: int) -> tuple[float, float]:
    """Return the span of places that a drag covers, by the middles of the stretches it began and ended on."""
    half = cell_size(count) / 2
    low, high = min(first, last) - half, max(first, last) + half
    # Beside values, those that are missing are left out.
    return (low, high) if high < MISSING_PLACE / 2 else (max(low, MISSING_PLACE / 2), high)


def brushed(count: int) -> list[alt.Parameter]:
    """Say what a drag covers, once for all runs: its axis (-1 for none), and the span of places on it."""
    half, edge = cell_size(count) / 2, MISSING_PLACE / 2
    first, last = f"{PRESSED}.y[0]", f"{DRAGGED}.y[0]"
    low, high = f"min({first}, {last}) - {half}", f"max({first}, {last}) + {half}"
    there = f"isValid({PRESSED}.x) && isValid({DRAGGED}.x) && {PRESSED}.x[0] == {DRAGGED}.x[0] && {first} != {last}"
    return [
        alt.param(name="dragged_axis", expr=f"{there} ? {PRESSED}.x[0] : -1"),
        alt.param(
            name="span",
            expr=f"dragged_axis < 0 ? [0, 0] : [{high} < {edge} ? {low} : max({low}, {edge}), {high}]",
        ),
    ]


def brushes(count: int, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Return what a drag along an axis moves over, stretch by stretch, and the mark of what it covers.

    An interval selection would not do: one that is drawn straight down an axis has no width, and counts as none.
    """
    size = cell_size(count)
    middles = np.arange(_LOWEST + size / 2, _HIGHEST, size)
    cells = pd.DataFrame(
        {"x": np.repeat(np.arange(count, dtype=float), len(middles)), "y": np.tile(np.round(middles, 5), count)}
    )
    cells = cells.assign(low=cells["y"] - size / 2, high=cells["y"] + size / 2)
    fields = ["x", "y"]
    elsewhere = pressed_on("ends", "names")
    again = pressed_on("cells", "ends", "names")
    handles = (
        alt.Chart(cells)
        .properties(name="cells")
        .mark_bar(size=2 * _REACH, opacity=0, cursor="ns-resize")
        .encode(x=x, y=alt.Y("low:Q", scale=y["scale"], axis=None), y2=alt.Y2("high:Q"))
        .add_params(
            gesture(PRESSED, fields, "@cells_marks:pointerdown", elsewhere),
            gesture(DRAGGED, fields, "@cells_marks:pointerover[event.buttons === 1]", again),
            gesture(RELEASED, fields, "@cells_marks:pointerup", again),
            gesture(CLEARED, ["x"], "@cells_marks:dblclick", again),
        )
    )
    covered = (
        alt.Chart(pd.DataFrame({"one": [0]}))
        .transform_filter("dragged_axis >= 0")
        .transform_calculate(x="dragged_axis", y="span[0]", y2="span[1]")
        .mark_bar(size=16, color=ACCENT, opacity=0.4, cornerRadius=3)
        .encode(x=x, y=y, y2=alt.Y2("y2:Q"))
    )
    return [covered, handles]


def held_ends(axes: Sequence[Axis], x: alt.X, y: alt.Y) -> alt.Chart:
    """Return the ends of the axes of numbers: dragged along the axis, one shows a part of the values."""
    rows = [
        {"x": float(i), "y": float(upper), "upper": upper, "about": "drag to show a part of the values"}
        for i, axis in enumerate(axes)
        for upper in (False, True)
        if axis.scale != "levels" and len(axis.values) > 2
    ]
    frame = pd.DataFrame(rows, columns=["x", "y", "upper", "about"])
    return (
        alt.Chart(frame.astype({"x": float, "y": float, "upper": bool, "about": str}))
        .properties(name="ends")
        .mark_point(filled=True, size=90, xOffset=_REACH - 2, color=GREY, cursor="ns-resize", opacity=0.8)
        .encode(
            x=x,
            y=y,
            shape=either(alt.ShapeValue, "datum.upper", alt.value("triangle-down"), alt.value("triangle-up")),
            tooltip=alt.Tooltip("about:N", title="end of the axis"),
        )
        .add_params(
            gesture(
                HELD,
                ["x", "upper"],
                "@ends_marks:pointerdown",
                pressed_on("cells", "names", "labels"),
            )
        )
    )


def carried(axes: Sequence[Axis], x: alt.X, y: alt.Y) -> list[alt.LayerChart | alt.Chart]:
    """Return what a drag of an axis's name moves over, and the mark of the place where the axis would go.

    Names stand in one row, or in ROWS where axes are close. There a name is wider than the room of its axis: each part
    of a row belongs to the name that is nearest.
    """
    count = len(axes)
    parts = pd.DataFrame(
        [
            {
                "x": float(at),
                "row": row,
                "own": at,
                "nearest": min(range(row, count, ROWS), key=lambda one: abs(one - at), default=at),
                "whole": one_line(axes[at].name),
            }
            for at in range(count)
            for row in range(ROWS)
        ]
    )
    there = f"isValid({GRABBED}.axis) && isValid({CARRIED}.x) && {GRABBED}.axis[0] != {CARRIED}.x[0]"
    low, high = y["scale"]["domain"]
    one = f"({ROW_HEIGHT} * (({high['expr']}) - {low}) / height)"
    names = (
        alt.Chart(parts)
        .properties(name="names")
        .transform_calculate(
            axis=f"{crowded(count)} ? datum.nearest : datum.own",
            y=f"datum.row > 0 ? {TITLES} + (datum.row - 0.5) * {one} : {_HIGHEST}",
            y2=f"{TITLES} + (datum.row + 0.5) * {one}",
        )
        .mark_bar(size=alt.expr(step_of(count)), opacity=0, cursor="grab")
        .encode(x=x, y=y, y2=alt.Y2("y2:Q"), tooltip=alt.Tooltip("whole:N", title="drag to move"))
        .add_params(
            gesture(
                GRABBED,
                ["axis"],
                "@names_marks:pointerdown",
                pressed_on("cells", "ends", "labels"),
            ),
            gesture(CARRIED, ["x"], "@names_marks:pointerover[event.buttons === 1]", "window:pointerup"),
            gesture(DROPPED, ["x"], "@names_marks:pointerup", "@names_marks:pointerdown"),
            alt.param(name="carried_to", expr=f"{there} ? {CARRIED}.x[0] : -1"),
        )
    )
    place = (
        alt.Chart(pd.DataFrame({"one": [0]}))
        .transform_filter("carried_to >= 0")
        .transform_calculate(x="carried_to", y="0", y2=str(TITLES))
        .mark_bar(size=6, color=ACCENT, opacity=0.5)
        .encode(x=x, y=y, y2=alt.Y2("y2:Q"))
    )
    return [place, names]


def step_of(count: int) -> str:
    """Return how many pixels lie between two axes, as an expression of the browser's."""
    return f"(width / {max(count, 1)})"


def crowded(count: int) -> str:
    """Return whether names stand in several rows, as an expression."""
    return f"{step_of(count)} < 150"
