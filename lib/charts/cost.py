"""What the runs cost: the best so far along the compute, and what ran when."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.cost import Timeline
from lib.analysis.effort import Effort
from lib.analysis.population import Population
from lib.charts.effort_axes import HOURS, best_so_far_axis, effort_frame, in_unit_of_compute
from lib.charts.marks import HEIGHT, Drawing, colour_of_kinds, places_in
from lib.charts.palette import ACCENT, CATEGORICAL, GREY
from lib.charts.run_marks import of_runs
from lib.model.goal import Objective
from lib.model.parameter import Scale

MOST_BARS = 300
MOST_BINS = 200
STATE_COLOURS = {
    "finished": ACCENT,
    "running": CATEGORICAL[3],
    "crashed": CATEGORICAL[1],
    "failed": CATEGORICAL[1],
    "killed": CATEGORICAL[2],
    "preempted": CATEGORICAL[4],
}


def best_per_hour_chart(effort: Effort, objective: Objective, scale: Scale) -> Drawing:
    """Draw the best so far against the compute spent by then, in hours, or minutes where it took two hours at most.

    scale : of the objective's axis.
    """
    frame, unit = in_unit_of_compute(effort_frame(effort, HOURS))
    points = alt.OverlayMarkDef(color=ACCENT, size=30)
    x = alt.X(
        "x:Q",
        title=f"{unit.capitalize()} of compute",
        scale=alt.Scale(nice=False),
        axis=alt.Axis(grid=False, format="~r"),
    )
    line = (
        alt.Chart(frame)
        .mark_line(interpolate="step-after", color=ACCENT, strokeWidth=2.5, point=points)
        .encode(
            x=x,
            y=best_so_far_axis(frame, objective, scale),
            tooltip=[
                alt.Tooltip("x:Q", title=unit, format=".4g"),
                alt.Tooltip("y:Q", title="best so far", format=".6g"),
            ],
        )
    )
    return alt.layer(line, height=HEIGHT)


def timeline_chart(population: Population, found: Timeline) -> Drawing:
    """Draw when each run ran, in as few lanes as fit, by state; beyond 300 runs how many of each state ran at once."""
    states = population.sweep.runs["state"].to_numpy()[found.rows]
    present = sorted(set(states))
    colour = colour_of_kinds("kind", ((state, STATE_COLOURS.get(state, GREY)) for state in present))
    if len(found.rows) > MOST_BARS:
        return _by_bins(found, states, present, colour)
    whole = pd.DataFrame(
        {
            "x": _moments(found, found.start),
            "x2": _moments(found, found.end),
            "lane": found.lane + 1,
            "state": states,
            "kind": places_in(present, states),
            "run": population.sweep.runs["name"].to_numpy()[found.rows],
            "seconds": found.end - found.start,
        }
    )
    frame = of_runs(found.rows, np.arange(len(whole)), lambda positions: whole.iloc[positions])
    lanes = int(found.lane.max()) + 1
    bars = (
        alt.Chart(frame)
        .mark_bar(height={"band": 0.8}, opacity=0.8, cornerRadius=3)
        .encode(
            x=_time_axis(found),
            x2=alt.X2("x2:T"),
            y=alt.Y("lane:O", title="Lane", axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            color=colour,
            tooltip=[
                alt.Tooltip("run:N"),
                alt.Tooltip("state:N"),
                alt.Tooltip("utchoursminutesseconds(x):T", title="from (UTC)"),
                alt.Tooltip("utchoursminutesseconds(x2):T", title="to (UTC)"),
                alt.Tooltip("seconds:Q", format=",.0f"),
            ],
        )
    )
    return alt.layer(bars, height=float(np.clip(26 * lanes + 110, 170, 520)))


def parallel_chart(found: Timeline) -> Drawing:
    """Draw how many runs ran at once over time: every change, or means of 200 stretches where there are more."""
    if len(found.at) <= MOST_BINS:
        x, y = found.at, found.running.astype(float)
    else:
        edges = np.linspace(0, found.span, MOST_BINS + 1)
        x, y = edges[:-1], busy_between(found.start, found.end, edges) / np.diff(edges)
    frame = pd.DataFrame({"x": _moments(found, x), "y": y})
    area = (
        alt.Chart(frame)
        .mark_area(interpolate="step-after", color=ACCENT, opacity=0.25, line={"color": ACCENT, "strokeWidth": 1.5})
        .encode(
            x=_time_axis(found),
            y=alt.Y("y:Q", title="Runs at once", axis=alt.Axis(tickMinStep=1)),
            tooltip=[
                alt.Tooltip("utchoursminutesseconds(x):T", title="from (UTC)"),
                alt.Tooltip("y:Q", title="runs at once", format=".3g"),
            ],
        )
    )
    return alt.layer(area, height=180)


def busy_between(start: np.ndarray, end: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the seconds of running within each stretch between edges, all intervals together, shape (edges - 1,)."""

    def until(moments: np.ndarray) -> np.ndarray:
        """Return how many seconds of the intervals lie before each edge, if they all ran on from these moments."""
        ordered = np.sort(moments)
        total = np.concatenate([[0.0], np.cumsum(ordered)])
        before = np.searchsorted(ordered, edges, side="right")
        return edges * before - total[before]

    return np.diff(until(start) - until(end))


def _by_bins(found: Timeline, states: np.ndarray, present: list[str], colour: alt.Color) -> Drawing:
    edges = np.linspace(0, max(found.span, 1e-9), MOST_BINS + 1)
    frames = []
    for kind, state in enumerate(present):
        own = states == state
        y = busy_between(found.start[own], found.end[own], edges) / np.diff(edges)
        frames.append(
            pd.DataFrame({"x": _moments(found, edges[:-1]), "x2": _moments(found, edges[1:]), "y": y}).assign(
                state=state, kind=kind
            )
        )
    bars = (
        alt.Chart(pd.concat(frames))
        .mark_bar()
        .encode(
            x=_time_axis(found),
            x2=alt.X2("x2:T"),
            y=alt.Y("y:Q", title="Runs at once (mean)", stack="zero"),
            color=colour,
            tooltip=[
                alt.Tooltip("state:N"),
                alt.Tooltip("utcyearmonthdatehoursminutes(x):T", title="from (UTC)"),
                alt.Tooltip("y:Q", title="runs at once", format=".3g"),
            ],
        )
    )
    return alt.layer(bars, height=HEIGHT)


def _time_axis(found: Timeline) -> alt.X:
    days = found.span / 86_400
    form = "%H:%M" if days < 1 else "%b %d %H:%M" if days < 5 else "%Y-%m-%d"
    axis = alt.Axis(grid=False, format=form, labelOverlap=True)
    return alt.X("x:T", title="Time (UTC)", scale=alt.Scale(type="utc", nice=False), axis=axis)


def _moments(found: Timeline, seconds: np.ndarray) -> pd.Series:
    return pd.Series(found.origin + pd.to_timedelta(seconds, unit="s"))
