"""Every page, light and dark, wide and on a phone: axe-core (vendored, MPL-2.0, see vendor/) finds nothing serious,
no chart is blank or without words, nothing is wider than the window, and no other host is asked for anything.

By day five pages of different kinds are looked at in one of the two themes; at night all in both. All that is asked of
a page in a theme is asked of one look at it: wide first, then in the width of a phone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from lib.sections import SECTIONS
from testing.browser.frame import open_popover
from testing.browser.nightly import by_day
from testing.browser.server import App
from testing.browser.visit import NARROW, PATIENCE, WIDE, Visit

AXE = (Path(__file__).with_name("vendor") / "axe.min.js").read_text(encoding="utf-8")
SERIOUS = {"serious", "critical"}

EVERY = [(section.address, scheme) for section in SECTIONS for scheme in ("light", "dark")]
# The answer with its cards, claims, tables, charts with their controls, charts on canvas.
BY_DAY = [
    ("summary", "light"),
    ("findings", "dark"),
    ("data", "light"),
    ("hyperparameter-impact", "dark"),
    ("learning-curves", "light"),
]

# What the libraries below write, whose markup no app can change: (rule of axe-core, what the element's markup holds).
NOT_OURS = (
    # The rectangle that a reader drags over a chart: Vega gives it a role, and Vega-Lite no way to name or hide it.
    ("svg-img-alt", "_brush"),
)
# On any page but the first, Streamlit asks for its server under the page's own address before it asks at the root.
PROBING = "the server responded with a status of 404"

# A chart without a mark has axes and nothing else; on canvas, only its pixels tell.
BLANK_CHARTS = """() => [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')].filter(chart => {
  const canvas = chart.querySelector('canvas');
  if (!canvas) return !chart.querySelector('svg [class*="mark-"] path, svg [class*="mark-"] text');
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set();
  for (let i = 0; i < data.length; i += 4) colours.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
  return colours.size < 3;
}).length"""
SPEECHLESS_CHARTS = """() => [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')].filter(chart =>
  ![chart, ...chart.querySelectorAll('[aria-label]')].some(one => (one.ariaLabel ?? '').length > 30)).length"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
OVERFLOW_OF_MAIN = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  return main.scrollWidth - main.clientWidth;
}"""
# Charts that a page has at least, where the tests below must not find nothing.
CHARTS = {"hyperparameter-impact": 3, "cost": 2}


def violations(page: Any) -> list[tuple[str, str]]:
    page.evaluate(AXE + "; undefined")
    found = page.evaluate("() => axe.run({resultTypes: ['violations']}).then(result => result.violations)")
    nodes = [(v["id"], node["html"]) for v in found if v["impact"] in SERIOUS for node in v["nodes"]]
    return [(rule, html[:200]) for rule, html in nodes if not any(rule == r and part in html for r, part in NOT_OURS)]


def address_of(app: App, address: str) -> str:
    return f"{app.url}/{'' if address == SECTIONS[0].address else address}"


@pytest.fixture(scope="module", params=by_day(EVERY, BY_DAY), ids="-".join)
def looked_at(request: pytest.FixtureRequest, app, visit) -> Iterator[tuple[str, Visit]]:
    """A page in a theme, in a wide window at first, and its address."""
    address, scheme = request.param
    with visit(address_of(app, address), size=WIDE, scheme=scheme) as seen:
        yield address, seen


def narrow(seen: Visit) -> None:
    seen.page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    seen.page.wait_for_timeout(300)  # Until charts begin to be drawn again, a moment after the window.
    seen.wait_until_drawn()


def test_a_page_has_no_exception_no_error_no_blank_chart_and_no_word_to_other_hosts(app, looked_at):
    address, seen = looked_at
    assert seen.exceptions() == []
    # Streamlit's probe is made where an address is of another page than the first.
    assert [error for error in seen.errors if PROBING not in error or address == SECTIONS[0].address] == []
    assert seen.hosts <= {urlsplit(app.url).hostname, ""}
    seen.page.wait_for_function(f"() => ({BLANK_CHARTS})() === 0", timeout=PATIENCE)
    assert "Traceback" not in app.printed()


def test_every_chart_says_what_it_shows(looked_at):
    address, seen = looked_at
    assert seen.page.locator('[data-testid="stVegaLiteChart"]').count() >= CHARTS.get(address, 0)
    assert seen.page.evaluate(SPEECHLESS_CHARTS) == 0


def test_a_page_is_open_to_every_reader(looked_at):
    assert violations(looked_at[1].page) == []


# After the tests above, since it leaves the window narrow.
def test_on_a_phone_nothing_is_blank_or_wider_than_the_window(looked_at):
    _, seen = looked_at
    narrow(seen)
    seen.page.wait_for_function(f"() => ({BLANK_CHARTS})() === 0", timeout=PATIENCE)
    assert seen.page.evaluate(OVERFLOW) <= 0
    assert seen.page.evaluate(OVERFLOW_OF_MAIN) <= 2
    assert seen.exceptions() == []
    assert [error for error in seen.errors if PROBING not in error] == []
    assert violations(seen.page) == []


# By day: the test above narrows the window.
@pytest.mark.nightly
@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.address)
def test_a_page_that_is_opened_on_a_phone_is_whole(app, visit, section):
    with visit(address_of(app, section.address), size=NARROW) as seen:
        assert seen.exceptions() == []
        assert [error for error in seen.errors if PROBING not in error] == []
        seen.page.wait_for_function(f"() => ({BLANK_CHARTS})() === 0", timeout=PATIENCE)
        assert seen.page.evaluate(OVERFLOW) <= 0
        assert violations(seen.page) == []


# By day: other pages, above.
@pytest.mark.nightly
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_chosen_tags_are_readable(app, visit, scheme):
    with visit(f"{app.url}/top-runs?states=finished&states=crashed&metrics=loss", size=WIDE, scheme=scheme) as seen:
        open_popover(seen.page, "runs")
        assert seen.page.locator("[data-tag]").count() >= 2
        assert violations(seen.page) == []
