"""The objective over time, with the best so far; and how the expected best grows with the number of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from lib.charts.marks import (
    FULL,
    HEIGHT,
    MOST_MARKS,
    PICK,
    Drawing,
    colour_of_kinds,
    objective_axis,
    objective_title,
    sweep_places,
    thinned,
    tip_title,
)
from lib.charts.palette import ACCENT, GREY
from lib.model.sweep import Objective

if TYPE_CHECKING:
    # Overview draws from here, and needs no scipy.stats.
    from lib.analysis.convergence import Convergence

BEST_SO_FAR = "best so far"


def progress_chart(
    progress: pd.DataFrame, objective: Objective, pickable: bool = False, sweeps: Mapping[str, str] | None = None
) -> Drawing:
    """Draw every run's objective in order of creation, and the best so far as a line of steps.

    With many runs an even sample of them is drawn, every improvement included.
    pickable : whether a range of the objective can be brushed. sweeps : the colour of each, where runs are of several.
    """
    best_first = np.argsort(-objective.sign * progress["value"].to_numpy(), kind="stable")
    drawn = progress.iloc[np.sort(thinned(best_first))]
    points = pd.DataFrame({"x": drawn["order"], "y": drawn["value"], "run": drawn["name"]}).assign(what=0)
    best = progress["best_so_far"].to_numpy()
    steps = np.flatnonzero(np.concatenate([[True], best[1:] != best[:-1]])) if len(best) else np.array([], dtype=int)
    steps = np.unique(np.concatenate([steps, [len(best) - 1]])) if len(best) else steps
    line = pd.DataFrame({"x": progress["order"].to_numpy()[steps], "y": best[steps]})
    x = alt.X("x:Q", title="Runs in order of creation", axis=alt.Axis(grid=False, format="d"))
    y = objective_axis(objective)
    legend = [("one run", GREY), (BEST_SO_FAR, ACCENT)]
    if sweeps:
        points["what"] = sweep_places(drawn["sweep"], sweeps)
        legend = [*sweeps.items(), (BEST_SO_FAR, GREY)]
    line["what"] = len(legend) - 1
    dots = (
        alt.Chart(points)
        .mark_circle(size=28, opacity=0.6)
        .encode(
            x=x,
            y=y,
            color=_named(legend),
            tooltip=[
                alt.Tooltip("run:N", title="run"),
                alt.Tooltip("y:Q", title=tip_title(objective.metric), format=FULL),
            ],
        )
    )
    if pickable:
        dots = dots.add_params(alt.selection_interval(name=PICK, encodings=["y"]))
    best_so_far = (
        alt.Chart(line)
        .mark_line(interpolate="step-after", strokeWidth=2.5)
        .encode(
            x=x,
            y=y,
            color=_named(legend),
            tooltip=[alt.Tooltip("y:Q", title=BEST_SO_FAR, format=FULL)],
        )
    )
    return alt.layer(dots, best_so_far).properties(height=HEIGHT)


def convergence_chart(convergence: Convergence, objective: Objective, height: int = HEIGHT) -> Drawing:
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
    legend = [
        ("best to expect of this many runs, with its 95% band", ACCENT),
        ("best so far, as the runs came", GREY),
    ]
    area = base.mark_area(color=ACCENT, opacity=0.18).encode(y=alt.Y("low:Q", title=title, scale=scale), y2="high:Q")
    line = (
        base.transform_calculate(what="0")
        .mark_line(strokeWidth=2.5)
        .encode(
            color=_named(legend),
            y=alt.Y("y:Q", title=title, scale=scale),
            tooltip=[alt.Tooltip("x:Q"), alt.Tooltip("y:Q", format=FULL)],
        )
    )
    came = (
        base.transform_calculate(what="1")
        .mark_line(interpolate="step-after", strokeDash=[4, 3])
        .encode(color=_named(legend), y=alt.Y("came:Q", title=title, scale=scale))
    )
    return alt.layer(area, came, line).properties(height=height)


def _named(legend: Sequence[tuple[str, str]]) -> alt.Color:
    """Return the colour of marks by what they are (field "what"), with a legend that names them."""
    return colour_of_kinds("what", legend, labelLimit=360, columns=2)
