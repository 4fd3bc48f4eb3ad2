"""Overview: what was searched, how, for what; how many runs of each state; the objective over time."""

import streamlit as st

from lib.charts.marks import sweep_colours
from lib.charts.progress import progress_chart
from lib.model.numbers import duration, number
from lib.report import headlines, source_tables
from lib.ui.selection import ranges
from lib.ui.shell import current_view, open_section
from lib.ui.show import show_chart, show_folded_table, show_headline, show_note, show_table, show_text

report = open_section("overview")
objective, ledger, summary = report.population.objective, report.population.ledger, report.overview
if current_view().on_the_sample:
    st.info(
        "Sweep Report reads a W&B hyperparameter sweep and says which run was best, what mattered, and what to sweep "
        "next. You are looking at a sample; open your own sweep at the top of the sidebar.",
        icon=":material/waving_hand:",
    )
show_headline(headlines.overview_headline(report), headlines.objective_rule(report))

best = number(report.progress["best_so_far"].iloc[-1]) if ledger.used else "–"
with st.container(horizontal=True, gap="large"):
    st.metric("Best value", best, width="content")
    st.metric("Runs used", f"{ledger.used:,}", width="content")
    st.metric("Runs in all", f"{ledger.total:,}", width="content")
    st.metric("Compute time", duration(summary.compute_seconds) if summary.runs_timed else "–", width="content")

if ledger.used:
    st.subheader("The objective over time", anchor=False)
    show_chart(
        report.picture(
            progress_chart, report.progress, objective, pickable=True, sweeps=sweep_colours(report.population)
        ),
        "progress",
        f"{objective.metric} of {ledger.used} runs in order of creation, with the best so far as a line; "
        f"it ends at {number(report.progress['best_so_far'].iloc[-1])}.",
        ranges(y=(objective.metric, report.population.values)),
    )
    show_note("Drag up or down over the chart to keep the runs of a range of the objective, on every page.")
    show_folded_table(
        "The table behind the chart",
        lambda: report.progress,
        name="objective-over-time",
        label="The objective of each run in order of creation",
    )

st.subheader("Headline finding", anchor=False)
show_text(headlines.impact_headline(report))

st.subheader("Search space", anchor=False)
searched, fixed = st.columns([3, 2], gap="large")
with searched:
    show_table(source_tables.search_space_table(report, "searched"), "search-space", "Searched hyperparameters")
    show_note(headlines.coverage_sentence(report))
with fixed:
    st.caption("Fixed in every run")
    show_table(source_tables.search_space_table(report, "fixed"), "fixed-parameters", "Fixed hyperparameters")
if summary.early_terminate:
    show_note(f"Runs were stopped early by: {summary.early_terminate}.")

st.subheader("Runs by state", anchor=False)
show_table(source_tables.states_table(report), "runs-by-state", "Runs by state")
