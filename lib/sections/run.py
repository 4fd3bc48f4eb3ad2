"""A run's own view, and two to five runs side by side. They are opened over a page, so no written report has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lib.analysis.levels import text_of_level
from lib.analysis.one_run import OneRun, find_run, one_run
from lib.analysis.run_difference import explained
from lib.charts.learning_curves import curves_chart
from lib.model.numbers import MISSING, count, factor, number, signed
from lib.model.sweep import NO_STATE
from lib.sections.ask import choices_of
from lib.sections.best_run_tables import BETTER
from lib.sections.blocks import Blocks, Chart, Code, Heading, Link, Metric, Note, Row, Table, Text, Warning, WebAddress
from lib.sections.csv import csv_of
from lib.sections.objective import metric_words, value_words
from lib.sections.run_tables import ids_at, used_runs_table

if TYPE_CHECKING:
    from lib.results.report import Report

# The column of how much of a difference a hyperparameter explains.
EXPLAINS = "explains"
# Of settings side by side; files and copies have them in full.
SHOWN_DIGITS = 4
# Tables of settings that are shown whole, names beside values, also on a phone; longer ones scroll.
MOST_WRAPPED = 40
# In the address alone there may be more.
MOST_COMPARED = 5
# A difference of two runs has twice the variance of one.
_OF_A_DIFFERENCE = float(1.96 * np.sqrt(2))


def title_of_runs(report: Report, run_ids: Sequence[str]) -> str:
    """Say which runs are shown, in a few words."""
    found = runs_of(report, run_ids)
    return found[0].name if len(found) == 1 else f"{count(len(found), 'run')} side by side"


def runs_of(report: Report, run_ids: Sequence[str]) -> list[OneRun]:
    """Return the runs of these ids, each once, at most MOST_COMPARED; ids that the sweep doesn't have are left out."""
    rows = [find_run(report.population, run_id) for run_id in dict.fromkeys(run_ids)]
    return [report.once(one_run, row) for row in rows if row is not None][:MOST_COMPARED]


def build(report: Report, run_ids: Sequence[str]) -> Blocks:
    """Yield the view of one run, or of several side by side."""
    found = runs_of(report, run_ids)
    missing = [run_id for run_id in dict.fromkeys(run_ids) if find_run(report.population, run_id) is None]
    if missing:
        yield Warning(f"This sweep has no run {', '.join(missing)}.")
    if len(found) == 1:
        yield from _one(report, found[0])
    elif found:
        yield from _several(report, found)


def _one(report: Report, run: OneRun) -> Blocks:
    objective, best = report.population.objective, report.best_run
    place = f"{run.rank:,} of {len(report.population.rows):,}" if run.rank else "–"
    told = [
        Metric(objective.label, value_words(report, run.value), None if run.value is None else repr(run.value)),
        Metric("Rank", place, f"1 is the {objective.best_word} of the runs that are used."),
    ]
    yield Row((*told, Metric("State", run.state)) if run.state != NO_STATE else tuple(told))
    if run.why_left_out is not None:
        yield Warning(f"This run was left out of every result: {run.why_left_out}.")
    if run.url in report.sweep.links:
        yield WebAddress("Open the run on W&B", run.url)
    setting = choices_of(report, run)
    if setting is not None:
        yield Link("best-run", "Ask the model about its setting", setting)
    if run.used is not None and report.learning_curves is not None:
        curves = report.learning_curves.curves
        if not np.isnan(curves.values[run.used]).all():
            yield Heading("Its curve", 2)
            yield Chart(
                "run-curve",
                f"{objective.metric} of {run.name}, step by step",
                f"{objective.metric} of {run.name} step by step, over the quartiles of the other runs.",
                curves_chart,
                (report.population, curves, np.array([run.used]), objective.sign < 0),
                options={"named": True},
            )
    yield Heading("Its configuration", 2)
    config = config_table(report, run)
    yield Table(
        "run-config",
        f"The configuration of {run.name}",
        lambda: config,
        head=lambda most: config_table(report, run, digits=SHOWN_DIGITS).head(most),
        rows=len(config),
        wraps=len(config) <= MOST_WRAPPED,
    )
    if best is not None and best.run_id != run.run_id:
        yield Note(f"≠ marks what differs from the best run, {best.name}.")
    if run.metrics:
        yield Heading("Its metrics", 2)
        yield Table("run-metrics", f"The metrics of {run.name}, with their ranks", lambda: metrics_table(report, run))
    if run.neighbours:
        yield Heading("The runs configured most like it", 2)
        yield Table(
            "run-neighbours",
            f"The runs whose hyperparameters are nearest to those of {run.name}",
            lambda: used_runs_table(report, np.array(run.neighbours, dtype=int)),
            opens=lambda: ids_at(report, np.array(run.neighbours, dtype=int)),
        )


def _several(report: Report, runs: list[OneRun]) -> Blocks:
    for sentence in differences(report, runs):
        yield Text(sentence)
    drawn = np.array([run.used for run in runs if run.used is not None], dtype=int)
    if len(drawn) and report.learning_curves is not None:
        curves, objective = report.learning_curves.curves, report.population.objective
        yield Chart(
            "runs-curves",
            f"{objective.metric} of the chosen runs, step by step",
            f"{objective.metric} of {', '.join(run.name for run in runs)}, step by step.",
            curves_chart,
            (report.population, curves, drawn, objective.sign < 0),
            options={"named": True},
        )
    yield Heading("What differs", 2)
    table = compared_table(report, runs)
    yield Table(
        "runs-compared",
        "What differs between the chosen runs",
        lambda: table,
        head=lambda most: compared_table(report, runs, digits=SHOWN_DIGITS).head(most),
        rows=len(table),
        wraps=len(table) <= MOST_WRAPPED,
    )
    if EXPLAINS in table:
        yield Note(
            f"“{EXPLAINS}” is how much of the difference in {report.population.objective.metric} between the best of "
            "these runs and the others the report's model puts down to that hyperparameter: an estimate, not a test."
        )
    yield Code(as_markdown(table), "markdown", folded="Copy as Markdown")
    yield Code(csv_of(table), "csv", folded="Copy as CSV")


def differences(report: Report, runs: Sequence[OneRun]) -> list[str]:
    """Say how far each run's objective is behind the best of them, and whether noise explains that."""
    known = [run for run in runs if run.value is not None]
    sentences = [f"{run.name} has no usable {report.population.objective.metric}." for run in runs if run.value is None]
    if len(known) < 2:
        return sentences
    sign = report.population.objective.sign
    first, *others = sorted(known, key=lambda run: -sign * (run.value or 0.0))
    noise = report.noise.sd if report.noise is not None else None
    for run in others:
        best, value = first.value or 0.0, run.value or 0.0
        behind = abs(best - value)
        text = (
            f"{first.name} ({value_words(report, first.value)}) is better than {run.name} "
            f"({value_words(report, run.value)}) by {number(behind, 2)}"
        )
        if behind == 0:
            text = f"{first.name} and {run.name} have the same value, {value_words(report, first.value)}"
        elif report.population.spans_decades and min(best, value) > 0:
            # In units, worse runs vary by far more than the noise near the best.
            way = "higher" if sign > 0 else "lower"
            text = (
                f"{first.name} ({value_words(report, best)}) is better than {run.name} ({value_words(report, value)}): "
                f"{factor((best / value) ** sign)} times {way}"
            )
        elif noise is None:
            text += "; how much of that is noise isn't known"
        elif behind <= _OF_A_DIFFERENCE * noise:
            text += f": run-to-run noise alone gives differences up to {number(_OF_A_DIFFERENCE * noise, 2)}"
        else:
            text += (
                f", more than the {number(_OF_A_DIFFERENCE * noise, 2)} that run-to-run noise alone gives for two runs "
                "that weren't picked for their results"
            )
        sentences.append(f"{text}.")
    return sentences


def config_table(report: Report, run: OneRun, digits: int | None = None) -> pd.DataFrame:
    """One row a config key: searched ones first; with the best run's value, and a mark where that differs.

    digits : how many significant ones numbers have that still differ then; all if None.
    """
    best = report.best_run
    searched = [p.name for p in report.population.searched]
    theirs = {**best.parameters, **best.fixed} if best is not None and best.run_id != run.run_id else None
    names = [*searched, *sorted((run.config.keys() | (theirs or {}).keys()) - set(searched))]
    rows = []
    for name in names:
        (own,) = _texts([run.config.get(name)], digits)
        row = {"key": name, "value": own}
        if theirs is not None:
            own, other = _texts([run.config.get(name), theirs.get(name)], digits)
            row |= {"value": own, "differs": "" if own == other else "≠", "best run": other}
        rows.append(row)
    return pd.DataFrame(rows)


def _texts(values: Sequence[Any], digits: int | None) -> list[str]:
    """Write settings that stand beside each other, in full where fewer digits would make two of them look alike."""
    full = [text_of_level(value) for value in values]
    if digits is None:
        return full
    short = [
        number(value, digits) if isinstance(value, float) else text for value, text in zip(values, full, strict=True)
    ]
    return short if len(set(short)) == len(set(full)) else full


def metrics_table(report: Report, run: OneRun) -> pd.DataFrame:
    """One row a metric of a run: value and rank among the used runs."""
    return pd.DataFrame(
        [
            {
                "metric": m.name,
                "value": metric_words(report, m.name, m.value),
                "rank": f"{m.rank:,} of {m.of:,}" if m.rank else MISSING,
                "better is": BETTER[m.better],
                "in full": repr(m.value),
            }
            for m in run.metrics
        ]
    )


def compared_table(report: Report, runs: Sequence[OneRun], digits: int | None = None) -> pd.DataFrame:
    """One row a config key or metric in which the runs differ, a column a run: the objective, searched keys, others.

    Searched keys stand in order of how much they explain of the difference, in a column of its own where that is known.
    digits : how many significant ones settings have that still differ then; all if None.
    """
    objective, keys = report.population.objective, {name for run in runs for name in run.config}
    used = tuple(run.used for run in runs if run.used is not None)
    explains = report.once(explained, used) if len(used) == len(runs) else {}
    searched = sorted((p.name for p in report.population.searched), key=lambda name: -abs(explains.get(name, 0.0)))
    found: dict[str, list[str]] = {objective.label: [number(run.value) for run in runs]}
    found["state"] = [run.state for run in runs]
    said: dict[str, str] = {}
    for name in [*searched, *sorted(keys - set(searched))]:
        row = name if name not in found else f"{name} (config)"
        found[row] = _texts([run.config.get(name) for run in runs], digits)
        if name in explains:
            said[row] = signed(explains[name], 2)
    metrics = [
        {m.name: metric_words(report, m.name, m.value) for m in run.metrics if m.name != objective.metric}
        for run in runs
    ]
    for name in sorted({name for held in metrics for name in held}):
        found[name if name not in found else f"{name} (metric)"] = [held.get(name, "–") for held in metrics]
    columns = [run.name for run in runs]
    if len({*columns, "", EXPLAINS}) < len(columns) + 2:
        columns = [f"{run.name} ({run.run_id})" for run in runs]
    rows = [
        {"": name, **dict(zip(columns, values, strict=True)), EXPLAINS: said.get(name, "")}
        for name, values in found.items()
        if len(set(values)) > 1
    ]
    return pd.DataFrame(rows, columns=["", *columns, *([EXPLAINS] if explains else [])])


def as_markdown(table: pd.DataFrame) -> str:
    """Write a table of text as Markdown."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"

    columns = [str(name) for name in table.columns]
    rows = [line([str(cell) for cell in row]) for row in table.itertuples(index=False)]
    return "\n".join([line(columns), line(["---"] * len(columns)), *rows]) + "\n"
