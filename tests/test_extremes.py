"""Exports at the ends of what a table may hold, through every page, every format and the command line.

A part of them runs each time; `HYPOTHESIS_PROFILE=nightly` runs all.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lib.__main__ import main
from lib.model.choices import Choices
from lib.render.archive import pictures
from lib.render.markdown import report_as_markdown
from lib.report import report_of
from lib.sections import SECTIONS
from lib.sources import open_upload
from lib.sources.snapshot.file import read_snapshot, snapshot_bytes
from testing.browser.nightly import NIGHT
from testing.extremes import EXTREMES
from testing.sweeps import sweep_of
from tests.folded import unfold

ROOT = Path(__file__).resolve().parents[1]
ON_PAGES = list(EXTREMES) if NIGHT else ["ends of the floats"]
# As files each day: few runs, no values, numbers without bounds, and names.
EACH_DAY = {"no run finished", "objectives all NaN", "infinities", "ends of the floats", "nasty names"}
AS_FILES = [name for name in EXTREMES if NIGHT or name in EACH_DAY]
PATIENCE = 300
# What overflows here is a number at the ends of the floats; what comes of it, the tests look at.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered", "ignore:invalid value encountered")


@pytest.fixture(params=ON_PAGES)
def app(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["streamlit_app.py", written(request.param, tmp_path)])
    return AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=PATIENCE).run()


def written(name: str, folder: Path) -> str:
    content = as_bytes(name)
    path = folder / ("runs.parquet" if content.startswith(b"PAR1") else "runs.csv")
    path.write_bytes(content)
    return str(path)


def as_bytes(name: str) -> bytes:
    content = EXTREMES[name]()
    return content.encode() if isinstance(content, str) else content


def test_every_page_answers_its_question(app: AppTest) -> None:
    for section in SECTIONS:
        app.switch_page(section.script).run()
        unfold(app)
        assert not app.exception, section.address
        assert not app.error, section.address
        (answer,) = app.main.title
        assert answer.value, section.address


@pytest.mark.parametrize("name", AS_FILES)
def test_every_format_is_a_report_that_adds_up(name: str) -> None:
    sweep = open_upload("runs", as_bytes(name))
    report = report_of(sweep, Choices())
    found = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    runs = found["runs"]
    assert runs["total"] == runs["used"] + sum(one["count"] for one in runs["excluded"]) > 0
    assert sum(runs["by_state"].values()) == runs["total"]
    assert (found["best_run"] is None) == (runs["used"] == 0)
    assert report_as_markdown(report).startswith("# Sweep report")
    for figure in pictures(report):
        json.dumps(figure.spec, allow_nan=False)
    assert (found["next_sweep"] is None) == (report.next_sweep is None)
    assert read_snapshot(snapshot_bytes(sweep), "runs").data_sha256 == sweep.data_sha256


@pytest.mark.parametrize("name", EXTREMES if NIGHT else ["no run finished", "nasty names"])
def test_the_command_line_writes_it_or_says_in_two_lines_why_not(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "warnoptions", ["always"])  # Else main() would quiet warnings for all later tests.
    source = written(name, tmp_path)
    page = tmp_path / "report.html"
    assert main(["report", source, "--format", "html", "--output", str(page), "--quiet"]) == 0
    # The page's own two scripts, and none that came with the data.
    assert len(re.findall(r"<script", page.read_text(encoding="utf-8"))) == 2
    status = main(["next-sweep", source, "--quiet"])
    said = capsys.readouterr()
    assert (status, bool(said.out)) in ((0, True), (2, False))
    assert len(re.findall(r"^sweep report: ", said.err, re.M)) == (status == 2)


def test_more_parameters_than_can_be_drawn_are_said_and_listed() -> None:
    random = np.random.default_rng(1)
    config = {f"setting_{i:02d}": random.uniform(0, 1, 20).tolist() for i in range(60)}
    report = report_of(sweep_of(config, {"score": config["setting_07"]}), Choices())
    text = report_as_markdown(report)
    # Without pairs, which are named "setting_07 × setting_12".
    headings = re.findall(r"^#{3,4} (setting\S*)$", text, re.M)
    # The one that matters in full, and eight of the others as small pictures.
    assert len(headings) == 1 + 8
    assert headings[0] == "setting\\_07"
    assert "51 more are in the table of all effects." in text
