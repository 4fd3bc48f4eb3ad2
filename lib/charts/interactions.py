"""Two parameters at once: how strongly each pair acts together, and the mean objective over both as a heat map."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.best_corner import Corner, Side
from lib.analysis.interactions import HeatMap, Interaction
from lib.charts.marks import FULL, LABEL_LIMIT, PICK, Drawing, Names, either, objective_colour
from lib.charts.names import labels, short, tip_title, title_of
from lib.charts.palette import ACCENT, GREY
from lib.charts.run_marks import of_counts
from lib.model.goal import Objective
from lib.model.numbers import alike, number
from lib.model.parameter import Scale
from lib.model.scales import mean_named

MOST_PAIRS = 15
ROW = 30
LABELS = 44
# A cell of this many runs is drawn in full colour; the best one has at least three.
FULL_STRENGTH, FAINTEST = 8, 0.35
FEWEST_IN_BEST = 3
# So many slanted labels have room on a phone.
MOST_SLANTED = 12


def pairs_chart(interactions: Sequence[Interaction], pickable: bool = False) -> Drawing:
    """Draw each pair's share of variance beyond its single effects with its 95% interval; filled where claimed.

    pickable : whether a click on a row picks its place (the field "y").
    """
    known = [i for i in interactions if i.score is not None][:MOST_PAIRS]
    names = Names(tuple(_pair_labels(known)))
    rows = pd.DataFrame(
        {
            "y": names.places,
            "pair": names.texts,
            "x": [i.score for i in known],
            "low": [i.score_low for i in known],
            "high": [i.score_high for i in known],
            "p": [i.p_adjusted for i in known],
            "clear": ["clear" if i.claimed else "not clear" for i in known],
        }
    )
    y = alt.Y("y:N", title=None, scale=names.scale(), axis=names.axis(labelLimit=LABEL_LIMIT))
    title = "share of the variance"
    spans = (
        alt.Chart(rows)
        .mark_rule(strokeWidth=2, color=GREY)
        .encode(y=y, x=alt.X("low:Q", title=title, axis=alt.Axis(format="%", tickCount=4)), x2=alt.X2("high:Q"))
    )
    # The whole row can be clicked, not the dot alone.
    ground = alt.Chart(rows).mark_rect(color=GREY, opacity=0.06, cursor="pointer" if pickable else "default")
    ground = ground.encode(y=y, tooltip=alt.Tooltip("pair:N"))
    if pickable:
        ground = ground.add_params(alt.selection_point(name=PICK, fields=["y"], on="click"))
    dots = (
        alt.Chart(rows)
        .mark_point(size=80, strokeWidth=2, color=ACCENT)
        .encode(
            y=y,
            x=alt.X("x:Q", title=title),
            fill=either(alt.FillValue, "datum.clear == 'clear'", alt.value(ACCENT), alt.value("transparent")),
            tooltip=[
                alt.Tooltip("pair:N"),
                alt.Tooltip("x:Q", title="share", format=".3f"),
                alt.Tooltip("low:Q", title="95% from", format=".3f"),
                alt.Tooltip("high:Q", title="95% to", format=".3f"),
                alt.Tooltip("p:Q", title="adjusted p", format=".3g"),
            ],
        )
    )
    return alt.layer(ground, spans, dots, height=max(110, ROW * len(rows) + 50))


def _pair_labels(interactions: Sequence[Interaction]) -> list[str]:
    """Return a label a pair; where one is too long, each of its names is shortened as on an axis of its own."""
    whole = [f"{one.first} × {one.second}" for one in interactions]
    if all(len(label) <= LABELS for label in whole):
        return labels(whole, LABELS)
    singles = sorted({name for one in interactions for name in (one.first, one.second)})
    said = dict(zip(singles, labels(singles, LABELS // 2 - 2), strict=True))
    return labels([f"{said[one.first]} × {said[one.second]}" for one in interactions], LABELS)


def heat_map_chart(
    heat_map: HeatMap, objective: Objective, corner: Corner | None = None, scale: Scale = "linear"
) -> Drawing:
    """Draw the mean objective in each cell, fainter where few runs are behind it, and frame the best corner.

    A cell without runs stays empty. corner : what is framed; the best cell of three runs or more where it is None.
    scale : of the objective's colours.
    """
    first = Names(tuple(labels(heat_map.first_labels, 22)))
    # The second is drawn upwards.
    second = Names(tuple(reversed(labels(heat_map.second_labels, 22))))
    last = len(second.texts) - 1
    filled = np.argwhere(heat_map.count > 0)
    cells = pd.DataFrame(
        {
            "x": filled[:, 0],
            "y": last - filled[:, 1],
            "first": [first.texts[i] for i, _ in filled],
            "second": [second.texts[last - j] for _, j in filled],
            "color": heat_map.mean[filled[:, 0], filled[:, 1]],
            "count": heat_map.count[filled[:, 0], filled[:, 1]],
            "text": alike([float(heat_map.mean[i, j]) for i, j in filled]),
        }
    )
    row_of_cell = np.full(heat_map.count.size, -1)
    row_of_cell[filled[:, 0] * heat_map.count.shape[1] + filled[:, 1]] = np.arange(len(filled))
    row_of_run = np.where(heat_map.cell_of_run >= 0, row_of_cell[heat_map.cell_of_run], -1)
    cells = of_counts(heat_map.rows, row_of_run, "count", frame=cells)
    slanted = max(map(len, first.texts), default=0) > 8
    base = alt.Chart(cells).encode(
        x=alt.X(
            "x:N",
            title=title_of(heat_map.first),
            scale=first.scale(),
            axis=first.axis(
                labelAngle=-30 if slanted else 0, labelLimit=160, labelOverlap=len(first.texts) > MOST_SLANTED
            ),
        ),
        y=alt.Y(
            "y:N",
            title=title_of(heat_map.second),
            scale=second.scale(),
            axis=second.axis(labelLimit=160),
        ),
    )
    rects = base.mark_rect().encode(
        color=objective_colour(objective, scale, title=f"{mean_named(scale)} {short(objective.metric, 30)}"),
        tooltip=[
            alt.Tooltip("first:N", title=tip_title(heat_map.first)),
            alt.Tooltip("second:N", title=tip_title(heat_map.second)),
            alt.Tooltip("color:Q", title=mean_named(scale), format=FULL),
            alt.Tooltip("count:Q", title="runs"),
        ],
    )
    strength = alt.Scale(domain=[0, FULL_STRENGTH], range=[FAINTEST, 1.0], clamp=True)
    rects = rects.encode(opacity=alt.Opacity("count:Q", scale=strength, legend=None))
    # A faint cell shows the page, light or dark: numbers are read on both by their edge.
    edge = base.mark_text(fontSize=12, stroke="#1b2430", strokeWidth=3, strokeOpacity=0.7).encode(
        text=alt.Text("text:N")
    )
    text = base.mark_text(fontSize=12, color="#ffffff").encode(text=alt.Text("text:N"))
    if corner is not None:
        across = _stretch(corner.first, heat_map.first_labels, heat_map.first_edges)
        up = _stretch(corner.second, heat_map.second_labels, heat_map.second_edges)
    else:
        across, up = _best_cell(heat_map, objective.sign)
    frame = [_frame(across, up)] if across is not None and up is not None else []
    return alt.layer(rects, edge, text, *frame).properties(
        height=max(240, 46 * len(second.texts) + (200 if slanted else 130))
    )


_Part = tuple[float, float] | None


def _best_cell(heat_map: HeatMap, sign: int) -> tuple[_Part, _Part]:
    """Return from where to where the best cell of three runs or more reaches, across and up; None without one."""
    value = np.where(heat_map.count >= FEWEST_IN_BEST, sign * heat_map.mean, -np.inf)
    if not np.isfinite(value).any():
        return None, None
    i, j = (int(at) for at in np.unravel_index(int(np.argmax(value)), value.shape))
    rows, columns = value.shape
    return (i / rows, (i + 1) / rows), (j / columns, (j + 1) / columns)


def _stretch(side: Side, labels_of_bins: Sequence[str], edges: Sequence[float] | None) -> _Part:
    """Return from where to where a side of a corner reaches along its axis, 0..1; None where that isn't drawn."""
    if edges is None:
        wanted = number(side.value)
        if side.value is None or wanted not in labels_of_bins:
            return None
        at = list(labels_of_bins).index(wanted)
        return at / len(labels_of_bins), (at + 1) / len(labels_of_bins)
    ends, along = np.asarray(edges, dtype=float), np.linspace(0, 1, len(edges))
    if (ends > 0).all() and np.allclose(np.diff(np.log(ends)), np.log(ends[1] / ends[0])):
        ends, side_ends = np.log(ends), [None if end is None else float(np.log(end)) for end in (side.low, side.high)]
    else:
        side_ends = [side.low, side.high]
    low, high = (None if end is None else float(np.interp(end, ends, along)) for end in side_ends)
    return 0.0 if low is None else low, 1.0 if high is None else high


def _frame(across: tuple[float, float], up: tuple[float, float]) -> alt.Chart:
    """Return a frame over a part of the whole picture. across, up : from where to where, 0..1 from the lower left."""
    left, right = (alt.expr(f"{part:.6f} * width") for part in across)
    top, bottom = (alt.expr(f"{1 - part:.6f} * height") for part in reversed(up))
    return (
        alt.Chart(pd.DataFrame({"framed": ["best"]}))
        .mark_rect(fillOpacity=0, stroke=ACCENT, strokeWidth=3)
        .encode(x=alt.XValue(left), x2=alt.X2Value(right), y=alt.YValue(top), y2=alt.Y2Value(bottom))
    )
