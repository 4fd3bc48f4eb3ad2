"""What the app keeps of W&B: who is served from the cache, what is asked for again, and what outlives a failure."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib.loader import Request, load_report, load_sweep, request_key
from lib.model.choices import Choices
from lib.model.errors import InputError, SourceUnavailable
from lib.serving import wandb_readings
from lib.serving.wandb_readings import MOST_SWEEPS, TooSoon, read_again, status, try_again
from lib.sources import readings
from lib.sources.wandb.access import Access
from lib.sources.wandb.last_good import stored_folder
from testing.wandb_server.fixtures import SWEEP, owner_fixture, server_fixture, visitor_fixture  # noqa: F401
from testing.wandb_server.made_data import OWNER_KEY, VISITOR_KEY, made_project
from testing.wandb_server.server import StandIn

PRIVATE = "other/private"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWEEP_REPORT_CACHE", str(tmp_path / "kept"))


@pytest.fixture(autouse=True)
def _asked_without_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here waits for the owner's key to be lent again, but for the tests of that."""
    for name in ("CHANGES_SECONDS", "WHOLE_SECONDS", "RETRY_SECONDS"):
        monkeypatch.setattr(wandb_readings, name, 0.0)


def asked(access: Access, source: str = SWEEP) -> Request:
    return Request((source,), access=access, base_url=access.base_url)


def read(request: Request) -> int:
    return len(load_sweep(request, Choices()))


def restart() -> None:
    st.cache_data.clear()
    st.cache_resource.clear()


def test_who_holds_the_same_access_is_served_from_the_cache(server: StandIn, owner: Access) -> None:
    assert read(asked(owner)) == 25
    server.log.clear()
    assert read(asked(Access(OWNER_KEY, True, server.url, ("*",)))) == 25
    assert server.log == []


def test_another_key_or_permission_is_never_served_from_it(server: StandIn, owner: Access, visitor: Access) -> None:
    assert read(asked(owner)) == 25
    with pytest.raises(SourceUnavailable, match="or your W&B key may not see it"):
        read(asked(visitor))
    with pytest.raises(InputError, match="may not open team/seg"):
        read(asked(Access(OWNER_KEY, True, server.url, ("team/nasty",))))
    assert read(asked(visitor, PRIVATE)) == 12
    with pytest.raises(InputError, match="may not open other/private"):
        read(asked(Access(OWNER_KEY, True, server.url, ("team/*",)), PRIVATE))


def test_visitors_who_come_at_once_cost_one_reading(server: StandIn, owner: Access) -> None:
    server.delay = 0.1
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: read(asked(owner)), range(4))) == [25] * 4
    assert server.operations().count("Runs") == 1


def test_reading_again_asks_for_what_changed_and_all_visitors_get_it(server: StandIn, owner: Access) -> None:
    first, second = asked(owner), asked(owner)
    read(first)
    server.touch("team/seg", 3)
    server.log.clear()
    before = request_key(second)
    assert read_again(first)
    assert request_key(second) != before
    assert load_sweep(second, Choices()).summary["touched"].notna().sum() == 3
    assert server.data_operations() == ["GetSweep", "Runs", "Runs"]


def test_everything_read_again_sees_what_changes_without_a_heartbeat(server: StandIn, owner: Access) -> None:
    read(asked(owner))
    server.store.projects["team/seg"].runs[0].display_name = "renamed"
    assert read_again(asked(owner))
    assert "renamed" not in set(load_sweep(asked(owner), Choices()).runs["name"])
    assert read_again(asked(owner), whole=True)
    assert "renamed" in set(load_sweep(asked(owner), Choices()).runs["name"])


def test_the_last_good_data_stays_whatever_goes_wrong(server: StandIn, owner: Access) -> None:
    read(asked(owner))
    server.fail("status", status=403)
    assert not read_again(asked(owner))
    assert "does not let" in str(status(asked(owner))[0][1].problem)
    server.faults.clear()
    del server.store.projects["team/seg"]
    assert not read_again(asked(owner))
    assert "There is no team/seg/sweep01" in str(status(asked(owner))[0][1].problem)
    assert read(asked(owner)) == 25


def test_what_the_owners_key_read_outlives_a_restart(server: StandIn, owner: Access) -> None:
    read(asked(owner))
    restart()
    server.fail("status", status=403)
    assert read(asked(owner)) == 25
    # Nothing newer can be had, and that is said; once it can, it is read.
    assert not read_again(asked(owner))
    assert "does not let" in str(status(asked(owner))[0][1].problem)
    server.faults.clear()
    server.store.projects["team/seg"].runs.pop()
    assert read_again(asked(owner))
    assert status(asked(owner))[0][1].problem is None
    assert read(asked(owner)) == 24


def test_what_is_kept_on_disk_is_for_who_may_see_it_alone(server: StandIn, owner: Access, visitor: Access) -> None:
    read(asked(owner))
    restart()
    server.fail("status", status=403)
    with pytest.raises(SourceUnavailable):
        read(asked(visitor))
    with pytest.raises(InputError, match="may not open team/seg"):
        read(asked(Access(OWNER_KEY, True, server.url, (PRIVATE,))))


def test_what_a_visitors_own_key_reads_never_touches_the_disk(server: StandIn, visitor: Access) -> None:
    assert read(asked(visitor, PRIVATE)) == 12
    assert not stored_folder().exists()


def test_no_key_is_in_what_is_kept(server: StandIn, owner: Access, visitor: Access) -> None:
    read(asked(owner))
    read(asked(visitor, PRIVATE))
    for request in (asked(owner), asked(visitor, PRIVATE)):
        assert "canary" not in repr(request_key(request)) + repr(request) + repr(vars(load_sweep(request, Choices())))
    kept = [file for file in stored_folder().iterdir()]
    assert len(kept) == 1
    assert OWNER_KEY.encode() not in kept[0].read_bytes()
    assert VISITOR_KEY.encode() not in kept[0].read_bytes()


def test_the_cache_holds_so_much_and_no_more(server: StandIn, owner: Access) -> None:
    projects = [f"team/number{number}" for number in range(MOST_SWEEPS + 1)]
    for name in projects:
        server.store.add(made_project(1, name=name.partition("/")[2], parameters=2, metrics=3))
        read(asked(owner, name))
    gc.collect()
    server.log.clear()
    read(asked(owner, projects[-1]))
    assert server.log == []
    read(asked(owner, projects[0]))
    assert "Runs" in server.operations()


def test_a_sweep_in_use_is_shared_and_a_kept_one_is_copied_without_asking_again(server: StandIn, owner: Access) -> None:
    sweep = load_sweep(asked(owner), Choices())
    assert load_sweep(asked(owner), Choices()) is sweep
    runs = sweep.runs.copy()
    server.log.clear()
    del sweep
    gc.collect()
    again = load_sweep(asked(owner), Choices())
    assert server.log == []
    pd.testing.assert_frame_equal(again.runs, runs)
    report = load_report(asked(owner), Choices())
    assert report.sweep is again
    assert load_report(asked(owner), Choices()) is report


def test_a_sweep_too_large_to_keep_is_shared_while_in_use_and_read_again_after(
    server: StandIn, owner: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wandb_readings, "MOST_BYTES_OF_SWEEPS", 10)
    sweep = load_sweep(asked(owner), Choices())
    server.log.clear()
    assert load_sweep(asked(owner), Choices()) is sweep
    assert server.log == []
    del sweep
    gc.collect()
    assert read(asked(owner)) == 25
    assert "Runs" in server.operations()


def test_without_a_key_an_address_of_the_configured_server_is_known_and_the_key_asked_for(server: StandIn) -> None:
    request = Request((f"{server.url}/team/seg/sweeps/sweep01",), base_url=server.url)
    with pytest.raises(InputError, match="Reading team/seg/sweep01 needs a W&B API key"):
        read(request)


def opened(server: StandIn, monkeypatch: pytest.MonkeyPatch, page: str) -> AppTest:
    root = Path(__file__).resolve().parents[1]
    monkeypatch.chdir(root)
    monkeypatch.setattr(sys, "argv", ["streamlit_app.py", SWEEP])
    monkeypatch.setenv("WANDB_BASE_URL", server.url)
    monkeypatch.setenv("WANDB_API_KEY", OWNER_KEY)
    return AppTest.from_file(str(root / "streamlit_app.py"), default_timeout=60).switch_page(f"pages/{page}.py").run()


def test_learning_curves_bring_the_histories_in_when_they_are_asked_for(
    server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(server, monkeypatch, "learning-curves")
    assert "holds no histories" in app.main.title[0].value
    assert "RunFullHistory" not in server.operations()
    next(b for b in app.main.button if b.label.startswith("Read the histories")).click().run()
    assert not app.exception
    assert server.operations().count("RunFullHistory") == 25
    assert app.session_state["histories"] is True
    assert app.main.get("vega_lite_chart")
    before = len(server.log)
    app.switch_page("pages/findings.py").run()
    assert len(server.log) == before


def test_a_report_by_last_values_stays_where_the_histories_cannot_be_had(
    server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(server, monkeypatch, "learning-curves")
    server.fail("status", "RunFullHistory", status=403)
    next(b for b in app.main.button if b.label.startswith("Read the histories")).click().run()
    assert not app.exception
    assert not app.error
    assert "The histories were left out" in app.main.warning[0].value


def test_what_went_wrong_once_is_not_said_after_it_went_well(server: StandIn, owner: Access) -> None:
    server.fail("status", status=403)
    with pytest.raises(SourceUnavailable):
        read(asked(owner))
    server.faults.clear()
    try_again(asked(owner))
    assert read(asked(owner)) == 25
    assert status(asked(owner))[0][1].problem is None


def test_what_was_kept_on_disk_is_one_reading_whatever_is_asked_of_it(server: StandIn, owner: Access) -> None:
    read(asked(owner))
    restart()
    server.fail("status", status=403)
    whole = load_sweep(asked(owner), Choices())
    server.log.clear()
    narrow = load_sweep(asked(owner), Choices(metric="val_dice", parameters=("lr",)))
    assert narrow is whole
    assert server.log == []


class Superseded(BaseException):
    """What Streamlit ends a script with that its visitor no longer waits for."""


def leave(share: float, text: str) -> None:
    raise Superseded


@pytest.fixture
def hanging(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let W&B answer nothing until the event is set."""
    monkeypatch.setattr(readings, "_QUIET", 0.001)
    monkeypatch.setattr(readings, "_LOOK", 0.001)
    answers = threading.Event()
    server.before_answer = lambda operation, variables: answers.wait() and None
    yield answers
    answers.set()


def test_clicks_while_wandb_hangs_add_no_threads_and_no_requests(
    server: StandIn, owner: Access, hanging: threading.Event
) -> None:
    before = threading.active_count()
    for _ in range(83):
        with pytest.raises(Superseded):
            load_sweep(asked(owner), Choices(), leave)
    # The reading, its connection to the SDK's helper process, and what the stand-in answers on.
    assert threading.active_count() <= before + 8
    # Another visitor is shown the sample meanwhile.
    assert len(load_report(Request(("sample",), access=owner), Choices()).sweep) == 160
    hanging.set()
    assert read(asked(owner)) == 25
    assert server.data_operations() == ["GetSweep", "Runs"]


def test_a_failure_is_told_to_all_who_ask_without_asking_again(server: StandIn, owner: Access) -> None:
    server.fail("status", status=403)
    for _ in range(10):
        with pytest.raises(SourceUnavailable):
            read(asked(owner))
    assert server.operations().count("Viewer") == 1


def test_sources_that_are_not_permitted_leave_no_trace(server: StandIn) -> None:
    lent = Access(OWNER_KEY, True, server.url, ("team/seg",))
    sweep = load_sweep(asked(lent), Choices())
    server.log.clear()
    for number in range(400):
        for source in (f"team/made{number}", f"other/made{number}/sweep", f"{server.url}/team/seg%2Fsweep{number}"):
            with pytest.raises(InputError):
                read(asked(lent, source))
            with pytest.raises(InputError, match="needs a W&B API key|names no sweep"):
                read(Request((source,), base_url=server.url))
    assert server.log == []
    assert len(wandb_readings._kept()) == 1
    assert wandb_readings._readings()._outcomes == {}
    assert load_sweep(asked(lent), Choices()) is sweep


def test_sources_that_a_visitor_makes_up_cost_the_others_nothing(
    server: StandIn, owner: Access, visitor: Access
) -> None:
    key = asked(owner)
    read(key)
    standing = request_key(key)
    for number in range(60):
        with pytest.raises(SourceUnavailable):
            read(asked(visitor, f"other/made{number}"))
    gc.collect()
    server.log.clear()
    assert read(asked(owner)) == 25
    assert request_key(asked(owner)) == standing
    assert server.log == []


def test_with_the_owners_key_a_source_is_not_asked_for_at_every_click(
    server: StandIn, owner: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wandb_readings, "WHOLE_SECONDS", 1000.0)
    monkeypatch.setattr(wandb_readings, "CHANGES_SECONDS", 1000.0)
    monkeypatch.setattr(wandb_readings, "RETRY_SECONDS", 1000.0)
    read(asked(owner))
    server.log.clear()
    for _ in range(5):
        with pytest.raises(TooSoon, match=r"Everything was read .* Try again in \d+ s"):
            read_again(asked(owner), whole=True)
        with pytest.raises(TooSoon, match=r"W&B was asked .* for all visitors"):
            read_again(asked(owner))
    assert server.log == []
    with pytest.raises(SourceUnavailable):
        read(asked(owner, "team/absent"))
    with pytest.raises(TooSoon):
        try_again(asked(owner, "team/absent"))


def test_a_visitors_own_key_is_theirs_to_ask_with(
    server: StandIn, visitor: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wandb_readings, "WHOLE_SECONDS", 1000.0)
    read(asked(visitor, PRIVATE))
    assert read_again(asked(visitor, PRIVATE), whole=True)


def test_several_sources_of_wandb_are_joined_and_each_is_asked_for_once(server: StandIn, owner: Access) -> None:
    request = Request((SWEEP, PRIVATE, SWEEP), access=owner, base_url=owner.base_url)
    assert len(load_sweep(request, Choices())) == 37
    assert server.operations().count("Runs") == 2
    server.store.projects[PRIVATE].runs.pop()
    assert read_again(request)
    assert len(load_sweep(request, Choices())) == 36
