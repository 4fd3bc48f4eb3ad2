"""Hyperparameter impact: discrete and categorical ones level by level, then continuous ones along their range."""

from dataclasses import replace

import streamlit as st

from lib.analysis.surrogate import partial_dependence
from lib.charts.impact import drawn_note, level_chart, levels_drawn, levels_note, partial_dependence_chart, trend_chart
from lib.report import headlines, tables
from lib.report.drawn import drawn
from lib.ui.selection import levels, ranges
from lib.ui.shell import open_section
from lib.ui.show import show_chart, show_folded_table, show_heading, show_headline, show_note, show_table, show_text

report = open_section("hyperparameter-impact")
population, objective = report.population, report.population.objective
show_headline(headlines.impact_headline(report), headlines.objective_rule(report))
show_note(headlines.sampling_caveat(report))
if not population.ledger.used or not population.searched:
    st.stop()
show_table(tables.effects_table(report), "effects", "Each hyperparameter's effect, adjusted for the others that matter")
shown = drawn(report)
if shown.left:
    also = st.selectbox("Show another", shown.left, index=None, key="another", bind="query-params")
    show_note(shown.note)
    shown = drawn(report, [also] if also else [])

if shown.discrete:
    st.subheader("A. Discrete and categorical", anchor=False)
    show_note("Click a box to keep its runs alone, on every page.")
for impact in shown.discrete:
    show_heading(impact.parameter)
    show_text(headlines.discrete_sentence(report, impact))
    for caution in headlines.confounding_sentences(report, impact.parameter):
        show_note(caution)
    show_chart(
        report.picture(level_chart, population, impact, pickable=True),
        f"levels-{impact.parameter}",
        f"Box plot of {objective.metric} by {impact.parameter} ({len(impact.groups)} levels), with the runs over it.",
        levels(impact.parameter, levels_drawn(impact)),
    )
    show_note(levels_note(impact))
    show_note(headlines.missing_note(impact.missing, impact.parameter))
    show_table(tables.levels_table(impact), f"levels-{impact.parameter}", f"{objective.metric} by {impact.parameter}")
    if impact.pairs:
        show_folded_table(
            "Level against level",
            tables.pairs_table,
            impact,
            name=f"pairs-{impact.parameter}",
            label="Pairs of levels (Mann-Whitney, Holm)",
        )

if shown.continuous:
    st.subheader("B. Continuous", anchor=False)
    show_note("Drag over a chart to keep the runs within, on every page.")
for impact in shown.continuous:
    show_heading(impact.parameter)
    show_text(headlines.continuous_sentence(report, impact))
    scale = st.segmented_control(
        "Axis",
        ["as searched", "linear", "log"],
        default="as searched",
        required=True,
        key=f"scale-{impact.parameter}",
        bind="query-params",
    )
    along_axis = replace(impact, scale=scale) if scale in ("linear", "log") else impact
    show_chart(
        report.picture(trend_chart, population, along_axis, pickable=True),
        f"trend-{impact.parameter}",
        f"{objective.metric} of {impact.n} runs against {impact.parameter}, with the mean of {len(impact.trend)} "
        "equal-count bins and its 95% interval.",
        ranges(x=(impact.parameter, population.numbers(impact.parameter)), y=(objective.metric, population.values)),
    )
    show_note(drawn_note(objective, impact.n))
    show_note(headlines.missing_note(impact.missing, impact.parameter))
    show_folded_table(
        "The table behind the chart",
        tables.bins_table,
        impact,
        name=f"bins-{impact.parameter}",
        label=f"{objective.metric} by bins of {impact.parameter}",
    )

st.subheader("What a model of the runs says", anchor=False)
show_text(headlines.dependence_sentence(report))
important = [i.parameter for i in report.surrogate.parameters] if report.surrogate.trusted else []
if important:
    along = st.selectbox(
        "Along", important, index=None, key="along", bind="query-params", placeholder=f"most important: {important[0]}"
    )
    name = along if along in important else important[0]
    parameter = next(p for p in population.searched if p.name == name)
    dependence = report.once(partial_dependence, parameter.name)
    show_chart(
        report.picture(partial_dependence_chart, dependence, population, parameter.numeric, parameter.scale),
        "partial-dependence",
        f"Mean {objective.metric} that a random forest predicts along {parameter.name}, with its 95% band.",
    )
    show_note("Averaged over the other hyperparameters as the runs have them; the band is how much refits differ.")
    show_folded_table(
        "The table behind the model's chart",
        tables.dependence_table,
        dependence,
        name="partial-dependence",
        label=f"Predicted mean along {parameter.name}",
    )
