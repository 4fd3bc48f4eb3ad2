"""The three pictures of the first page: what mattered, where to search next, and every run in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from lib.charts.marks import (
    AS_PEOPLE_READ,
    FULL,
    INK,
    PICK,
    Drawing,
    Names,
    objective_colour,
    thinned,
    times_axis,
    value_axis,
)
from lib.charts.names import labels, one_line, tip_title
from lib.charts.palette import ACCENT, GREY
from lib.charts.robust import beyond, robust_ends
from lib.charts.run_marks import of_runs
from lib.model.scales import result_scale

if TYPE_CHECKING:
    from lib.model.goal import Objective
    from lib.model.parameter import Scale

ROW_HEIGHT = 32
RUNS_HEIGHT = 180
_LONGEST_NAME = 22
# Labels of an axis stand at their lines, also the first and the last.
_AT_LINES: dict[str, Any] = {"labelFlush": False, "labelBound": False}


@dataclass(frozen=True, slots=True)
class Gain:
    """One searched parameter: what it brings to move from its worst to its best setting."""

    parameter: str
    gain: float | None
    """In the objective's units, 0 or more; None where no effect is claimed."""
    low: float | None
    """Its 95% interval."""
    high: float | None
    label: str
    """What is written beside it."""


@dataclass(frozen=True, slots=True)
class Span:
    """One searched parameter along its scale: what was searched, what is to be searched next, where the best runs are.

    Positions are parts of the width: 0..1 is everything that was searched or is to be.
    """

    parameter: str
    searched: tuple[tuple[float, float], ...]
    """Stretches that were searched."""
    next: tuple[tuple[float, float], ...]
    """Stretches to search next."""
    best: tuple[float, ...]
    """The best runs."""
    label: str
    """What to search next, in words."""


def gains_chart(gains: Sequence[Gain], times: bool = False) -> Drawing:
    """Draw a bar for each claimed gain with its 95% interval, and words for the other parameters.

    times : whether gains are numbers of times, which stand on a log scale from 1.
    """
    names = Names(tuple(labels([one.parameter for one in gains], _LONGEST_NAME)))
    frame = pd.DataFrame(
        {
            "y": names.places,
            "none": float(times),
            "gain": [one.gain or float(times) for one in gains],
            "low": [one.low if one.low is not None else one.gain or float(times) for one in gains],
            "high": [one.high if one.high is not None else one.gain or float(times) for one in gains],
            "label": [one_line(one.label) for one in gains],
        }
    )
    claimed = frame[[one.gain is not None for one in gains]]
    widest = float(claimed["high"].max()) if len(claimed) else 1.0
    # Room for the words behind the longest whisker.
    none = float(times)
    domain = [min(none, float(claimed["low"].min()) if len(claimed) else none), widest**1.9 if times else widest * 1.9]
    y = alt.Y("y:N", title=None, scale=names.scale(), axis=names.axis(domain=False, ticks=False, labelLimit=160))
    x = alt.X(
        "gain:Q",
        title=None,
        scale=alt.Scale(type="log" if times else "linear", domain=domain, nice=False),
        axis=alt.Axis(
            labels=bool(len(claimed)),
            grid=bool(len(claimed)),
            **_AT_LINES,
            **(
                times_axis(widest)
                if times
                else {"labelExpr": "(datum.value > 0 ? '+' : '') + " + AS_PEOPLE_READ, "tickCount": 5}
            ),
        ),
    )
    bars = (
        alt.Chart(claimed)
        .mark_bar(size=14, color=ACCENT, cornerRadiusEnd=2)
        .encode(
            x=x,
            x2=alt.X2("none:Q"),
            y=y,
            tooltip=[
                alt.Tooltip("gain:Q", title="times better" if times else "gain", format=FULL),
                alt.Tooltip("low:Q", title="95% from", format=FULL),
                alt.Tooltip("high:Q", title="95% to", format=FULL),
            ],
        )
    )
    whiskers = (
        alt.Chart(claimed).mark_rule(color=GREY, strokeWidth=2).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"), y=y)
    )
    words = [
        alt.Chart(rows)
        .mark_text(align="left", dx=8, fontSize=12, limit=alt.expr(f"{room} * width"), color=INK)
        .encode(x=alt.X("high:Q"), y=y, text=alt.Text("label:N"))
        for rows, room in ((claimed, 0.46), (frame.drop(claimed.index), 0.97))
    ]
    return alt.layer(bars, whiskers, *words, height=ROW_HEIGHT * max(len(gains), 2))


def spans_chart(spans: Sequence[Span]) -> Drawing:
    """Draw what was searched in grey, what to search next in the accent, and the best runs as dots."""
    names = Names(tuple(labels([one.parameter for one in spans], _LONGEST_NAME)))
    y = alt.Y("y:N", title=None, scale=names.scale(), axis=names.axis(domain=False, ticks=False, labelLimit=160))
    x = alt.X("x:Q", title=None, axis=None, scale=alt.Scale(domain=[-0.02, 1.75], nice=False))

    def stretches(kind: str) -> pd.DataFrame:
        rows = [(at, low, high) for at, one in enumerate(spans) for low, high in getattr(one, kind)]
        return pd.DataFrame(rows, columns=["y", "x", "end"])

    searched = (
        alt.Chart(stretches("searched"))
        .mark_bar(size=14, color=GREY, opacity=0.3, cornerRadius=3)
        .encode(x=x, x2=alt.X2("end:Q"), y=y)
    )
    wanted = (
        alt.Chart(stretches("next"))
        .mark_bar(size=14, color=ACCENT, opacity=0.55, cornerRadius=3)
        .encode(x=x, x2=alt.X2("end:Q"), y=y)
    )
    dots = pd.DataFrame([(at, place) for at, one in enumerate(spans) for place in one.best], columns=["y", "x"])
    best = (
        alt.Chart(dots).mark_circle(size=34, color=ACCENT, opacity=1, stroke="white", strokeWidth=0.5).encode(x=x, y=y)
    )
    text = pd.DataFrame({"y": names.places, "x": 1.0, "label": [one_line(one.label) for one in spans]})
    words = (
        alt.Chart(text)
        .mark_text(align="left", dx=12, fontSize=12, limit=alt.expr("0.4 * width"), color=INK)
        .encode(x=x, y=y, text=alt.Text("label:N"))
    )
    return alt.layer(searched, wanted, best, words, height=ROW_HEIGHT * max(len(spans), 2))


def every_run_chart(
    progress: pd.DataFrame,
    objective: Objective,
    tied: frozenset[str],
    places: np.ndarray | None = None,
    pickable: bool = False,
) -> Drawing:
    """Draw every run in order of creation, coloured by its value, the best so far, and the name of the best run.

    With many runs an even sample of them is drawn, the best included.
    tied : ids of the runs that are as good as the best, itself included; they have a ring. places : the values of all
    runs that there are places for; those of the runs if None. pickable : whether a range of the objective can be
    brushed.
    """
    values = progress["value"].to_numpy()
    everyone = values if places is None else places
    scale = result_scale(everyone)
    last = len(everyone)
    best_first = np.argsort(-objective.sign * values, kind="stable")

    def at(positions: np.ndarray) -> pd.DataFrame:
        rows = progress.iloc[positions]
        return pd.DataFrame({"x": rows["order"], "y": rows["value"], "run": rows["name"]})

    of = progress["row"].to_numpy()
    drawn = np.sort(thinned(best_first))
    best = progress["best_so_far"].to_numpy()
    steps = np.flatnonzero(np.concatenate([[True], best[1:] != best[:-1]]))
    steps = np.unique(np.concatenate([steps, [len(best) - 1]]))
    line = pd.DataFrame({"x": progress["order"].to_numpy()[steps], "y": best[steps]})
    x = alt.X(
        "x:Q",
        title=None,
        axis=alt.Axis(grid=False, format="d", tickMinStep=1, **_AT_LINES),
        scale=alt.Scale(nice=False, domain=[1, max(last, 2)]),
    )
    ends = _ends(everyone, objective.sign, scale)
    # Room beyond the best value for its run's name.
    below, above = (0.02, 0.14) if objective.sign > 0 else (0.14, 0.02)
    few = {"axis": alt.Axis(tickCount=4, grid=True, **_AT_LINES)}
    y = alt.Y("y:Q", title=None, **{**few, **value_axis(scale, ends, below, above=above, nice=False)})
    layers: list[alt.Chart] = []
    colour = objective_colour(objective, scale, "y").legend(None)
    # Far values would take the whole ramp: it covers the axis.
    if ends[0] < ends[1]:
        colour["scale"]["domain"], colour["scale"]["clamp"] = list(ends), True
    tooltip = [
        alt.Tooltip("run:N", title="run"),
        alt.Tooltip("y:Q", title=tip_title(objective.metric), format=FULL),
    ]
    off = beyond(values, ends) != 0
    points = of_runs(of, drawn, lambda rows: at(rows[~off[rows]]))
    dots = alt.Chart(points).mark_circle(size=30, opacity=0.85).encode(x=x, y=y, color=colour, tooltip=tooltip)
    if pickable:
        dots = dots.add_params(alt.selection_interval(name=PICK, encodings=["y"]))
    if off[drawn].any():
        shape, edge = (
            ("triangle-down", alt.YValue(alt.expr("height"))) if objective.sign > 0 else ("triangle-up", alt.YValue(0))
        )
        beyond_it = of_runs(of, drawn, lambda rows: at(rows[off[rows]]))
        far = alt.Chart(beyond_it).mark_point(shape=shape, size=60, filled=True, opacity=0.9)
        layers.append(far.encode(x=x, y=edge, color=colour, tooltip=tooltip))
    ringed = progress["run_id"].isin(tied).to_numpy() & ~off
    rings = of_runs(of, drawn[ringed[drawn]], lambda rows: at(rows[ringed[rows]])[["x", "y"]])
    if len(rings):
        layers.append(
            alt.Chart(rings).mark_point(size=60, filled=False, color=ACCENT, strokeWidth=1.5).encode(x=x, y=y)
        )
    layers.append(
        alt.Chart(line).mark_line(interpolate="step-after", strokeWidth=2, color=GREY, clip=True).encode(x=x, y=y)
    )
    # Above rings and line, or what these cover wouldn't answer the pointer.
    layers.append(dots)
    first = int(best_first[0])
    # Beyond the best value there is no run that the name could cover; it stands on the side where there is room for it.
    left = progress["order"].iloc[first] > 0.6 * last
    name = pd.DataFrame(
        {
            "x": [progress["order"].iloc[first]],
            "y": [values[first]],
            "label": [one_line(str(progress["name"].iloc[first]))],
        }
    )
    layers.append(
        alt.Chart(name)
        .mark_text(
            align="right" if left else "left",
            dx=4 if left else -4,
            dy=-11 if objective.sign > 0 else 13,
            fontSize=12,
            fontWeight="bold",
            color=INK,
            limit=260,
        )
        .encode(x=x, y=y, text=alt.Text("label:N"))
    )
    return alt.layer(*layers, height=RUNS_HEIGHT)


def _ends(values: np.ndarray, sign: int, scale: Scale) -> tuple[float, float]:
    """Return where the axis ends: at the best value, and at the worst one unless that lies far off the others."""
    low, high = robust_ends(values, scale == "log")
    return (low, float(values.max())) if sign > 0 else (float(values.min()), high)
