"""What a reader is told when W&B fails, and after how long: on the command line and in the app, in a real browser.

    python -m bench.failures                      # all cases, some of which take a minute by design
    python -m bench.failures "rate limited" stall # those whose names hold one of these

Each case is a failure of the tests' stand-in. On the command line, `fetch` meets it at once. The app has read the sweep
before; then its reader presses "Refresh". The data has to stay, with its age.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from testing.browser.chromium import FLAGS, find_chromium
from testing.browser.server import App, running_app
from testing.wandb_server.made_data import OWNER_KEY, made_store
from testing.wandb_server.server import StandIn

ROOT = Path(__file__).resolve().parents[1]
SWEEP = "team/seg/sweep01"
RUNS = 25


@dataclass(frozen=True)
class Case:
    """One failure: what is done to the server before it is asked, or to the SDK's helper process meanwhile."""

    name: str
    prepare: Callable[[StandIn], Any] = lambda server: None
    source: str = SWEEP
    key: str = OWNER_KEY
    kill: int = 0


def fault(kind: str, operation: str = "Runs", **options: Any) -> Callable[[StandIn], None]:
    return lambda server: server.fail(kind, operation, **options)


def without_project(server: StandIn) -> None:
    server.store.projects.pop("team/seg")


def without_sweep(server: StandIn) -> None:
    server.store.projects["team/seg"].sweeps.clear()


def unseen(server: StandIn) -> None:
    server.store.keys[OWNER_KEY] = ("other/private",)


CASES = (
    Case("wrong key", fault("status", "*", status=401), key=f"wrong{'0' * 35}"),
    Case("no such entity or project", without_project),
    Case("no such sweep", without_sweep),
    Case("the key may not see the project", unseen),
    Case("not permitted (403)", fault("status", status=403)),
    Case("rate limited once, Retry-After 5", fault("status", times=1, status=429, retry_after="5")),
    Case("rate limited for good", fault("status", status=429)),
    Case("rate limited, Retry-After 300", fault("status", status=429, retry_after="300")),
    Case("server error once (502)", fault("status", times=1, status=502)),
    Case("server errors for good (500)", fault("status", status=500)),
    Case("no answer (stall)", fault("stall", seconds=90)),
    Case("no answer to the sweep's record (stall)", fault("stall", "GetSweep", seconds=90)),
    Case("one answer after 20 s", fault("slow", times=1, seconds=20)),
    Case("connections refused", StandIn.stop),
    Case("connection reset mid-page, once", fault("reset", times=1)),
    Case("connection reset mid-page, for good", fault("reset")),
    Case("half an answer, for good", fault("truncated")),
    Case("a log-in page instead of data", fault("html")),
    Case("an error of the query", fault("graphql", message="internal error")),
    Case("wandb-core killed once", fault("slow", times=1, seconds=3), kill=1),
    Case("wandb-core killed again and again", fault("slow", seconds=3), kill=1000),
)


def main() -> None:
    wanted = sys.argv[1:] or [""]
    cases = [case for case in CASES if any(part in case.name for part in wanted)]
    os.environ |= {"WANDB_SILENT": "true", "WANDB_ERROR_REPORTING": "false"}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        told = [pool.submit(on_the_command_line, case, Path(folder) / f"{at}.parquet") for at, case in enumerate(cases)]
        print("| failure | `fetch`: status, after, what it says | app: after, what it says | data and age stay |")
        print("|---|---|---|---|", flush=True)
        for at, (case, command) in enumerate(zip(cases, told, strict=True)):
            said, stays = in_the_app(case, Path(folder) / str(at))
            print(f"| {case.name} | {command.result()} | {said} | {stays} |", flush=True)


def on_the_command_line(case: Case, output: Path) -> str:
    with served(case) as server:
        environment = {**os.environ, "WANDB_BASE_URL": server.url, "WANDB_API_KEY": case.key}
        case.prepare(server)
        command = [sys.executable, "-m", "lib", "fetch", case.source, "--output", str(output), "--quiet"]
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=-1, stderr=-1, text=True)
        with killed(case.kill, process.pid):
            _, err = process.communicate()
        seconds = time.monotonic() - started
        assert output.exists() == (process.returncode == 0)
    return f"{process.returncode}, {seconds:.0f} s: {tidy(err, server) or 'read'}"


def in_the_app(case: Case, folder: Path) -> tuple[str, str]:
    """Return what the app said and after how long, and whether the data and its age were on the page then."""
    folder.mkdir()
    environment = {"WANDB_API_KEY": OWNER_KEY, "SWEEP_REPORT_CACHE": str(folder / "kept")}
    with served(case) as server, sync_playwright() as playwright:
        environment["WANDB_BASE_URL"] = server.url
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        with running_app(folder / "log.txt", [SWEEP], environment=environment) as app:
            page = browser.new_page()
            page.goto(f"{app.url}/data")
            page.get_by_text(f"{RUNS} runs from {SWEEP}").wait_for(timeout=60_000)
            case.prepare(server)
            started = time.monotonic()
            with killed(case.kill, process_of(app)):
                page.get_by_role("button", name="Refresh", exact=True).click()
                said = outcome(page)
            seconds = time.monotonic() - started
            stays = (
                page.get_by_text(f"{RUNS} runs from {SWEEP}").is_visible()
                and page.get_by_text(re.compile("^Read .* ago")).is_visible()
            )
            assert page.locator('[data-testid="stException"]').count() == 0
        browser.close()
    return f"{seconds:.0f} s: {tidy(said, server)}", "yes" if stays else "NO"


def outcome(page: Page) -> str:
    """Wait until the page has been drawn again after pressing the button; return its warning, if it has one."""
    running = 'document.querySelector(\'[data-testid="stApp"]\').dataset.testScriptState === "running"'
    with contextlib.suppress(Exception):
        page.wait_for_function(running, timeout=2_000)
    page.wait_for_function(f"!({running})", timeout=200_000)
    page.wait_for_timeout(700)
    page.wait_for_function(f"!({running})", timeout=200_000)
    warning = page.locator('[data-testid="stAlert"]').filter(has_text="What is shown here was read")
    return warning.first.inner_text() if warning.count() else "read"


@contextmanager
def served(case: Case) -> Iterator[StandIn]:
    server = StandIn(made_store(RUNS)).start()
    try:
        yield server
    finally:
        if case.prepare is not StandIn.stop:
            server.stop()


@contextmanager
def killed(times: int, parent: int) -> Iterator[None]:
    """Kill the SDK's helper process of a program, this many times at most, as soon as it is there."""
    over = threading.Event()

    def kill() -> None:
        left = times
        while left and not over.wait(0.3):
            found = subprocess.run(["pgrep", "-P", str(parent), "wandb-core"], capture_output=True, text=True)
            for process in found.stdout.split():
                if times == 1:
                    over.wait(1.0)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(process), signal.SIGKILL)
                left -= 1

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def process_of(app: App) -> int:
    port = app.url.rpartition(":")[2]
    found = subprocess.run(["pgrep", "-of", f"streamlit run .*--server.port={port}"], capture_output=True, text=True)
    return int(found.stdout)


def tidy(text: str, server: StandIn) -> str:
    assert "Traceback" not in text
    words = " ".join(text.replace("sweep report: ", "").removeprefix("cloud_off").split())
    return words.replace(server.url.partition("//")[2], "HOST").replace("|", "\\|")


if __name__ == "__main__":
    main()
