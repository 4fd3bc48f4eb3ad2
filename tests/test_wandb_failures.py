"""What a reader is told when W&B fails, through the real SDK: each failure its own sentence, after a bounded wait."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lib.model.errors import SourceUnavailable, SweepReportError
from lib.sources.record import Address
from lib.sources.snapshot.file import snapshot_bytes
from lib.sources.wandb import session as wandb_session
from lib.sources.wandb.access import Access, visitor_access
from lib.sources.wandb.api import fetch
from lib.sources.wandb.paging import run_pages
from lib.sources.wandb.session import Session
from testing.wandb_server.fixtures import (  # noqa: F401
    SWEEP,
    address_fixture,
    owner_fixture,
    server_fixture,
    visitor_fixture,
)
from testing.wandb_server.made_data import OWNER_KEY, VISITOR_KEY
from testing.wandb_server.server import StandIn

Read = Callable[[str], Address]
SHORT = 8.0


@pytest.fixture(autouse=True, scope="module")
def the_helper_process_is_there() -> None:
    """A busy machine may take the few seconds of the first test for starting it alone."""
    wandb_session._sdk(120)


@pytest.fixture(autouse=True)
def pauses_are_over_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two tries the session pauses: here its clock goes on by that much. The SDK's own waits stay."""
    monkeypatch.setattr(wandb_session, "time", Clock())


class Clock:
    """Stands for the module `time`: who sleeps has slept already."""

    def __init__(self) -> None:
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    def monotonic(self) -> float:
        return time.monotonic() + self.slept


def told(access: Access, address: Address, wait: float = SHORT) -> SweepReportError:
    """Return what a fetch raised; no text of it, its traceback included, may hold a key."""
    with pytest.raises(SweepReportError) as caught:
        fetch(address, access=access, wait=wait)
    whole = "".join(traceback.format_exception(caught.value))
    assert "canary" not in whole
    assert str(caught.value).count("\n") == 0
    return caught.value


@pytest.mark.parametrize("key", [f"canary{'x' * 40}", "canary", "canary with blanks, and long enough to be a key"])
def test_a_wrong_key_is_named_as_the_cause(server: StandIn, address: Read, key: str) -> None:
    error = told(visitor_access(key, server.url), address(SWEEP))
    assert isinstance(error, SourceUnavailable)
    assert "your W&B key" in str(error).replace("Your", "your")
    assert "forge.coreweave.com/settings#apikeys" in str(error)


@pytest.mark.parametrize("source", ["team/absent", "team/seg/absent", "absent/seg", "absent/seg/sweep01"])
def test_an_address_that_names_nothing_is_told(server: StandIn, owner: Access, address: Read, source: str) -> None:
    error = told(owner, address(source))
    assert isinstance(error, SourceUnavailable)
    assert f"There is no {source}" in str(error)


def test_a_project_that_the_key_may_not_see_reads_as_absent(server: StandIn, visitor: Access, address: Read) -> None:
    assert "or your W&B key may not see it" in str(told(visitor, address(SWEEP)))


@pytest.mark.parametrize(("status", "words"), [
    (401, "refused the configured W&B key"),
    (403, "does not let the configured W&B key read team/seg/sweep01"),
    (404, "not as a W&B server (HTTP 404). Check WANDB_BASE_URL"),
    (400, "did not take the request for team/seg/sweep01 (HTTP 400: something broke)"),
    (409, "HTTP 409"),
])  # fmt: skip
def test_a_refusal_is_told_at_once(server: StandIn, owner: Access, address: Read, status: int, words: str) -> None:
    server.fail("status", "Runs", status=status)
    error = told(owner, address(SWEEP))
    assert isinstance(error, SourceUnavailable)
    assert words in str(error)
    assert server.operations().count("Runs") == 1


def test_a_missing_project_may_come_as_status_404(server: StandIn, owner: Access, address: Read) -> None:
    server.fail("status", "Runs", status=404, message="project not found")
    assert "There is no team/seg/sweep01" in str(told(owner, address(SWEEP)))


@pytest.mark.parametrize(("status", "words"), [
    (429, "limiting how often it may be asked"), (500, "HTTP 500"),
])  # fmt: skip
def test_what_may_pass_is_tried_again_until_the_wait_is_over(
    server: StandIn, owner: Access, address: Read, status: int, words: str
) -> None:
    server.fail("status", "Runs", status=status)
    started = time.monotonic()
    error = told(owner, address(SWEEP))
    assert words in str(error)
    assert "seconds of trying" in str(error)
    assert server.operations().count("Runs") >= 4
    assert time.monotonic() - started < 3 * SHORT


@pytest.mark.parametrize("fault", [
    {"kind": "status", "status": 502}, {"kind": "status", "status": 429, "retry_after": "1"}, {"kind": "reset"},
    {"kind": "closed"}, {"kind": "truncated"}, {"kind": "empty"},
])  # fmt: skip
def test_a_page_that_broke_is_read_again_and_not_the_listing(
    server: StandIn, owner: Access, address: Read, fault: dict[str, Any]
) -> None:
    server.graphql.page_cap = 10
    server.fail(operation="Runs", skip=1, times=1, **fault)
    assert len(fetch(address(SWEEP), access=owner, wait=SHORT)) == 25
    cursors = [request.variables.get("cursor") for request in server.log if request.operation == "Runs"]
    assert len(cursors) == 4
    assert cursors[1] == cursors[2]


def test_a_server_that_fails_at_every_page_is_given_up(
    server: StandIn, owner: Access, address: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wandb_session, "MOST_WAITS", 0.5)
    server.graphql.page_cap = 10
    server.fail("reset", "Runs", times=1)
    server.fail("reset", "Runs", skip=1, times=1)
    assert "broke" in str(told(owner, address(SWEEP), wait=4))
    assert server.operations().count("Runs") == 3


def test_the_pause_that_the_server_asks_for_is_kept(server: StandIn, owner: Access, address: Read) -> None:
    server.fail("status", "Runs", times=1, status=429, retry_after="2")
    started = time.monotonic()
    fetch(address(SWEEP), access=owner, wait=20)
    assert time.monotonic() - started >= 2


def test_a_pause_longer_than_the_wait_is_told(server: StandIn, owner: Access, address: Read) -> None:
    server.fail("status", "Runs", status=429, retry_after="300")
    error = told(owner, address(SWEEP))
    assert "asked to wait longer than the 4 seconds" in str(error)


def test_a_server_that_does_not_answer_is_told(server: StandIn, owner: Access, address: Read) -> None:
    server.fail("stall", "Runs", seconds=30)
    assert "did not answer" in str(told(owner, address(SWEEP)))


def test_after_a_page_that_took_too_long_smaller_ones_are_asked_for(
    server: StandIn, owner: Access, address: Read
) -> None:
    server.fail("slow", "Runs", times=2, seconds=10)
    assert len(fetch(address(SWEEP), access=owner, wait=16)) == 25
    sizes = [request.variables["perPage"] for request in server.log if request.operation == "Runs"]
    # What was too slow is in the server's log once it has answered.
    assert set(sizes) - {25} == {25 // 4, 25 * 20 // 4}


@pytest.mark.parametrize(("operation", "kind", "words"), [
    ("Viewer", "html", "something that is not W&B's data"), ("Runs", "html", "something that is not W&B's data"),
    ("Viewer", "reset", "The connection to"), ("Runs", "truncated", "The connection to"),
])  # fmt: skip
def test_answers_that_are_none_are_told(
    server: StandIn, owner: Access, address: Read, operation: str, kind: str, words: str
) -> None:
    server.fail(kind, operation)
    assert words in str(told(owner, address(SWEEP)))


@pytest.mark.parametrize(("message", "words"), [
    ("permission denied", "does not let the configured W&B key read"), ("no such column", "could not answer for"),
])  # fmt: skip
def test_errors_of_the_query_are_told(server: StandIn, owner: Access, address: Read, message: str, words: str) -> None:
    server.fail("graphql", "Runs", message=message)
    assert words in str(told(owner, address(SWEEP)))


def test_a_key_that_the_server_repeats_is_not_passed_on(server: StandIn, owner: Access, address: Read) -> None:
    server.fail("graphql", "Runs", message=f"key {OWNER_KEY} has no quota")
    assert "(key) has no quota" in str(told(owner, address(SWEEP)))


def test_a_failure_while_logging_in_is_not_blamed_on_the_key(server: StandIn, owner: Access, address: Read) -> None:
    server.fail("status", "Viewer", status=500)
    assert "HTTP 500" in str(told(owner, address(SWEEP)))


def test_a_failing_sweep_record_is_told(server: StandIn, owner: Access, address: Read) -> None:
    server.fail("status", "GetSweep", status=403)
    server.fail("status", "GetSweepLegacy", status=403)
    assert "does not let" in str(told(owner, address(SWEEP)))


def test_a_server_that_refuses_connections_is_told(server: StandIn, owner: Access, address: Read) -> None:
    server.stop()
    error = told(owner, address(SWEEP))
    assert isinstance(error, SourceUnavailable)
    assert "can't be reached: it refuses connections" in str(error)


def test_a_connection_that_breaks_for_good_between_pages_is_told(server: StandIn, owner: Access, address: Read) -> None:
    server.graphql.page_cap = 10
    server.fail("reset", "Runs", skip=1)
    with pytest.raises(SourceUnavailable, match=r"The connection to .* broke"):
        fetch(address(SWEEP), access=owner, wait=SHORT)


def test_a_base_url_that_the_sdk_does_not_take_is_told(address: Read) -> None:
    access = Access(OWNER_KEY, owner=True, base_url="https://wandb.ai", allowed=("*",))
    assert "Check WANDB_BASE_URL or base_url" in str(told(access, address(SWEEP)))


def helper_processes() -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(os.getpid()), "wandb-core"], capture_output=True, text=True)
    return [int(line) for line in found.stdout.split()]


def test_a_dead_helper_process_is_replaced_in_the_middle_of_a_listing(
    server: StandIn, owner: Access, address: Read
) -> None:
    session = Session(owner, address(SWEEP), SHORT)
    pages = run_pages(session, {"sweep": "sweep01"}, first=10, most=10)
    arrived = [node["name"] for node in next(pages)[0]]
    assert helper_processes()
    for process in helper_processes():
        os.kill(process, signal.SIGKILL)
    arrived += [node["name"] for page in pages for node in page.runs]
    assert arrived == [run.id for run in server.store.projects["team/seg"].runs]


def test_a_helper_process_that_never_starts_is_told_and_hangs_nobody(
    server: StandIn, owner: Access, address: Read
) -> None:
    """Where it can't be started, the SDK never comes back, and holds what the next one would wait for."""
    with wandb_session._SDK_LOCK:
        assert "could not be started again. Restart the app." in str(told(owner, address(SWEEP)))
    assert len(fetch(address(SWEEP), access=owner)) == 25


def test_two_keys_live_together(server: StandIn, owner: Access, visitor: Access, address: Read) -> None:
    first, second = Session(owner, address(SWEEP)), Session(visitor, address("other/private"))
    assert len(next(run_pages(first, {}))[0]) == 25
    assert len(next(run_pages(second, {}))[0]) == 12
    assert len(next(run_pages(first, {}))[0]) == 25


def test_no_key_is_in_what_was_read_or_in_the_environment(server: StandIn, owner: Access, address: Read) -> None:
    sweep = fetch(address(SWEEP), access=owner)
    assert "canary" not in repr(vars(sweep)) + sweep.runs.to_csv() + sweep.config.to_csv() + repr(sweep.declarations)
    assert b"canary" not in snapshot_bytes(sweep)
    assert not [name for name, value in os.environ.items() if OWNER_KEY in value or VISITOR_KEY in value]


def test_no_key_is_in_a_file_that_the_sdk_wrote(server: StandIn, owner: Access, address: Read) -> None:
    fetch(address(SWEEP), access=owner)
    told(visitor_access(f"canary{'x' * 40}", server.url), address(SWEEP))
    written = [file for file in Path(os.environ["WANDB_CACHE_DIR"]).rglob("*") if file.is_file()]
    assert any(file.suffix == ".log" for file in written)
    assert not [file for file in written if b"canary" in file.read_bytes()]
