"""The best so far against the effort spent by then, runs or compute: its rows and its axes."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.effort import Effort, improvements
from lib.charts.marks import better_words, log_ticks, value_axis
from lib.model.goal import Objective
from lib.model.parameter import Scale

HOURS, RUNS = "hours", "runs"
# Up to this many are drawn in minutes.
SHORT_HOURS = 2
RUNS_TITLE = "Runs of the sweep"


def best_so_far_axis(rows: pd.DataFrame, objective: Objective, scale: Scale) -> alt.Y:
    """Return the axis of the best so far, the field "y" of some rows."""
    low, high = (float(rows["y"].min()), float(rows["y"].max())) if len(rows) else (1.0, 1.0)
    # Within less than a factor of five a log scale has hardly a tick.
    scale = scale if high >= 5 * low else "linear"
    along = value_axis(scale, (low, high)) if scale == "log" else {"scale": alt.Scale(zero=False)}
    return alt.Y("y:Q", title=f"Best so far ({better_words(objective, scale)})", **along)


def effort_axis(rows: pd.DataFrame, title: str) -> alt.X:
    """Return an axis of effort: on a log scale, since a sweep's first runs bring most."""
    known = rows["x"].to_numpy(dtype=float)
    known = known[np.isfinite(known) & (known > 0)]
    if not known.size or known.max() <= known.min():
        return alt.X("x:Q", title=title, scale=alt.Scale(nice=False), axis=alt.Axis(grid=False, format="~r"))
    low, high = float(known.min()), float(known.max())
    ticks = [tick for tick in log_ticks(low, high) if title != RUNS_TITLE or tick >= 1]
    return alt.X(
        "x:Q",
        title=f"{title} (log scale)",
        scale=alt.Scale(type="log", domain=[low, high], nice=False, clamp=True),
        axis=alt.Axis(grid=False, format="~g", values=ticks),
    )


def effort_frame(effort: Effort, against: str) -> pd.DataFrame:
    """Return the corners of the best so far as `x` and `y`, at most 300 of them."""
    x = effort.runs if against == RUNS else effort.hours
    kept = improvements(effort)
    kept = kept[np.unique(np.linspace(0, len(kept) - 1, min(len(kept), 300)).astype(int))] if len(kept) else kept
    return pd.DataFrame({"x": x[kept], "y": effort.best[kept]})


def in_unit_of_compute(rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return rows whose field "x" is hours of compute in the unit to draw them in (minutes if few), and that unit."""
    if not len(rows) or float(rows["x"].max()) > SHORT_HOURS:
        return rows, HOURS
    return rows.assign(x=rows["x"] * 60), "minutes"
