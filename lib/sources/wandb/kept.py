"""What was read from W&B and is kept for all who may see it, each with how it stands.

Nothing is kept of a source that was never read, so what can't be opened leaves no trace. Room is shared out between
scopes (a key and what it may open): what one of them has read makes place for its own before it does for another's.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

from lib.model.sweep import Sweep

# What keeping a sweep takes besides its tables.
_OWN_BYTES = 50_000


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands.

    revision : of the newest reading. None comes twice, not even where a source was forgotten in between: an old reading
        is never taken for new. asked_at, whole_at : when W&B was asked last, and when all of it was read, in seconds
        since 1970. problem : what went wrong when it was asked last.
    """

    sweep: Sweep
    revision: int
    asked_at: float
    whole_at: float
    problem: str | None = None


@dataclass(slots=True)
class _Entry:
    about: tuple[int, float, float, str | None]
    reference: weakref.ref[Sweep]
    held: Sweep | None
    bytes: int


class KeptSweeps:
    """Keeps readings by scope and source; one in use elsewhere stays known, whatever its size. Safe for threads.

    most : how many of a scope are held. most_bytes : how much in all; the scope that holds most gives up first, what it
    used longest ago. clock : seconds since 1970; replaced in tests.
    """

    def __init__(self, most: int, most_bytes: int, clock: Callable[[], float] = time.time) -> None:
        self._most, self._most_bytes, self._clock = most, most_bytes, clock
        self._entries: dict[tuple[str, Hashable], _Entry] = {}
        self._lock = threading.Lock()

    def get(self, scope: str, key: Hashable) -> Standing | None:
        """Return how a source stands; None where nothing of it is kept."""
        with self._lock:
            entry = self._entries.pop((scope, key), None)
            sweep = None if entry is None else entry.reference()
            if entry is None or sweep is None:
                return None
            self._entries[scope, key] = entry  # Now the one used last.
            return Standing(sweep, *entry.about)

    def put(self, scope: str, key: Hashable, sweep: Sweep, *, whole: bool, problem: str | None = None) -> Standing:
        """Keep a new reading: of all there is (`whole`), or of what changed since the one that is kept."""
        now = self._clock()
        before = self.get(scope, key)
        whole_at = now if whole else 0.0 if before is None else before.whole_at
        return self._kept(scope, key, Standing(sweep, time.time_ns(), now, whole_at, problem))

    def follow(self, scope: str, key: Hashable, sweep: Sweep, standing: Standing) -> None:
        """Keep what was made of a reading under that reading's revision."""
        self._kept(scope, key, replace(standing, sweep=sweep))

    def note(self, scope: str, key: Hashable, problem: str | None) -> None:
        """Take down what went wrong when W&B was asked now; the reading that is kept stays."""
        with self._lock:
            entry = self._entries.get((scope, key))
            if entry is not None:
                revision, _, whole_at, _ = entry.about
                entry.about = (revision, self._clock(), whole_at, problem)

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)

    def _kept(self, scope: str, key: Hashable, standing: Standing) -> Standing:
        sweep, size = standing.sweep, standing.sweep.bytes_held + _OWN_BYTES
        about = (standing.revision, standing.asked_at, standing.whole_at, standing.problem)
        held = sweep if size <= self._most_bytes else None
        with self._lock:
            self._entries.pop((scope, key), None)
            self._entries[scope, key] = _Entry(about, weakref.ref(sweep), held, size)
            self._make_room(scope)
        return standing

    def _make_room(self, scope: str) -> None:
        while sum(entry.held is not None for (one, _), entry in self._entries.items() if one == scope) > self._most:
            self._release(scope)
        while True:
            bytes_of: dict[str, int] = {}
            for (one, _), entry in self._entries.items():
                if entry.held is not None:
                    bytes_of[one] = bytes_of.get(one, 0) + entry.bytes
            if sum(bytes_of.values()) <= self._most_bytes:
                break
            self._release(max(bytes_of, key=lambda one: bytes_of[one]))
        for name in [name for name, entry in self._entries.items() if entry.reference() is None]:
            del self._entries[name]

    def _release(self, scope: str) -> None:
        oldest = next(e for (one, _), e in self._entries.items() if one == scope and e.held is not None)
        oldest.held = None
