"""The objective against one parameter: box plots by level and scatter along a range, with what is claimed of it."""

from __future__ import annotations

from collections.abc import Callable

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.groups import DiscreteImpact, Level
from lib.analysis.levels import level_order, text_of_level, texts_of_levels
from lib.analysis.population import Population
from lib.analysis.trend import ContinuousImpact
from lib.charts.claimed import Overlay, curve_layers, gain_layers, level_layers, level_shade, range_shade
from lib.charts.marks import (
    FULL,
    HEIGHT,
    MOST_MARKS,
    PICK,
    Drawing,
    Names,
    for_field,
    objective_axis,
    on_axis,
    parameter_axis,
    places_in,
    thinned,
)
from lib.charts.names import labels, tip_title, title_of
from lib.charts.palette import ACCENT, GREY
from lib.charts.robust import beyond, robust_ends, share_of
from lib.charts.run_cloud import density, runs_at
from lib.charts.run_marks import Build
from lib.model.goal import Objective
from lib.model.numbers import count
from lib.statistics.moments import quartiles

MOST_LEVELS_DRAWN = 40
# Where nothing is claimed there is less to read off.
HEIGHT_OF_NO_CLAIM = 320


def level_chart(
    population: Population,
    impact: DiscreteImpact,
    overlay: Overlay | None = None,
    pickable: bool = False,
    plain: bool = False,
) -> Drawing:
    """Draw a box a level (quartiles, whiskers to the furthest run within 1.5 times the box), the runs over it.

    Of more than 40 levels those with the most runs are drawn (`levels_note`). Of many runs an even sample is drawn
    over the boxes. Runs far off the others stand as triangles at the edge.
    overlay : what a claim rests on, drawn over the runs.
    pickable : whether a click on a level picks its place (`levels_drawn`). plain : without colours, which mean the
    objective, where the values are something else.
    """
    objective = population.objective
    levels = levels_drawn(population, impact)
    names = Names(tuple(labels(levels, 24)))
    level = places_in(levels, texts_of_levels(population.levels(impact.parameter)))
    boxes = [
        {"x": at, "level": name, **_box(population.values[level == at])}
        for at, name in enumerate(names.texts)
        if (level == at).any()
    ]

    def at(positions: np.ndarray) -> pd.DataFrame:
        frame = {
            "x": level[positions],
            "y": population.values[positions],
            "run": population.runs["name"].to_numpy()[positions],
            # A golden-ratio sequence spreads neighbours apart without chance, so that the picture never changes.
            "jitter": (population.rows[positions] * 0.6180339887) % 1.0 - 0.5,
        }
        points = pd.DataFrame(frame, index=positions)
        return points[points["x"] >= 0]

    drawn = np.sort(thinned(population.best_first))
    x = alt.X(
        "x:N", title=title_of(impact.parameter), scale=names.scale(), axis=names.axis(labelAngle=0, labelLimit=120)
    )
    scale = population.objective_scale
    ends = robust_ends(population.place_values, scale == "log")
    y = objective_axis(objective, scale, ends)
    overlay = (overlay or Overlay()).drawn_on(scale, ends)
    frame = pd.DataFrame(boxes)
    # Half of the room that a level has.
    wide = alt.expr(f"min(160, width / {2 * max(len(levels), 1)})")
    side = alt.XOffset("jitter:Q", scale=alt.Scale(domain=[-1.25, 1.25]))
    dots = [one.encode(x=x, xOffset=side) for one in runs_at(population, at, drawn, ends, y, plain)]
    whiskers = (
        alt.Chart(frame)
        .mark_rule(color=GREY, strokeWidth=1.5, clip=True)
        .encode(x=x, y=for_field(y, "low"), y2=alt.Y2("high:Q"))
    )
    body = (
        alt.Chart(frame)
        .mark_bar(size=wide, fillOpacity=0.12, color=GREY, stroke=GREY, strokeWidth=1.5, clip=True)
        .encode(
            x=x,
            y=for_field(y, "q1"),
            y2=alt.Y2("q3:Q"),
            tooltip=[
                alt.Tooltip("level:N", title=tip_title(impact.parameter)),
                alt.Tooltip("q1:Q", title="lower quartile", format=".4g"),
                alt.Tooltip("median:Q", format=".4g"),
                alt.Tooltip("q3:Q", title="upper quartile", format=".4g"),
            ],
        )
    )
    if pickable:
        body = body.add_params(alt.selection_point(name=PICK, fields=["x"], on="click"))
    middle = (
        alt.Chart(frame).mark_tick(color=GREY, thickness=2, size=wide, clip=True).encode(x=x, y=for_field(y, "median"))
    )
    bracket: list[alt.Chart] = []
    if overlay.effect is not None:
        ends_of_gain = [text_of_level(overlay.effect.better), text_of_level(overlay.effect.worse)]
        better, worse = (int(at) for at in places_in(levels, ends_of_gain))
        if better >= 0 and worse >= 0:
            bracket = gain_layers(overlay, better, worse, sign=objective.sign, x=x, y=y, right=2 * better < len(levels))
    shade = level_shade(overlay, levels, x)
    expected = level_layers(overlay, levels, x, y=y, name=impact.parameter)
    layers = (*shade, whiskers, body, *dots, middle, *expected, *bracket)
    return alt.layer(*layers, height=_height(overlay))


def levels_drawn(population: Population, impact: DiscreteImpact) -> list[str]:
    """Return the levels in the order of `level_chart`, as filters name them: its field "x" counts them from 0.

    Those whose runs are all filtered out keep their places.
    """
    drawn = [group.value for group in _groups_drawn(impact)]
    if len(population.place_rows) > len(population.rows) and impact.parameter in population.sweep.config.columns:
        known = {text_of_level(group.value) for group in impact.groups}
        column = population.sweep.config[impact.parameter].iloc[population.place_rows].dropna()
        others = [level for level in column.unique() if text_of_level(level) not in known]
        drawn = sorted([*drawn, *others[: MOST_LEVELS_DRAWN - len(drawn)]], key=level_order)
    return [text_of_level(level) for level in drawn]


def levels_note(impact: DiscreteImpact) -> str | None:
    """Say how many levels aren't drawn; None where all are."""
    left = len(impact.groups) - MOST_LEVELS_DRAWN
    if left <= 0:
        return None
    return f"The {MOST_LEVELS_DRAWN} levels with the most runs are drawn; the table holds the {left:,} others too."


def _groups_drawn(impact: DiscreteImpact) -> list[Level]:
    """Return the levels with the most runs, the first of those with the same number, in the order of the table."""
    most = sorted(range(len(impact.groups)), key=lambda at: -impact.groups[at].count)[:MOST_LEVELS_DRAWN]
    return [impact.groups[at] for at in sorted(most)]


def trend_chart(
    population: Population,
    impact: ContinuousImpact,
    overlay: Overlay | None = None,
    pickable: bool = False,
    plain: bool = False,
) -> Drawing:
    """Draw every run against the parameter, the curve that a claim rests on with its band and gain, and what follows.

    Without a curve, the means of equal-count bins with their 95 % intervals stand for it. Runs far off the others
    stand as triangles at the edge. Beyond 2,000 runs the cloud is drawn as counts in a grid, and the best as points.
    pickable : whether a part of the picture can be brushed. plain : as in `level_chart`.
    """
    objective, x_values = population.objective, population.numbers(impact.parameter)
    known = np.isfinite(x_values)
    log = impact.scale == "log" and bool((x_values[known] > 0).all())
    everywhere = population.place_numbers(impact.parameter)
    ends = robust_ends(population.place_values, population.objective_scale == "log")
    log = log and bool((everywhere[np.isfinite(everywhere)] > 0).all())
    x_ends = robust_ends(everywhere, log)
    x = parameter_axis(impact.parameter, impact.scale, np.array(x_ends))
    y = objective_axis(objective, population.objective_scale, ends)
    overlay = (overlay or Overlay()).drawn_on(population.objective_scale, ends)
    layers: list[alt.Chart] = range_shade(overlay, x, x_ends)
    order = population.best_first[known[population.best_first]]
    if len(order) > MOST_MARKS:
        layers.append(density(population, x_values, known, impact.scale, x, y))
        order = order[: MOST_MARKS // 10]
    across = beyond(x_values, x_ends)

    def at(side: int) -> Build:
        def build(positions: np.ndarray) -> pd.DataFrame:
            rows = positions[known[positions] & (across[positions] == side)]
            names = population.runs["name"].to_numpy()[rows]
            return pd.DataFrame({"x": x_values[rows], "y": population.values[rows], "run": names}, index=rows)

        return build

    tip = alt.Tooltip("x:Q", title=tip_title(impact.parameter), format=FULL)
    cloud, *far = (one.encode(x=x) for one in runs_at(population, at(0), order, ends, y, plain, tip))
    layers.append(cloud.add_params(alt.selection_interval(name=PICK, encodings=["x", "y"])) if pickable else cloud)
    layers += far
    for side, edge in ((-1, alt.XValue(0)), (1, alt.XValue(alt.expr("width")))):
        if (across[order] == side).any():
            layers += [one.encode(x=edge) for one in runs_at(population, at(side), order, ends, y, plain, tip)]
    if overlay.fitted is None:
        layers += _bins(impact, x, y, lambda values: on_axis(values, population.objective_scale, ends))
    else:
        layers += curve_layers(overlay, x, y, impact.parameter)
        if overlay.effect is not None:
            better, worse = overlay.effect.better, overlay.effect.worse
            right = isinstance(better, (int, float)) and share_of(better, x_ends, log) < 0.6
            layers += gain_layers(overlay, better, worse, sign=objective.sign, x=x, y=y, right=right)
    return alt.layer(*layers, height=_height(overlay))


def _height(overlay: Overlay) -> int:
    return HEIGHT_OF_NO_CLAIM if overlay.fitted is not None and overlay.effect is None else HEIGHT


def off_axis_note(population: Population, parameter: str, log: bool = False) -> str | None:
    """Say how many runs stand at the edge of a chart because they lie far off the others; None where none does."""
    declared = next(p for p in population.searched if p.name == parameter)
    known = ~population.levels(parameter).isna().to_numpy()
    if declared.numeric and not declared.grouped:
        known &= np.isfinite(population.numbers(parameter))
    ends = robust_ends(population.place_values, population.objective_scale == "log")
    off = beyond(population.values[known], ends) != 0
    if declared.numeric and not declared.grouped and known.any():
        along = population.numbers(parameter)[known]
        everywhere = population.place_numbers(parameter)
        log = log and bool((everywhere[np.isfinite(everywhere)] > 0).all())
        off |= beyond(along, robust_ends(everywhere, log)) != 0
    number = int(np.count_nonzero(off))
    if not number:
        return None
    return f"{count(number, 'run')} far off the others {'stands' if number == 1 else 'stand'} at the edge of the chart."


def _bins(impact: ContinuousImpact, x: alt.X, y: alt.Y, drawn: Callable[[np.ndarray], np.ndarray]) -> list[alt.Chart]:
    rows = [
        {
            "x": (b.x_low * b.x_high) ** 0.5 if impact.scale == "log" and b.x_low > 0 else (b.x_low + b.x_high) / 2,
            "y": b.mean,
            "low": b.ci_low,
            "high": b.ci_high,
            "count": b.count,
            "from": b.x_low,
            "to": b.x_high,
        }
        for b in impact.trend
        if b.ci_low is not None
    ]
    if len(rows) < 2:
        return []
    frame = pd.DataFrame(rows)
    frame["from_low"] = drawn(frame["low"].to_numpy())
    base = alt.Chart(frame).encode(x=x)
    tooltip = [
        alt.Tooltip("from:Q", format=".4g"),
        alt.Tooltip("to:Q", format=".4g"),
        alt.Tooltip("count:Q", title="runs"),
        alt.Tooltip("y:Q", title="mean", format=".4g"),
        alt.Tooltip("low:Q", title="95% from", format=".4g"),
        alt.Tooltip("high:Q", title="95% to", format=".4g"),
    ]
    return [
        base.mark_area(color=ACCENT, opacity=0.22, clip=True).encode(y=for_field(y, "from_low"), y2=alt.Y2("high:Q")),
        base.mark_line(color=ACCENT, strokeWidth=2.5, point=alt.OverlayMarkDef(color=ACCENT, size=45)).encode(
            y=y, tooltip=tooltip
        ),
    ]


def _box(values: np.ndarray) -> dict[str, float]:
    q1, median, q3 = quartiles(values)
    reach = 1.5 * (q3 - q1)
    inside = values[(values >= q1 - reach) & (values <= q3 + reach)]
    return {"q1": q1, "median": median, "q3": q3, "low": float(inside.min()), "high": float(inside.max())}


def drawn_note(objective: Objective, runs: int) -> str | None:
    """Say what was summed up where not every run is drawn; None where each is."""
    if runs <= MOST_MARKS:
        return None
    best = MOST_MARKS // 10
    what = f"the {best} with the {objective.best_word} {objective.metric}"
    return f"{runs:,} runs are drawn as counts in a grid; {what} as points."
