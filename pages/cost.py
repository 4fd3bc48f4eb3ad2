"""Cost: what the runs took, whether longer ones did better, what makes them long, and what ran when."""

import streamlit as st

from lib.charts.cost import MOST_BARS, best_per_hour_chart, parallel_chart, timeline_chart
from lib.charts.impact import level_chart, trend_chart
from lib.charts.trade_off import trade_off_chart
from lib.report import cost as words
from lib.report import headlines
from lib.ui.shell import open_section
from lib.ui.show import show_chart, show_folded_table, show_heading, show_headline, show_note, show_table, show_text

report = open_section("cost")
population, objective, found = report.population, report.population.objective, report.cost
show_headline(words.cost_headline(report), headlines.objective_rule(report))
if found is None:
    st.stop()

show_table(words.states_table(found), "cost-by-state", "Compute by run state")

st.subheader("The objective against the runtime", anchor=False)
show_text(words.runtime_sentence(report, found))
if found.against is not None:
    show_chart(
        report.picture(trade_off_chart, population, found.against),
        "objective-runtime",
        f"{objective.metric} against the runtime in seconds of {found.n} runs, with the Pareto front.",
    )
    show_note("The line joins the runs that no other beats in both; the Trade-off page lists them.")

st.subheader("The best value for the compute", anchor=False)
show_text(words.best_value_sentence(report, found))
show_chart(
    report.picture(best_per_hour_chart, found.effort, objective),
    "best-per-hour",
    f"Best {objective.metric} so far against hours of compute.",
)
show_note("Hours add up the runtimes of all runs in order of creation, those that are left out here too.")
show_folded_table(
    "The table behind the chart",
    words.best_per_hour_table,
    found,
    name="best-per-hour",
    label="Best so far along the compute",
)

st.subheader("What a hyperparameter costs", anchor=False)
show_text(words.price_sentence(found))
for level in found.levels:
    show_heading(level.parameter)
    show_chart(
        report.picture(level_chart, found.timed, level),
        f"cost-{level.parameter}",
        f"Box plot of runtime in seconds by {level.parameter}.",
    )
for trend in found.trends:
    show_heading(trend.parameter)
    show_chart(
        report.picture(trend_chart, found.timed, trend),
        f"cost-{trend.parameter}",
        f"Runtime in seconds against {trend.parameter}.",
    )
show_table(words.price_table(found), "prices", "Each hyperparameter's effect on the runtime")

st.subheader("What ran when", anchor=False)
timeline = found.timeline
if timeline is None:
    show_text("The source doesn't state when its runs started and ended.")
    st.stop()
show_text(words.timeline_sentence(timeline))
show_chart(
    report.picture(timeline_chart, population, timeline),
    "timeline",
    f"When each of {len(timeline.rows)} runs ran, coloured by its state.",
)
if len(timeline.rows) <= MOST_BARS:
    show_chart(
        report.picture(parallel_chart, timeline), "parallel", f"How many runs ran at once; {timeline.most} at most."
    )
if timeline.gaps:
    show_note("The longest pauses in which nothing ran:")
    show_table(words.gaps_table(timeline), "pauses", "The longest pauses")
show_folded_table(
    "The table behind the timeline", words.timeline_table, report, timeline, name="timeline", label="When each run ran"
)
