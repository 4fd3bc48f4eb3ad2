"""The gain of every hyperparameter as bars, from which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from lib.analysis.effects import Effect
from lib.charts.marks import PICK, Drawing, Names, times_axis
from lib.charts.names import labels, one_line, short
from lib.charts.palette import ACCENT, GREY
from lib.model.goal import Objective

MOST_BARS = 40
ROW = 40
LABELS = 20


def gains_chart(
    effects: Sequence[Effect],
    moves: Sequence[str],
    objective: Objective,
    times: bool = False,
    pickable: bool = False,
) -> Drawing:
    """Draw a bar a parameter in the given order (at most 40): the claimed gain with its 95 % interval, or that none is.

    moves : what stands above each bar, in words. times : whether gains are drawn by how many times the objective is
    better, on a log scale from 1. pickable : whether a click on a row picks its place (the field "y").
    """
    shown = effects[:MOST_BARS]
    names = Names(tuple(labels([effect.parameter for effect in shown], LABELS)))
    rows = pd.DataFrame(
        [
            {
                "y": at,
                "name": names.texts[at],
                **_size(effect, times),
                "move": one_line(move),
            }
            for at, (effect, move) in enumerate(zip(shown, moves, strict=False))
        ]
    ).astype({"x": float, "low": float, "high": float})
    any_gain = bool(rows["high"].notna().any())
    widest = float(rows["high"].max()) if any_gain else 1.0
    metric = short(objective.metric, 30)
    title = f"times better in {metric}" if times else f"gain in {metric}"
    none = float(times)
    y = alt.Y(
        "y:N",
        title=None,
        scale=names.scale(),
        axis=names.axis(labelLimit=130, labelOverlap=False, ticks=False, domain=False),
    )
    x = alt.X(
        "x:Q",
        title=title,
        scale=alt.Scale(
            type="log" if times else "linear", domain=[none, widest**1.05 if times else widest * 1.05], nice=False
        ),
        # Without a gain there is nothing to read off.
        axis=alt.Axis(grid=False, **(times_axis(widest) if times else {"tickCount": 4})) if any_gain else None,
    )
    base = alt.Chart(rows).encode(y=y)
    tips = [
        alt.Tooltip("name:N", title="hyperparameter"),
        alt.Tooltip("move:N", title="from → to"),
        alt.Tooltip("x:Q", title="times better" if times else "gain", format=".3~g"),
        alt.Tooltip("low:Q", title="95% from", format=".3~g"),
        alt.Tooltip("high:Q", title="95% to", format=".3~g"),
    ]
    # The whole row can be clicked, not the bar alone.
    ground = base.mark_rect(color=GREY, opacity=0.06, cursor="pointer" if pickable else "default").encode(tooltip=tips)
    if pickable:
        ground = ground.add_params(alt.selection_point(name=PICK, fields=["y"], on="click"))
    bars = base.mark_bar(color=ACCENT, height=12, yOffset=6, tooltip=False).encode(x=x, x2=alt.X2Datum(none))
    spans = base.mark_rule(color=GREY, strokeWidth=2, yOffset=6).encode(
        x=alt.X("low:Q", title=title), x2=alt.X2("high:Q")
    )
    words = base.mark_text(align="left", dx=4, dy=-9, fontSize=11, color=GREY).encode(
        x=alt.XValue(0), text=alt.Text("move:N")
    )
    return alt.layer(ground, bars, spans, words, height=ROW * len(rows) + 60)


def _size(effect: Effect, times: bool) -> dict[str, float | None]:
    """Return where the bar of a claimed effect ends and its interval begins and ends."""
    if not effect.claimed:
        return {"x": None, "low": None, "high": None}
    none = float(times)
    x, low, high = (
        (effect.times, effect.times_low, effect.times_high)
        if times
        else (effect.gain, effect.gain_low, effect.gain_high)
    )
    return {"x": x, "low": None if low is None else max(low, none), "high": high}
