"""Best run: its value and hyperparameters, where it stands among the runs, and which runs can't be told from it."""

import streamlit as st

from lib.charts.distribution import distribution_chart
from lib.model.numbers import number
from lib.report import headlines, tables
from lib.report.copies import as_python, as_yaml
from lib.ui.selection import ranges
from lib.ui.shell import open_section
from lib.ui.show import MOST_ROWS_SHOWN, show_chart, show_headline, show_note, show_table, show_text

report = open_section("best-run")
best, objective = report.best_run, report.population.objective
show_headline(headlines.best_run_headline(report), headlines.objective_rule(report))
if best is None:
    st.stop()

with st.container(horizontal=True, gap="large"):
    st.metric("Value", number(best.value), help=repr(best.value), width="content")
    less_luck = "Drawn towards what the other runs make likely."
    st.metric("Less its luck", number(best.expected), help=less_luck, width="content")
    noise = number(best.noise.sd) if best.noise else "–"
    st.metric("Noise of one run", noise, help="Standard deviation.", width="content")
    st.metric("Other runs in its tie set", f"{len(best.tied_run_ids):,}", width="content")
show_text(headlines.noise_sentence(report))
if best.url:
    st.link_button("Open the run on W&B", best.url, icon=":material/open_in_new:")

st.subheader("Where it stands", anchor=False)
values = report.population.values
tie_end = headlines.tie_end(report)
show_chart(
    report.picture(distribution_chart, values, best.value, tie_end, objective, pickable=True),
    "distribution",
    f"Histogram of {objective.metric} over {len(values)} runs; the best, {number(best.value)}, is marked.",
    ranges(x=(objective.metric, values)),
)
show_note("Drag along the chart to keep the runs of a range on every page.")

if report.repeats is not None:
    st.subheader("Repeats", anchor=False)
    show_text(headlines.repeats_sentence(report) or "")
    show_table(tables.repeats_table(report), "repeats", "Configurations that were run more than once, best mean first")
    show_note("The interval is of the mean, by Student's t from the configuration's own runs.")

st.subheader("Its hyperparameters", anchor=False)
as_config, as_dict = st.tabs(["YAML", "Python"])
as_config.code(as_yaml(best.parameters, best.fixed), language="yaml")
as_dict.code(as_python(best.parameters, best.fixed), language="python")

st.subheader("Its metrics", anchor=False)
show_table(tables.metrics_table(report), "best-run-metrics", "All metrics of the best run")

st.subheader("Its tie set", anchor=False)
show_table(
    tables.tie_table(report, MOST_ROWS_SHOWN),
    "tie-set",
    "Runs that can't be told from the best",
    links=["address"],
    run_ids=[best.run_id, *best.tied_run_ids],
    whole=lambda: tables.tie_table(report),
    rows=len(best.tied_run_ids) + 1,
)
show_note(headlines.tie_note(report))
