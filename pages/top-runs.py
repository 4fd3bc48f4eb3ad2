"""Top runs: the best N with their hyperparameters and chosen metrics, and what they have in common."""

import streamlit as st

from lib.charts.top_runs import top_runs_chart
from lib.model.objective_choice import numeric_metrics
from lib.report import headlines, tables
from lib.ui.shell import open_section
from lib.ui.show import show_chart, show_headline, show_note, show_table

report = open_section("top-runs")
objective = report.population.objective
show_headline(headlines.top_runs_headline(report), headlines.objective_rule(report))
if not report.top_runs:
    st.stop()

show_chart(
    report.picture(top_runs_chart, report.population, report.top_runs),
    "top-runs",
    f"Where the best {len(report.top_runs)} runs lie within the range of each hyperparameter, against all other runs.",
)
show_note("Each row is one hyperparameter from its lowest to its highest value tried; the rest of the runs in grey.")

others = [name for name in numeric_metrics(report.sweep) if name != objective.metric]
metrics = st.multiselect("Metrics to show beside", others, default=[], key="metrics", bind="query-params")
show_table(
    tables.top_runs_table(report, metrics),
    "top-runs",
    "The best runs",
    links=["address"],
    run_ids=[run.run_id for run in report.top_runs],
)

st.subheader("What they have in common", anchor=False)
show_table(
    tables.shared_table(report), "top-runs-shared", "What the top runs have of each hyperparameter, and the rest"
)
show_note(
    "Adjusted p: Mann-Whitney or Fisher's exact test, Holm over hyperparameters. It describes these runs, which were "
    "picked for their result; claims of effect stand under Hyperparameter impact."
)
