"""Top runs: the best N with their hyperparameters and chosen metrics, and what they have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lib.charts.robust import robust_ends
from lib.charts.top_runs import top_runs_chart
from lib.model.numbers import count, number, percent
from lib.model.objective_choice import numeric_metrics
from lib.sections.best_run import repeats_sentence
from lib.sections.blocks import AppOnly, Blocks, Chart, Heading, Headline, Method, Note, Row, Several, Table
from lib.sections.objective import value_words
from lib.sections.run_tables import free_name, one_type
from lib.statistics.multiple_testing import is_clear

if TYPE_CHECKING:
    from lib.results.report import Report

CURVE = "curve"


def build(report: Report) -> Blocks:
    """Yield the section."""
    yield Headline(top_runs_headline(report), top_runs_evidence(report))
    top, objective = report.top_runs, report.population.objective
    on_linear = not report.population.spans_decades
    if not top:
        return
    others = [name for name in numeric_metrics(report.sweep) if name != objective.metric]
    _, metrics = yield Row(
        (
            AppOnly("how-many", "It asks for more or fewer of them."),
            Several("metrics", "More metrics to show", others),
        ),
        weights=(1, 4),
    )
    yield Table(
        "top-runs",
        "The best runs",
        lambda: top_runs_table(report, metrics),
        run_ids=lambda: [run.run_id for run in top],
        head=lambda most: with_curves(report, top_runs_table(report, metrics)).head(most),
        rows=len(top),
        # Along a linear bar, good values of a loss over decades are all the same.
        bars={objective.label: bar_ends(report.population.values)} if on_linear else {},
        curves=(CURVE,),
    )
    if repeated := repeats_sentence(report):
        yield Note(f"These are single runs. {repeated}")
    if report.population.searched:
        yield Chart(
            "top-runs",
            "The top runs within each hyperparameter's range",
            f"Where the best {len(top)} runs lie within the range of each hyperparameter, against all other runs.",
            top_runs_chart,
            (report.population, top),
        )
        yield Note(
            "Each row is one hyperparameter on its own scale, with its values below; the rest of the runs in grey."
        )
    if not report.shared_by_top:
        return
    yield Heading("What they have in common")
    yield Table(
        "top-runs-shared", "What the top runs have of each hyperparameter, and the rest", lambda: shared_table(report)
    )
    yield Note(
        "These runs were picked for their results, so this describes them alone; what each setting does is on the page "
        "Impact."
    )
    yield Method("Adjusted p: Mann-Whitney or Fisher's exact test, Holm's correction over the hyperparameters.")


def bar_ends(values: np.ndarray) -> tuple[float, float]:
    """Return where bars of the objective begin and end: over the runs, without what lies far off the others."""
    return robust_ends(values)


def with_curves(report: Report, table: pd.DataFrame) -> pd.DataFrame:
    """Add what each top run logged of the objective as a list of numbers, where its history is known."""
    learned = report.learning_curves
    if learned is None or table.empty:
        return table
    at = {run_id: row for row, run_id in enumerate(report.population.runs["run_id"])}
    curves = [learned.curves.values[at[run.run_id]] for run in report.top_runs]
    return table.assign(**{CURVE: [curve[np.isfinite(curve)].tolist() for curve in curves]})


def top_runs_headline(report: Report) -> str:
    """Say how close together the top runs are."""
    top, objective = report.top_runs, report.population.objective
    if not top:
        return f"{report.population.why_no_run}, so there are no top runs."
    best, last = (value_words(report, run.value) for run in (top[0], top[-1]))
    spread = f"{best} to {last}" if len(top) > 1 else best
    if report.population.ledger.used == 1:
        return f"The only run reached {objective.metric} {best}."
    return f"The best {len(top)} of {count(report.population.ledger.used, 'run')} reach {objective.metric} {spread}."


def top_runs_evidence(report: Report) -> str | None:
    """Say what sets the top runs apart from the rest; None where that can't be said."""
    apart = [s for s in report.shared_by_top if is_clear(s.p_adjusted)]
    if apart:
        said = []
        for s in apart[:3]:
            if s.level is not None:
                said.append(f"{s.parameter} {s.level} in {percent(s.top_share)} (the rest: {percent(s.rest_share)})")
            else:
                said.append(f"{s.parameter} typically {number(s.top_median, 2)} (the rest: {number(s.rest_median, 2)})")
        return f"What sets them apart: {'; '.join(said)}."
    return "No single hyperparameter sets them clearly apart from the rest." if report.shared_by_top else None


def top_runs_table(report: Report, metrics: Sequence[str] = ()) -> pd.DataFrame:
    """One row a top run: rank, name, objective, every searched parameter, the chosen metrics, address."""
    population, objective = report.population, report.population.objective
    sweeps = {} if population.sweeps is None else dict(zip(population.runs["run_id"], population.sweeps, strict=True))
    rows = []
    for run in report.top_runs:
        row: dict[str, Any] = {"rank": run.rank, "run": run.name}
        row |= {objective.label: run.value}
        row |= {"sweep": sweeps[run.run_id]} if sweeps else {}
        row |= {free_name(name, row): value for name, value in run.parameters.items()}
        row |= {free_name(name, row): run.metrics.get(name) for name in metrics if name != objective.metric}
        rows.append(row | {"address": run.url or ""})
    table = pd.DataFrame(rows)
    if not table.empty and not table["address"].any():
        table = table.drop(columns="address")
    for name in table.columns:
        table = one_type(table, name)
    return table


def shared_table(report: Report) -> pd.DataFrame:
    """One row a parameter: what the top runs have of it, and the rest."""
    rows = []
    for s in report.shared_by_top:
        if s.level is not None:
            ours, theirs = f"{s.level} in {percent(s.top_share)}", f"{s.level} in {percent(s.rest_share)}"
        else:
            ours = f"{number(s.top_low, 2)} to {number(s.top_high, 2)}, median {number(s.top_median, 2)}"
            theirs = f"median {number(s.rest_median, 2)}"
        rows.append({"parameter": s.parameter, "top runs": ours, "the rest": theirs, "adjusted p": s.p_adjusted})
    return pd.DataFrame(rows)
