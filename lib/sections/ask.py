"""Ask the model: a control for each hyperparameter, and what the report's own model expects of the setting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lib.analysis.ask import ask, askable
from lib.analysis.ask_range import DIGITS, values_to_ask
from lib.analysis.failure_chance import FailureChance, failure_chance
from lib.analysis.levels import level_order, text_of_level
from lib.analysis.one_run_sweep import one_run_sweep, values_of
from lib.analysis.sweep_yaml import written
from lib.model.numbers import count, listing, number, percent, precise
from lib.sections.blocks import Blocks, Choice, Code, Heading, Method, Metric, Preset, Row, Slider, Table, Text, Warning
from lib.sections.config_text import as_arguments
from lib.sections.run_tables import ids_at, used_runs_table

if TYPE_CHECKING:
    from lib.analysis.ask import Answer
    from lib.analysis.one_run import OneRun
    from lib.model.parameter import Parameter
    from lib.results.report import Report

MOST_PILLS = 8
NEAREST = "The tried runs nearest to this setting"
_KEY = "ask-"
Control = Choice | Slider


def build(report: Report) -> Blocks:
    """Yield the controls, which begin at the best run's setting, and the answer."""
    population, best = report.population, report.best_run
    parameters = report.once(askable)
    if best is None or not parameters:
        yield Text("There are too few runs for a model of them.")
        return
    held = {p.name: _value(report, p, int(population.best_first[0])) for p in parameters}
    lacking = [name for name, value in held.items() if value is None]
    if lacking:
        yield Text(f"The best run has no value of {listing(lacking)}, so that there is no setting to begin at.")
        return
    controls = [_control(report, p, held[p.name]) for p in parameters]
    yield Preset("Set to the best run", "best", {c.key: c.first for c in controls})
    given = yield Row(tuple(controls))
    setting = {p.name: _answered(report, p, held[p.name], value) for p, value in zip(parameters, given, strict=True)}
    answer = report.once(ask, tuple(setting.items()))
    if answer is None:
        return
    yield from _answer(report, answer, setting)
    yield from _to_copy(report, setting)
    yield Method(
        "A Gaussian process of the configurations, the same that says what the best run is worth if repeated, with its "
        "hyperparameters integrated over. The interval is of the mean of many runs of the setting; one run varies "
        "more. The probability of failing is the share of the runs of such settings that failed, with Jeffreys' "
        "interval."
    )


def choices_of(report: Report, run: OneRun) -> dict[str, str] | None:
    """Return what the controls hold when they are set to a used run; None where the model can't be asked about it."""
    if run.used is None or report.best_run is None:
        return None
    values = {p.name: _value(report, p, run.used) for p in report.once(askable)}
    if not values or any(value is None for value in values.values()):
        return None
    return {
        f"{_KEY}{name}": number(value, DIGITS) if isinstance(value, float) else value for name, value in values.items()
    }


def failing_sentence(chance: FailureChance | None) -> str | None:
    """Say how likely a run of the setting is to fail, and by which runs that is known."""
    if chance is None:
        return None
    failed = f"{chance.failed:,} of {count(chance.of, 'run')} failed"
    sure = f"95% interval of the probability: {percent(chance.low)} to {percent(chance.high)}"
    if chance.where is not None:
        return f"Where {chance.where}, runs fail more often than elsewhere: {failed} ({sure})."
    return f"This setting isn't known to fail more often than others: {failed} ({sure})."


def _answer(report: Report, answer: Answer, setting: Mapping[str, Any]) -> Blocks:
    objective, best = report.population.objective, report.best_run
    assert best is not None
    chance = report.once(failure_chance, tuple(setting.items()))
    yield Row(
        (
            Metric(
                f"Expected {objective.label}",
                *_with_interval(answer.expected, answer.low, answer.high),
            ),
            Metric(
                "The best run, if repeated",
                *_with_interval(best.expected, best.expected_low, best.expected_high),
            ),
            Metric("Probability of failing", percent(chance.share) if chance else "–"),
        )
    )
    # A place of its own, empty or not: what is unfolded below stays so.
    yield Row((lambda: _outside(answer),))
    failing = failing_sentence(chance)
    if failing is not None:
        yield Text(failing)
    nearest = np.array(answer.nearest, dtype=int)
    yield Heading(NEAREST, level=2)
    yield Table(
        "ask-nearest",
        NEAREST,
        lambda: used_runs_table(report, nearest),
        opens=lambda: ids_at(report, nearest),
    )


def _outside(answer: Answer) -> Blocks:
    if answer.outside:
        yield Warning(
            f"Outside what was tried: {listing(list(answer.outside))}. The model can't know what is there; the answer "
            "is for the nearest value that was tried."
        )


def _with_interval(value: float | None, low: float | None, high: float | None) -> tuple[str, str, str | None]:
    """Return an expected mean as people read it, what it is, and its interval."""
    what = "The mean that many runs of this setting would have, with its 95% interval."
    if low is None or high is None:
        return number(value), what, None
    sd = (high - low) / 4
    return precise(value, sd), what, f"95%: {precise(low, sd)} to {precise(high, sd)}"


def _to_copy(report: Report, setting: Mapping[str, Any]) -> Blocks:
    values = values_of(report.population, setting)
    yield Code(as_arguments(values, {}), "bash", folded="As command-line arguments")
    lines = ["One run of a setting that the model was asked about."]
    config = one_run_sweep(report.population, setting)
    if "program" not in config:
        lines.append("Name your training script here: program: train.py")
    yield Code(written(config, lines, {}), "yaml", folded="As a sweep config of one run")


def _control(report: Report, parameter: Parameter, own: Any) -> Control:
    key, name = f"{_KEY}{parameter.name}", parameter.name
    if parameter.numeric and parameter.kind != "discrete":
        texts = tuple(report.once(values_to_ask, parameter, (own,)))
        return Slider(key, name, texts, number(own, DIGITS))
    texts = tuple(_levels(report, parameter))
    mine = number(own, DIGITS) if parameter.numeric else own
    if len(texts) > MOST_PILLS:
        return Choice(key, name, (mine, *(text for text in texts if text != mine)))
    return Choice(key, name, texts, style="segmented", chosen=mine)


def _levels(report: Report, parameter: Parameter) -> dict[str, Any]:
    """Return the tried levels in order, each by its text."""
    population = report.population
    if parameter.numeric:
        tried = np.unique(population.numbers(parameter.name))
        return {number(float(value), DIGITS): float(value) for value in tried[np.isfinite(tried)]}
    known = population.levels(parameter.name).dropna().unique()
    return {text_of_level(level): text_of_level(level) for level in sorted(known, key=level_order)}


def _answered(report: Report, parameter: Parameter, own: Any, text: str | None) -> Any:
    """Return the value that a control's text stands for: as it was tried, or as it is typed in the address."""
    if text is None:
        return own
    if not parameter.numeric:
        return text
    known = (
        _levels(report, parameter) if parameter.kind == "discrete" else report.once(values_to_ask, parameter, (own,))
    )
    return known[text] if text in known else float(text)


def _value(report: Report, parameter: Parameter, used: int) -> Any:
    """Return a used run's value as the model takes it: a number, or the text of a level; None where it has none."""
    if parameter.numeric:
        value = float(report.population.numbers(parameter.name)[used])
        return value if np.isfinite(value) else None
    level = report.population.levels(parameter.name).iloc[used]
    return None if pd.isna(level) else text_of_level(level) or None
