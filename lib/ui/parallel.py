"""What only the app has of parallel coordinates: the axes' controls, the brush, and the lines of chosen rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from lib.analysis.axes import Axis, best_part, found_in
from lib.charts.palette import DARK, LIGHT
from lib.charts.parallel_coordinates import CLEARED, PICKED, PRESSED, RELEASED, span_of
from lib.charts.picks import Picked, Reader
from lib.loader import load_report
from lib.model.choices import Filter
from lib.model.objective_choice import numeric_metrics
from lib.model.sweep import SWEEP
from lib.render.app_highlight import free_highlight
from lib.render.app_selection import MOST_ROWS_SHOWN, chosen_runs, first_rows
from lib.results.report import Report
from lib.sections.parallel_coordinates import QUARTILE, View
from lib.ui.axes_editor import axes_chosen, draw_editor, laid_out
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
        choices = axes_chosen(everyone, columns)
        drawn = everything.once(laid_out, choices)
        draw_editor(report, choices, drawn)
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
        reader=_reader(drawn),
        highlighted=highlighted_conditions(),
        surface=DARK if st.context.theme.type == "dark" else LIGHT,
    )


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


def _reader(drawn: Sequence[Axis]) -> Reader:
    def brushed(picked: Picked) -> list[Filter]:
        """Turn a drag along an axis into its filter; a click chooses a line's row, a double click frees an axis."""
        points = picked.get(PICKED) or []
        st.session_state[_CLICKED] = points[0].get("id") if points else None
        for point in picked.get(CLEARED) or []:
            if (axis := _axis_at(drawn, point)) is not None:
                free_highlight(axis.name)
            return []
        for first, last in zip(picked.get(PRESSED) or [], picked.get(RELEASED) or [], strict=False):
            axis, low, high = _axis_at(drawn, first), first.get("y"), last.get("y")
            if axis is None or axis is not _axis_at(drawn, last) or low == high:
                continue
            found = axis.filter_between(*span_of(float(low), float(high), len(drawn)))
            return [found] if found else []
        return []

    return brushed


def _axis_at(drawn: Sequence[Axis], point: Mapping[str, Any]) -> Axis | None:
    at = point.get("x")
    return drawn[int(at)] if isinstance(at, (int, float)) and 0 <= at < len(drawn) else None
