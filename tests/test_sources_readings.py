"""Readings from slow servers: who asks joins the one that runs, few run at once, failures are remembered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from lib.model.errors import SourceUnavailable
from lib.sources import readings
from lib.sources.readings import MOST_AT_ONCE, MOST_REMEMBERED_A_SCOPE, Readings


class Superseded(BaseException):
    """What Streamlit ends a script with that its visitor no longer waits for."""


class Gate:
    """Work that waits to be let through, and counts how often it was begun."""

    def __init__(self) -> None:
        self.begun = count()
        self.times = 0
        self.open = threading.Event()
        self.entered = threading.Semaphore(0)

    def __call__(self, progress: Callable[[int, int | None], None]) -> int:
        self.times = next(self.begun) + 1
        self.entered.release()
        self.open.wait()
        return self.times


def leave(share: float, text: str) -> None:
    raise Superseded


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "_QUIET", 0.001)
    monkeypatch.setattr(readings, "_LOOK", 0.001)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(40) as threads:
        yield threads


def joined(shared: Readings, pool: ThreadPoolExecutor, gate: Gate, key: Any, **more: Any) -> Future[int]:
    """Ask on another thread, and come back once it is seen to wait."""
    waits = threading.Event()
    future = pool.submit(shared.ask, key, gate, show=lambda share, text: waits.set(), **more)
    waits.wait()
    return future


def test_who_asks_joins_the_reading_that_runs(pool: ThreadPoolExecutor) -> None:
    shared, gate = Readings(60), Gate()
    futures = [joined(shared, pool, gate, ("owner", "a")) for _ in range(20)]
    gate.open.set()
    assert {future.result() for future in futures} == {1}
    assert gate.times == 1
    assert shared.ask(("owner", "a"), gate) == 2


def test_clicks_while_a_server_hangs_add_no_thread_and_no_reading() -> None:
    shared, gate = Readings(60), Gate()
    before = set(threading.enumerate())
    for _ in range(83):
        with pytest.raises(Superseded):
            shared.ask(("owner", "a"), gate, show=leave)
    assert gate.times == 1
    # Threads of other tests may end meanwhile.
    assert len(set(threading.enumerate()) - before) == 1
    gate.open.set()


def test_the_reading_that_a_visitor_left_goes_on_for_the_next(pool: ThreadPoolExecutor) -> None:
    shared, gate = Readings(60), Gate()
    with pytest.raises(Superseded):
        shared.ask(("owner", "a"), gate, show=leave)
    later = joined(shared, pool, gate, ("owner", "a"))
    gate.open.set()
    assert later.result() == 1


def test_few_readings_run_at_once_and_those_in_line_say_so(pool: ThreadPoolExecutor) -> None:
    shared, gate = Readings(60), Gate()
    for number in range(MOST_AT_ONCE):
        joined(shared, pool, gate, (f"scope{number}", "a"))
    told: list[str] = []
    seen = threading.Event()

    def show(share: float, text: str) -> None:
        told.append(text)
        seen.set()

    last = pool.submit(shared.ask, ("another", "a"), gate, show=show)
    seen.wait()
    assert told[0].startswith(f"Waiting for other readings from W&B: {MOST_AT_ONCE} come first")
    assert gate.times == MOST_AT_ONCE
    gate.open.set()
    assert last.result() == MOST_AT_ONCE + 1


def test_one_scopes_hanging_readings_leave_room_for_others(pool: ThreadPoolExecutor) -> None:
    shared, hanging, other = Readings(60), Gate(), Gate()
    for number in range(10):
        joined(shared, pool, hanging, ("visitor", number))
    assert hanging.times == MOST_AT_ONCE - 1
    other.open.set()
    assert shared.ask(("owner", "a"), other) == 1
    hanging.open.set()


def test_what_nobody_waits_for_any_more_is_never_begun(pool: ThreadPoolExecutor) -> None:
    shared, gate = Readings(60, most_at_once=1), Gate()
    running = joined(shared, pool, gate, ("owner", "a"))
    for number in range(200):
        with pytest.raises(Superseded):
            shared.ask(("owner", number), gate, show=leave)
    gate.open.set()
    assert running.result() == 1
    assert shared.ask(("owner", "b"), gate) == 2


def test_more_than_can_wait_are_told(pool: ThreadPoolExecutor) -> None:
    shared, gate = Readings(60, most_at_once=1, most_in_line=3), Gate()
    for number in range(4):
        joined(shared, pool, gate, ("owner", number))
    with pytest.raises(SourceUnavailable, match="3 other sources wait to be read"):
        shared.ask(("owner", "more"), gate)
    gate.open.set()


class Failing:
    times = 0

    def __call__(self, progress: object) -> int:
        self.times += 1
        raise SourceUnavailable("W&B did not answer.")


def test_a_failure_is_remembered_for_some_seconds_and_a_fresh_asking_goes_past_it() -> None:
    now = [0.0]
    shared, failing = Readings(60, clock=lambda: now[0]), Failing()

    def ask(**more: Any) -> None:
        with pytest.raises(SourceUnavailable, match="did not answer"):
            shared.ask(("owner", "a"), failing, **more)

    for _ in range(5):
        ask()
    assert failing.times == 1
    ask(fresh=True)
    assert failing.times == 2
    now[0] = 29.0
    ask()
    assert failing.times == 2
    now[0] = 31.0
    ask()
    assert failing.times == 3
    assert shared.forget_failures(("owner", "a"), older_than=5) == 5
    assert shared.forget_failures(("owner", "b"), older_than=5) == 0
    ask()
    assert failing.times == 3
    now[0] = 37.0
    assert shared.forget_failures(("owner",), older_than=5) <= 0
    ask()
    assert failing.times == 4


def test_each_who_waited_raises_an_error_of_their_own(pool: ThreadPoolExecutor) -> None:
    shared, failing = Readings(60), Failing()
    errors = []
    for _ in range(2):
        with pytest.raises(SourceUnavailable) as caught:
            shared.ask(("owner", "a"), failing)
        errors.append(caught.value)
    assert errors[0] is not errors[1]


def test_a_fault_of_the_program_is_raised_and_not_remembered() -> None:
    shared, times = Readings(60), count(1)

    def broken(progress: object) -> int:
        raise ZeroDivisionError(next(times))

    for expected in ("1", "2"):
        with pytest.raises(ZeroDivisionError, match=expected):
            shared.ask(("owner", "a"), broken)


def test_failures_of_one_scope_drive_out_none_of_another() -> None:
    shared, failing = Readings(60), Failing()
    with pytest.raises(SourceUnavailable):
        shared.ask(("owner", "a"), failing)
    made_up = Failing()
    for number in range(5 * MOST_REMEMBERED_A_SCOPE):
        with pytest.raises(SourceUnavailable):
            shared.ask(("visitor", number), made_up)
    assert len(shared._outcomes) == MOST_REMEMBERED_A_SCOPE + 1
    with pytest.raises(SourceUnavailable):
        shared.ask(("owner", "a"), failing)
    assert failing.times == 1


def test_a_result_is_given_to_who_asks_again_as_long_as_it_is_kept() -> None:
    now = [0.0]
    shared, gate = Readings(60, clock=lambda: now[0]), Gate()
    gate.open.set()
    assert [shared.ask(("owner", "list"), gate, kept=60) for _ in range(3)] == [1, 1, 1]
    now[0] = 61.0
    assert shared.ask(("owner", "list"), gate, kept=60) == 2


def test_who_wants_more_than_the_running_reading_brings_reads_after_it(pool: ThreadPoolExecutor) -> None:
    shared, part, whole = Readings(60), Gate(), Gate()
    whole.open.set()
    running = joined(shared, pool, part, ("owner", "a"), extent=1)
    after = joined(shared, pool, whole, ("owner", "a"), extent=2)
    assert whole.times == 0
    part.open.set()
    assert (running.result(), after.result()) == (1, 1)
    assert (part.times, whole.times) == (1, 1)
