"""What a visitor sees without scrolling or clicking, what doesn't jump, and where links and Back lead."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from lib.model.numbers import precise
from lib.report import build_report
from lib.sections import BY_ADDRESS, SECTIONS
from lib.sections.next_space import recommended_words
from testing.browser.frame import click_to
from testing.browser.visit import NARROW, PATIENCE, WIDE

MOST_SHIFT = 0.1
MAIN = '[data-testid="stMain"]'
SHIFTS = """() => new Promise(resolve => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(one => { if (!one.hadRecentInput) sum += one.value; }))
    .observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => resolve(sum), 500);
})"""


@pytest.fixture(scope="module")
def sample():
    return build_report("sample")


def on_screen(page, locator, size):
    box = locator.first.bounding_box()
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= size[1]


def test_the_first_screen_says_who_is_best_what_matters_and_what_is_next(app, visit, sample):
    best = sample.best_run
    with visit(app.url, size=WIDE) as seen:
        page = seen.page
        (headline,) = page.get_by_role("heading", level=1).all_inner_texts()
        assert headline not in {word for section in SECTIONS for word in (section.label, section.title)}
        assert on_screen(page, page.get_by_test_id("stMetricLabel").filter(has_text=best.name), WIDE)
        value = precise(best.value, best.noise.sd)
        assert on_screen(page, page.get_by_test_id("stMetricValue").filter(has_text=value), WIDE)
        assert on_screen(page, page.get_by_role("button", name="Next sweep (YAML)"), WIDE)
        charts = page.get_by_test_id("stVegaLiteChart")
        for effect in sample.effects:
            if effect.claimed:
                words = recommended_words(sample.recommendation.of(effect.parameter))
                row = charts.locator("svg").get_by_text(words.replace("-", "−") if words.startswith("-") else words)
                assert on_screen(page, row, WIDE), effect.parameter


def test_on_a_phone_the_answer_and_the_first_card_are_on_the_first_screen(app, visit, sample):
    with visit(app.url, size=NARROW) as seen:
        page = seen.page
        assert on_screen(page, page.get_by_role("heading", level=1), NARROW)
        assert on_screen(page, page.get_by_test_id("stMetric").filter(has_text=sample.best_run.name), NARROW)


# What moves depends on what the machine has time for.
@pytest.mark.nightly
@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.address)
def test_nothing_jumps_while_a_page_is_drawn(section, app, visit):
    address = f"{app.url}/{'' if section is SECTIONS[0] else section.address}"
    with visit(address) as seen:
        # What the browser loads once, by the first visit, is there.
        seen.page.goto(address)
        seen.wait_until_drawn()
        assert seen.page.evaluate(SHIFTS) < MOST_SHIFT


def test_links_of_findings_land_on_their_parameter_and_back_returns_to_it_in_one_step(app, visit, sample):
    with visit(f"{app.url}/findings?top=4") as seen:
        page = seen.page
        links = page.get_by_role("link", name="See it on Impact")
        asked = [parse_qs(urlsplit(link.get_attribute("href")).query) for link in links.all()]
        assert {query["parameter"][0] for query in asked} >= {e.parameter for e in sample.effects if e.claimed}
        assert all(query["top"] == ["4"] for query in asked)
        links.last.click()
        name = asked[-1]["parameter"][0]
        expect(page.get_by_role("heading", name=name, exact=True).first).to_be_visible(timeout=PATIENCE)
        assert f"parameter={name}" in page.url
        assert "top=4" in page.url
        seen.wait_until_drawn()
        away_and_back(seen, name)


def away_and_back(seen, parameter):
    """Go to another page from Impact of a parameter, and back by one step of the browser's."""
    seen.page.wait_for_function(
        f"() => document.title.startsWith({BY_ADDRESS['hyperparameter-impact'].label + ' ·'!r})"
    )
    click_to(seen.page, BY_ADDRESS["best-run"])
    seen.page.wait_for_url("**/best-run?top=4", timeout=PATIENCE)
    seen.wait_until_drawn()
    seen.page.go_back()
    seen.page.wait_for_url(re.compile(rf"/hyperparameter-impact\?parameter={parameter}&top=4$"), timeout=PATIENCE)
    expect(seen.page.get_by_role("heading", name=parameter, exact=True).first).to_be_visible(timeout=PATIENCE)
    seen.wait_until_drawn()
    assert seen.page.url.endswith("&top=4")


# By day: the test above goes back.
@pytest.mark.nightly
def test_back_returns_to_where_a_page_was_left(app, visit):
    with visit(f"{app.url}/findings") as seen:
        page = seen.page
        links = page.get_by_role("link", name="See it on Impact")
        links.last.scroll_into_view_if_needed()
        page.wait_for_timeout(400)
        left_at = page.locator(MAIN).evaluate("main => main.scrollTop")
        assert left_at > 0
        links.last.click()
        page.wait_for_url("**/hyperparameter-impact?**", timeout=PATIENCE)
        seen.wait_until_drawn()
        page.go_back()
        expect(links.first).to_be_visible(timeout=PATIENCE)
        page.wait_for_function(
            "wanted => Math.abs(document.querySelector('[data-testid=stMain]').scrollTop - wanted) < 20",
            arg=left_at,
            timeout=PATIENCE,
        )


# By day: the first test of links goes back to a page that was reached by one.
@pytest.mark.nightly
def test_back_returns_in_one_step_to_what_an_address_had_asked(app, visit, sample):
    last = sample.effects[-1].parameter
    with visit(f"{app.url}/hyperparameter-impact?parameter={last}&top=4") as seen:
        away_and_back(seen, last)
