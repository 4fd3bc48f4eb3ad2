"""Trade-off: the objective against a second metric, the runs that no other beats in both, and what trades them."""

import streamlit as st

from lib.analysis import another_objective, trade_off
from lib.charts.trade_off import trade_off_chart, trades_chart
from lib.model.sweep import goal_of
from lib.report import headlines
from lib.report import trade_off as words
from lib.ui.shell import open_section
from lib.ui.show import show_chart, show_headline, show_note, show_table, show_text
from lib.ui.sidebar import AUTOMATIC

report = open_section("trade-off")
population, objective = report.population, report.population.objective
why = trade_off.why_unavailable(population)
if why is not None:
    show_headline(why, headlines.objective_rule(report))
    st.stop()

headline = st.container()
metrics, opposed = another_objective.other_metrics(population), report.once(trade_off.most_opposed)
which, way = st.columns([3, 2])
chosen = which.selectbox(
    "Second metric",
    metrics,
    index=None,
    key="second",
    bind="query-params",
    placeholder=f"most opposed: {opposed}",
)
metric = chosen if chosen in metrics else opposed
guessed = another_objective.goal_in(population, metric)
wanted = way.segmented_control(
    "Better is",
    [AUTOMATIC, "maximize", "minimize"],
    default=AUTOMATIC,
    required=True,
    key="second-goal",
    bind="query-params",
    help="Auto goes by the metric's name.",
)
found = report.once(trade_off.trade_off, metric, goal_of(wanted) or guessed)
with headline:
    show_headline(words.trade_off_headline(report, found), headlines.objective_rule(report))
if not len(found.runs):
    st.stop()

show_chart(
    report.picture(trade_off_chart, population, found),
    "trade-off",
    f"{objective.metric} against {metric} of {len(found.runs)} runs; {len(found.front)} of them on the Pareto front.",
)
show_note("The line joins the Pareto front: runs that no other is at least as good as in both and better in one.")
show_note(words.rule_note(found))
show_text(words.agreement_sentence(found) or "")

st.subheader("The runs on the front", anchor=False)
on_front = population.runs["run_id"].iloc[found.runs[found.front]].tolist()
show_table(words.front_table(report, found), "front", "Runs on the Pareto front", links=["address"], run_ids=on_front)

st.subheader("What trades one for the other", anchor=False)
show_text(words.trades_sentence(found))
trades = report.picture(trades_chart, found)
if trades is not None:
    show_chart(trades, "trades", f"Spearman of each numeric hyperparameter with {objective.metric} and with {metric}.")
    show_note("Dots on both sides of zero: a larger value is better for one metric and worse for the other.")
    show_table(words.trades_table(found), "trades", "Each hyperparameter with both metrics")
