"""A server of 1 GB with a visitor who clicks through all pages, while strangers do their worst, one after the other.

    python -m bench.strangers                 # Linux, as root: the server gets a control group of 1 GB

The strangers upload a file beyond the limit, two large files one after the other, a cell made to be slow, and a table
of 500 hyperparameters x 14,000 runs; and name sources by the hundred that don't exist. A row each: how long it took,
what the stranger was told, the visitor's pages meanwhile (median and slowest seconds), and the server's memory. The
exit status is 1 where the server isn't alive at the end, a page of the visitor was wrong, or the log holds a traceback.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlencode

import requests
import websockets

from bench.load import Session, Tally, look, resident_mb
from bench.tables import heading, row
from testing.browser.server import App, running_app
from testing.memory_group import memory_group

Attack = Callable[[Session, str], Awaitable[str]]


def main() -> int:
    parser = argparse.ArgumentParser(description="Try a small server with strangers.")
    parser.add_argument("--megabytes", type=int, default=1024)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        memory_group(given.megabytes) as group,
        running_app(Path(folder) / "log.txt") as app,
    ):
        group.add(app.process_id)
        wrong = asyncio.run(drive(app))
        alive = requests.get(f"{app.url}/_stcore/health", timeout=10).ok
        tracebacks, peak = app.printed().count("Traceback"), group.peak_mb
    print(f"\nalive: {alive}; wrong pages of the visitor: {len(wrong)}; tracebacks: {tracebacks}; peak: {peak:.0f} MB")
    for what in wrong[:10]:
        print(f"- {what}")
    return 0 if alive and not wrong and not tracebacks else 1


async def drive(app: App) -> list[str]:
    tally, stop = Tally(), asyncio.Event()
    visiting = asyncio.create_task(visitor(app.url, tally, stop))
    heading("stranger", "s", "told", "visitor's median s", "slowest s", "server MB")
    for name, attack in ATTACKS.items():
        before, started = len(tally.seconds), time.monotonic()
        told = await tried(app.url, attack)
        took = time.monotonic() - started
        await asyncio.sleep(4)
        meanwhile = tally.seconds[before:] or [float("nan")]
        row(name, took, told, statistics.median(meanwhile), max(meanwhile), f"{resident_mb(app.process_id):.0f}")
    stop.set()
    await visiting
    return tally.failures


async def visitor(url: str, tally: Tally, stop: asyncio.Event) -> None:
    """Click through all pages of the sample until told to stop."""
    async with connected(url) as socket:
        session = Session(socket, url, urlencode({"source": "sample"}))
        await look(session, None, 0, None, tally)
        while not stop.is_set():
            for page in sorted(session.pages):
                if not stop.is_set():
                    await asyncio.sleep(1)
                    await look(session, page, 0, None, tally)


def connected(url: str) -> websockets.connect:
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    return websockets.connect(address, max_size=None, ping_timeout=None, subprotocols=["streamlit"])


async def tried(url: str, attack: Attack) -> str:
    try:
        async with connected(url) as socket:
            session = Session(socket, url, "")
            await session.ask()
            return await attack(session, url)
    except (OSError, TimeoutError, requests.RequestException, websockets.WebSocketException) as error:
        return f"{type(error).__name__}: {error}"[:80]


async def uploaded(session: Session, name: str, content: bytes) -> str:
    await session.upload(name, content)
    _, wrong = await session.ask()
    return (wrong[0] if wrong else "a report")[:80]


async def beyond_the_limit(session: Session, url: str) -> str:
    return await uploaded(session, "large.csv", b"a,b\n" + b"1,2\n" * (190 * 1024**2 // 4))


async def two_large_files(session: Session, url: str) -> str:
    content = b"Name,State,lr,val_acc\n" + b"run,finished,0.1,0.5\n" * (48 * 1024**2 // 21)
    first = await uploaded(session, "first.csv", content)
    return f"{first} / {await uploaded(session, 'second.csv', content[:-21])}"[:120]


async def slow_cell(session: Session, url: str) -> str:
    rows = b"".join(
        b"run-%d,finished,1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d!,0.%d\n" % (i, i + 1) for i in range(30)
    )
    return await uploaded(session, "slow.csv", b"Name,State,Runtime,val_acc\n" + rows)


async def wide_table(session: Session, url: str) -> str:
    draw = random.Random(1)
    head = ["Name", "State", *(f"p{i}" for i in range(500)), "val_acc"]
    cells = [",".join(str(draw.randint(0, 99)) for _ in range(500)) for _ in range(200)]
    rows = [f"run-{i},finished,{cells[i % 200]},{draw.random():.4f}" for i in range(14_000)]
    return await uploaded(session, "wide.csv", "\n".join([",".join(head), *rows]).encode())


async def made_up_sources(session: Session, url: str) -> str:
    told = ""
    for number in range(200):
        session.query = urlencode({"source": f"team/project{number}/sweep{number}"})
        _, wrong = await session.ask()
        told = wrong[0] if wrong else "nothing"
    return told[:80]


ATTACKS: dict[str, Attack] = {
    "a file of 190 MB": beyond_the_limit,
    "two files of 48 MB": two_large_files,
    "a cell made to be slow": slow_cell,
    "500 x 14,000": wide_table,
    "200 made-up sources": made_up_sources,
}


if __name__ == "__main__":
    sys.exit(main())
