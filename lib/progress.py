"""A line of progress on standard error, for work that takes more than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

QUIET_SECONDS = 1.0


@contextmanager
def progress_line(quiet: bool) -> Iterator[Callable[[int, int | None], None] | None]:
    """Give a function `(done, total)` that writes "320 of 480 runs", or None when quiet; clear the line at the end."""
    if quiet:
        yield None
        return
    began, width = time.monotonic(), 0

    def show(done: int, total: int | None) -> None:
        nonlocal width
        if time.monotonic() - began < QUIET_SECONDS:
            return
        text = f"{done:,} of {total:,} runs" if total is not None else f"{done:,} runs"
        sys.stderr.write("\r" + text.ljust(width))
        sys.stderr.flush()
        width = len(text)

    try:
        yield show
    finally:
        if width:
            sys.stderr.write("\r" + " " * width + "\r")
            sys.stderr.flush()
