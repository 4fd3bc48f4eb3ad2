"""A sweep whose every name is markup, a formula or a script: a browser shows it letter for letter, and no more."""

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.__main__ import main
from lib.sections import SECTIONS
from testing.browser.server import App, running_app
from testing.extremes import EXTREMES, NASTY_METRIC, nasty_histories

LOOKED_AT = ("summary", "data", "best-run", "hyperparameter-impact", "learning-curves", "compare")
NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
ADDRESSES = [s.address for s in SECTIONS if NIGHTLY or s.address in LOOKED_AT]
# What would be on the page if a name had been read as HTML, Markdown, LaTeX or a link.
MADE = """() => ({
  harmed: window.harmed === undefined ? null : window.harmed,
  elements: [...document.querySelectorAll(
    'b, i:not([class]), img[src="x"], img[src*="evil"], a[href*="evil"], a[href^="mailto"], .katex, del'
  )].map(e => e.outerHTML.slice(0, 200)),
  bold: [...document.querySelectorAll('strong, em')].map(e => e.textContent),
})"""
NOTHING = {"harmed": None, "elements": [], "bold": []}


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("nasty")
    files = {
        "<img src=x onerror='window.harmed=1'> $x^2$ *y*.csv": EXTREMES["nasty names"](),
        "b.parquet": nasty_histories(),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return [str(folder / name) for name in files]


@pytest.fixture(scope="module")
def nasty_app(nasty: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with running_app(tmp_path_factory.mktemp("app") / "log.txt", nasty) as app:
        yield app


@pytest.mark.parametrize("address", ADDRESSES)
def test_names_are_shown_letter_for_letter_on_every_page(nasty_app, visit, address):
    with visit(f"{nasty_app.url}/{address if address != 'summary' else ''}") as seen:
        assert seen.page.evaluate(MADE) == NOTHING
        assert seen.exceptions() == []
        assert seen.hosts <= {"127.0.0.1", ""}
        assert NASTY_METRIC in seen.page.locator('[data-testid="stMain"]').inner_text()


def test_names_are_shown_letter_for_letter_in_a_report_to_keep(nasty, browser: Browser, tmp_path: Path):
    file = tmp_path / "report.html"
    assert main(["report", *nasty, "--format", "html", "--output", str(file), "--quiet"]) == 0
    asked: list[str] = []
    page: Page = browser.new_context().new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_function("() => [...document.querySelectorAll('.chart')].every(c => c.querySelector('svg'))")
    assert page.evaluate(MADE) == NOTHING
    assert [url for url in asked if re.match(r"(?!file:|data:|blob:)", url)] == []
    assert NASTY_METRIC in page.locator("body").inner_text()
    page.context.close()


def test_no_table_offers_a_csv_whose_formulas_a_spreadsheet_would_run(nasty_app, visit):
    with visit(f"{nasty_app.url}/data") as seen:
        table = seen.page.locator('[data-testid="stDataFrame"]').first
        table.hover()
        expect(seen.page.get_by_role("button", name="Search").first).to_be_visible()
        expect(seen.page.locator('button[aria-label^="Download as CSV"]').first).to_be_hidden()
        with seen.page.expect_download() as download:
            seen.page.locator('[data-testid="stMain"]').get_by_role("button", name="CSV").nth(2).click()
        rows = list(csv.reader(download.value.path().read_text(encoding="utf-8").splitlines()))
        cells = [cell for row in rows for cell in row]
        assert "'=HYPERLINK(1)" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "@"))]
