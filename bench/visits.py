"""A browser's visits to the running app, with the seconds until drawn and the bytes received."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, sync_playwright

# Streamlit warns that its caches have no server here.
logging.disable(logging.WARNING)

from lib.sections import SECTIONS  # noqa: E402
from testing.browser.chromium import FLAGS, MISSING, find_chromium  # noqa: E402
from testing.browser.server import App, running_app  # noqa: E402
from testing.browser.visit import IS_DRAWN, WIDE  # noqa: E402

PAGES = {section.address: section for section in SECTIONS}
PATIENCE = 120_000
# An empty page with one Altair chart, and a second one to change to: what Streamlit itself takes.
FLOOR = """
import altair as alt
import pandas as pd
import streamlit as st

def page(title):
    st.title(title)
    frame = pd.DataFrame({"x": range(480), "y": [i * i % 97 for i in range(480)]})
    st.altair_chart(alt.Chart(frame).mark_circle().encode(x="x", y="y"))

def one():
    page("One")

def two():
    page("Two")

pages = [st.Page(one, title="One", default=True), st.Page(two, title="Two")]
st.navigation(pages, position="top").run()
"""


@contextmanager
def serving(source: Path | None = None) -> Iterator[App]:
    """Start a server of the app on a file, or of the floor without one."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        if source is not None:
            with running_app(log, [str(source)]) as app:
                yield app
            return
        script = Path(folder) / "floor.py"
        script.write_text(FLOOR, encoding="utf-8")
        with running_app(log, script=script) as app:
            yield app


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start the browser."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        browser.close()


class Visitor:
    """One visitor with a fresh browser profile; `received` counts the bytes of its requests and its WebSocket."""

    def __init__(self, browser: Browser, app: App) -> None:
        self.app = app
        self.context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]})
        self.page = self.context.new_page()
        self.received = 0
        session: CDPSession = self.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda event: self._add(event["encodedDataLength"]))
        session.on("Network.webSocketFrameReceived", lambda event: self._add_frame(event["response"]))

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def open(self, address: str) -> float:
        """Open a page by its address, perhaps with a query; return the seconds until it is drawn."""
        # The first page is at the root.
        place = address.removeprefix(SECTIONS[0].address)
        started = time.perf_counter()
        self.page.goto(f"{self.app.url}/{place}", wait_until="commit", timeout=PATIENCE)
        self.wait_until_drawn()
        return time.perf_counter() - started

    def change_to(self, label: str, menu: str | None = None) -> float:
        """Click a page's link in the navigation, in a menu of it or beside; return the seconds until it is drawn."""
        if menu is not None:
            button = self.page.locator(".st-key-navigation").get_by_role("button", name=menu)
            # A click that is no pointer's, as below, leaves the menu open.
            if button.get_attribute("aria-expanded") != "true":
                button.click()
        link = self.page.get_by_role("link", name=label, exact=True).locator("visible=true").first
        link.wait_for()
        started = time.perf_counter()
        link.evaluate("link => link.click()")
        self.page.wait_for_function(
            "label => document.title === label || document.title.startsWith(label + ' ·')",
            arg=label,
            timeout=PATIENCE,
        )
        self.wait_until_drawn()
        return time.perf_counter() - started

    def settle(self) -> None:
        """Wait for what the last step still has to do: it isn't the next one's, and a key pressed meanwhile is lost."""
        for _ in range(3):
            self.page.wait_for_timeout(200)
            self.wait_until_drawn()

    def act(self, action: Callable[[], Any]) -> float:
        """Do what makes the app run again; return the seconds until it has, and all is drawn."""
        self.settle()
        self.page.evaluate(
            """() => { window.ranOnce = false; const app = document.querySelector('[data-testid="stApp"]');
            window.watcher = new MutationObserver(() => {
              // A short run ends before the browser has drawn that it runs.
              if (app.dataset.testScriptState !== 'notRunning') window.ranOnce = true; });
            window.watcher.observe(app, {attributes: true}); }"""
        )
        started = time.perf_counter()
        action()
        self.page.wait_for_function("() => window.ranOnce", timeout=PATIENCE)
        self.wait_until_drawn()
        return time.perf_counter() - started

    def wait_until_drawn(self) -> None:
        """Wait until the script has ended and every chart is there."""
        self.page.wait_for_function(IS_DRAWN, timeout=PATIENCE)
        problem = self.page.locator('[data-testid="stException"]')
        if problem.count():
            raise RuntimeError(f"{self.page.url}: {problem.first.inner_text()}")

    def _add(self, size: float) -> None:
        self.received += int(size)

    def _add_frame(self, frame: dict[str, Any]) -> None:
        # Binary frames come as base64.
        self._add(len(frame["payloadData"]) * (0.75 if frame["opcode"] == 2 else 1))
