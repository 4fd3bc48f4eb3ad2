"""One look at one page of the running app, and what was wrong with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

WIDE = (1440, 900)
NARROW = (390, 844)
Scheme = Literal["light", "dark"]
# Milliseconds: a busy machine takes its time, and what is there sooner waits for nothing.
PATIENCE = 120_000
# Milliseconds between two looks. Playwright's own way, a look at every frame, has the browser paint without a pause.
LOOK_EVERY = 50

# Streamlit marks what it is still working on; a chart is there when Vega has put its canvas or SVG into it.
IS_DRAWN = """() => {
  const all = selector => [...document.querySelectorAll(selector)];
  return all('[data-testid="stMain"] h1, [data-testid="stMain"] [data-testid="stHeading"]').length > 0
    && all('[data-testid="stSkeleton"], [data-testid="stStatusWidgetRunningIcon"]').length === 0
    && all('[data-testid="stApp"]').every(app => app.dataset.testScriptState !== 'running')
    && all('[data-testid="stVegaLiteChart"]').every(chart => chart.querySelector('canvas, svg'));
}"""


def wait_until_drawn(page: Page) -> None:
    page.wait_for_function(IS_DRAWN, timeout=PATIENCE, polling=LOOK_EVERY)


@dataclass
class Visit:
    """An open page, with the errors of its console and the hosts that it asked for something."""

    page: Page
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def wait_until_drawn(self) -> None:
        wait_until_drawn(self.page)

    def exceptions(self) -> list[str]:
        """Text of every exception that stands on the page."""
        return self.page.locator('[data-testid="stException"]').all_inner_texts()


class Visits:
    """Looks at pages in one browser, one after another in the same window: its engine has the app's code then.

    Each begins with no cookies and no storage. A look within another has a window and a profile of its own.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[Page] = []

    @contextmanager
    def __call__(self, url: str, size: tuple[int, int] = WIDE, scheme: Scheme = "light") -> Iterator[Visit]:
        """Open `url` and wait until it is drawn; give the window back where nothing failed."""
        with self.window(size, scheme) as visit:
            visit.page.goto(url)
            visit.wait_until_drawn()
            yield visit

    @contextmanager
    def window(self, size: tuple[int, int] = WIDE, scheme: Scheme = "light") -> Iterator[Visit]:
        """Give a window that has opened nothing yet. A new one would read and compile the app's code once more."""
        page = self._free.pop() if self._free else self._browser.new_context().new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)
        try:
            with _watched(page) as visit:
                yield visit
                _leave_nothing(page)
        except BaseException:
            page.context.close()
            raise
        self._free.append(page)


@contextmanager
def visiting(browser: Browser, url: str, size: tuple[int, int] = WIDE, scheme: Scheme = "light") -> Iterator[Visit]:
    """Open `url` in a profile that has seen nothing yet and wait until it is drawn."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    try:
        with _watched(context.new_page()) as visit:
            visit.page.goto(url)
            visit.wait_until_drawn()
            yield visit
    finally:
        context.close()


@contextmanager
def _watched(page: Page) -> Iterator[Visit]:
    visit = Visit(page)
    page.set_default_timeout(PATIENCE)
    heard: dict[str, Callable[[Any], None]] = {
        "console": lambda message: visit.errors.append(message.text) if message.type == "error" else None,
        "pageerror": lambda error: visit.errors.append(str(error)),
        "request": lambda request: visit.hosts.add(urlsplit(request.url).hostname or ""),
    }
    for event, hear in heard.items():
        page.on(event, hear)  # type: ignore[call-overload]
    yield visit
    for event, hear in heard.items():
        page.remove_listener(event, hear)


def _leave_nothing(page: Page) -> None:
    if page.url != "about:blank":
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    page.goto("about:blank")
    page.context.clear_cookies()
