"""Correlation: Pearson and Spearman with intervals, importance beside them, and the matrix of everything numeric."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lib.analysis.correlation import correlation_matrix
from lib.charts.correlation import block_chart, correlation_chart, importance_chart
from lib.model.numbers import coefficient, count, number
from lib.sections.agreement import correlation_notes
from lib.sections.blocks import Blocks, Chart, Choice, Heading, Headline, Method, Note, Part, Row, Table, Text
from lib.sections.hyperparameter_impact import sampling_caveat
from lib.sections.picked import if_picked
from lib.statistics.multiple_testing import is_clear

if TYPE_CHECKING:
    from lib.analysis.correlation import CorrelationMatrix
    from lib.results.report import Report


def build(report: Report) -> Blocks:
    """Yield the section."""
    yield Headline(correlation_headline(report), correlation_evidence(report))
    yield from if_picked(report)
    caveat = sampling_caveat(report)
    if caveat:
        yield Note(caveat)
    yield Row((lambda: _coefficients(report), lambda: _importance(report)), weights=(1, 1))
    if report.correlations:
        yield Table(
            "correlations",
            "Correlations with the objective",
            lambda: correlations_table(report),
            folded="The correlations in numbers",
        )
    for note in correlation_notes(report):
        yield Note(note)
    if report.surrogate.trusted:
        yield Table(
            "importance",
            "Importance of each hyperparameter",
            lambda: importance_table(report),
            folded="Importance as a table",
        )
    yield Method(
        "Pearson's r with Fisher's interval, Spearman's rho with that of Bonett and Wright; clear is what is below 5% "
        "after Benjamini and Hochberg's correction. Importance is the fall of R² on held-out runs; its intervals say "
        "how much it depends on which runs were seen (Nadeau and Bengio's correction)."
    )
    if report.population.ledger.used >= 3 and report.correlations:
        yield Heading("Hyperparameters with metrics")
        yield Part(lambda: _matrix(report))


def _coefficients(report: Report) -> Blocks:
    known = [c for c in report.correlations if c.coefficient is not None]
    yield Heading("Correlation with the objective")
    if not known:
        yield Text("There is none to draw.")
        return
    yield Chart(
        "correlations",
        "Correlation with the objective",
        f"Pearson and Spearman correlation of each numeric hyperparameter with {report.population.objective.metric}, "
        "with 95% intervals.",
        correlation_chart,
        (known,),
        small=True,
    )
    yield Note(
        "Filled dots are clear, hollow ones are not. A hyperparameter that is best in the middle of its range can "
        "matter without a correlation."
    )


def _importance(report: Report) -> Blocks:
    yield Heading("Importance")
    if not report.surrogate.trusted:
        yield Text(importance_sentence(report))
        return
    yield Text("How much worse a model predicts runs that it hasn't seen when a hyperparameter's values are shuffled.")
    yield Chart(
        "importance",
        "Importance",
        "Importance of each hyperparameter to a random forest, with the 95% interval over resamples.",
        importance_chart,
        (report.surrogate.parameters,),
        small=True,
    )
    yield Note(importance_sentence(report))


def _matrix(report: Report) -> Blocks:
    method = yield Choice("method", "Method", ("spearman", "pearson"), style="segmented")
    matrix = report.once(correlation_matrix, method)
    parameters = [c.parameter for c in report.correlations if c.parameter in matrix.names]
    if parameters and len(matrix.names) > len(set(parameters)):
        yield Chart(
            "matrix",
            "Hyperparameters with metrics",
            f"{matrix.method.capitalize()} correlations of {count(len(set(parameters)), 'hyperparameter')} with the "
            f"objective and {count(len(matrix.names) - len(set(parameters)) - 1, 'further metric')}.",
            block_chart,
            (matrix, tuple(parameters)),
        )
    if matrix.left_out:
        yield Note(f"{matrix.left_out} further metrics are not shown.")
    yield Table(
        f"matrix-{matrix.method}",
        "The matrix of correlations",
        lambda: matrix_table(matrix),
        folded="All against all: the full matrix",
    )


def correlation_headline(report: Report) -> str:
    """Say which correlation is strongest, with its interval."""
    known = [c for c in report.correlations if c.coefficient is not None]
    if not known:
        return "No searched hyperparameter is a number that varies, so there is no correlation to give."
    top = max(known, key=lambda c: (abs(c.coefficient or 0), c.method == "spearman"))
    metric = report.population.objective.metric
    if any(is_clear(c.p_adjusted) for c in known):
        text = f"{top.parameter} correlates most with {metric}: "
    else:
        text = f"No hyperparameter clearly correlates with {metric}; the strongest is {top.parameter}: "
    text += f"{top.method.capitalize()} {coefficient(top.coefficient)}"
    if top.ci_low is not None:
        text += f" (95% interval {coefficient(top.ci_low)} to {coefficient(top.ci_high)})"
    return text


def correlation_evidence(report: Report) -> str | None:
    """Say how many correlations are clear; None where there is none."""
    known = [c for c in report.correlations if c.coefficient is not None]
    if not known:
        return None
    clear = {c.parameter for c in known if is_clear(c.p_adjusted)}
    names = {c.parameter for c in known}
    are = "is" if len(clear) == 1 else "are"
    return (
        f"{len(clear)} of {count(len(names), 'numeric hyperparameter')} {are} clear after correction, over "
        f"{count(max(c.n for c in known), 'run')}."
    )


def importance_sentence(report: Report) -> str:
    """Say how far the importances can be trusted."""
    surrogate = report.surrogate
    if surrogate.r2 is None:
        return f"No importance is given: {surrogate.why_not}."
    if not surrogate.trusted:
        return f"No importance is shown: {surrogate.why_not} (cross-validated R² {number(surrogate.r2, 2)})."
    return f"A {surrogate.model}: cross-validated R² {number(surrogate.r2, 2)}."


def correlations_table(report: Report) -> pd.DataFrame:
    """One row a parameter and method: n, coefficient, 95% interval, p and adjusted p."""
    return pd.DataFrame(
        [
            {
                "parameter": c.parameter,
                "method": c.method.capitalize(),
                "runs": c.n,
                "coefficient": c.coefficient,
                "95% from": c.ci_low,
                "95% to": c.ci_high,
                "p": c.p_value,
                "adjusted p": c.p_adjusted,
            }
            for c in report.correlations
        ]
    )


def matrix_table(matrix: CorrelationMatrix) -> pd.DataFrame:
    """Return the matrix with its names as the first column."""
    table = pd.DataFrame(matrix.coefficients, columns=list(matrix.names))
    table.insert(0, " ", list(matrix.names))
    return table


def importance_table(report: Report) -> pd.DataFrame:
    """One row a parameter, most important first; empty where the surrogate isn't trusted."""
    if not report.surrogate.trusted:
        return pd.DataFrame(columns=["parameter", "importance", "95% from", "95% to"])
    return pd.DataFrame(
        [
            {"parameter": i.parameter, "importance": i.importance, "95% from": i.ci_low, "95% to": i.ci_high}
            for i in report.surrogate.parameters
        ]
    )
