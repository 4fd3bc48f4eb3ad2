"""Learning curves: how the best runs learned against the rest, overfitting, and how early the ranking was known."""

import streamlit as st

from lib.analysis import learning_curves as curves_of
from lib.charts.learning_curves import axis_title, curves_chart, gap_chart, ranking_chart
from lib.report import headlines
from lib.report import learning_curves as words
from lib.search_space import likely_minimized
from lib.ui.shell import open_section
from lib.ui.show import show_chart, show_headline, show_note, show_table, show_text

report = open_section("learning-curves")
population, objective = report.population, report.population.objective
show_headline(words.learning_curves_headline(report), headlines.objective_rule(report))
if curves_of.why_unavailable(population) is not None:
    st.stop()

learned, metrics = report.learning_curves, curves_of.curve_metrics(population)
which, over = st.columns([3, 2])
chosen = which.selectbox("Metric", metrics, index=None, key="curve", bind="query-params", placeholder=metrics[0])
metric = chosen if chosen in metrics else metrics[0]
axes = curves_of.axes_of(population, metric)
along = over.selectbox(
    "Over",
    axes,
    index=None,
    key="over",
    bind="query-params",
    placeholder=axis_title(axes[0]),
    format_func=axis_title,
)
axis = along if along in axes else axes[0]
drawn = curves_of.curves(population, curves_of.steps_of(population, metric, axis), metric)
top = population.best_first[: population.choices.top]
lower = objective.sign < 0 if metric == objective.metric else likely_minimized(metric)
show_chart(
    curves_chart(population, drawn, top, "lower" if lower else "higher"),
    "learning-curves",
    f"{metric} of the best {len(top)} runs over {words.axis_word(axis)}s, with the quartiles of the other runs.",
)
show_note("The dot marks where a run's own best value was; the band holds the middle half of the other runs.")
with st.expander("The table behind the chart"):
    show_table(words.curves_table(report, drawn, top), "learning-curves", f"{metric} of the top runs")
if learned is not None:
    show_table(words.best_places_table(report, learned), "best-places", "Where each top run was best")

pairs = curves_of.metric_pairs(metrics)
st.subheader("Overfitting", anchor=False)
if pairs:
    names = [pair.held_out for pair in pairs]
    pick = st.selectbox("Held-out metric", names, index=None, key="gap", bind="query-params", placeholder=names[0])
    gap = curves_of.gap(population, pairs[names.index(pick) if pick in names else 0])
    show_text(words.gap_sentence(report, gap))
    show_chart(
        gap_chart(gap, int(population.best_first[0])),
        "gap",
        f"How much worse {gap.pair.held_out} is than {gap.pair.trained} along the runs: median, quartiles, best run.",
    )
    with st.expander("The table behind the gap"):
        show_table(words.gap_table(gap), "gap", "Gap between training and held-out data")
else:
    show_text("No metric was logged both in training and on held-out data (such as loss and val_loss).")

if learned is not None:
    st.subheader("Runs that ended early", anchor=False)
    show_text(words.stopped_sentence(report, learned))
    if len(learned.stopped):
        with st.expander("Which they are"):
            show_table(words.stopped_table(report, learned), "ended-early", "Runs that ended early")

    st.subheader("How early the final ranking could have been known", anchor=False)
    show_text(words.ranking_sentence(report))
    ranks, rule = report.rank_curve, report.early_stopping
    if ranks is not None:
        show_chart(
            ranking_chart(ranks, learned.curves.steps.axis, rule),
            "ranking",
            f"Spearman correlation of {objective.metric} along the runs with its final value, with its 95% band.",
        )
        with st.expander("The table behind the ranking"):
            show_table(words.ranking_table(ranks, learned.curves.steps.axis), "ranking", "Correlation with the end")
    show_text(words.early_stopping_sentence(report))
    if rule is not None:
        st.code(words.early_terminate_yaml(rule), language="yaml")
