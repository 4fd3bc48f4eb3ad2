"""Compare: several sweeps side by side: what they reached, at what effort, and what they searched."""

import streamlit as st

from lib.analysis.comparison import why_unavailable
from lib.charts.comparison import HOURS, RUNS, distributions_chart, effort_chart, ranges_chart
from lib.model.numbers import number
from lib.report import comparison as words
from lib.report import headlines
from lib.ui.shell import open_section
from lib.ui.show import show_chart, show_folded_table, show_headline, show_note, show_table, show_text

report = open_section("compare")
objective, compared = report.population.objective, report.comparison
show_headline(words.comparison_headline(report), headlines.objective_rule(report))
if compared is None or compared.target is None:
    if why_unavailable(report.population):
        show_text("Name several in “Open your own sweep”, or on the command line; runs are joined by their sweep.")
    st.stop()

show_note(words.objectives_note(report, compared))
show_chart(
    report.picture(distributions_chart, compared, objective),
    "distributions",
    f"{objective.metric} of the runs of {len(compared.sides)} sweeps, with quartiles and the best run of each.",
)
show_note("Box: the middle half of the runs; diamond: the best run.")
show_table(words.sides_table(report, compared), "sweeps", "The sweeps side by side", links=["address"])
show_text(words.equal_runs_sentence(report, compared))
if compared.left_out:
    show_note(f"{compared.left_out:,} further sweeps with fewer runs are not compared here.")

st.subheader("Effort to reach a value", anchor=False)
value = st.number_input(
    "Value to reach",
    value=None,
    step=None,
    format="%.6g",
    key="reach",
    bind="query-params",
    placeholder=f"{number(compared.target)}: what all of them reached",
    width=360,
)
show_text(words.effort_sentence(report, compared, value))
against_runs, against_hours = st.columns(2, gap="large")
with against_runs:
    show_chart(
        report.picture(effort_chart, compared, objective, RUNS, value),
        "effort-runs",
        f"Best {objective.metric} so far of each sweep against its number of runs.",
    )
with against_hours:
    show_chart(
        report.picture(effort_chart, compared, objective, HOURS, value),
        "effort-hours",
        f"Best {objective.metric} so far of each sweep against its hours of compute.",
    )
show_note("Dashed: the value to reach. Hours add up the runtimes of all runs, crashed ones too.")
show_folded_table(
    "The table behind the charts",
    words.effort_table,
    compared,
    name="effort",
    label="Best so far of each sweep, run by run",
)

st.subheader("The best runs of all together", anchor=False)
show_table(
    words.joint_top_table(report, compared),
    "joint-top",
    "Best runs of all sweeps",
    links=["address"],
    run_ids=report.population.runs["run_id"].iloc[compared.top].tolist(),
)

st.subheader("What each one searched", anchor=False)
show_text(words.ranges_sentence(compared))
ranges = report.picture(ranges_chart, compared)
if ranges is not None:
    show_chart(ranges, "ranges", "Range of each numeric hyperparameter in each sweep, and that of its best runs.")
    show_note("Wide bars: searched or observed; narrow ones: where the sweep's best runs lie.")
show_table(words.ranges_table(compared), "ranges", "Each hyperparameter's range in each sweep")
