"""Readings from slow servers: one in flight a source, for everyone who asks; few at once; failures remembered."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from lib.model.errors import SourceUnavailable, SweepReportError
from lib.sources.progress import Waiting

T = TypeVar("T")
Progress = Callable[[int, int | None], None]
Show = Callable[[float, str], None]
# What is asked for: whose access it is, and what.
Key = tuple[Hashable, ...]

MOST_AT_ONCE = 4
MOST_IN_LINE = 32
MOST_REMEMBERED_A_SCOPE = 50
FAILURE_SECONDS = 30.0
# Before anything is shown, and between two looks.
_QUIET, _LOOK = 0.3, 0.2


@dataclass(eq=False, slots=True)
class _Reading:
    key: Key
    work: Callable[[Progress], Any]
    # How much it reads, of what can be asked for under its key.
    extent: int
    # For how many seconds the result is given to who asks again.
    kept: float
    waiting: Waiting
    waiters: int = 0
    begun: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    value: Any = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    value: Any
    error: SweepReportError | None
    ended: float
    until: float


class Readings:
    """Runs readings on threads of their own, and lets all who ask for the same one wait for it together.

    limit : after how many seconds without an answer a reading gives up, for the text that is shown meanwhile.
    most_at_once : how many run; of one scope (the first part of a key) at most one fewer, so that nobody's hanging
        readings hold up all others. most_in_line : how many wait for their turn, before more are refused.
    clock : seconds; replaced in tests.
    """

    def __init__(
        self,
        limit: float,
        *,
        most_at_once: int = MOST_AT_ONCE,
        most_in_line: int = MOST_IN_LINE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit, self._clock = limit, clock
        self._most_at_once, self._most_in_line = most_at_once, most_in_line
        self._open: dict[Key, _Reading] = {}
        self._line: list[_Reading] = []
        self._outcomes: dict[Key, _Outcome] = {}
        self._lock = threading.Lock()

    def ask(
        self,
        key: Key,
        work: Callable[[Progress], T],
        *,
        show: Show | None = None,
        kept: float = 0.0,
        extent: int = 0,
        fresh: bool = False,
    ) -> T:
        """Return what `work` reads; where the same is being read already, wait for that.

        show : called on the caller's thread, again and again while it waits, with how much has arrived (0 to 1) and a
            text. What it raises ends the waiting, not the reading.
        kept : for how many seconds the result is given to who asks again. A failure is for 30 s.
        extent : how much is read; a running reading of the same key that reads less is waited for, then done again.
        fresh : past what is remembered.

        Raises what `work` raises, and SourceUnavailable where too many are in line.
        """
        while True:
            with self._lock:
                outcome = None if fresh else self._remembered(key)
                reading = self._joined(key, work, extent, kept) if outcome is None else None
            if reading is None:
                assert outcome is not None
                return cast(T, _given(outcome.value, outcome.error))
            self._wait(reading, show)
            if reading.extent >= extent:
                return cast(T, _given(reading.value, reading.error))

    def forget_failures(self, of: Key, *, older_than: float = 0.0) -> float:
        """Forget failures of keys that begin with `of`, if they are this many seconds old; return what one lacks."""
        with self._lock:
            now = self._clock()
            failed = {key: out for key, out in self._outcomes.items() if key[: len(of)] == of and out.error is not None}
            for key, outcome in failed.items():
                if now - outcome.ended >= older_than:
                    del self._outcomes[key]
            return max((older_than - (now - outcome.ended) for outcome in failed.values()), default=0.0)

    def _wait(self, reading: _Reading, show: Show | None) -> None:
        try:
            pause = _QUIET
            while not reading.done.wait(pause):
                pause = _LOOK
                if show is not None:
                    show(reading.waiting.share, self._text(reading))
        finally:
            with self._lock:
                reading.waiters -= 1

    def _joined(self, key: Key, work: Callable[[Progress], Any], extent: int, kept: float) -> _Reading:
        reading = self._open.get(key)
        if reading is None:
            self._leave_out_abandoned()
            if len(self._line) >= self._most_in_line:
                raise SourceUnavailable(
                    f"{len(self._line)} other sources wait to be read from W&B at the moment. Try again in a minute."
                )
            reading = self._open[key] = _Reading(key, work, extent, kept, Waiting(self._limit))
            self._line.append(reading)
        reading.waiters += 1
        self._begin()
        return reading

    def _leave_out_abandoned(self) -> None:
        """Drop from the line what nobody waits for any more."""
        for reading in [one for one in self._line if not one.waiters]:
            self._line.remove(reading)
            del self._open[reading.key]

    def _begin(self) -> None:
        self._leave_out_abandoned()
        running = Counter(reading.key[0] for reading in self._open.values() if reading.begun)
        for reading in list(self._line):
            if running.total() >= self._most_at_once:
                return
            if running[reading.key[0]] < max(self._most_at_once - 1, 1):
                running[reading.key[0]] += 1
                self._line.remove(reading)
                reading.begun = True
                threading.Thread(target=self._run, args=(reading,), daemon=True, name="reading").start()

    def _run(self, reading: _Reading) -> None:
        try:
            reading.value = reading.work(reading.waiting.tell)
        except BaseException as error:  # It is raised on the threads of those who asked.
            reading.error = error
        with self._lock:
            del self._open[reading.key]
            self._outcomes.pop(reading.key, None)
            if isinstance(reading.error, SweepReportError):
                self._remember(reading.key, None, reading.error, FAILURE_SECONDS)
            elif reading.error is None and reading.kept:
                self._remember(reading.key, reading.value, None, reading.kept)
            self._begin()
        reading.done.set()

    def _text(self, reading: _Reading) -> str:
        if reading.begun:
            return reading.waiting.text or "Asking W&B …"
        with self._lock:
            before = self._line.index(reading) if reading in self._line else 0
        return f"Waiting for other readings from W&B: {before + self._most_at_once} come first …"

    def _remembered(self, key: Key) -> _Outcome | None:
        now = self._clock()
        self._outcomes = {one: outcome for one, outcome in self._outcomes.items() if outcome.until > now}
        return self._outcomes.get(key)

    def _remember(self, key: Key, value: Any, error: SweepReportError | None, seconds: float) -> None:
        own = [one for one in self._outcomes if one[0] == key[0]]
        for oldest in own[: max(len(own) + 1 - MOST_REMEMBERED_A_SCOPE, 0)]:
            del self._outcomes[oldest]
        self._outcomes[key] = _Outcome(value, error, self._clock(), self._clock() + seconds)


def _given(value: Any, error: BaseException | None) -> Any:
    """Return a result or raise an error that others may raise at the same time: each raises one of their own."""
    if error is None:
        return value
    raise type(error)(str(error)) if isinstance(error, SweepReportError) else error
