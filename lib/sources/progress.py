"""How far a reading is and how long it has been waiting, in words; and a line of it on standard error."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

QUIET_SECONDS = 1.0
# An answer that takes no longer than this is nothing to speak of.
USUAL_WAIT = 3.0


class Waiting:
    """What a reading has said last, and since when it has been waiting for more.

    limit : after how many seconds without an answer the reading gives up.
    """

    def __init__(self, limit: float) -> None:
        self.done = 0
        self.total: int | None = None
        self._limit = limit
        self._since: float | None = None

    def tell(self, done: int, total: int | None) -> None:
        """Take what the reading tells after each answer, and when it begins: then with (0, None)."""
        self.done, self.total, self._since = done, total, time.monotonic()

    @property
    def share(self) -> float:
        """How much of the runs has arrived, from 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def counts(self) -> str:
        """As "320 of 480 runs"; empty where that isn't known."""
        return f"{self.done:,} of {self.total:,} runs" if self.total is not None else ""

    @property
    def text(self) -> str:
        """The counts, and where an answer is slow to come, for how long it has been and how long it may be."""
        if self._since is None:
            return ""
        said = self.counts or "Asking W&B …"
        waited = time.monotonic() - self._since
        if waited < USUAL_WAIT or (self.total is not None and self.done >= self.total):
            return said
        return f"{said} · no answer for {waited:.0f} s, gives up at {self._limit:.0f} s"


@contextmanager
def progress_line(quiet: bool, limit: float) -> Iterator[Callable[[int, int | None], None] | None]:
    """Give a function `(done, total)` that keeps a line on standard error, or None when quiet; clear it at the end.

    limit : after how many seconds without an answer the reading gives up, for the line to say. Where standard error is
    no terminal, it gets the counts alone: anyone who keeps it wants what happened, not how long it took.
    """
    if quiet:
        yield None
        return
    waiting = Waiting(limit)
    over = threading.Event()
    terminal = sys.stderr.isatty()

    def show() -> None:
        shown = ""
        pause = QUIET_SECONDS
        while not over.wait(pause):
            pause = 0.25
            text = waiting.text if terminal else waiting.counts
            if text != shown:
                sys.stderr.write("\r" + text.ljust(len(shown)))
                sys.stderr.flush()
                shown = text
        if shown:
            sys.stderr.write("\r" + " " * len(shown) + "\r")
            sys.stderr.flush()

    thread = threading.Thread(target=show, daemon=True, name="progress")
    thread.start()
    try:
        yield waiting.tell
    finally:
        over.set()
        thread.join()
