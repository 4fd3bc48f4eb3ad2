"""Where the runs' values of the objective lie, with the best run and its tie set marked."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from lib.charts.marks import FULL, HEIGHT, PICK, Drawing, colour_of_kinds, objective_title, value_axis
from lib.charts.palette import ACCENT, GREY
from lib.charts.run_marks import bin_of, of_counts
from lib.model.goal import Objective
from lib.model.parameter import Scale
from lib.model.scales import result_scale

MOST_BARS = 40


def distribution_chart(
    values: np.ndarray,
    best: float,
    tied: Sequence[int],
    objective: Objective,
    rows: np.ndarray | None = None,
    places: np.ndarray | None = None,
    pickable: bool = False,
) -> Drawing:
    """Draw a histogram of the objective (bins by numpy's "auto" rule, at most 40), the best value as a rule.

    tied : positions in `values` of the runs that are as good as the best, itself included: their part of each bar is
    drawn in the accent colour, below the others. rows : the runs as rows of their sweep, shape (n,), where a page may
    highlight some. places : the values that the bins are made for; those drawn if None. pickable : whether a range of
    the objective can be brushed.
    """
    everywhere = values if places is None else places
    scale = result_scale(everywhere)
    edges = edges_of(everywhere, scale)
    every, _ = np.histogram(values, bins=edges)
    leading, _ = np.histogram(values[list(tied)], bins=edges) if len(tied) else (np.zeros_like(every), edges)
    # Rounding at the ends of values near the largest float may count one elsewhere.
    leading = np.minimum(leading, every)
    parts = [
        pd.DataFrame({"x": edges[:-1], "x2": edges[1:], "from": low, "to": high, "y": high - low, "group": group})
        for group, low, high in ((0, np.zeros_like(every), leading), (1, leading, every))
    ]
    bars = pd.concat(parts, ignore_index=True)
    shown = (bars["y"] > 0).to_numpy()
    bars = bars[shown].reset_index(drop=True)
    if rows is not None:
        group = np.ones(len(values), dtype=int)
        group[list(tied)] = 0
        row_of_part = np.where(shown, np.cumsum(shown) - 1, -1)
        bars = of_counts(rows, row_of_part[bin_of(values, edges) + group * len(every)], "to", frame=bars, base="from")
    if scale == "log":
        axis = value_axis(scale, (float(edges[0]), float(edges[-1])), below=0.01, above=0.01)
        along = alt.X("x:Q", title=objective_title(objective, scale), **axis)
    else:
        along = alt.X("x:Q", bin="binned", title=objective_title(objective, scale), scale=alt.Scale(zero=False))
    columns = (
        alt.Chart(bars)
        .mark_bar(binSpacing=1)
        .encode(
            x=along,
            x2=alt.X2("x2:Q"),
            y=alt.Y("from:Q", title="Runs", axis=alt.Axis(tickMinStep=1)),
            y2=alt.Y2("to:Q"),
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
        .encode(x=alt.X("x:Q"), tooltip=[alt.Tooltip("x:Q", title="best", format=FULL)])
    )
    name = (
        alt.Chart(mark)
        .mark_text(color=ACCENT, fontWeight="bold", align="right" if objective.sign > 0 else "left", dy=-6)
        .encode(x=alt.X("x:Q"), y=alt.YValue(0), text=alt.Text("label:N"))
    )
    return alt.layer(columns, rule, name, height=HEIGHT)


def edges_of(values: np.ndarray, scale: Scale) -> np.ndarray:
    """Return the edges of a histogram's bins, of equal width along a scale, shape (bins + 1,)."""
    if scale == "log":
        # Rounded, the outermost might lie inside the outermost values.
        inner = 10.0 ** _edges(np.log10(values))[1:-1]
        return np.concatenate([[values.min()], inner, [values.max()]])
    return _edges(values)


def _edges(values: np.ndarray) -> np.ndarray:
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
    edges = np.histogram_bin_edges(scaled, bins=count, range=(low, high))
    largest = float(np.finfo(float).max) / unit
    return np.clip(edges, -largest, largest) * unit
