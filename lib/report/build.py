"""From sources, or a sweep that was read, to its report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.analysis.population import population
from lib.model.choices import Choices
from lib.model.errors import InputError
from lib.model.numbers import listing
from lib.model.sweep import Sweep
from lib.report.open import open_sweep
from lib.report.own_reading import OwnReading
from lib.report.request import choices_of, config_text, request_of
from lib.results import report as results
from lib.sources.known_links import with_known_links

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from lib.model.notes import Notes


class Report(results.Report):
    """Every result of one population, with the JSON report that programs rely on."""

    def to_dict(self, notes: Notes | None = None) -> dict[str, Any]:
        """Return the JSON report (`lib/report/schema.json`): plain values, unrounded, None for what doesn't exist.

        notes : a reader's; those that came with the source if None.
        """
        from lib.report.as_dict import report_as_dict

        return report_as_dict(self, notes)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return every table of the report by section and name ("top-runs/top-runs"), equal to its CSV file."""
        from lib.render.written import named_tables, written

        return {name: table.make() for name, table in named_tables(written(self))}

    def charts(self) -> dict[str, alt.TopLevelMixin]:
        """Return every chart of the report as an Altair chart, by section and name ("summary/gains")."""
        from lib.charts.drawing import NotDrawn, drawn
        from lib.render.written import charts_of, written

        made = ((name, drawn(one.draw, *one.arguments, **one.keywords)) for name, one in charts_of(written(self)))
        return {name: chart for name, chart in made if chart is not None and not isinstance(chart, NotDrawn)}

    def __repr__(self) -> str:
        ledger = self.population.ledger
        return f"<Report on {self.sweep.origin.label}: {ledger.used:,} of {ledger.total:,} runs>"

    def _repr_html_(self) -> str:
        """Return the Summary, which is how Jupyter and marimo show a report."""
        from lib.render.notebook import summary_as_html

        return summary_as_html(self)


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
    columns: Sequence[str] | None = None,
    histories: bool = False,
) -> Report:
    """Read the sources and return their report.

    sources : each "sample", the path of a file, ENTITY/PROJECT/SWEEP_ID, ENTITY/PROJECT, or the address of either.
    sweep_config : path of a W&B sweep config (YAML).
    derive : columns to make from others, each as "NAME=EXPRESSION".
    seeds : config keys in which repeats of one configuration may differ, besides those named like a seed.
    scales : the scale of numeric parameters where it isn't the searched one, each as "NAME:linear" or "NAME:log".
    columns : what columns are that were read otherwise, each as "NAME:WORD": setting, result or unused; continuous,
        integer, discrete or categorical; maximize or minimize.
    histories : whether W&B is asked for what each run logged step by step where nothing else needs it.
    The other options are those of the command line.

    Raises InputError where the request is wrong or the input can't be used, SourceUnavailable where W&B can't be had.
    """
    choices = choices_of(
        metric=metric,
        goal=goal,
        parameters=parameters,
        value=value,
        states=states,
        top=top,
        derive=derive,
        seeds=seeds,
        scales=scales,
        columns=columns,
    )
    return report_of(open_sweep(request_of(sources, sweep_config), choices, OwnReading(), histories=histories), choices)


def from_dataframe(
    table: pd.DataFrame,
    *,
    config: Sequence[str] | None = None,
    metric: str | None = None,
    goal: str | None = None,
    sweep_config: str | Path | None = None,
    label: str = "DataFrame",
    value: str = "last",
    states: Sequence[str] | None = None,
    top: int = 10,
    derive: Sequence[str] | None = None,
    seeds: Sequence[str] | None = None,
    scales: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> Report:
    """Return the report of a DataFrame, one row a run, as that of the same table saved as CSV.

    table : a named index becomes a column; columns named as in an export (ID, State, Runtime) are those.
    config : the columns that are hyperparameters: those that vary are searched. None leaves it to the reader of tables,
        which works out which columns are config and which are results.
    label : what the report calls the table. The other options are those of `build_report`.

    Raises InputError where the request is wrong or the table can't be used.
    """
    from lib.sources import open_upload
    from lib.sources.sweep_config import parse_sweep_config

    named = table if table.index.names == [None] else table.reset_index()
    missing = [name for name in config or () if name not in named.columns]
    if missing:
        raise InputError(f"The table has no column {missing[0]!r}. Its columns: {listing(list(named.columns))}.")
    varying = [name for name in config or () if named[name].astype(str).nunique() > 1]
    choices = choices_of(
        metric=metric,
        goal=goal,
        parameters=varying or None,
        value=value,
        states=states,
        top=top,
        derive=derive,
        seeds=seeds,
        scales=scales,
        columns=columns,
    )
    text = None if sweep_config is None else config_text(sweep_config)
    declaration = None if text is None else parse_sweep_config(text, str(sweep_config))
    content = named.to_csv(index=False).encode()
    sweep = open_upload(label, content, declaration=declaration, parameters=tuple(config or ()), metric=metric)
    return report_of(with_known_links(sweep, None), choices)
