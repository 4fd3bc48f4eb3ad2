"""Interactions: which pairs of hyperparameters act together beyond their single effects, and how."""

import streamlit as st

from lib.analysis.interactions import heat_map
from lib.charts.interactions import heat_map_chart, pairs_chart
from lib.report import headlines, tables
from lib.ui.shell import open_section
from lib.ui.show import show_chart, show_folded_table, show_headline, show_note, show_text

report = open_section("interactions")
population, objective = report.population, report.population.objective
show_headline(headlines.interactions_headline(report), headlines.objective_rule(report))
pairs = [pair for pair in report.interactions if pair.score is not None]
if not pairs:
    st.stop()

show_chart(
    report.picture(pairs_chart, pairs),
    "pairs",
    f"How much each of {len(pairs)} pairs of hyperparameters adds to their single effects, with 95% intervals.",
)
show_note("Filled where clear after correction (Holm over all pairs).")
show_folded_table(
    "The table behind the chart",
    tables.interactions_table,
    report,
    name="interactions",
    label="Pairs of hyperparameters and how they act together",
)

st.subheader("The objective over two at once", anchor=False)
names = [f"{pair.first} × {pair.second}" for pair in pairs]
chosen = st.selectbox("Pair", names, index=None, key="pair", bind="query-params", placeholder=f"strongest: {names[0]}")
pair = pairs[names.index(chosen)] if chosen in names else pairs[0]
cells = report.once(heat_map, pair.first, pair.second)
show_text(headlines.pair_sentence(pair))
show_chart(
    report.picture(heat_map_chart, cells, objective),
    "heat-map",
    f"Mean {objective.metric} over {pair.first} and {pair.second}, with the number of runs in each cell.",
)
show_note("Numbers count the runs of a cell; where there is none, the cell stays empty.")
show_folded_table(
    "The table behind the heat map",
    tables.heat_map_table,
    cells,
    name="heat-map",
    label=f"Mean objective by {pair.first} and {pair.second}",
)
