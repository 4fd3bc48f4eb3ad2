"""Many visitors at once, over Streamlit's own protocol: each clicks through every page for minutes; memory is watched.

    python -m bench.load                                # 50 sessions, 5 minutes
    python -m bench.load --sessions 10 --minutes 2

A session is what a browser is to the server: one WebSocket, on which it asks for page after page and takes all that is
sent, 4 to 16 seconds after the last one came. Sessions look at the sample, or at one of some made sweeps of which
every name holds a word of its own, as it is or with other choices. Some of the latter also upload a file that nobody
else has, another one before each round through the pages, and read it together with the sweep. A failure is an
exception, an error on the page, a word of another sweep, none of its own, or an upload that isn't shown. Memory is the
server's resident set at the end of each minute.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import requests
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from testing.browser.server import running_app
from testing.exports import to_csv

WORDS = ("quagga", "wombat", "narwhal", "axolotl", "okapi", "pangolin")
PATIENCE = 240
UPLOADS_EVERY = 5


@dataclass
class Tally:
    """What all sessions have seen so far."""

    seconds: list[float] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    uploads: int = 0


def made(word: str, runs: int, number: int = 0) -> str:
    """Return an export of which every run, hyperparameter and level holds the word; by number another of the kind."""
    draw = random.Random(f"{word} {number}")
    head = ["Name", "State", "Created", "Runtime", f"{word}_rate", f"{word}_kind", "val_score"]
    rows = []
    for i in range(runs):
        rate = 10 ** draw.uniform(-4, -1)
        created = f"2025-03-{1 + i // 1440:02d}T{i // 60 % 24:02d}:{i % 60:02d}:00Z"
        values = [rate, f"{word}{i % 3}", rate * 3 + draw.gauss(0, 0.05)]
        rows.append([f"{word}-{i}", "finished", created, 60 + i % 9, *values])
    return to_csv(head, rows)


class Session:
    """One visitor. `pages` is known once the first page has come: what the server calls each page, by its address."""

    def __init__(self, socket: websockets.ClientConnection, url: str, query: str) -> None:
        self.pages: dict[str, str] = {}
        self._socket = socket
        self._url = url
        self.query = query
        self.upload_shown = ""
        self._uploader = ""
        self._uploaded: tuple[str, int, FileURLs] | None = None

    async def upload(self, name: str, content: bytes) -> None:
        """Send a file as the browser does, in place of the one before; the next page asked for reads it."""
        question = BackMsg()
        question.file_urls_request.request_id = name
        question.file_urls_request.file_names.append(name)
        await self._socket.send(question.SerializeToString())
        while True:
            message = ForwardMsg.FromString(await asyncio.wait_for(self._socket.recv(), PATIENCE))
            if message.WhichOneof("type") == "file_urls_response":
                break
        given = message.file_urls_response.file_urls[0]
        before = self._uploaded[2].delete_url if self._uploaded else None
        await asyncio.to_thread(self._send, name, content, given.upload_url, before)
        self._uploaded, self.upload_shown = (name, len(content), given), name

    def _send(self, name: str, content: bytes, to: str, before: str | None) -> None:
        with requests.Session() as http:
            http.get(f"{self._url}/_stcore/health", timeout=PATIENCE).raise_for_status()
            http.headers["X-Xsrftoken"] = http.cookies["_streamlit_xsrf"]
            http.put(self._url + to, files={"file": (name, content)}, timeout=PATIENCE).raise_for_status()
            if before is not None:
                http.delete(self._url + before, timeout=PATIENCE).raise_for_status()

    async def ask(self, page: str | None = None) -> tuple[bytes, list[str]]:
        """Ask for a page, take all of it; return every byte of its elements, and what is wrong with it."""
        question = BackMsg()
        question.rerun_script.query_string = self.query
        question.rerun_script.page_script_hash = self.pages.get(page, "") if page else ""
        if self._uploaded is not None:
            name, size, file = self._uploaded
            state = question.rerun_script.widget_states.widgets.add(id=self._uploader)
            state.file_uploader_state_value.uploaded_file_info.add(
                name=name, size=size, file_id=file.file_id, file_urls=file
            )
        await self._socket.send(question.SerializeToString())
        drawn, wrong = bytearray(), []
        while True:
            message = ForwardMsg.FromString(await asyncio.wait_for(self._socket.recv(), PATIENCE))
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self.pages = {one.url_pathname: one.page_script_hash for one in message.navigation.app_pages}
            elif kind == "page_not_found":
                wrong.append("page not found")
            elif kind == "delta":
                element = message.delta.new_element
                drawn += message.delta.SerializeToString()
                if element.HasField("file_uploader") and element.file_uploader.multiple_files:
                    self._uploader = element.file_uploader.id
                if element.HasField("exception"):
                    wrong.append(f"exception: {element.exception.message[:200]}")
                if element.HasField("alert") and element.alert.format == element.alert.ERROR:
                    wrong.append(f"error: {element.alert.body[:200]}")
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return bytes(drawn), wrong


async def visit(
    url: str, number: int, sources: Sequence[tuple[str, str | None]], runs: int, until: float, tally: Tally
) -> None:
    """Click through the pages in an order of one's own until the time is over."""
    source, word = sources[number % len(sources)]
    uploads = 0
    draw = random.Random(number)
    query = urlencode({"source": source, **({"top": 5} if number % 2 else {})})
    address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
    try:
        async with websockets.connect(address, max_size=None, ping_timeout=None, subprotocols=["streamlit"]) as socket:
            session = Session(socket, url, query)
            await look(session, None, number, word, tally)
            while time.monotonic() < until:
                if word is not None and number % UPLOADS_EVERY == 0:
                    uploads += 1
                    await session.upload(f"{word}-{number}.csv", made(word, runs, 1000 * number + uploads).encode())
                    tally.uploads += 1
                for page in draw.sample(sorted(session.pages), len(session.pages)):
                    if time.monotonic() < until:
                        await asyncio.sleep(draw.uniform(4, 16))
                        await look(session, page, number, word, tally)
    except (OSError, TimeoutError, requests.RequestException, websockets.WebSocketException) as error:
        tally.failures.append(f"session {number}: {type(error).__name__} {error}")


async def look(session: Session, page: str | None, number: int, word: str | None, tally: Tally) -> None:
    started = time.monotonic()
    drawn, wrong = await session.ask(page)
    tally.seconds.append(time.monotonic() - started)
    tally.seen.add(page or "")
    wrong += [f"shows {other}" for other in WORDS if other != word and other.encode() in drawn]
    if word is not None and word.encode() not in drawn:
        wrong.append("shows nothing of its own")
    if session.upload_shown.encode() not in drawn:
        wrong.append("doesn't show its upload")
    tally.failures += [f"session {number}, /{page or ''}: {what}" for what in wrong]


def resident_mb(process: int) -> float:
    """Return the resident memory of a process (Linux)."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("The system doesn't say how much memory the server holds.")


async def watch(process: int, minutes: int, tally: Tally) -> list[float]:
    """Print memory and pages at the end of each minute; return the memory."""
    held, before = [], 0
    print("| minute | server, MB | pages so far | median s | slowest s | failures |\n|---|---|---|---|---|---|")
    for minute in range(1, minutes + 1):
        await asyncio.sleep(60)
        held.append(resident_mb(process))
        seconds = tally.seconds[before:] or [float("nan")]
        before = len(tally.seconds)
        figures = f"{statistics.median(seconds):.1f} | {max(seconds):.1f} | {len(tally.failures)}"
        print(f"| {minute} | {held[-1]:.0f} | {before:,} | {figures} |", flush=True)
    return held


async def drive(url: str, process: int, sources: Sequence[tuple[str, str | None]], given: argparse.Namespace) -> Tally:
    tally = Tally()
    until = time.monotonic() + given.minutes * 60
    visits = [visit(url, number, sources, given.runs, until, tally) for number in range(given.sessions)]
    held, *_ = await asyncio.gather(watch(process, given.minutes, tally), *visits)
    print(f"\nMemory after the first minute: {held[0]:.0f} MB; after the last: {held[-1]:.0f} MB.")
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description="Drive the app with many sessions at once.")
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--minutes", type=int, default=5)
    parser.add_argument("--runs", type=int, default=480, help="runs in each made sweep")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = {word: Path(folder) / f"made-{place}.csv" for place, word in enumerate(WORDS)}
        for word, path in files.items():
            path.write_text(made(word, given.runs), encoding="utf-8")
        sources = [("sample", None), *((str(path), word) for word, path in files.items()), ("sample/repeats", None)]
        with running_app(Path(folder) / "log.txt", [source for source, _ in sources]) as app:
            tally = asyncio.run(drive(app.url, app.process_id, sources, given))
            tracebacks = app.printed().count("Traceback")
    print(f"{given.sessions} sessions, {len(tally.seconds):,} pages of {len(tally.seen)} kinds, ", end="")
    print(f"{tally.uploads} uploads, {len(tally.failures)} failures, {tracebacks} tracebacks in the log.")
    for failure in tally.failures[:20]:
        print(f"- {failure}")
    sys.exit(1 if tally.failures or tracebacks else 0)


if __name__ == "__main__":
    main()
