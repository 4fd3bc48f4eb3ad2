"""Correlation: Pearson and Spearman with intervals, importance beside them, and the matrix of everything numeric."""

import streamlit as st

from lib.analysis.correlation import correlation_matrix
from lib.charts.correlation import correlation_chart, importance_chart, matrix_chart
from lib.report import headlines, tables
from lib.ui.shell import open_section
from lib.ui.show import show_chart, show_folded_table, show_headline, show_note, show_table, show_text

report = open_section("correlation")
population, objective = report.population, report.population.objective
show_headline(headlines.correlation_headline(report), headlines.objective_rule(report))
show_note(headlines.sampling_caveat(report))
known = [c for c in report.correlations if c.coefficient is not None]

left, right = st.columns(2, gap="large")
with left:
    st.subheader("Correlation with the objective", anchor=False)
    if known:
        show_chart(
            report.picture(correlation_chart, known),
            "correlations",
            f"Correlation of each numeric hyperparameter with {objective.metric}, with 95% intervals.",
        )
        show_note(
            "Filled where clear after correction (Benjamini-Hochberg). A peak inside the range has no correlation."
        )
with right:
    st.subheader("Importance", anchor=False)
    show_text(headlines.importance_sentence(report))
    if report.surrogate.trusted:
        show_chart(
            report.picture(importance_chart, report.surrogate.parameters),
            "importance",
            "Importance of each hyperparameter to a random forest, with the 95% interval over resamples.",
        )
        show_note(
            "Intervals say how much an importance depends on which runs were seen (Nadeau and Bengio's correction)."
        )

show_table(tables.correlations_table(report), "correlations", "Correlations with the objective")
if report.surrogate.trusted:
    show_folded_table(
        "Importance as a table",
        tables.importance_table,
        report,
        name="importance",
        label="Importance of each hyperparameter",
    )

st.subheader("Among hyperparameters and metrics", anchor=False)
method = st.segmented_control(
    "Method", ["spearman", "pearson"], default="spearman", required=True, key="method", bind="query-params"
)
if population.ledger.used >= 3:
    matrix = report.once(correlation_matrix, "pearson" if method == "pearson" else "spearman")
    show_chart(
        report.picture(matrix_chart, matrix),
        "matrix",
        f"Matrix of {matrix.method} correlations among {len(matrix.names)} hyperparameters and metrics.",
    )
    if matrix.left_out:
        show_note(f"{matrix.left_out} further metrics are not shown.")
    show_folded_table(
        "The table behind the chart",
        tables.matrix_table,
        matrix,
        name=f"matrix-{matrix.method}",
        label="The matrix of correlations",
    )
