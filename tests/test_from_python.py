"""The report from Python and in notebooks: from a DataFrame, as tables and charts, and shown by itself."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import pytest

from lib.model.errors import InputError
from lib.render.archive import markdown_archive
from lib.report import build_report, from_dataframe
from lib.sections.csv import csv_of
from testing.sweeps import reported, sweep_of

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    lr = 10 ** rng.uniform(-4, -1, 40)
    return pd.DataFrame(
        {
            "lr": lr,
            "batch": rng.choice([16, 32], 40),
            "epochs": 10,
            "acc": 0.9 - (np.log10(lr) + 2) ** 2 / 20 + 0.01 * rng.normal(size=40),
            "other": rng.normal(size=40),
        }
    )


@pytest.fixture(scope="module")
def report(frame):
    return from_dataframe(frame, config=["lr", "batch", "epochs"], metric="acc", goal="maximize")


def test_a_dataframe_gives_the_report_of_the_same_table_as_csv(frame, report, tmp_path):
    path = tmp_path / "runs.csv"
    frame.to_csv(path, index=False)
    of_file = build_report(str(path), metric="acc", goal="maximize", parameters=["lr", "batch"]).to_dict()
    own = report.to_dict()
    for one in (own, of_file):
        one["source"].pop("label")
    assert own == of_file


def test_the_config_columns_that_vary_are_searched(report):
    roles = {p["name"]: p["role"] for p in report.to_dict()["sweep"]["parameters"]}
    assert {name for name, role in roles.items() if role == "searched"} == {"lr", "batch"}
    assert roles["epochs"] == "fixed"


def test_the_order_of_rows_does_not_matter(frame, report):
    turned = frame.assign(ID=[f"r{i:02d}" for i in range(40)])
    one, other = (
        from_dataframe(table, config=["lr", "batch"], metric="acc", goal="maximize")
        for table in (turned, turned.iloc[::-1])
    )
    assert one.to_dict() == other.to_dict()


def test_a_named_index_is_a_column(frame):
    named = frame.assign(ID=[f"r{i:02d}" for i in range(40)]).set_index("ID")
    report = from_dataframe(named, config=["lr"], metric="acc", goal="maximize")
    assert report.best_run.run_id == f"r{frame['acc'].idxmax():02d}"


def test_a_column_that_is_not_there_is_named(frame):
    with pytest.raises(InputError, match="no column 'rate'. Its columns: lr, batch, epochs, acc and other"):
        from_dataframe(frame, config=["rate"], metric="acc")


def test_each_table_equals_its_csv_file(report):
    with zipfile.ZipFile(io.BytesIO(markdown_archive(report))) as archive:
        files = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".csv")]
    assert [csv_of(table) for table in report.tables().values() if not table.empty] == files


def test_each_chart_is_an_altair_chart(report):
    charts = report.charts()
    assert "summary/gains" in charts
    assert all(isinstance(chart, alt.TopLevelMixin) and chart.to_dict() for chart in charts.values())


def test_a_notebook_shows_the_summary_and_says_the_best(report):
    shown = report._repr_html_()
    assert shown.startswith("<div>")
    assert report.best_run.name in shown
    assert "<script" not in shown
    assert repr(report) == "<Report on DataFrame: 40 of 40 runs>"


def test_names_from_the_data_are_no_markup_in_a_notebook():
    evil = "<img src=x onerror=alert(1)>"
    sweep = sweep_of({evil: [0.1, 0.2, 0.3]}, {"score": [1.0, 2.0, 3.0]}, names=[evil] * 3, label=evil)
    assert "<img" not in reported(sweep, metric="score", goal="maximize")._repr_html_()


def test_a_notebook_needs_no_streamlit():
    program = (
        "import sys; from lib.report import build_report; r = build_report('sample/repeats'); "
        "r._repr_html_(); r.tables(); "
        "print('streamlit' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
