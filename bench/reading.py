"""What reading uploads in a process of their own costs, beside reading the same bytes in the server's process.

    python -m bench.reading                             # made exports of 480, 5,000 and 20,000 runs
    python -m bench.reading --file runs.csv --times 9

Medians of several readings. "here" is in this process, warm. "ready" is with a reading process that has been started,
"started" with one that has to be. "x" is the ratio to "here". A small reading must cost no more than 0.3 s with a
process that is ready and 0.8 s without one; the program ends with 1 where it does.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.tables import heading, row
from lib.sources import open_upload
from lib.sources.child.pool import Readers
from testing.exports import unet_export

RUNS = (480, 5_000, 20_000)
MOST_SECONDS_READY = 0.3
MOST_SECONDS_STARTED = 0.8


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what reading in another process costs.")
    parser.add_argument("--runs", type=int, nargs="*", default=list(RUNS))
    parser.add_argument("--file", type=Path, help="an export or snapshot, in place of made ones")
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    if given.file is not None:
        files = {given.file.name: given.file.read_bytes()}
    else:
        files = {f"{runs:,} runs": unet_export(runs).encode() for runs in given.runs}
    heading("file", "MB", "here, s", "ready, s", "x", "started, s", "x")
    slow = False
    for at, (name, content) in enumerate(files.items()):
        here = median(given.times, lambda content=content: open_upload("x.csv", content))  # type: ignore[misc]
        ready = median(given.times, lambda content=content: read(content), before=wait_until_ready)  # type: ignore[misc]
        started = median(given.times, lambda content=content: read(content), before=forget)  # type: ignore[misc]
        row(
            name,
            f"{len(content) / 1e6:.1f}",
            f"{here:.3f}",
            f"{ready:.3f}",
            f"{ready / here:.1f}",
            f"{started:.3f}",
            f"{started / here:.1f}",
        )
        if at == 0:
            slow = ready - here > MOST_SECONDS_READY or started - here > MOST_SECONDS_STARTED
    READERS.close()
    sys.exit(1 if slow else 0)


READERS = Readers()


def read(content: bytes) -> None:
    with READERS.visit() as reader:
        reader.upload("x.csv", content)


def wait_until_ready() -> None:
    READERS.prepare()
    time.sleep(2)


def forget() -> None:
    """End the process that is ready, so that the next reading starts one."""
    global READERS
    READERS.close()
    READERS = Readers()


def median(times: int, work: Callable[[], object], before: Callable[[], None] = lambda: None) -> float:
    seconds = []
    for _ in range(times):
        before()
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
