"""One browser and one running app on the sample for all tests of this folder, in each process that runs tests.

Playwright keeps an event loop running in this thread for as long as the browser is open: a test elsewhere that wants a
loop of its own runs it in another thread.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from testing.browser.chromium import FLAGS, FOR_SECONDS, MISSING, find_chromium
from testing.browser.nightly import FIRST
from testing.browser.parallel_picture import Picture, small_app
from testing.browser.server import App, running_app
from testing.browser.visit import PATIENCE, WIDE, Visits

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parent.parts[-1:]:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    if chromium is None:
        pytest.fail(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, FOR_SECONDS])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on the sample."""
    with running_app(tmp_path_factory.mktemp("app") / "log.txt", first=FIRST) as app:
        yield app


@pytest.fixture(scope="session")
def visit(browser: Browser) -> Visits:
    """`with visit(url, size=NARROW, scheme="dark") as seen:` opens a page and waits until it is drawn."""
    return Visits(browser)


@pytest.fixture(scope="session")
def parallel_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with small_app(tmp_path_factory.mktemp("parallel"), first=FIRST) as app:
        yield app


@pytest.fixture(scope="module")
def parallel_page(visit: Visits) -> Iterator[Page]:
    with visit.window(size=(WIDE[0], 1300)) as seen:
        yield seen.page


@pytest.fixture
def picture(parallel_page: Page, parallel_app: App) -> Picture:
    """Parallel coordinates of `testing.browser.parallel_picture.made_runs`, in one page for the tests of a module."""
    return Picture(parallel_page, parallel_app.url)
