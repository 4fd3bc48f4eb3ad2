"""What only the app has of parallel coordinates: the axes' controls, the brush, and the lines of chosen rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from lib.analysis.axes import Axis, best_part, found_in
from lib.analysis.axis_choice import AxisChoice
from lib.charts.palette import DARK, LIGHT
from lib.charts.parallel_gestures import (
    CLEARED,
    DROPPED,
    GRABBED,
    HELD,
    LABELLED,
    PICKED,
    PRESSED,
    RELEASED,
    span_of,
)
from lib.charts.picks import Picked, Reader
from lib.loader import load_report
from lib.model.choices import Filter
from lib.model.objective_choice import numeric_metrics
from lib.model.sweep import SWEEP
from lib.render.app_highlight import free_highlight, renew
from lib.render.app_selection import MOST_ROWS_SHOWN, chosen_runs, first_rows
from lib.render.app_text import prose
from lib.results.report import Report
from lib.sections.parallel_coordinates import CHART, QUARTILE, View
from lib.ui.axes_editor import axes_chosen, draw_editor, laid_out, move, show_part
from lib.ui.selection import highlighted_conditions
from lib.ui.selection_bar import highlighted_runs
from lib.ui.view import current_view

_CLICKED = "_clicked_run"


def draw_axes(report: Report) -> View | None:
    """Draw what is chosen of lines and axes, and return what is to be drawn; None where no run is used."""
    population = report.population
    # The picture goes on showing the runs that the selection leaves out, in grey, on axes that stay as they are.
    view = current_view()
    everything = load_report(view.request, replace(population.choices, filters=()), histories=view.histories)
    everyone = everything.population
    if not len(everyone.rows):
        return None
    columns = _columns(everything)
    with st.container(horizontal=True, vertical_alignment="bottom", key="asked-lines"):
        by, share = _draw_choices(columns, everyone.objective.metric)
        editor = st.popover("Axes: order, direction, scale", icon=":material/tune:")
    with editor:
        choices, problems = axes_chosen(everyone, columns)
        drawn = everything.once(laid_out, choices)
        draw_editor(report, choices, drawn)
    # Beside the controls, which may be closed.
    for problem in (*problems, *_shown_whole(choices, drawn)):
        st.warning(prose(problem), icon=":material/link_off:")
    best = best_part(population, share)
    highlighted = highlighted_runs(report)
    if highlighted is not None:
        best = best[highlighted[population.rows[best]]]
    listed = best[:MOST_ROWS_SHOWN]
    clicked = np.flatnonzero((population.runs["run_id"] == st.session_state.get(_CLICKED)).to_numpy())
    if len(clicked) and clicked[0] in best and clicked[0] not in listed:
        # Anyone who clicks the line of a run further down finds it at the head of the table.
        listed = np.concatenate([clicked, listed[:-1]])
    ids = population.runs["run_id"].iloc[listed].tolist()
    chosen = first_rows("used-runs", ids, np.flatnonzero(np.isin(listed, clicked)).tolist())
    return View(
        everything=everything,
        axes=drawn,
        by=by,
        kept=found_in(everyone, population, best),
        best=best,
        listed=listed,
        chosen=chosen,
        lifted=chosen_runs("used-runs", ids, chosen),
        reader=_reader(drawn, choices),
        highlighted=highlighted_conditions(),
        surface=DARK if st.context.theme.type == "dark" else LIGHT,
    )


def _shown_whole(choices: Sequence[AxisChoice], drawn: Sequence[Axis]) -> list[str]:
    """Say which axes show all of their values, although a part was asked for."""
    return [
        f"All values of {choice.name} are shown: fewer than two lie in the part {choice.text!r}, or all do."
        for choice, axis in zip(choices, drawn, strict=True)
        if choice.shown and axis.shown is None
    ]


def _columns(everything: Report) -> list[str]:
    population = everything.population
    searched = (p.name for p in population.parameters if p.role == "searched")
    sweeps = (SWEEP,) if population.sweeps is not None else ()
    derived = (d.name for d in everything.sweep.derived)
    return list(dict.fromkeys([*searched, *derived, *sweeps, *numeric_metrics(everything.sweep)]))


def _draw_choices(columns: Sequence[str], metric: str) -> tuple[str, int]:
    """Draw what colours the lines, and how many of the runs are drawn; return both, the share in percent."""
    by = st.selectbox(
        "Colour by",
        ["value", *(c for c in columns if c != metric)],
        index=None,
        key="color",
        bind="query-params",
        placeholder=f"quarters of {metric}",
        format_func=lambda c: f"{metric} itself" if c == "value" else c,
        width=280,
    )
    best = st.segmented_control(
        "Show the best",
        ["all", "50%", "25%", "10%", "5%"],
        default="all",
        required=True,
        key="best",
        bind="query-params",
    )
    return by or QUARTILE, 100 if best in (None, "all") else int(best.rstrip("%"))


def _reader(drawn: Sequence[Axis], choices: Sequence[AxisChoice]) -> Reader:
    """Return what reads the gestures in the chart: the last one takes the ones before it out of what is picked."""

    def read(picked: Picked) -> list[Filter]:
        points = picked.get(PICKED) or []
        st.session_state[_CLICKED] = points[0].get("id") if points else None
        if any(picked.get(one) for one in (HELD, GRABBED)):
            return _of_axes(picked, drawn, choices)
        for point in picked.get(CLEARED) or []:
            if (at := _axis_at(drawn, point)) is not None:
                free_highlight(drawn[at].name)
                if choices[at].shown:
                    show_part(choices, at, None)
                    renew(CHART)
            return []
        found = _brushed(picked, drawn)
        return [found] if found else []

    return read


def _of_axes(picked: Picked, drawn: Sequence[Axis], choices: Sequence[AxisChoice]) -> list[Filter]:
    """Move an axis that was dragged by its name, or show a part of one that was dragged by an end; no filter."""
    for first, last in zip(picked.get(GRABBED) or [], picked.get(DROPPED) or [], strict=False):
        at, to = _axis_at(drawn, first, "axis"), _axis_at(drawn, last)
        if at is not None and to is not None and at != to:
            move(choices, at, to)
            # What was done would be done again with the next gesture.
            renew(CHART)
    for first, last in zip(picked.get(HELD) or [], picked.get(RELEASED) or [], strict=False):
        at = _axis_at(drawn, first)
        if at is not None and at == _axis_at(drawn, last) and isinstance(place := last.get("y"), (int, float)):
            shown = drawn[at].narrowed_to(float(place), upper=bool(first.get("upper")))
            if shown is not None:
                show_part(choices, at, shown)
                renew(CHART)
    return []


def _brushed(picked: Picked, drawn: Sequence[Axis]) -> Filter | None:
    """Turn a drag along an axis, or a click on a level, into its filter."""
    for point in picked.get(LABELLED) or []:
        at, place = _axis_at(drawn, point), point.get("y")
        if at is not None and isinstance(place, (int, float)):
            return drawn[at].filter_at(float(place))
    for first, last in zip(picked.get(PRESSED) or [], picked.get(RELEASED) or [], strict=False):
        at, low, high = _axis_at(drawn, first), first.get("y"), last.get("y")
        if at is not None and at == _axis_at(drawn, last):
            low, high = float(low), float(high)
            return (
                drawn[at].filter_at(low) if low == high else drawn[at].filter_between(*span_of(low, high, len(drawn)))
            )
    return None


def _axis_at(drawn: Sequence[Axis], point: Mapping[str, Any], field: str = "x") -> int | None:
    """Return which of the axes a point of the chart is on, by a field of it."""
    at = point.get(field)
    return int(at) if isinstance(at, (int, float)) and 0 <= at < len(drawn) else None
