"""The app as its users start it: a Streamlit server of its own on a free port."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_START = 180


@dataclass(frozen=True)
class App:
    """A running app: where it answers, the file that holds all it printed, and the server's process."""

    url: str
    log: Path
    process_id: int

    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running_app(
    log: Path,
    sources: Sequence[str] = (),
    options: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    script: Path = ROOT / "streamlit_app.py",
    first: str = "",
) -> Iterator[App]:
    """Start the app on `sources`, with more `options` of `streamlit run`; stop it at the end of the block.

    first : what the server's process does before all else, in Python: to shorten a wait, say.
    """
    port = free_port()
    command = [
        *(sys.executable, "-c", f"{first}\nfrom streamlit.web.cli import main\nmain()", "run", str(script)),
        "--server.headless=true",
        "--server.address=127.0.0.1",
        f"--server.port={port}",
        "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
        *options,
        *(("--", *sources) if sources else ()),
    ]
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=output, stderr=subprocess.STDOUT
        )
    app = App(url=f"http://127.0.0.1:{port}", log=log, process_id=process.pid)
    try:
        _wait_until_it_answers(process, app)
        yield app
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], app: App) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{app.url}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The app did not answer at {app.url}. It printed:\n{app.printed()[-4000:]}")
