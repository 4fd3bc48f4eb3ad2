"""Where the runs' values of the objective lie, with the best run and its tie set marked."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from lib.charts.marks import FULL, HEIGHT, PICK, Drawing, colour_of_kinds, objective_title
from lib.charts.palette import ACCENT, GREY
from lib.charts.run_marks import bin_of, of_counts
from lib.model.sweep import Objective

MOST_BARS = 40


def distribution_chart(
    values: np.ndarray,
    best: float,
    tied_from: float | None,
    objective: Objective,
    rows: np.ndarray | None = None,
    places: np.ndarray | None = None,
    pickable: bool = False,
) -> Drawing:
    """Draw a histogram of the objective (bins by numpy's "auto" rule, at most 40), the best value as a rule.

    rows : the runs as rows of their sweep, shape (n,), where a page may highlight some. places : the values that the
    bins are made for; those drawn if None. tied_from : the value of the tie set's last run; bars from there to the best
    are drawn in the accent colour. pickable : whether a range of the objective can be brushed.
    """
    _, edges = _histogram(values if places is None else places)
    counts, _ = np.histogram(values, bins=edges)
    middle = edges[:-1] / 2 + edges[1:] / 2
    tied = (
        np.zeros(len(counts), dtype=bool)
        if tied_from is None
        else objective.sign * middle >= objective.sign * tied_from
    )
    bars = pd.DataFrame(
        {
            "x": edges[:-1],
            "x2": edges[1:],
            "y": counts,
            "group": np.where(tied, 0, 1),
        }
    )
    if rows is not None:
        bars = of_counts(rows, bin_of(values, edges), "y", bars)
    columns = (
        alt.Chart(bars)
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X(
                "x:Q",
                bin="binned",
                title=objective_title(objective),
                scale=alt.Scale(zero=False),
                axis=alt.Axis(grid=False),
            ),
            x2="x2:Q",
            y=alt.Y("y:Q", title="Runs", axis=alt.Axis(tickMinStep=1)),
            color=colour_of_kinds("group", [("as good as the best", ACCENT), ("others", GREY)]),
            tooltip=[
                alt.Tooltip("x:Q", title="from", format=".4g"),
                alt.Tooltip("x2:Q", title="to", format=".4g"),
                alt.Tooltip("y:Q", title="runs"),
            ],
        )
    )
    if pickable:
        columns = columns.add_params(alt.selection_interval(name=PICK, encodings=["x"]))
    mark = pd.DataFrame({"x": [best], "label": ["best run"]})
    rule = (
        alt.Chart(mark)
        .mark_rule(color=ACCENT, strokeWidth=2)
        .encode(x="x:Q", tooltip=[alt.Tooltip("x:Q", title="best", format=FULL)])
    )
    name = (
        alt.Chart(mark)
        .mark_text(color=ACCENT, fontWeight="bold", align="right" if objective.sign > 0 else "left", dy=-6)
        .encode(x="x:Q", y=alt.value(0), text="label:N")
    )
    return alt.layer(columns, rule, name).properties(height=HEIGHT)


def _histogram(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    size = float(np.max(np.abs(values), initial=0.0))
    # numpy's rule squares values: near 1e300 they are binned in units of their size.
    unit = size if size > 1e100 else 1.0
    scaled = values / unit
    # Values that differ in their last digits alone leave no room between them for bars.
    varied = np.ptp(scaled) > 2 * MOST_BARS * np.spacing(np.max(np.abs(scaled), initial=0.0))
    count = min(MOST_BARS, max(1, len(np.histogram_bin_edges(scaled, bins="auto")) - 1)) if varied else 1
    low, high = float(scaled.min()), float(scaled.max())
    if low == high:
        # Half a unit to each side as numpy does it, or more where half a unit is lost in a value's last digit.
        room = max(0.5, 4 * float(np.spacing(abs(low))))
        low, high = low - room, high + room
    counts, edges = np.histogram(scaled, bins=count, range=(low, high))
    largest = float(np.finfo(float).max) / unit
    return counts, np.clip(edges, -largest, largest) * unit
