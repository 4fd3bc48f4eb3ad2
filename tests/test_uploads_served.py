"""Uploads to a running server, over Streamlit's own protocol."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import websockets

from bench.load import Session, resident_mb
from testing.browser.server import App, running_app
from testing.exports import unet_export

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a process holds")

LARGE = 45_000_000


def children(process: int) -> list[int]:
    found: list[int] = []
    for thread in Path(f"/proc/{process}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that ended since it was listed, which has no children
            found += map(int, (thread / "children").read_text().split())
    return [one for one in found if b"lib.sources.child" in Path(f"/proc/{one}/cmdline").read_bytes()]


async def visits(app: App) -> dict[str, object]:
    address = f"{app.url.replace('http', 'ws', 1)}/_stcore/stream"
    seen: dict[str, object] = {}
    async with websockets.connect(address, max_size=None, ping_timeout=None, subprotocols=["streamlit"]) as socket:
        session = Session(socket, app.url, "source=sample")
        await session.ask()
        await session.upload("small.csv", b"\x89PNG")
        seen["small"] = (await session.ask())[1]
        before = resident_mb(app.process_id)
        for name in ("first.csv", "second.csv"):
            await session.upload(name, b"\x89PNG" + os.urandom(1_000_000) + b"x" * LARGE)
            seen[name] = (await session.ask())[1]
            seen[f"{name} again"] = (await session.ask())[1]
        seen["grown"] = resident_mb(app.process_id) - before
        await session.upload("good.csv", unet_export(40).encode())
        seen["drawn"], seen["good"] = await session.ask()
        seen["children"] = children(app.process_id)
    return seen


# By day `tests/test_uploads.py` and `tests/test_reading_process.py` check both without a server.
@pytest.mark.nightly
def test_refused_uploads_leave_no_memory_behind_and_no_process_outlives_the_server(tmp_path: Path) -> None:
    with running_app(tmp_path / "log.txt") as app:
        # In a thread: in this one a browser of other tests may be open, and Playwright's loop runs as long as it is.
        with ThreadPoolExecutor(1) as other:
            seen = other.submit(asyncio.run, visits(app)).result()
        printed = app.printed()
    assert "small.csv is a picture" in str(seen["small"]).replace("\\", "")
    for name in ("first.csv", "second.csv"):
        for asked in (name, f"{name} again"):
            assert f"{name} is a picture" in str(seen[asked]).replace("\\", ""), asked
    assert seen["good"] == []
    assert b"good.csv" in seen["drawn"]  # type: ignore[operator]
    # Two files of 46 MB came and went.
    assert float(str(seen["grown"])) < 40
    assert "Traceback" not in printed
    (reading,) = seen["children"]  # type: ignore[misc]
    deadline = time.monotonic() + 20
    while Path(f"/proc/{reading}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{reading}").exists()
