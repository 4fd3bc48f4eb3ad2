"""A sweep whose every name is markup, a formula or a script: a browser shows it letter for letter, and no more."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lib.__main__ import main
from lib.sections import SECTIONS
from testing.browser.nightly import FIRST, by_day
from testing.browser.server import App, running_app
from testing.browser.visit import PATIENCE
from testing.extremes import EXTREMES, NASTY, NASTY_METRIC, nasty_histories

# Sentences, cards and charts; numbers with names below them. A table by day in the last test here.
LOOKED_AT = ("summary", "compare")
# What would be on the page if a name had been read as HTML, Markdown, LaTeX or a link. A word behind a mark of a
# long name is emphasised by the app itself (`prose`, lib/render/app_text.py).
MADE = """() => ({
  harmed: window.harmed === undefined ? null : window.harmed,
  elements: [...document.querySelectorAll(
    'img[src="x"], img[src*="evil"], a[href*="evil"], a[href^="mailto"], .katex, del'
  )].map(e => e.outerHTML.slice(0, 200)),
  emphasised: [...document.querySelectorAll('b, i:not([class]), strong, em')]
    .filter(e => e.tagName !== 'EM' || /[\\W_]/.test(e.textContent)
      || !/[._/]$/.test(e.previousSibling?.textContent ?? ''))
    .map(e => e.textContent.trim()),
})"""
NOTHING = {"harmed": None, "elements": [], "emphasised": []}


def made(page: Page) -> dict[str, object]:
    """Return what was made of names. The app's own emphasis holds names whole: part of one is a name's doing."""
    found = page.evaluate(MADE)
    part = [
        text
        for text in found["emphasised"]
        if any(c.isalpha() for c in text) and any(text in name and text != name for name in (*NASTY, NASTY_METRIC))
    ]
    return {**found, "emphasised": part}


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
    with running_app(tmp_path_factory.mktemp("app") / "log.txt", nasty, first=FIRST) as app:
        yield app


@pytest.mark.parametrize("address", by_day([section.address for section in SECTIONS], LOOKED_AT))
def test_names_are_shown_letter_for_letter_on_every_page(nasty_app, visit, address):
    with visit(f"{nasty_app.url}/{address if address != 'summary' else ''}") as seen:
        assert made(seen.page) == NOTHING
        assert seen.exceptions() == []
        assert seen.hosts <= {"127.0.0.1", ""}
        assert NASTY_METRIC in seen.page.locator('[data-testid="stMain"]').inner_text()


# By day tests/test_report_formats.py reads such a report without a browser.
@pytest.mark.nightly
@pytest.mark.parametrize("sources", [2, 1])
def test_names_are_shown_letter_for_letter_in_a_report_to_keep(nasty, browser: Browser, tmp_path: Path, sources):
    file = tmp_path / "report.html"
    assert main(["report", *nasty[-sources:], "--format", "html", "--output", str(file), "--quiet"]) == 0
    asked: list[str] = []
    page: Page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_function("() => [...document.querySelectorAll('.chart')].every(c => c.querySelector('svg'))")
    assert made(page) == NOTHING
    assert [url for url in asked if re.match(r"(?!file:|data:|blob:)", url)] == []
    assert NASTY_METRIC in page.locator("body").inner_text()
    page.context.close()


def test_no_table_offers_a_csv_whose_formulas_a_spreadsheet_would_run(nasty_app, visit):
    with visit(f"{nasty_app.url}/data") as seen:
        assert made(seen.page) == NOTHING
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
