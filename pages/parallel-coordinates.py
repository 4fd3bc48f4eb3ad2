"""Parallel coordinates: all runs at once, one axis a hyperparameter, the objective last."""

import streamlit as st

from lib.analysis.axes import axes
from lib.charts.parallel_coordinates import MOST_LINES, parallel_coordinates_chart
from lib.report import headlines, tables
from lib.ui.shell import open_section
from lib.ui.show import show_chart, show_headline, show_note, show_table

report = open_section("parallel-coordinates")
population = report.population
show_headline(headlines.parallel_coordinates_headline(report), headlines.objective_rule(report))
if not population.ledger.used:
    st.stop()

by = st.segmented_control(
    "Colour by", ["quartile", "value"], default="quartile", required=True, key="color", bind="query-params"
)
laid_out = axes(population)
show_chart(
    parallel_coordinates_chart(population, laid_out, by or "quartile"),
    "parallel-coordinates",
    f"Parallel coordinates of {population.ledger.used} runs over {len(laid_out)} axes, coloured by the objective.",
)
if population.ledger.used > MOST_LINES:
    show_note(
        f"{MOST_LINES} of {population.ledger.used:,} runs are drawn: the best {MOST_LINES // 5}, "
        "and of the others an even choice by rank."
    )
for axis in laid_out:
    if axis.missing:
        show_note(f"{axis.missing:,} runs have no value of {axis.name}; they pass its axis at the tick “missing”.")

st.subheader("The runs behind the lines", anchor=False)
show_table(tables.used_runs_table(report), "used-runs", "The used runs, best first", links=["address"])
