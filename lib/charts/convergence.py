"""How the expected best grows with the number of runs, beside the best so far as the runs came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from lib.charts.marks import FULL, HEIGHT, MOST_MARKS, Drawing, colour_of_kinds, objective_title, value_axis
from lib.charts.palette import ACCENT, GREY
from lib.model.goal import Objective
from lib.model.parameter import Scale

if TYPE_CHECKING:
    # The page draws without scipy.stats until it asks for this.
    from lib.analysis.convergence import Convergence


COMPACT = 130


def convergence_chart(convergence: Convergence, objective: Objective, scale: Scale, compact: bool = False) -> Drawing:
    """Draw the expected best of the first k runs in random order with its band, and the best so far as it came.

    scale : of the objective's axis. compact : without legend and titles, for a place beside words that say what it
    shows.
    """
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
    base = alt.Chart(band).encode(
        x=alt.X("x:Q", title="Runs" if compact else "Number of runs", axis=alt.Axis(grid=False, format="d"))
    )
    title = None if compact else objective_title(objective, scale)
    drawn = band[["y", "low", "high", "came"]].to_numpy()
    ends = (float(drawn.min()), float(drawn.max()))
    along = value_axis(scale, ends) if scale == "log" else {"scale": alt.Scale(zero=False)}
    legend = [
        ("best to expect of this many runs, with its 95% band", ACCENT),
        ("best so far, as the runs came", GREY),
    ]
    named = _named(legend).legend(None) if compact else _named(legend)
    area = base.mark_area(color=ACCENT, opacity=0.18).encode(
        y=alt.Y("low:Q", title=title, **along), y2=alt.Y2("high:Q")
    )
    line = (
        base.transform_calculate(what="0")
        .mark_line(strokeWidth=2.5)
        .encode(
            color=named,
            y=alt.Y("y:Q", title=title, **along),
            tooltip=[alt.Tooltip("x:Q"), alt.Tooltip("y:Q", format=FULL)],
        )
    )
    came = (
        base.transform_calculate(what="1")
        .mark_line(interpolate="step-after", strokeDash=[4, 3])
        .encode(color=named, y=alt.Y("came:Q", title=title, **along))
    )
    return alt.layer(area, came, line, height=COMPACT if compact else HEIGHT)


def _named(legend: Sequence[tuple[str, str]]) -> alt.Color:
    """Return the colour of marks by what they are (field "what"), with a legend that names them."""
    return colour_of_kinds("what", legend, labelLimit=360, columns=2)
