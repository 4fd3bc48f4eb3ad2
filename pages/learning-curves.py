"""Learning curves: how the best runs learned against the rest, overfitting, and how early the ranking was known."""

import streamlit as st

from lib.analysis import learning_curves as curves_of
from lib.charts.learning_curves import MOST_LINES, axis_title, gap_chart, metric_chart, ranking_chart
from lib.model.numbers import count
from lib.report import headlines
from lib.report import learning_curves as words
from lib.ui.shell import current_view, open_section
from lib.ui.show import show_chart, show_folded_table, show_headline, show_note, show_table, show_text
from lib.ui.wandb_panel import ask_for_histories

MOST_OFFERED = 200

report = open_section("learning-curves")
population, objective = report.population, report.population.objective
show_headline(words.learning_curves_headline(report), headlines.objective_rule(report))
if curves_of.why_unavailable(population) is not None:
    if report.sweep.history.empty and current_view().request.wandb_addresses():
        st.button("Read the histories from W&B", on_click=ask_for_histories, icon=":material/download:", type="primary")
        show_note(f"One request for each of {count(len(report.sweep), 'run')}; what arrived is kept.")
    st.stop()

learned, metrics = report.learning_curves, curves_of.curve_metrics(population)
first = curves_of.first_metrics(population)
which, over = st.columns([3, 2])
chosen = which.multiselect(
    "Metrics", metrics, key="curve", bind="query-params", placeholder=", ".join(first), help="The first is drawn large."
)
shown = [metric for metric in chosen if metric in metrics] or first
axes = curves_of.axes_of(population, shown[0])
along = over.selectbox(
    "Over",
    axes,
    index=None,
    key="over",
    bind="query-params",
    placeholder=axis_title(axes[0]),
    format_func=axis_title,
)
runs, rest = st.columns([3, 2])
top = population.best_first[: population.choices.top]
labels = curves_of.run_labels(population)
picked = runs.multiselect(
    "Runs",
    [labels[row] for row in population.best_first[:MOST_OFFERED]],
    key="runs",
    bind="query-params",
    accept_new_options=True,
    placeholder=f"the best {len(top)}",
    help="Names or ids of runs. Up to five are told apart by colour.",
)
others = rest.segmented_control(
    "The other runs", ["quartiles", "faded"], default="quartiles", required=True, key="rest", bind="query-params"
)
rows, unknown = curves_of.rows_named(population, picked)
for name in unknown:
    show_note(f"No run that is used here is called {name}.")
named = len(rows) > 0
rows = rows if named else top
whose = "chosen" if named else "best"


def draw(metric: str) -> None:
    """Draw the curves of one metric, and the table behind them."""
    fitting = curves_of.axes_of(population, metric)
    axis = along if along in fitting else fitting[0]
    lower = curves_of.smaller_is_better(population, metric)
    behind = "the others faded" if others == "faded" else "the quartiles of the others"
    show_chart(
        report.picture(metric_chart, population, metric, axis, rows, lower, named=named, faded=others == "faded"),
        f"curves-{metric}",
        f"{metric} of the {whose} {len(rows)} runs over {words.axis_word(axis)}s, with {behind}.",
    )
    show_folded_table(
        f"The table behind {metric}",
        lambda: words.curves_table(report, curves_of.curves_along(population, metric, axis), rows),
        name=f"curves-{metric}",
        label=f"{metric} of the {whose} runs",
    )


draw(shown[0])
for at in range(1, len(shown), 2):
    for column, metric in zip(st.columns(2, gap="large"), shown[at : at + 2], strict=False):
        with column:
            draw(metric)
show_note(
    "A dot marks where a run's own best value was."
    + ("" if others == "faded" else " The band holds the middle half of the other runs, the dashed line their median.")
)
if len(rows) > MOST_LINES:
    show_note(f"The first {MOST_LINES} of {len(rows)} runs are drawn; the tables hold all.")
if learned is not None:
    show_table(
        words.best_places_table(report, learned, rows),
        "best-places",
        f"Where each of the {whose} runs was best",
        run_ids=population.runs["run_id"].iloc[rows].tolist(),
    )

pairs = curves_of.metric_pairs(metrics)
st.subheader("Overfitting", anchor=False)
if pairs:
    names = [pair.held_out for pair in pairs]
    pick = st.selectbox("Held-out metric", names, index=None, key="gap", bind="query-params", placeholder=names[0])
    gap = report.once(curves_of.gap, pairs[names.index(pick) if pick in names else 0])
    show_text(words.gap_sentence(report, gap))
    show_chart(
        report.picture(gap_chart, gap, int(population.best_first[0])),
        "gap",
        f"How much worse {gap.pair.held_out} is than {gap.pair.trained} along the runs: median, quartiles, best run.",
    )
    show_folded_table(
        "The table behind the gap", words.gap_table, gap, name="gap", label="Gap between training and held-out data"
    )
else:
    show_text("No metric was logged both in training and on held-out data (such as loss and val_loss).")

if learned is not None:
    st.subheader("Runs that ended early", anchor=False)
    show_text(words.stopped_sentence(report, learned))
    if len(learned.stopped):
        show_folded_table(
            "Which they are", words.stopped_table, report, learned, name="ended-early", label="Runs that ended early"
        )

    st.subheader("How early the final ranking could have been known", anchor=False)
    show_text(words.ranking_sentence(report))
    ranks, rule = report.rank_curve, report.early_stopping
    if ranks is not None:
        show_chart(
            report.picture(ranking_chart, ranks, learned.curves.steps.axis, rule),
            "ranking",
            f"Spearman correlation of {objective.metric} along the runs with its final value, with its 95% band.",
        )
        show_folded_table(
            "The table behind the ranking",
            words.ranking_table,
            ranks,
            learned.curves.steps.axis,
            name="ranking",
            label="Correlation with the end",
        )
    show_text(words.early_stopping_sentence(report))
    if rule is not None:
        st.code(words.early_terminate_yaml(rule), language="yaml")
