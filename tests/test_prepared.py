"""Charts made ready for the browser: the same picture as Altair's own, drawn once."""

from __future__ import annotations

import io

import altair as alt
import numpy as np
import pandas as pd
import pyarrow as pa

from lib.analysis.axes import axes
from lib.charts.parallel_coordinates import parallel_coordinates_chart, tables_of_selection
from lib.charts.prepared import prepared, with_tables
from lib.charts.summary import every_run_chart
from lib.charts.tables import records
from lib.model.choices import Filter
from lib.render import app
from lib.render.app import picture_of
from lib.render.written import charts_of, written
from lib.sections import SECTIONS
from testing.sweeps import sample_report


def names_of(spec: object) -> set[str]:
    """Names of the tables that a spec asks for."""
    if isinstance(spec, list):
        return set().union(*map(names_of, spec))
    if not isinstance(spec, dict):
        return set()
    data = spec.get("data")
    own = {data["name"]} if isinstance(data, dict) and "name" in data else set()
    return own.union(*(names_of(part) for part in spec.values()))


def rows_of(table: bytes) -> list[dict[str, object]]:
    return pa.ipc.open_stream(io.BytesIO(table)).read_all().to_pylist()


def test_every_chart_finds_its_tables_and_holds_what_altair_writes():
    for _, chart in charts_of(written(sample_report())):
        drawing = chart.draw(*chart.arguments, **chart.keywords)
        ready, whole = prepared(drawing), drawing.to_dict()
        assert names_of(ready.spec) == set(ready.tables), chart.key
        held = {len(rows) for rows in whole["datasets"].values()}
        assert {len(rows_of(table)) for table in ready.tables.values()} == held, chart.key


def test_other_runs_change_the_tables_and_not_the_spec():
    population = sample_report().population
    drawn = axes(population)
    selection = {
        "kept": population.values > np.median(population.values),
        "lifted": population.runs["run_id"].iloc[:2].tolist(),
        "filters": (Filter("dropout", high=0.3),),
    }
    every = prepared(parallel_coordinates_chart(population, drawn, pickable=True))
    half = prepared(parallel_coordinates_chart(population, drawn, pickable=True, **selection))
    assert every.spec == half.spec
    assert every.tables != half.tables
    # So a page exchanges the tables, and has nothing drawn again.
    assert with_tables(every, tables_of_selection(population, drawn, **selection)).tables == half.tables


def test_a_page_that_is_visited_again_draws_nothing(monkeypatch):
    report, drawn = sample_report(), []
    monkeypatch.setattr(app, "prepared", lambda chart: drawn.append(chart) or prepared(chart))
    for section in SECTIONS:
        if section.why_empty(report) is None:
            app.prepare_section(section, report)
            drawn.clear()
            app.prepare_section(section, report)
            assert drawn == [], section.address


def test_a_chart_is_drawn_once_for_all_who_look_at_it():
    report = sample_report()
    ask = (every_run_chart, report.progress, report.population.objective, frozenset())
    assert picture_of(report, *ask) is picture_of(report, *ask)
    assert picture_of(report, *ask) is not picture_of(report, *ask, pickable=True)
    assert report.bytes_held > report.population.bytes_held


def test_nothing_to_draw_is_no_picture():
    assert picture_of(sample_report(), lambda: None) is None


def test_rows_are_as_altair_writes_them():
    table = pd.DataFrame(
        {
            "whole": [1, 2],
            "part": [0.5, np.inf],
            "flag": [True, False],
            "maybe": pd.array([3, None], dtype="Int64"),
            "text": ["a", None],
            "mixed": [np.float64(2.5), None],
            "kind": pd.Categorical(["x", None]),
            "time": pd.to_datetime(["2025-06-01T12:00:00", "2025-06-02T00:00:00"]),
        }
    )
    (written,) = alt.Chart(table).mark_point().to_dict()["datasets"].values()
    assert records(table) == written
    assert [type(value) for value in records(table)[0].values()] == [int, float, bool, int, str, float, str, str]
    assert records(table.head(0)) == []
