"""Parallel coordinates: one axis a parameter with its own scale and ticks, the objective last, a line a run.

Vega-Lite has no scale of its own for each axis, so places are worked out before and ticks drawn as marks. What is
brushed lights up in the browser at once. Streamlit has Vega interpret expressions, about a microsecond a step, so the
brush is tested once a run, and only lines that it changes are made again: each stretch between two axes is a layer of
rules, one a run. As lines, each run would be a group with a flow of data of its own, and folding the axes into rows
makes all of them again whenever one changes. Nothing but the data depends on which runs are kept or lifted: a page
changes both without having the chart drawn again.

Over 300 lines: the layers of one chart, which share its places.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import numpy as np
import pandas as pd

from lib.analysis.axes import MISSING_PLACE, Axis
from lib.analysis.levels import text_of_level
from lib.analysis.population import Population
from lib.charts.marks import MOST_ELEMENTS, Drawing, Names, objective_colour, places_in
from lib.charts.names import one_line, short, tip_title, title_of
from lib.charts.palette import ACCENT, CATEGORICAL, GREY, SEQUENTIAL, Surface
from lib.charts.parallel_gestures import (
    LABELLED,
    PICKED,
    ROW_HEIGHT,
    ROWS,
    TITLES,
    brushed,
    brushes,
    carried,
    crowded,
    gesture,
    held_ends,
    pressed_on,
    step_of,
)
from lib.model.choices import Condition
from lib.model.filters import parts_of
from lib.model.numbers import number
from lib.model.sweep import SWEEP

HEIGHT = 560
MOST_LINES = 500
QUARTILES = ("worst quarter", "third quarter", "second quarter", "best quarter")
OTHERS, MISSING = "others", "missing"
_WIDTH, _RAISED, _NEAR = 1, 4, 9
# Every run has a place on every axis: the browser needn't look for those that have none.
_ALL: Literal["show"] = "show"
# Up to this many axes have room for all their ticks.
_ROOMY = 12
# The key of the colours stands within the plot, at its top; how many pixels it takes, and a row of it.
_KEY: dict[str, Any] = {"orient": "none", "legendX": 0, "legendY": 0, "direction": "horizontal"}
_PADDING_OF_KEY, _ROW_OF_KEY, _ROWS_OF_GRADIENT = 14, 20, (3, 3)
_NARROW = "width < 600"
# The place above which no name of an axis reaches.
_OVER_NAMES = 1.17


def quartiles(population: Population) -> np.ndarray:
    """Return 0 (worst) to 3 (best) a used run, by rank of the objective; shape (n,)."""
    n = len(population.rows)
    out = np.empty(n, dtype=int)
    out[population.best_first] = 3 - (np.arange(n) * 4 // max(n, 1))
    return out


def lines_drawn(population: Population, kept: np.ndarray | None = None, most: int = MOST_LINES) -> np.ndarray:
    """Choose the runs drawn as lines, worst first so that the best lie on top: all, or the best and an even choice.

    kept : True for the runs to choose from, shape (n,); None for all.
    """
    order = population.best_first[::-1]
    order = order if kept is None else order[kept[order]]
    if len(order) <= most:
        return order
    best = most // 5
    rest = order[np.unique(np.linspace(0, len(order) - best - 1, most - best).astype(int))]
    return np.concatenate([rest, order[len(order) - best :]])


def parallel_coordinates_chart(
    population: Population,
    axes: Sequence[Axis],
    by: str = "quartile",
    *,
    kept: np.ndarray | None = None,
    lifted: Sequence[str] = (),
    filters: Sequence[Condition] = (),
    pickable: bool = False,
    surface: Surface | None = None,
) -> Drawing:
    """Draw the runs as lines over the axes. Pointing at a line lifts it, names its run and writes its values.

    by : what colours them: "quartile" or "value" of the objective, or the name of a parameter or metric, or "sweep".
    kept : runs in colour, the others in grey, shape (n,); None for all. lifted : ids of runs drawn thick.
    filters : spans marked on their axes. pickable : whether the chart has the selections of GESTURES.
    surface : what the chart stands on, where that is known: text then has its contrast, and an edge against the lines.
    """
    raised = np.flatnonzero(population.runs["run_id"].isin(lifted))
    drawn = lines_drawn(population, kept)
    drawn = np.concatenate([drawn[~np.isin(drawn, raised)], raised])
    colours, own_colour, rows = _colour(population, by)
    colour = alt.when("isValid(datum.c)").then(own_colour).otherwise(alt.value(GREY))
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.45, max(len(axes) - 0.55, 0.55)], nice=False))
    low = -0.16 if any(a.missing for a in axes) else -0.04
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[low, alt.ExprRef(_top(low, rows))], nice=False))
    pointed = alt.selection_point(name="pointed", fields=["run"], on="pointerover", empty=False, clear="pointerout")
    frame = _lines_frame(population, axes, drawn, len(raised)).assign(c=colours[drawn])
    # Lines are thin: what is pointed at are wide ones that aren't seen.
    wide = (
        alt.Chart(frame)
        .mark_rule(color=GREY, strokeWidth=_NEAR, opacity=0, invalid=_ALL)
        .encode(
            tooltip=[
                alt.Tooltip("name:N", title="run"),
                alt.Tooltip("objective:Q", title=tip_title(population.objective.metric), format=".6g"),
            ]
        )
    )
    near = _stretches("near", wide, len(axes), x, y)
    near[0] = near[0].add_params(pointed)
    line = (
        alt.Chart(frame)
        .mark_rule(invalid=_ALL)
        .encode(
            color=colour,
            strokeWidth=alt.when("datum.lifted").then(alt.value(_RAISED)).otherwise(alt.value(_WIDTH)),
            opacity=alt.when("datum.lifted").then(alt.value(1)).otherwise(alt.Opacity("strength:Q", scale=None)),
        )
    )
    if pickable:
        clicked = ", ".join(f"@{one.name}_marks:click" for one in near)
        near[0] = near[0].add_params(alt.selection_point(name=PICKED, fields=["id"], on=clicked), *brushed(len(axes)))
        # The same for all stretches: the browser tests each run once.
        line = line.transform_filter("dragged_axis < 0 || inrange(datum[dragged_axis], span)")
    alone = _folded(
        alt.layer(
            alt.Chart()
            .mark_line(interpolate="linear", strokeWidth=_RAISED, strokeJoin="round")
            .encode(x=x, y=y, detail=alt.Detail("run:N"), color=colour),
            alt.Chart()
            .mark_text(align="left", dx=7, fontWeight="bold", fontSize=11, color=ACCENT)
            .encode(x=x, y=y, text=alt.Text("text:N"))
            .transform_calculate(text="datum['t' + datum.x]"),
            data=frame,
        ).transform_filter(pointed),
        len(axes),
    )
    runs = [*near, *_stretches("lit", line, len(axes), x, y), alone]
    every = lines_drawn(population)
    if pickable or kept is not None:
        # Where the others pass, whatever is kept: the browser draws these once.
        grey = alt.Chart(_places(axes, every)).mark_rule(color=GREY, strokeWidth=_WIDTH, opacity=0.07, invalid=_ALL)
        runs = [*_stretches("others", grey, len(axes), x, y), *runs]
    # This many marks are too slow as elements of the page; what is kept must not change how it is drawn.
    many = len(every) * len(axes) > MOST_ELEMENTS
    drawing = {"embedOptions": {"renderer": "canvas" if many else "svg"}}
    # Each change of a finished chart copies all of it.
    shown = [_count(len(population.rows) if kept is None else int(kept.sum()), len(population.rows), surface)]
    handles = [*brushes(len(axes), x, y), *carried(axes, x, y), held_ends(axes, x, y)] if pickable else []
    # Everything lies within the plot, so the browser needn't lay it out, and place each mark, a second time.
    laid_out = {"autosize": alt.AutoSizeParams(type="none", contains="padding"), "padding": 0} if pickable else {}
    return alt.layer(
        _marked(axes, filters, x, y),
        *runs,
        *_frame_of(axes, x, y, surface, pickable),
        *shown,
        *handles,
        height=HEIGHT,
        usermeta=drawing,
        **laid_out,
    )


def _count(kept: int, runs: int, surface: Surface | None) -> alt.Chart:
    """Return the words in the corner: how many of the runs are in colour."""
    words = pd.DataFrame({"text": [f"{kept:,} of {runs:,} runs"]})
    ink = surface.text if surface else GREY
    return (
        alt.Chart(words)
        .mark_text(align="right", baseline="bottom", dx=-4, dy=-2, fontSize=13, fontWeight="bold", color=ink)
        .encode(x=alt.XValue(alt.expr("width")), y=alt.YValue(alt.expr("height")), text=alt.Text("text:N"))
    )


def _places(axes: Sequence[Axis], rows: np.ndarray) -> pd.DataFrame:
    """Return where some runs pass each axis, which is a column by its number."""
    return pd.DataFrame({"run": rows, **{str(i): np.round(axis.places[rows], 4) for i, axis in enumerate(axes)}})


def _lines_frame(population: Population, axes: Sequence[Axis], drawn: np.ndarray, lifted: int) -> pd.DataFrame:
    """Return the lines in colour, the last `lifted` of them thick: where they pass, and what they tell."""
    faint = 0.18 if len(drawn) > 150 else 0.4
    # So that the best quarter stays lines, not a wall, it fades as it grows.
    bright = min(0.9, max(0.4, 180 / max(len(drawn), 1)))
    strengths = np.array([faint * 0.7, faint, faint * 1.5, bright])[quartiles(population)[drawn]]
    # Few runs need no fading among themselves.
    few = len(drawn) <= 60
    return _places(axes, drawn).assign(
        id=population.runs["run_id"].to_numpy()[drawn],
        name=population.runs["name"].to_numpy()[drawn],
        objective=population.values[drawn],
        lifted=np.arange(len(drawn)) >= len(drawn) - lifted,
        strength=np.maximum(strengths, 0.75) if few else strengths,
        **{f"t{i}": _texts(population, axis, drawn) for i, axis in enumerate(axes)},
    )


def _texts(population: Population, axis: Axis, drawn: np.ndarray) -> list[str]:
    values = _column(population, axis.name)[drawn]
    return [number(v) if isinstance(v, float) else text_of_level(v) or MISSING for v in values]


def _column(population: Population, name: str) -> np.ndarray:
    """Values of a parameter or metric of the used runs, as objects: floats for numbers, NaN where missing."""
    if name == population.objective.metric:
        return population.values.astype(object)
    column = population.levels(name)
    if name not in population.config.columns and name in population.sweep.metrics.columns:
        column = population.metric(name)
    elif name == SWEEP and name not in population.config.columns and population.sweeps is not None:
        column = population.sweeps
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return column.to_numpy(dtype=float, na_value=np.nan).astype(object)
    return column.to_numpy(dtype=object)


def _colour(population: Population, by: str) -> tuple[np.ndarray, alt.Color, tuple[int, int]]:
    """Return what colours each used run, the encoding of the field "c" for it, and the rows of its key.

    All are the same for any selection. The key takes fewer rows where there is room, more on a phone.
    """
    objective = population.objective
    if by == "quartile":
        shades = [SEQUENTIAL[8], SEQUENTIAL[5], SEQUENTIAL[2], SEQUENTIAL[0]]
        return 3 - quartiles(population), *_categories(objective.metric, tuple(reversed(QUARTILES)), shades)
    if by in ("value", objective.metric):
        colour = objective_colour(objective, population.objective_scale, "c")
        colour["scale"]["domain"] = _ends(population.values)
        colour["legend"] = _gradient()
        return population.values, colour, _ROWS_OF_GRADIENT
    values = _column(population, by)
    numbers = np.array([v if isinstance(v, float) and np.isfinite(v) else np.nan for v in values], dtype=float)
    parameter = next((p for p in population.parameters if p.name == by), None)
    if np.isfinite(numbers).any() and (
        parameter is None or not parameter.grouped or len(set(values)) > len(CATEGORICAL)
    ):
        logarithmic = parameter is not None and parameter.scale == "log" and np.nanmin(numbers) > 0
        domain = _ends(numbers)
        scale = alt.Scale(type="log" if logarithmic else "linear", range=list(SEQUENTIAL), domain=domain, zero=False)
        colour = alt.Color("c:Q", title=title_of(by, 30), scale=scale, legend=_gradient())
        return numbers, colour, _ROWS_OF_GRADIENT
    text = pd.Series([text_of_level(v) or MISSING for v in values])
    counts = text[text != MISSING].value_counts()
    ranked = sorted(counts.index, key=lambda v: (-counts[v], v))
    named = sorted(ranked[: len(CATEGORICAL)])
    place = places_in(named, text)
    shown = np.where(place >= 0, place, len(named)).astype(float)
    shown[text == MISSING] = np.nan
    more = [OTHERS] if len(ranked) > len(named) else []
    return shown, *_categories(by, (*named, *more), [*CATEGORICAL[: len(named)], *([GREY] * len(more))])


def _ends(values: np.ndarray) -> list[float]:
    return [float(np.nanmin(values)), float(np.nanmax(values))] if np.isfinite(values).any() else []


def _categories(title: str, kinds: tuple[str, ...], shades: list[str]) -> tuple[alt.Color, tuple[int, int]]:
    names = Names(kinds)
    # In one line, where there is room.
    columns = alt.ExprRef(f"{_NARROW} ? 2 : {len(kinds)}")
    legend = names.legend(**_KEY, titleOrient="left", titleLimit=300, labelLimit=160, columns=columns)
    colour = alt.Color("c:N", title=title_of(title, 30), scale=names.scale(range=shades), legend=legend)
    return colour, (1, -(-len(kinds) // 2))


def _gradient() -> alt.Legend:
    return alt.Legend(format="~g", **_KEY, gradientLength=180, titleLimit=300)


def _top(low: float, rows: tuple[int, int]) -> str:
    """Return the place at the top of the chart, as an expression: above the names of the axes is room for the key.

    low : the place at the bottom. rows : of the key, where there is room and where there isn't.
    """
    wide, narrow = (
        round(low + (_OVER_NAMES - low) * HEIGHT / (HEIGHT - _PADDING_OF_KEY - _ROW_OF_KEY * n), 4) for n in rows
    )
    return f"{_NARROW} ? {narrow} : {wide}"


def _folded(chart: Any, count: int) -> Any:
    """Give each run one row an axis: the axis's number, which is the name of its column, and where it passes there."""
    return chart.transform_fold([str(i) for i in range(count)], as_=["x", "y"])


def _stretches(name: str, line: alt.Chart, count: int, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Return the stretches between two axes, each a layer with a rule a run: NAME_0 and on; at least one, if empty."""
    stretches = []
    for at in range(max(count - 1, 1)):
        onward = min(at + 1, count - 1)
        one = line.encode(
            x=alt.XDatum(at, axis=None, scale=x["scale"]),
            y=alt.Y(f"{at}:Q", axis=None, scale=y["scale"]),
            x2=alt.X2Datum(onward),
            y2=alt.Y2(f"{onward}:Q"),
        )
        # By names of their own: Altair makes some of the data.
        one.name = f"{name}_{at}"
        stretches.append(one)
    return stretches


def _marked(axes: Sequence[Axis], filters: Sequence[Condition], x: alt.X, y: alt.Y) -> alt.Chart:
    """Mark on each axis what the filters name: in the accent colour what they keep, in grey what they leave out."""
    rows = [
        {"x": float(i), "y": low, "y2": high, "excludes": one.exclude}
        for i, axis in enumerate(axes)
        for one in itertools.chain.from_iterable(map(parts_of, filters))
        if one.column == axis.name and one.contains is None and one.digests is None
        for low, high in axis.spans_of(one)
    ]
    frame = pd.DataFrame(rows, columns=["x", "y", "y2", "excludes"])
    return (
        alt.Chart(frame.astype({"x": float, "y": float, "y2": float, "excludes": bool}))
        .mark_bar(size=16, opacity=0.4, cornerRadius=3)
        .encode(
            x=x,
            y=y,
            y2=alt.Y2("y2:Q"),
            color=alt.when("datum.excludes").then(alt.value(GREY)).otherwise(alt.value(ACCENT)),
        )
    )


def _frame_of(axes: Sequence[Axis], x: alt.X, y: alt.Y, surface: Surface | None, pickable: bool) -> list[alt.Chart]:
    places = np.arange(len(axes), dtype=float)
    last = len(axes) - 1
    rules = pd.DataFrame({"x": places, "y": 0.0, "y2": 1.0})
    names = [one_line(a.name) for a in axes]
    written = [name + _suffix(a) for name, a in zip(names, axes, strict=True)]
    titles = pd.DataFrame({"x": places, "y": TITLES, "text": written, "whole": names})
    ticks = pd.DataFrame(
        [
            {"x": float(i), "y": place, "text": short(label, 24)}
            for i, axis in enumerate(axes)
            for place, label in _labelled(axis, len(axes))
        ],
        columns=["x", "y", "text"],
    )
    step, close = step_of(len(axes)), crowded(len(axes))
    ink = surface.text if surface else GREY
    labels: dict[str, Any] = {
        "align": "right",
        "dx": -7,
        "fontSize": alt.expr(f"{step} < 70 ? 9 : 11"),
        "limit": alt.expr(f"max({step} - 14, 20)"),
    }
    edge = [alt.Chart(ticks).mark_text(**labels, stroke=surface.background, strokeWidth=3)] if surface else []
    written_levels = alt.Chart(ticks).mark_text(**labels, color=ink)
    if pickable:
        written_levels = written_levels.properties(name="labels").add_params(
            gesture(
                LABELLED,
                ["x", "y"],
                "@labels_marks:click",
                pressed_on("cells", "ends", "names"),
            )
        )
    return [
        alt.Chart(rules).mark_rule(color=GREY, strokeWidth=1.2).encode(x=x, y=y, y2=alt.Y2("y2:Q")),
        alt.Chart(titles)
        .mark_text(
            fontWeight="bold",
            fontSize=alt.expr(f"{step} < 70 ? 10 : 12"),
            color=ink,
            dy=alt.expr(f"{close} ? -{ROW_HEIGHT} * (datum.x % {ROWS}) : 0"),
            align=alt.expr(f"{close} && datum.x == 0 ? 'left' : {close} && datum.x == {last} ? 'right' : 'center'"),
            limit=alt.expr(f"{step} * ({close} ? {ROWS - 0.6} : 0.95)"),
        )
        .encode(x=x, y=y, text=alt.Text("text:N"), tooltip=alt.Tooltip("whole:N", title="axis")),
        alt.Chart(ticks).mark_tick(color=GREY, orient="horizontal", size=8, thickness=1.2).encode(x=x, y=y),
        *(chart.encode(x=x, y=y, text=alt.Text("text:N")) for chart in (*edge, written_levels)),
    ]


def _labelled(axis: Axis, count: int) -> Sequence[tuple[float, str]]:
    """Return the ticks of an axis of numbers: all, or its ends and middle where axes stand close; levels all."""
    if count <= _ROOMY or axis.scale == "levels":
        return axis.ticks
    inside = [tick for tick in axis.ticks if tick[0] not in (0.0, 1.0, MISSING_PLACE)]
    nearest = sorted(inside, key=lambda tick: abs(tick[0] - 0.5))[:1]
    return [tick for tick in axis.ticks if tick not in inside or tick in nearest]


def _suffix(axis: Axis) -> str:
    extra = {"log": "log", "quantile": "quantiles"}.get(axis.scale, "")
    words = ", ".join(w for w in (extra, "inverted" if axis.inverted else "", "a part" if axis.shown else "") if w)
    return f" ({words})" if words else ""
