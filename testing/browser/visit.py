"""One look at one page of the running app, and what was wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

WIDE = (1440, 900)
NARROW = (390, 844)

# Streamlit marks what it is still working on; a chart is there when Vega has put its canvas or SVG into it.
IS_DRAWN = """() => {
  const all = selector => [...document.querySelectorAll(selector)];
  return all('[data-testid="stMain"] h1, [data-testid="stMain"] [data-testid="stHeading"]').length > 0
    && all('[data-testid="stSkeleton"], [data-testid="stStatusWidgetRunningIcon"]').length === 0
    && all('[data-testid="stApp"]').every(app => app.dataset.testScriptState !== 'running')
    && all('[data-testid="stVegaLiteChart"]').every(chart => chart.querySelector('canvas, svg'));
}"""


@dataclass
class Visit:
    """An open page, with the errors of its console and the hosts that it asked for something."""

    page: Page
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def wait_until_drawn(self, seconds: float = 60) -> None:
        self.page.wait_for_function(IS_DRAWN, timeout=seconds * 1000)

    def exceptions(self) -> list[str]:
        """Text of every exception that stands on the page."""
        return self.page.locator('[data-testid="stException"]').all_inner_texts()


@contextmanager
def visiting(browser: Browser, url: str, size: tuple[int, int] = WIDE, scheme: str = "light") -> Iterator[Visit]:
    """Open `url` in a fresh profile (no cookies or storage of another visit) and wait until it is drawn."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    try:
        page = context.new_page()
        visit = Visit(page)
        page.on("console", lambda message: visit.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: visit.errors.append(str(error)))
        page.on("request", lambda request: visit.hosts.add(urlsplit(request.url).hostname or ""))
        page.goto(url)
        visit.wait_until_drawn()
        yield visit
    finally:
        context.close()
