"""Ask the model: a control for each hyperparameter, and what the report's own model expects of the setting."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lib.analysis.ask import ask, askable
from lib.analysis.population import text_of_level, texts_of_levels
from lib.model.numbers import interval, listing, number
from lib.sections.blocks import Blocks, Choice, Code, Method, NumberInput, Row, Table, Text, Warning
from lib.sections.run_tables import ids_at, used_runs_table

if TYPE_CHECKING:
    from lib.model.sweep import Parameter
    from lib.results.report import Report


def build(report: Report) -> Blocks:
    """Yield the controls, which begin at the best run's setting, and the answer."""
    population, best = report.population, report.best_run
    parameters = report.once(askable)
    if best is None or not parameters:
        yield Text("There are too few runs for a model of them.")
        return
    held = {p.name: _of_best(report, p) for p in parameters}
    controls: list[Choice | NumberInput] = []
    for p in parameters:
        own = text_of_level(held[p.name])
        if p.numeric and p.kind != "discrete":
            controls.append(NumberInput(f"ask-{p.name}", p.name, own, width=180))
        else:
            tried = pd.Series(population.numbers(p.name)) if p.numeric else population.levels(p.name)
            levels = texts_of_levels(tried.dropna()).unique()
            ordered = sorted((str(level) for level in levels), key=lambda level: (level != own, level))
            controls.append(Choice(f"ask-{p.name}", p.name, ordered, width=180))
    given = yield Row(tuple(controls))
    given = given or [None] * len(parameters)
    setting = {
        p.name: held[p.name] if value is None else float(value) if p.numeric else value
        for p, value in zip(parameters, given, strict=True)
    }
    if any(value is None for value in setting.values()):
        yield Text("The best run has no value of some hyperparameter: give each a value.")
        return
    answer = report.once(ask, tuple(setting.items()))
    if answer is None:
        return
    objective = population.objective
    yield Text(
        f"Expected {objective.label}: {number(answer.expected)} (95% interval of its mean "
        f"{interval(answer.low, answer.high)}). The best run reached {number(best.value)}."
    )
    if answer.outside:
        yield Warning(
            f"Outside what was tried: {listing(list(answer.outside))}. The model can't know what is there; the answer "
            "is for the nearest value that was tried."
        )
    yield Table(
        "ask-nearest",
        "The tried runs nearest to this setting",
        lambda: used_runs_table(report, np.array(answer.nearest, dtype=int)),
        opens=lambda: ids_at(report, np.array(answer.nearest, dtype=int)),
    )
    yield Code(as_arguments(setting), "bash")
    yield Method(
        "A Gaussian process of the configurations, the same that says what the best run is worth if repeated, with its "
        "hyperparameters integrated over. The interval is of the mean of many runs of the setting; one run varies more."
    )


def _of_best(report: Report, parameter: Parameter) -> Any:
    """Return the best run's value as the model takes it: a number, or the text of a level; None where it has none."""
    best = report.population.best_first[0]
    if parameter.numeric:
        value = float(report.population.numbers(parameter.name)[best])
        return value if np.isfinite(value) else None
    return text_of_level(report.population.levels(parameter.name).iloc[best]) or None


def as_arguments(setting: Mapping[str, Any]) -> str:
    """Write a setting as command-line arguments, quoted for a shell."""
    return " ".join(shlex.quote(f"--{name}={text_of_level(value)}") for name, value in setting.items())
