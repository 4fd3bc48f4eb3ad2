"""The report as one HTML file, opened from disk in a browser that may ask the network for nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from lib.render.html import report_as_html
from lib.sources.export.read import read_export
from testing.browser.nightly import by_day
from testing.browser.visit import NARROW, PATIENCE, WIDE
from testing.exports import unet_export
from testing.sweeps import reported, sample_report, search

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
FEW_RUNS = unet_export(18, crashed=3).encode()
MOST_PAGES = 9
SCHEMES = ("light", "dark")
# Charts of the size of the paper are drawn after those of the screen, unseen.
READY_FOR_PAPER = "() => [...document.querySelectorAll('.on-paper')].every(chart => chart.querySelector('svg, canvas'))"
DRAWN = "() => [...document.querySelectorAll('.chart')].every(chart => chart.querySelector('svg'))"


@pytest.fixture(scope="module", params=by_day(["few runs", "the sample"], ["few runs"]))
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "report.html"
    report = sample_report() if request.param == "the sample" else reported(read_export(FEW_RUNS, "runs.csv"))
    path.write_text(report_as_html(report), encoding="utf-8")
    return path


# Not every chart has runs for dots.
DOTS = "[...document.querySelectorAll('.chart .mark-symbol path')]"
DOT_OF_A_RUN = f"() => {DOTS}.find(dot => dot.__data__?.tooltip?.run)"


class Opened:
    """The file in a browser with every request to a host refused, and what it tried and complained of."""

    def __init__(self, browser: Browser, file: Path, size=WIDE, scheme="light"):
        self.scheme = scheme
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, bypass_csp=False, offline=True
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.goto(file.as_uri())
        self.page.wait_for_function(DRAWN)

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_) -> None:
        self.context.close()


@pytest.fixture(scope="module", params=by_day(SCHEMES, ["dark"]))
def opened(request: pytest.FixtureRequest, browser, file) -> Iterator[Opened]:
    """The file in a browser of a theme, wide at first."""
    with Opened(browser, file, scheme=request.param) as opened:
        yield opened


def test_it_opens_with_the_network_off_and_asks_for_nothing_but_itself(opened, file):
    assert opened.page.locator(".chart svg").count() >= 8
    asked = [url for url in opened.asked if not url.startswith(("data:", "blob:"))]
    assert asked == [file.as_uri()]
    assert opened.complaints == []


def test_its_charts_answer_the_pointer(opened):
    dot = opened.page.evaluate_handle(DOT_OF_A_RUN).as_element()
    dot.scroll_into_view_if_needed()
    dot.hover(force=True)
    opened.page.wait_for_selector("#vg-tooltip-element.visible")
    assert "sweep-" in opened.page.locator("#vg-tooltip-element").inner_text()


def serious(page: Page) -> list[tuple[str, str]]:
    page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    found = page.evaluate("() => axe.run({resultTypes: ['violations']}).then(r => r.violations)")
    return [(v["id"], v["nodes"][0]["html"][:160]) for v in found if v["impact"] in ("serious", "critical")]


def test_it_follows_the_readers_theme_and_prints_on_white(opened):
    fill = "() => getComputedStyle(document.body).backgroundColor"
    background = "() => document.querySelector('.chart svg').style.backgroundColor"
    paper, night = "rgb(255, 255, 255)", "rgb(18, 22, 28)"
    wanted = night if opened.scheme == "dark" else paper
    assert opened.page.evaluate(fill) == wanted
    assert opened.page.evaluate(background) == wanted
    opened.page.emulate_media(media="print")
    assert opened.page.evaluate(fill) == paper
    printed = "() => getComputedStyle(document.querySelector('.on-paper svg')).backgroundColor"
    opened.page.wait_for_function(READY_FOR_PAPER)
    assert opened.page.evaluate(printed) == paper
    assert not opened.page.locator(".chart").first.is_visible()
    opened.page.emulate_media(media="null")


def test_what_is_reference_is_folded_and_the_contents_lead_to_each_section(opened):
    folded_and_linked(opened.page)


def folded_and_linked(page: Page) -> None:
    assert page.locator("main details:not(.vega-embed details)").count() > 3
    assert page.locator("main details[open]").count() == 0
    links = page.locator("nav a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert links == page.locator("main section").evaluate_all("all => all.map(s => '#' + s.id)")


def test_it_prints_on_a4_with_headings_beside_what_they_head(opened):
    opened.page.wait_for_function(READY_FOR_PAPER)
    printed = opened.page.pdf(prefer_css_page_size=True)
    (width, height) = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed).groups()
    # A4 in points.
    assert (float(width), float(height)) == (pytest.approx(595, abs=1), pytest.approx(842, abs=1))
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= MOST_PAGES
    opened.page.emulate_media(media="print")
    after = "selector => [...document.querySelectorAll(selector)].map(e => getComputedStyle(e).breakAfter)"
    assert set(opened.page.evaluate(after, "main h2, main h3, main h4, main h2 + .headline")) == {"avoid"}
    inside = "selector => [...document.querySelectorAll(selector)].map(e => getComputedStyle(e).breakInside)"
    assert set(opened.page.evaluate(inside, "main figure")) == {"avoid"}
    opened.page.emulate_media(media="null")


# After the tests above, since it leaves the window narrow.
@pytest.mark.parametrize("size", by_day([WIDE, NARROW], [NARROW]), ids=["wide", "narrow"])
def test_it_is_open_to_every_reader_and_no_wider_than_its_window(opened, size):
    opened.page.set_viewport_size({"width": size[0], "height": size[1]})
    assert opened.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert serious(opened.page) == []


# By day: the sample, above.
@pytest.mark.nightly
def test_a_sweep_of_four_hyperparameters_prints_on_fewer_than_ten_pages(browser, tmp_path: Path):
    path = tmp_path / "report.html"
    report = reported(read_export(unet_export(60).encode(), "runs.csv"))
    assert len(report.population.searched) == 4
    path.write_text(report_as_html(report), encoding="utf-8")
    with Opened(browser, path) as opened:
        opened.page.wait_for_function(READY_FOR_PAPER)
        printed = opened.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) < 10


# By day: the sample, above.
@pytest.mark.nightly
def test_of_500_runs_it_is_under_2_megabytes_and_folds_what_is_reference(browser, tmp_path: Path):
    path = tmp_path / "report.html"
    path.write_text(report_as_html(reported(search(500))), encoding="utf-8")
    assert path.stat().st_size < 2_000_000
    with Opened(browser, path) as opened:
        folded_and_linked(opened.page)
