"""Learning curves of the best runs over the quartiles of the rest; the gap to training; how the ranking settles."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.early_stopping import EarlyStopping, RankCurve
from lib.analysis.learning_curves import Curves, Gap, curves_along, quantiles, run_labels
from lib.analysis.population import Population
from lib.charts.marks import HEIGHT, MOST_MARKS, Drawing, colour_of_kinds, for_field, places_in, value_axis
from lib.charts.names import labels, short, tip_title, title_of
from lib.charts.palette import ACCENT, CATEGORICAL, GREY
from lib.charts.run_marks import of_runs
from lib.model.scales import result_scale

# The band of the rest and the best run's own line take their share of the marks.
MOST_LINES = 15
FEWEST_IN_BAND = 4
AXIS_NAMES = {"_step": "Step", "_runtime": "Seconds since the run's start"}
BEST, TOP, CHOSEN, REST = "best run", "top runs", "chosen runs", "the rest"
TOP_COLOUR = "#9db8ea"
MOST_FAINT, FAINT_PLACES = 100, 40
_ROOM = 0.2
# Values of curves that tell on which scale they are even.
_ENOUGH = 10_000


def axis_title(axis: str) -> str:
    """Title of the axis of learning curves: what a column of the history is called."""
    return AXIS_NAMES.get(axis, title_of(axis))


def _axis_tip(axis: str) -> str:
    return AXIS_NAMES.get(axis, tip_title(axis))


def metric_chart(population: Population, metric: str, axis: str, rows: np.ndarray, lower: bool, **how: bool) -> Drawing:
    """Draw the curves of one metric along an axis of its histories, as `curves_chart` does."""
    return curves_chart(population, curves_along(population, metric, axis), rows, lower, **how)


def curves_chart(
    population: Population, curves: Curves, rows: np.ndarray, lower: bool, *, named: bool = False, faded: bool = False
) -> Drawing:
    """Draw a line for each of some runs (at most 15) with its best place marked, and the others behind them.

    rows : positions of used runs, best first. lower : whether a lower curve is better. named : up to five runs get a
    colour and their name at the end of their line; else the first is drawn as the best run. faded : the others as
    faint lines (an even choice of 100 by rank); else as their quartiles.
    """
    places, sign = curves.steps.places, -1 if lower else 1
    rows = rows[~np.isnan(curves.values[rows]).all(axis=1)][:MOST_LINES]
    kinds, colours = _kinds(population, rows, named)
    names = population.runs["name"].to_numpy()
    lines = pd.DataFrame(
        {
            "x": np.tile(places, len(rows)),
            "y": curves.values[rows].ravel(),
            "run": np.repeat(names[rows], len(places)),
            "line": np.repeat(np.arange(len(rows)), len(places)),
            "kind": np.repeat(places_in(list(colours), kinds), len(places)),
        },
        index=np.repeat(rows, len(places)),
    ).dropna(subset=["y"])

    def at(frame: pd.DataFrame) -> pd.DataFrame:
        runs = frame.index.unique().to_numpy()
        return of_runs(population.rows, runs, lambda positions: frame[frame.index.isin(positions)])

    x = _along(curves.steps.axis)
    y, log = _up(curves, lower)
    rest_kind = len(colours)
    colour = colour_of_kinds(
        "kind", [*colours.items(), (REST, GREY)], symbolType="stroke", symbolStrokeWidth=3, symbolOpacity=1, columns=2
    )
    own_names = named and 0 < len(rows) <= len(CATEGORICAL)
    if own_names:
        colour = colour.legend(None)
        x = _with_room(x, lines["x"].to_numpy(dtype=float))
    tooltip = [
        alt.Tooltip("run:N", title="run"),
        alt.Tooltip("x:Q", title=_axis_tip(curves.steps.axis)),
        alt.Tooltip("y:Q", title=tip_title(curves.metric), format=".6g"),
    ]
    rest = population.best_first[~np.isin(population.best_first, rows)]
    behind = _faint if faded else _quartiles
    layers = behind(population, curves, rest, x, y, colour, rest_kind)
    for first, width in ((False, 1.2 if not named else 2.0), (True, 2.5)):
        drawn = lines[(lines["line"] == 0) == first]
        layers.append(
            alt.Chart(at(drawn))
            .mark_line(strokeWidth=width)
            .encode(x=x, y=y, color=colour, detail=alt.Detail("line:N"), tooltip=tooltip)
        )
    marks = lines.loc[(sign * lines["y"]).groupby(lines["line"]).transform("max") == sign * lines["y"]]
    marks = marks.drop_duplicates("line")
    layers.append(alt.Chart(at(marks)).mark_circle(size=55, opacity=1).encode(x=x, y=y, color=colour, tooltip=tooltip))
    if own_names and len(lines):
        everywhere = np.append(lines["y"].to_numpy(dtype=float), curves.values[rest])
        layers.append(_names_at_ends(lines, list(colours), everywhere, log=log, x=x, y=y, colour=colour))
    return alt.layer(*layers, height=HEIGHT)


def _up(curves: Curves, lower: bool) -> tuple[alt.Y, bool]:
    """Return the axis of a metric's curves, and whether its scale is logarithmic."""
    known = curves.values[np.isfinite(curves.values)]
    scale = result_scale(known[:: len(known) // _ENOUGH + 1])
    log = scale == "log" and bool(known.min() > 0)
    better = f"{'log scale; ' if log else ''}{'lower' if lower else 'higher'} is better"
    along = value_axis(scale, (float(known.min()), float(known.max()))) if log else {"scale": alt.Scale(zero=False)}
    return alt.Y("y:Q", title=f"{short(curves.metric)} ({better})", **along), log


def _with_room(x: alt.X, places: np.ndarray) -> alt.X:
    """Return the axis with room behind its last place for the runs' names."""
    if not places.size or places.max() <= places.min():
        return x
    wider = x.copy()
    span = float(places.max()) - float(places.min())
    wider["scale"] = alt.Scale(nice=False, domain=[float(places.min()), float(places.max()) + _ROOM * span])
    return wider


def _names_at_ends(
    lines: pd.DataFrame,
    names: list[str],
    everywhere: np.ndarray,
    *,
    log: bool,
    x: alt.X,
    y: alt.Y,
    colour: alt.Color,
) -> alt.Chart:
    """Return each line's name behind its last place, pushed aside where two would cover each other.

    everywhere : all values that are drawn, NaN where there are none.
    """
    ends = lines.groupby("line", sort=True).last().sort_values("y")
    along = np.log(everywhere) if log else everywhere
    # A name takes about this part of the picture's height.
    apart = 0.05 * (float(np.nanmax(along)) - float(np.nanmin(along)))
    at = np.log(ends["y"].to_numpy()) if log else ends["y"].to_numpy()
    heights: list[float] = []
    for place in at:
        heights.append(float(place) if not heights else max(float(place), heights[-1] + apart))
    moved = np.array(heights) - (np.mean(heights) - np.mean(at))
    frame = ends.assign(y=np.exp(moved) if log else moved, label=[names[kind] for kind in ends["kind"]])
    # On a phone a name ends in dots.
    room = alt.expr("max(width - scale('x', datum.x) - 8, 1)")
    words = alt.Chart(frame).mark_text(align="left", dx=8, fontSize=12, fontWeight="bold", limit=room)
    return words.encode(x=x, y=y, color=colour, text=alt.Text("label:N"))


def _kinds(population: Population, rows: np.ndarray, named: bool) -> tuple[list[str], dict[str, str]]:
    """Return what each line is, and the colour of each kind."""
    if not named:
        return [BEST if at == 0 else TOP for at in range(len(rows))], {BEST: ACCENT, TOP: TOP_COLOUR}
    if len(rows) > len(CATEGORICAL):
        return [CHOSEN] * len(rows), {CHOSEN: ACCENT}
    names = labels([run_labels(population)[row] for row in rows], 32)
    return names, dict(zip(names, CATEGORICAL, strict=False))


def _quartiles(
    _: Population, curves: Curves, rest: np.ndarray, x: alt.X, y: alt.Y, colour: alt.Color, kind: int
) -> list[alt.Chart]:
    band = _band(curves.steps.places, curves.values[rest])
    if not len(band):
        return []
    base = alt.Chart(band.assign(kind=kind)).encode(x=x)
    tooltip = [
        alt.Tooltip("x:Q", title=_axis_tip(curves.steps.axis)),
        alt.Tooltip("low:Q", title="lower quartile", format=".4g"),
        alt.Tooltip("median:Q", title="median of the rest", format=".4g"),
        alt.Tooltip("high:Q", title="upper quartile", format=".4g"),
    ]
    return [
        base.mark_area(opacity=0.22, color=GREY).encode(y=for_field(y, "low"), y2=alt.Y2("high:Q")),
        base.mark_line(strokeWidth=1.5, strokeDash=[4, 3]).encode(
            y=for_field(y, "median"), color=colour, tooltip=tooltip
        ),
    ]


def _faint(
    population: Population, curves: Curves, rest: np.ndarray, x: alt.X, y: alt.Y, colour: alt.Color, kind: int
) -> list[alt.Chart]:
    """Draw at most 100 of the other runs, at 40 of their places at most: as faint as they are, more tells nothing."""
    others = rest
    rest = rest[np.unique(np.linspace(0, len(rest) - 1, min(MOST_FAINT, len(rest))).astype(int))] if len(rest) else rest
    width = len(curves.steps.places)
    kept = np.unique(np.linspace(0, width - 1, min(FAINT_PLACES, width)).astype(int))

    def at(positions: np.ndarray) -> pd.DataFrame:
        positions = positions[np.isin(positions, others)]
        lines = {
            "x": np.tile(curves.steps.places[kept], len(positions)),
            "y": curves.values[np.ix_(positions, kept)].ravel(),
            "line": np.repeat(positions, len(kept)),
            "kind": kind,
        }
        return pd.DataFrame(lines, index=np.repeat(positions, len(kept))).dropna(subset=["y"])

    frame = of_runs(population.rows, rest, at, grey=True)
    if frame.empty:
        return []
    faint = alt.Chart(frame).mark_line(strokeWidth=1, opacity=0.25)
    return [faint.encode(x=x, y=y, color=colour, detail=alt.Detail("line:N"))]


def gap_chart(gap: Gap, best: int | None) -> Drawing:
    """Draw the median gap with its quartiles along the runs, and the best run's own."""
    places = gap.places
    frame = pd.DataFrame({"x": places, "y": gap.median, "low": gap.low, "high": gap.high}).dropna()
    title = f"{short(gap.pair.held_out, 28)} worse than {short(gap.pair.trained, 28)} by"
    x = _along(gap.axis)
    base = alt.Chart(frame.assign(kind=1)).encode(x=x)
    colour = colour_of_kinds(
        "kind", [(BEST, ACCENT), ("median of all runs", GREY)], symbolType="stroke", symbolStrokeWidth=3
    )
    tooltip = [
        alt.Tooltip("x:Q", title=_axis_tip(gap.axis)),
        alt.Tooltip("y:Q", title="gap", format=".4g"),
    ]
    layers = [
        alt.Chart(pd.DataFrame({"y": [0.0]}))
        .mark_rule(color=GREY, strokeDash=[3, 3])
        .encode(y=alt.Y("y:Q", title=title)),
        base.mark_area(color=GREY, opacity=0.22).encode(y=alt.Y("low:Q", title=title), y2=alt.Y2("high:Q")),
        base.mark_line(strokeWidth=2, strokeDash=[4, 3]).encode(
            y=alt.Y("y:Q", title=title), color=colour, tooltip=tooltip
        ),
    ]
    if best is not None:
        own = pd.DataFrame({"x": places, "y": gap.values[best], "kind": 0}).dropna()
        layers.append(
            alt.Chart(own)
            .mark_line(strokeWidth=2.5)
            .encode(x=x, y=alt.Y("y:Q", title=title), color=colour, tooltip=tooltip)
        )
    return alt.layer(*layers, height=HEIGHT)


def ranking_chart(ranks: RankCurve, axis: str, rule: EarlyStopping | None) -> Drawing:
    """Draw the correlation with the final ranking along the runs with its 95% band, and where the rule would start."""
    frame = pd.DataFrame(
        {"x": ranks.places, "y": ranks.coefficient, "low": ranks.low, "high": ranks.high, "n": ranks.n}
    ).dropna()
    x = _along(axis)
    low = float(min(frame["low"].min(), 0.0)) if len(frame) else 0.0
    title, scale = "Spearman with the final ranking", alt.Scale(domain=[low, 1.0], nice=False)
    base = alt.Chart(frame).encode(x=x)
    layers = [
        base.mark_area(color=ACCENT, opacity=0.18).encode(
            y=alt.Y("low:Q", title=title, scale=scale), y2=alt.Y2("high:Q")
        ),
        base.mark_line(color=ACCENT, strokeWidth=2.5, point=alt.OverlayMarkDef(color=ACCENT, size=25)).encode(
            y=alt.Y("y:Q", title=title, scale=scale),
            tooltip=[
                alt.Tooltip("x:Q", title=_axis_tip(axis)),
                alt.Tooltip("y:Q", title="Spearman", format=".3f"),
                alt.Tooltip("low:Q", title="95% from", format=".3f"),
                alt.Tooltip("high:Q", title="95% to", format=".3f"),
                alt.Tooltip("n:Q", title="runs"),
            ],
        ),
    ]
    if rule is not None:
        mark = pd.DataFrame({"x": [rule.place], "label": [f"first stop: min_iter {rule.min_iter}"]})
        place = alt.Chart(mark).encode(x=alt.X("x:Q"))
        layers.append(place.mark_rule(color=GREY, strokeDash=[4, 3], strokeWidth=1.5))
        layers.append(
            place.mark_text(align="left", dx=6, dy=6, color=GREY, baseline="top").encode(
                y=alt.YValue(0), text=alt.Text("label:N")
            )
        )
    return alt.layer(*layers, height=HEIGHT)


def _along(axis: str) -> alt.X:
    # Steps and epochs are whole, seconds are not.
    ticks = alt.Axis(grid=False, format="~r", tickMinStep=alt.Undefined if axis == "_runtime" else 1)
    return alt.X("x:Q", title=axis_title(axis), scale=alt.Scale(nice=False, zero=False), axis=ticks)


def _band(places: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    """Return the quartiles of each place that at least four of the runs reached."""
    low, median, high = quantiles(values, (0.25, 0.5, 0.75))
    enough = np.sum(~np.isnan(values), axis=0) >= FEWEST_IN_BAND
    kept = np.flatnonzero(enough)[:MOST_MARKS]
    return pd.DataFrame({"x": places[kept], "low": low[kept], "median": median[kept], "high": high[kept]})
