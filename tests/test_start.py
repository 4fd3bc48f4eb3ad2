"""Before its first visitor a server has read what it was started with; what it can't read stops no server."""

import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.web.server.app_discovery import discover_asgi_app

from lib import loader
from lib.render import app
from lib.ui.start import prepare, prepare_more
from testing.exports import unet_export

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120


def start_on(source, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["streamlit_app.py", source])


def test_streamlit_finds_what_runs_before_the_first_visitor():
    found = discover_asgi_app(ROOT / "streamlit_app.py")
    assert (found.is_asgi_app, found.import_string) == (True, "streamlit_app:app")


def test_the_first_visitor_meets_the_report_that_the_server_made(monkeypatch, tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text(unet_export(18), encoding="utf-8")
    start_on(str(path), monkeypatch)
    prepare()

    def no_more(*_):
        pytest.fail("The report was made again for the visitor.")

    monkeypatch.setattr(loader, "report_of", no_more)
    visit = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=PATIENCE).run()
    assert not visit.exception
    assert visit.title


def test_the_pages_in_the_row_of_the_navigation_are_drawn_before_they_are_asked_for(monkeypatch, tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text(unet_export(30), encoding="utf-8")
    start_on(str(path), monkeypatch)
    prepare_more(prepare())
    visit = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=PATIENCE).run()
    drawn = []
    monkeypatch.setattr(app, "prepared", drawn.append)
    for address in ("findings", "best-run", "hyperparameter-impact"):
        visit.switch_page(f"pages/{address}.py").run()
        assert visit.get("vega_lite_chart")
    assert drawn == []


@pytest.mark.parametrize("source", ["no such file.csv", "entity/project/sweep", "--sweep-config"])
def test_what_can_not_be_read_beforehand_stops_no_server(source, monkeypatch):
    start_on(source, monkeypatch)
    prepare()
