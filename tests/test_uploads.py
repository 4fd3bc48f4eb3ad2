"""Uploads in the app: who holds their bytes, how many, and until when."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.loader import Request, load_sweep
from lib.model.choices import Choices
from lib.model.errors import InputError
from lib.serving.uploads import RefusedUpload, Upload
from lib.ui import uploads
from testing.exports import unet_export
from testing.opening import opened

ROOT = Path(__file__).resolve().parents[1]
CONFIG = "metric: {name: loss, goal: minimize}\nparameters: {learning_rate: {min: 0.001, max: 0.1}}\n"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    """The app, opened on a small file."""
    monkeypatch.chdir(ROOT)
    named = tmp_path / "of the owner.csv"
    named.write_text(unet_export(10, seed=9), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["streamlit_app.py", str(named)])
    return AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=120).run()


def uploader(app: AppTest) -> Any:
    return next(one for one in app.get("file_uploader") if one.key == uploads.WIDGET)


def errors(app: AppTest) -> str:
    return " ".join(one.value for one in app.error).replace("\\", "")


def test_an_upload_is_read_and_shown(app: AppTest) -> None:
    uploader(app).upload("mine.csv", unet_export(18).encode()).run()
    assert not app.exception
    assert errors(app) == ""
    assert "mine.csv" in [one.value for one in app.text]


def test_a_refused_upload_is_said_for_as_long_as_it_is_listed(app: AppTest) -> None:
    uploader(app).upload("mine.csv", b"just a sentence\n").run()
    assert "mine.csv has a header but no rows" in errors(app)
    app.run()
    assert "mine.csv has a header but no rows" in errors(app)
    uploader(app).clear().run()
    assert errors(app) == ""


def test_the_bytes_of_a_refused_upload_are_let_go_at_once(app: AppTest) -> None:
    uploader(app).upload("mine.csv", b"\x89PNG" + b"x" * 5_000_000).run()
    assert "mine.csv is a picture" in errors(app)
    assert [len(file.getvalue()) for file in app.session_state[uploads.WIDGET]] == [0]


def test_beyond_the_bound_over_all_sessions_an_upload_is_not_taken(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "kept_bytes", lambda: uploads.most_bytes() + 1)
    uploader(app).upload("mine.csv", unet_export(18).encode()).run()
    assert "mine.csv was not taken: the server holds as many uploaded files as it has memory for" in errors(app)


def test_the_bound_follows_the_servers_memory_and_the_owners_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamlit.get_option", lambda name: {"server.maxUploadSize": 50}[name])
    for limit, most in ((None, 500_000_000), (1_000_000_000, 200_000_000), (10**11, 500_000_000), (10**8, 52_428_800)):
        monkeypatch.setattr(uploads, "memory_limit", lambda limit=limit: limit)
        assert uploads.most_bytes() == most
    monkeypatch.setattr("streamlit.get_option", lambda name: 1000)
    assert uploads.most_bytes() == 1000 * 1024**2


def test_the_app_has_a_visitors_bytes_read_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the readers of files nor that of sweep configs run on them in this process."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a visitor's file was read in the server's process")

    monkeypatch.setattr("lib.sources.export.read.read_table", never)
    monkeypatch.setattr("lib.report.open.parse_sweep_config", never)
    content = unet_export(12).encode()
    request = Request(("sample",), (Upload("mine.csv", "d1", content),), sweep_config=CONFIG)
    sweep = load_sweep(request, Choices())
    assert len(sweep) == 172
    assert all(one.config["metric"]["name"] == "loss" for one in sweep.declarations)


def test_nothing_holds_the_bytes_that_were_refused() -> None:
    content = bytearray(b"\x89PNG" + b"x" * 20_000_000)
    gc.collect()
    tracemalloc.start()
    try:
        with pytest.raises(RefusedUpload) as caught:
            load_sweep(Request((), (Upload("mine.csv", "d2", bytes(content)),)), Choices())
        assert caught.value.digest == "d2"
        caught = None  # type: ignore[assignment]
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 5_000_000


def test_a_named_file_over_the_largest_size_is_not_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text(unet_export(5), encoding="utf-8")
    monkeypatch.setattr("lib.sources.LARGEST_FILE", 100)
    with pytest.raises(InputError, match="is over"):
        opened(str(tmp_path / "runs.csv"))
