"""Learning curves of the best runs over the quartiles of the rest; the gap to training; how the ranking settles."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.early_stopping import EarlyStopping, RankCurve
from lib.analysis.learning_curves import Curves, Gap, quantiles
from lib.analysis.population import Population
from lib.charts.marks import HEIGHT, MOST_MARKS, Drawing, short
from lib.charts.palette import ACCENT, GREY

# The band of the rest and the best run's own line take their share of the marks.
MOST_LINES = 15
FEWEST_IN_BAND = 4
AXIS_NAMES = {"_step": "Step", "_runtime": "Seconds since the run's start"}
BEST, TOP, REST = "best run", "top runs", "the rest"


def axis_title(axis: str) -> str:
    """Title of the axis of learning curves: what a column of the history is called."""
    return AXIS_NAMES.get(axis, short(axis))


def curves_chart(population: Population, curves: Curves, top: np.ndarray, better: str) -> Drawing:
    """Draw a line for each of the top runs (at most 15), the best one's best place marked, quartiles of the others.

    top : positions of used runs, best first. better : "higher" or "lower", for the axis title.
    """
    places, sign = curves.steps.places, 1 if better == "higher" else -1
    top = top[~np.isnan(curves.values[top]).all(axis=1)][:MOST_LINES]
    names = population.runs["name"].to_numpy()
    rows = [
        pd.DataFrame(
            {"x": places, "y": curves.values[i], "run": names[i], "line": str(k), "kind": BEST if k == 0 else TOP}
        )
        for k, i in enumerate(top)
    ]
    lines = pd.concat(rows).dropna(subset=["y"]) if rows else pd.DataFrame(columns=["x", "y", "run", "line", "kind"])
    x = alt.X(
        "x:Q",
        title=axis_title(curves.steps.axis),
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(grid=False, format="~r"),
    )
    title = f"{short(curves.metric)} ({better} is better)"
    y = alt.Y("y:Q", title=title, scale=alt.Scale(zero=False))
    colour = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=[BEST, TOP, REST], range=[ACCENT, "#9db8ea", GREY]),
        legend=alt.Legend(orient="top", symbolType="stroke", symbolStrokeWidth=3),
    )
    layers: list[alt.Chart] = []
    rest = np.setdiff1d(np.arange(len(curves.values)), top)
    band = _band(places, curves.values[rest])
    if len(band):
        base = alt.Chart(band.assign(kind=REST)).encode(x=x)
        layers.append(base.mark_area(opacity=0.22, color=GREY).encode(y=alt.Y("low:Q", title=title), y2="high:Q"))
        layers.append(
            base.mark_line(strokeWidth=1.5, strokeDash=[4, 3]).encode(
                y=alt.Y("median:Q", title=title),
                color=colour,
                tooltip=[
                    alt.Tooltip("x:Q", title=axis_title(curves.steps.axis)),
                    alt.Tooltip("low:Q", title="lower quartile", format=".4g"),
                    alt.Tooltip("median:Q", title="median of the rest", format=".4g"),
                    alt.Tooltip("high:Q", title="upper quartile", format=".4g"),
                ],
            )
        )
    tooltip = [
        alt.Tooltip("run:N", title="run"),
        alt.Tooltip("x:Q", title=axis_title(curves.steps.axis)),
        alt.Tooltip("y:Q", title=curves.metric, format=".6g"),
    ]
    for kind, width in ((TOP, 1.2), (BEST, 2.5)):
        layers.append(
            alt.Chart(lines[lines["kind"] == kind])
            .mark_line(strokeWidth=width)
            .encode(x=x, y=y, color=colour, detail="line:N", tooltip=tooltip)
        )
    marks = lines.loc[(sign * lines["y"]).groupby(lines["line"]).transform("max") == sign * lines["y"]]
    marks = marks.drop_duplicates("line")
    layers.append(alt.Chart(marks).mark_circle(size=55, opacity=1).encode(x=x, y=y, color=colour, tooltip=tooltip))
    return alt.layer(*layers).properties(height=HEIGHT + 60)


def gap_chart(gap: Gap, best: int | None) -> Drawing:
    """Draw the median gap with its quartiles along the runs, and the best run's own."""
    places = gap.steps.places
    frame = pd.DataFrame({"x": places, "y": gap.median, "low": gap.low, "high": gap.high}).dropna()
    title = f"{short(gap.pair.held_out, 28)} worse than {short(gap.pair.trained, 28)} by"
    x = alt.X(
        "x:Q",
        title=axis_title(gap.steps.axis),
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(grid=False, format="~r"),
    )
    base = alt.Chart(frame.assign(kind="median of all runs")).encode(x=x)
    colour = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=[BEST, "median of all runs"], range=[ACCENT, GREY]),
        legend=alt.Legend(orient="top", symbolType="stroke", symbolStrokeWidth=3),
    )
    tooltip = [
        alt.Tooltip("x:Q", title=axis_title(gap.steps.axis)),
        alt.Tooltip("y:Q", title="gap", format=".4g"),
    ]
    layers = [
        alt.Chart(pd.DataFrame({"y": [0.0]}))
        .mark_rule(color=GREY, strokeDash=[3, 3])
        .encode(y=alt.Y("y:Q", title=title)),
        base.mark_area(color=GREY, opacity=0.22).encode(y=alt.Y("low:Q", title=title), y2="high:Q"),
        base.mark_line(strokeWidth=2, strokeDash=[4, 3]).encode(
            y=alt.Y("y:Q", title=title), color=colour, tooltip=tooltip
        ),
    ]
    if best is not None:
        own = pd.DataFrame({"x": places, "y": gap.values[best], "kind": BEST}).dropna()
        layers.append(
            alt.Chart(own)
            .mark_line(strokeWidth=2.5)
            .encode(x=x, y=alt.Y("y:Q", title=title), color=colour, tooltip=tooltip)
        )
    return alt.layer(*layers).properties(height=HEIGHT)


def ranking_chart(ranks: RankCurve, axis: str, rule: EarlyStopping | None) -> Drawing:
    """Draw the correlation with the final ranking along the runs with its 95% band, and where the rule would start."""
    frame = pd.DataFrame(
        {"x": ranks.places, "y": ranks.coefficient, "low": ranks.low, "high": ranks.high, "n": ranks.n}
    ).dropna()
    x = alt.X(
        "x:Q", title=axis_title(axis), scale=alt.Scale(nice=False, zero=False), axis=alt.Axis(grid=False, format="~r")
    )
    low = float(min(frame["low"].min(), 0.0)) if len(frame) else 0.0
    title, scale = "Spearman with the final ranking", alt.Scale(domain=[low, 1.0], nice=False)
    base = alt.Chart(frame).encode(x=x)
    layers = [
        base.mark_area(color=ACCENT, opacity=0.18).encode(y=alt.Y("low:Q", title=title, scale=scale), y2="high:Q"),
        base.mark_line(color=ACCENT, strokeWidth=2.5, point=alt.OverlayMarkDef(color=ACCENT, size=25)).encode(
            y=alt.Y("y:Q", title=title, scale=scale),
            tooltip=[
                alt.Tooltip("x:Q", title=axis_title(axis)),
                alt.Tooltip("y:Q", title="Spearman", format=".3f"),
                alt.Tooltip("low:Q", title="95% from", format=".3f"),
                alt.Tooltip("high:Q", title="95% to", format=".3f"),
                alt.Tooltip("n:Q", title="runs"),
            ],
        ),
    ]
    if rule is not None:
        mark = pd.DataFrame({"x": [rule.place], "label": [f"first stop: min_iter {rule.min_iter}"]})
        place = alt.Chart(mark).encode(x="x:Q")
        layers.append(place.mark_rule(color=GREY, strokeDash=[4, 3], strokeWidth=1.5))
        layers.append(
            place.mark_text(align="left", dx=6, dy=6, color=GREY, baseline="top").encode(y=alt.value(0), text="label:N")
        )
    return alt.layer(*layers).properties(height=HEIGHT - 40)


def _band(places: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    """Return the quartiles of each place that at least four of the runs reached."""
    low, median, high = quantiles(values, (0.25, 0.5, 0.75))
    enough = np.sum(~np.isnan(values), axis=0) >= FEWEST_IN_BAND
    kept = np.flatnonzero(enough)[:MOST_MARKS]
    return pd.DataFrame({"x": places[kept], "low": low[kept], "median": median[kept], "high": high[kept]})
