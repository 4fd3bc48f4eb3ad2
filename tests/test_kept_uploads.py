"""Uploads outlive the page they came to: by a token in the address, in memory, for a stated time."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.report.request import Upload
from lib.serving.kept_uploads import MOST_KEPT, SECONDS_KEPT, KeptUploads, UploadSet
from lib.ui import uploads
from testing.exports import unet_export

ROOT = Path(__file__).resolve().parents[1]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def one_file(name: str = "mine.csv", content: bytes = b"a,b\n1,2\n") -> UploadSet:
    return UploadSet((Upload(name, f"digest of {name}", content),))


def test_a_token_is_of_128_bits_and_differs_each_time() -> None:
    store = KeptUploads()
    tokens = {store.keep(one_file(), "session") for _ in range(50)}
    assert len(tokens) == 50
    assert {len(base64.urlsafe_b64decode(token + "==")) for token in tokens} == {16}


def test_a_set_is_kept_for_an_hour_since_its_last_use() -> None:
    clock = Clock()
    store = KeptUploads(clock=clock)
    token = store.keep(one_file(), "session")
    clock.now = SECONDS_KEPT
    assert store.get(token, "another") == one_file()
    clock.now = 2 * SECONDS_KEPT
    assert store.get(token, "another") is not None
    clock.now = 3 * SECONDS_KEPT + 1
    assert store.get(token, "another") is None
    assert list(store.contents()) == []


def test_a_set_is_kept_while_a_session_shows_it_and_for_an_hour_after() -> None:
    clock, shown = Clock(), {"session"}
    store = KeptUploads(is_open=lambda session: session in shown, clock=clock)
    token = store.keep(one_file(), "session")
    clock.now = 10 * SECONDS_KEPT
    assert list(store.contents()) == [b"a,b\n1,2\n"]
    shown.clear()
    clock.now = 11 * SECONDS_KEPT
    assert store.get(token, "another") is not None
    clock.now = 12 * SECONDS_KEPT + 1
    assert store.get(token, "another") is None


def test_a_forgotten_token_leads_nowhere_and_is_not_given_again() -> None:
    store = KeptUploads()
    token = store.keep(one_file(), "session")
    store.forget(token)
    assert store.get(token, "session") is None
    assert store.keep(one_file(), "session", token) != token


def test_what_a_session_adds_stays_under_its_token() -> None:
    store = KeptUploads()
    token = store.keep(one_file(), "session")
    both = UploadSet((*one_file().files, *one_file("more.csv").files))
    assert store.keep(both, "session", token) == token
    assert store.get(token, "another") == both


def test_room_is_made_by_the_least_used_that_nobody_shows() -> None:
    clock = Clock()
    store = KeptUploads(is_open=lambda session: session == "here", clock=clock)
    tokens = []
    for number, session in enumerate(("here", "gone", "gone")):
        clock.now = float(number)
        tokens.append(store.keep(one_file(f"{number}.csv", b"x" * 10), session))
    store.make_room(lambda: sum(map(len, store.contents())) <= 20)
    assert [store.get(token, "gone") is not None for token in tokens] == [True, False, True]
    store.make_room(lambda: False)
    assert [store.get(token, "here") is not None for token in tokens] == [True, False, False]


def test_there_is_a_bound_to_how_many_sets_are_kept() -> None:
    clock = Clock()
    store = KeptUploads(clock=clock)
    first = store.keep(one_file(), "session")
    for number in range(MOST_KEPT):
        clock.now = 1.0 + number / MOST_KEPT
        store.keep(one_file(), "session")
    assert store.get(first, "session") is None
    assert len(list(store.contents())) == MOST_KEPT


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., AppTest]:
    """Begin a visit of the app, which is opened on a small file."""
    monkeypatch.chdir(ROOT)
    named = tmp_path / "of the owner.csv"
    named.write_text(unet_export(10, seed=9), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["streamlit_app.py", str(named)])

    def begin(**query: str | list[str]) -> AppTest:
        app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=120)
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return begin


def of_address(app: AppTest, key: str) -> list[str]:
    held = app.query_params.get(key, [])
    return [held] if isinstance(held, str) else list(held)


def uploader(app: AppTest) -> Any:
    return next(one for one in app.get("file_uploader") if one.key == uploads.WIDGET)


def upload(app: AppTest, name: str, content: bytes) -> None:
    uploader(app).upload(name, content).run()


def answer(app: AppTest) -> str:
    return app.title[0].value


def said(app: AppTest) -> str:
    return " ".join(one.value for one in (*app.error, *app.caption, *app.markdown)).replace("\\", "")


def test_who_opens_the_address_of_an_upload_sees_the_same_report(visit: Callable[..., AppTest]) -> None:
    app = visit()
    of_the_owner = answer(app)
    assert "upload" not in app.query_params
    upload(app, "mine.csv", unet_export(18).encode())
    token = of_address(app, "upload")
    assert of_address(app, "file") == ["mine.csv"]
    again = visit(upload=token, file="mine.csv")
    assert not again.exception
    assert answer(again) == answer(app) != of_the_owner
    assert "Anyone with this page's address sees this file" in said(again)
    assert not again.warning


def test_a_forgotten_upload_is_gone_for_all_who_have_its_address(visit: Callable[..., AppTest]) -> None:
    app = visit()
    of_the_owner = answer(app)
    upload(app, "mine.csv", unet_export(18).encode())
    token = of_address(app, "upload")[0]
    app.button(key="forget-upload").click().run()
    assert answer(app) == of_the_owner
    assert "upload" not in app.query_params
    again = visit(upload=token, file="mine.csv")
    assert "mine.csv, that the server no longer has" in said(again)


@pytest.mark.parametrize(
    "source", [{}, pytest.param({"source": "sample"}, marks=pytest.mark.nightly)], ids=["alone", "beside a source"]
)
def test_where_an_upload_is_gone_it_is_asked_for_by_name_and_nothing_else_is_shown(
    visit: Callable[..., AppTest], source: dict[str, str]
) -> None:
    app = visit(upload="A" * 22, file=["mine.csv", "more.csv"], **source)
    assert "mine.csv and more.csv, that the server no longer has" in said(app)
    assert "Upload mine.csv and more.csv again" in said(app)
    assert answer(app) == "Summary"
    assert not app.get("vega_lite_chart")
    upload(app, "mine.csv", unet_export(18).encode())
    assert not app.error
    assert of_address(app, "file") == ["mine.csv"]
    assert of_address(app, "upload") != ["A" * 22]


def test_a_reader_may_go_on_without_the_upload_that_is_gone(visit: Callable[..., AppTest]) -> None:
    of_the_owner = answer(visit())
    app = visit(upload="A" * 22, file="mine.csv")
    app.button(key="without-upload").click().run()
    assert answer(app) == of_the_owner
    assert "upload" not in app.query_params


def test_what_a_visitor_adds_to_a_linked_upload_is_read_with_it(visit: Callable[..., AppTest]) -> None:
    app = visit()
    upload(app, "mine.csv", unet_export(18).encode())
    first = of_address(app, "upload")
    other = visit(upload=first, file="mine.csv")
    upload(other, "more.csv", unet_export(12, seed=5).encode())
    assert of_address(other, "file") == ["mine.csv", "more.csv"]
    assert of_address(other, "upload") != first
    again = visit(upload=first, file="mine.csv")
    assert of_address(again, "file") == ["mine.csv"]


def test_an_upload_that_was_removed_is_no_longer_at_its_address(visit: Callable[..., AppTest]) -> None:
    app = visit()
    upload(app, "mine.csv", unet_export(18).encode())
    token = of_address(app, "upload")
    uploader(app).clear().run()
    assert "upload" not in app.query_params
    assert "no longer has" in said(visit(upload=token, file="mine.csv"))
