"""Parallel coordinates: all runs at once, one axis a hyperparameter, the objective last; brush axes to keep runs."""

from dataclasses import replace

import numpy as np
import streamlit as st

from lib.analysis.axes import best_part, brushed_filters, found_in
from lib.charts.palette import DARK, LIGHT
from lib.charts.parallel_coordinates import BRUSH, MOST_LINES, PICKED, parallel_coordinates_chart
from lib.loader import load_report
from lib.model.numbers import count
from lib.model.objective_choice import numeric_metrics
from lib.model.sweep import SWEEP, Filter
from lib.report import headlines, tables
from lib.ui.axes_editor import axes_chosen, draw_editor, laid_out
from lib.ui.selection import Picked, chosen_runs
from lib.ui.shell import current_view, open_section
from lib.ui.show import MOST_ROWS_SHOWN, show_chart, show_headline, show_note, show_table

report = open_section("parallel-coordinates")
population, objective = report.population, report.population.objective
# The picture goes on showing the runs that the selection leaves out, in grey, on axes that stay as they are.
view = current_view()
everything = load_report(view.request, replace(population.choices, filters=()), histories=view.histories)
everyone = everything.population
show_headline(headlines.parallel_coordinates_headline(everything), headlines.objective_rule(report))
if not len(everyone.rows):
    st.stop()

searched = (p.name for p in everyone.parameters if p.role == "searched")
sweeps = (SWEEP,) if everyone.sweeps is not None else ()
derived = (d.name for d in report.sweep.derived)
columns = list(dict.fromkeys([*searched, *derived, *sweeps, *numeric_metrics(report.sweep)]))
with st.container(horizontal=True, vertical_alignment="bottom"):
    by = st.selectbox(
        "Colour by",
        ["value", *(c for c in columns if c != objective.metric)],
        index=None,
        key="color",
        bind="query-params",
        placeholder=f"quarters of {objective.metric}",
        format_func=lambda c: f"{objective.metric} itself" if c == "value" else c,
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
with st.expander("Axes: order, direction, scale", icon=":material/tune:"):
    choices = axes_chosen(everyone, columns)
    drawn = everything.once(laid_out, choices)
    draw_editor(report, choices, drawn)

first = best_part(population, 100 if best in (None, "all") else int(best.rstrip("%")))
kept = found_in(everyone, population, first)
listed = first[:MOST_ROWS_SHOWN]
clicked = np.flatnonzero((population.runs["run_id"] == st.session_state.get("_clicked_run")).to_numpy())
if len(clicked) and clicked[0] in first and clicked[0] not in listed:
    # Whoever clicks the line of a run further down finds it at the head of the table.
    listed = np.concatenate([clicked, listed[:-1]])
run_ids = population.runs["run_id"].iloc[listed].tolist()
clicked_rows = np.flatnonzero(np.isin(listed, clicked)).tolist()


def brushed(picked: Picked) -> list[Filter]:
    """Turn the brush into a filter of each axis that it crosses; a click on a line chooses its row in the table."""
    points = picked.get(PICKED) or []
    st.session_state["_clicked_run"] = points[0].get("id") if points else None
    across, along = (picked.get(BRUSH) or {}).get("x"), (picked.get(BRUSH) or {}).get("y")
    if not across or not along:
        return []
    return brushed_filters(drawn, across, along)


show_chart(
    everything.picture(
        parallel_coordinates_chart,
        everyone,
        drawn,
        by or "quartile",
        kept=kept,
        lifted=chosen_runs("used-runs", run_ids, clicked_rows),
        filters=population.choices.filters,
        pickable=True,
        surface=DARK if st.context.theme.type == "dark" else LIGHT,
    ),
    "parallel",
    # The same whatever is kept: another text would have the browser draw the chart anew.
    f"Parallel coordinates of {len(everyone.rows)} runs over {len(drawn)} axes; the table beneath lists the kept ones.",
    brushed,
    selections=(BRUSH, PICKED),
    renew=False,
)
show_note(
    "Drag along an axis to keep the runs that pass there; brushes add up, and each is a chip on top. "
    "Point at a line to read its run; click it to find it in the table, or choose rows there to lift their lines."
)
if kept.sum() > MOST_LINES:
    show_note(f"{MOST_LINES} of the {int(kept.sum()):,} kept runs are drawn: the best, and an even choice by rank.")
for axis in drawn:
    if axis.missing:
        show_note(f"{count(axis.missing, 'run')} without a value of {axis.name} pass its axis at the tick “missing”.")

st.subheader("The runs behind the lines", anchor=False)
show_table(
    tables.used_runs_table(report, listed),
    "used-runs",
    "The kept runs, best first",
    links=["address"],
    run_ids=run_ids,
    first_chosen=clicked_rows,
    whole=lambda: tables.used_runs_table(report, first),
    rows=len(first),
)
