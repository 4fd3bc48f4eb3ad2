"""The objective over time, with the best so far; and how the expected best grows with the number of runs."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.convergence import Convergence
from lib.charts.marks import HEIGHT, MOST_MARKS, Drawing, objective_axis, objective_title, thinned
from lib.charts.palette import ACCENT, GREY
from lib.sweep import Objective


def progress_chart(progress: pd.DataFrame, objective: Objective) -> Drawing:
    """Draw every run's objective in order of creation, and the best so far as a line of steps.

    With many runs an even sample of them is drawn, every improvement included.
    """
    best_first = np.argsort(-objective.sign * progress["value"].to_numpy(), kind="stable")
    drawn = progress.iloc[np.sort(thinned(best_first))]
    points = pd.DataFrame({"x": drawn["order"], "y": drawn["value"], "run": drawn["name"]})
    best = progress["best_so_far"].to_numpy()
    steps = np.flatnonzero(np.concatenate([[True], best[1:] != best[:-1]])) if len(best) else np.array([], dtype=int)
    steps = np.unique(np.concatenate([steps, [len(best) - 1]])) if len(best) else steps
    line = pd.DataFrame({"x": progress["order"].to_numpy()[steps], "y": best[steps]})
    x = alt.X("x:Q", title="Runs in order of creation", axis=alt.Axis(grid=False, format="d"))
    y = objective_axis(objective)
    dots = (
        alt.Chart(points)
        .mark_circle(size=28, color=GREY, opacity=0.55)
        .encode(
            x=x,
            y=y,
            tooltip=[alt.Tooltip("run:N", title="run"), alt.Tooltip("y:Q", title=objective.metric, format=".6g")],
        )
    )
    best_so_far = (
        alt.Chart(line)
        .mark_line(interpolate="step-after", color=ACCENT, strokeWidth=2.5)
        .encode(x=x, y=y, tooltip=[alt.Tooltip("y:Q", title="best so far", format=".6g")])
    )
    return alt.layer(dots, best_so_far).properties(height=HEIGHT)


def convergence_chart(convergence: Convergence, objective: Objective) -> Drawing:
    """Draw the expected best of the first k runs in random order with its band, and the best so far as it came."""
    count = len(convergence.runs)
    kept = np.unique(np.linspace(0, count - 1, min(count, MOST_MARKS // 10)).astype(int))
    band = pd.DataFrame(
        {
            "x": convergence.runs[kept],
            "y": convergence.expected_best[kept],
            "low": convergence.low[kept],
            "high": convergence.high[kept],
            "came": convergence.best_so_far[kept],
        }
    )
    base = alt.Chart(band).encode(x=alt.X("x:Q", title="Number of runs", axis=alt.Axis(grid=False, format="d")))
    scale = alt.Scale(zero=False)
    title = objective_title(objective)
    area = base.mark_area(color=ACCENT, opacity=0.18).encode(y=alt.Y("low:Q", title=title, scale=scale), y2="high:Q")
    line = base.mark_line(color=ACCENT, strokeWidth=2.5).encode(
        y=alt.Y("y:Q", title=title, scale=scale), tooltip=[alt.Tooltip("x:Q"), alt.Tooltip("y:Q", format=".6g")]
    )
    came = base.mark_line(color=GREY, interpolate="step-after", strokeDash=[4, 3]).encode(
        y=alt.Y("came:Q", title=title, scale=scale)
    )
    return alt.layer(area, came, line).properties(height=HEIGHT)
