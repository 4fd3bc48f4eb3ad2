"""From sources, or a sweep that was read, to its report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lib.analysis.population import population
from lib.model.sweep import Choices, Sweep
from lib.report.open import open_sweep
from lib.report.own_reading import OwnReading
from lib.report.request import choices_of, request_of
from lib.results import report as results


class Report(results.Report):
    """Every result of one population, with the JSON report that programs rely on."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON report (`lib/report/schema.json`): plain values, unrounded, None for what doesn't exist."""
        from lib.report.as_dict import report_as_dict

        return report_as_dict(self)


def report_of(sweep: Sweep, choices: Choices) -> Report:
    """Return the report of a sweep for a reader's choices. Raises InputError where a choice can't be met."""
    return Report(population(sweep, choices))


def build_report(
    *sources: str,
    sweep_config: str | Path | None = None,
    metric: str | None = None,
    goal: str | None = None,
    parameters: Sequence[str] | None = None,
    value: str = "last",
    states: Sequence[str] | None = None,
    top: int = 10,
    derive: Sequence[str] | None = None,
    seeds: Sequence[str] | None = None,
    scales: Sequence[str] | None = None,
    histories: bool = False,
) -> Report:
    """Read the sources and return their report.

    sources : each "sample", the path of a file, ENTITY/PROJECT/SWEEP_ID, ENTITY/PROJECT, or the address of either.
    sweep_config : path of a W&B sweep config (YAML).
    derive : columns to make from others, each as "NAME=EXPRESSION".
    seeds : config keys in which repeats of one configuration may differ, besides those named like a seed.
    scales : the scale of numeric parameters where it isn't the searched one, each as "NAME:linear" or "NAME:log".
    histories : whether W&B is asked for what each run logged step by step where nothing else needs it.
    The other options are those of the command line.

    Raises InputError where the request is wrong or the input can't be used, SourceUnavailable where W&B can't be had.
    """
    choices = choices_of(metric, goal, parameters, value, states, top, derive, seeds, scales)
    return report_of(open_sweep(request_of(sources, sweep_config), choices, OwnReading(), histories=histories), choices)
