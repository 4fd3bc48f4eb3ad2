"""The same request gives the same JSON bytes, whether the command line, Python or the app opens it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.__main__ import main
from lib.loader import Request, load_report, load_sweep
from lib.model.choices import Choices
from lib.model.sweep import Declaration
from lib.render.json_text import json_text
from lib.report import build_report
from lib.report.open import open_sweep
from lib.report.own_reading import OwnReading
from lib.report.request import Upload
from lib.sources import open_upload
from lib.sources.snapshot.file import write_snapshot
from testing.exports import to_csv
from testing.opening import opened
from testing.wandb_server.fixtures import SWEEP, server_fixture  # noqa: F401
from testing.wandb_server.made_data import OWNER_KEY
from testing.wandb_server.server import StandIn

NAMED_CONFIG = """
name: rates
metric: {name: val_score, goal: maximize}
parameters: {learning_rate: {min: 0.00001, max: 0.1, distribution: log_uniform_values}}
"""
CONFIG = "sweep.yaml"

REQUESTS = {
    "two files and a config": ["a.csv", "b.csv", CONFIG],
    "one file by two paths": ["a.csv", "./a.csv", CONFIG],
    "a file and its copy": ["a.csv", "copy.csv"],
    "two snapshots and a config": ["c.parquet", "d.parquet", CONFIG],
    "a snapshot with a sweep of its own, another without, and a config": ["named.parquet", "d.parquet", CONFIG],
    "a snapshot, a file and a config": ["c.parquet", "a.csv", CONFIG],
    "W&B and a config": [SWEEP, CONFIG],
    "a sweep twice, by id and by address": [SWEEP, "{server}/team/seg/sweeps/sweep01"],
    "W&B, a file and a config": [SWEEP, "a.csv", CONFIG],
    "a sweep and its whole project": [SWEEP, "team/seg"],
}


def export(runs: int, first: int = 1) -> str:
    """Return a run table that names no sweep."""
    rows = []
    for number in range(first, first + runs):
        rate = 10 ** (-4 + number % 7 / 3)
        rows.append([f"run-{number}", "finished", rate, number % 3 / 10, 0.5 + 0.1 * rate + number % 5 / 50])
    return to_csv(["Name", "State", "learning_rate", "dropout", "val_score"], rows)


@pytest.fixture
def folder(server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with small files of every kind, and W&B within reach."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWEEP_REPORT_CACHE", str(tmp_path / "kept"))
    monkeypatch.setenv("WANDB_API_KEY", OWNER_KEY)
    monkeypatch.setenv("WANDB_BASE_URL", server.url)
    exports = {"a.csv": export(12), "b.csv": export(14, first=20), "copy.csv": export(12)}
    for name, text in exports.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name, made in (("c.parquet", "a.csv"), ("d.parquet", "b.csv"), ("named.parquet", "a.csv")):
        sweep = open_upload(made, exports[made].encode())
        declared = (Declaration(id="own12345", name="own"),) if name == "named.parquet" else ()
        write_snapshot(replace(sweep, declarations=declared), tmp_path / name)
    (tmp_path / CONFIG).write_text(NAMED_CONFIG, encoding="utf-8")
    return tmp_path


def asked(request: str, server: StandIn) -> tuple[list[str], str | None]:
    """Return the sources of a request of the table, and its sweep config."""
    named = [text.format(server=server.url) for text in REQUESTS[request]]
    return [text for text in named if text != CONFIG], CONFIG if CONFIG in named else None


def as_bytes(report: dict[str, Any]) -> bytes:
    return json_text(report).encode()


def by_the_app(sources: list[str], config: str | None, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the report that the app draws when it is started on the sources."""
    options = [] if config is None else ["--sweep-config", config]
    monkeypatch.setattr("sys.argv", ["streamlit_app.py", *sources, *options])

    def frame() -> None:
        from lib.ui.view import keep_view
        from lib.ui.view_line import draw_view_line

        keep_view(draw_view_line())

    app = AppTest.from_function(frame, default_timeout=120).run()
    assert not app.exception
    view = app.session_state["_view"]
    assert view.report is not None, view.problem
    return view.report.to_dict()


@pytest.mark.parametrize("request_name", REQUESTS)
def test_a_request_gives_the_same_bytes_wherever_it_is_asked(
    request_name: str, folder: Path, server: StandIn, monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
) -> None:
    sources, config = asked(request_name, server)
    options = [] if config is None else ["--sweep-config", config]
    assert main(["report", *sources, *options, "--format", "json", "--quiet"]) == 0
    printed = capsysbinary.readouterr().out
    assert as_bytes(build_report(*sources, sweep_config=config).to_dict()) == printed
    assert as_bytes(by_the_app(sources, config, monkeypatch)) == printed


def test_an_upload_gives_the_same_bytes_as_the_file_that_is_named(folder: Path) -> None:
    uploads = []
    for name in ("c.parquet", "a.csv", "a.csv"):
        content = (folder / name).read_bytes()
        uploads.append(Upload(name, hashlib.sha256(content).hexdigest(), content))
    by_upload = load_report(Request((), tuple(uploads), sweep_config=NAMED_CONFIG), Choices())
    named = build_report("c.parquet", "a.csv", "a.csv", sweep_config=CONFIG)
    assert as_bytes(by_upload.to_dict()) == as_bytes(named.to_dict())


@pytest.mark.parametrize("rule", ["best", "mean:2"])
def test_histories_are_asked_for_alike(rule: str, folder: Path, server: StandIn) -> None:
    request = Request((SWEEP, "a.csv"), files_allowed=("a.csv",), base_url=server.url)
    choices = Choices(value=rule, metric="val_score")
    from lib.sources.wandb.access import Access

    lent = replace(request, access=Access(OWNER_KEY, True, server.url, ("*",)))
    here, there = open_sweep(request, choices, OwnReading()), load_sweep(lent, choices)
    assert len(here.history) > 0
    assert here.data_sha256 == there.data_sha256


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (["sample", "sample/"], "sample was named twice, and was read once."),
        (["a.csv", "./a.csv", "a.csv"], "a.csv was named 3 times, and was read once."),
    ],
)
def test_a_source_named_twice_is_read_once_and_said(sources: list[str], said: str, folder: Path) -> None:
    sweep = opened(*sources)
    assert len(sweep) == len(opened(sources[0]))
    assert sweep.origin == opened(sources[0]).origin
    assert sweep.data_sha256 == opened(sources[0]).data_sha256
    assert said in sweep.warnings
    assert load_sweep(Request(tuple(sources), files_allowed=tuple(sources)), Choices()).warnings == sweep.warnings


def test_files_stay_separate_sweeps_under_one_config(folder: Path) -> None:
    for pair in (("c.parquet", "d.parquet"), ("a.csv", "b.csv"), ("c.parquet", "b.csv")):
        sweep = opened(*pair, sweep_config=NAMED_CONFIG)
        # A snapshot keeps the name of the table that it was made of.
        assert set(sweep.runs["sweep"]) == {"a.csv", "b.csv"}
        (declaration,) = sweep.declarations
        assert declaration.name == "rates"
        assert declaration.config is not None


def test_a_config_names_the_one_source_that_it_is_for(folder: Path) -> None:
    (declaration,) = opened("c.parquet", sweep_config=NAMED_CONFIG).declarations
    assert declaration.name == "rates"


def test_a_sweep_that_has_a_name_keeps_it_under_a_config(folder: Path) -> None:
    sweep = opened("named.parquet", "d.parquet", sweep_config=NAMED_CONFIG)
    assert [(d.id, d.name) for d in sweep.declarations] == [("own12345", "own"), (None, None)]
    assert all(d.config is not None and "learning_rate" in d.config["parameters"] for d in sweep.declarations)


def test_more_sources_than_a_visitor_may_name_can_be_named_on_the_command_line(folder: Path) -> None:
    names = []
    for number in range(31):
        name = f"part{number}.csv"
        (folder / name).write_text(export(3, first=10 * number), encoding="utf-8")
        names.append(name)
    assert len(opened(*names)) == 93


def test_a_config_that_cannot_be_read_is_said_before_wandb_is_asked(
    folder: Path, server: StandIn, refused: Callable[..., str]
) -> None:
    (folder / "bad.yaml").write_text("a: 1", encoding="utf-8")
    assert "no parameters" in refused("report", SWEEP, "--sweep-config", "bad.yaml")
    assert server.log == []


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def refused(*arguments: str) -> str:
        assert main(list(arguments)) == 2
        return capsys.readouterr().err

    return refused
