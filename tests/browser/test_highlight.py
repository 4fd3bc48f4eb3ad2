"""Runs highlighted as a person does it: a drag that is straight or wobbles, a click beside a point, on every page."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from lib.analysis.meeting import meeting_all
from lib.model.filters import condition_of
from lib.report import build_report
from lib.sections import BY_ADDRESS
from testing.browser.frame import click_to, runs_kept
from testing.browser.nightly import by_day
from testing.browser.visit import PATIENCE

FAINT = "0.14"


def asked(page: Page, key: str) -> list[str]:
    return parse_qs(urlsplit(page.url).query).get(key, [])


def bar(page: Page) -> Locator:
    return page.locator(".st-key-highlighted")


def highlighted(page: Page) -> int:
    expect(bar(page)).to_contain_text("highlighted:", timeout=PATIENCE)
    return int(bar(page).inner_text().split(" of ")[0])


def meant(page: Page) -> int:
    """How many of the sample's used runs meet what the address highlights, worked out without a page."""
    population = build_report("sample").population
    met = meeting_all(population, [condition_of(text) for text in asked(page, "light")])
    return int(met[population.rows].sum())


def chart_of(page: Page, name: str) -> Locator:
    chart = page.locator(f'[class*="st-key-chart-{name}"]').first
    chart.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    return chart


def drag(page: Page, chart: Locator, start: tuple[float, float], end: tuple[float, float], wobble: float = 0) -> None:
    """Drag over a chart between two places, as parts of its width and height; wobble : pixels to the sides."""
    box = chart.bounding_box()
    assert box is not None
    x, y = box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"]
    to_x, to_y = box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"]
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 9):
        aside = wobble * (-1) ** step if step < 8 else 0
        page.mouse.move(x + (to_x - x) * step / 8 + aside, y + (to_y - y) * step / 8)
    page.mouse.up()


def dots(chart: Locator) -> list[tuple[float, float, str]]:
    """Where the dots of a chart that is drawn as SVG stand on the page, and their opacity."""
    return [
        tuple(one)
        for one in chart.evaluate(
            """chart => [...chart.querySelectorAll('g.mark-symbol.role-mark path')].map(dot => {
                 const box = dot.getBoundingClientRect();
                 return [box.x + box.width / 2, box.y + box.height / 2, dot.getAttribute('opacity') || '1',
                         dot.getAttribute('fill')]})
               .filter(dot => dot[2] !== '0').map(dot => dot.slice(0, 3))"""
        )
    ]


@pytest.mark.parametrize("wobble", by_day([0, 6], [0]), ids=["straight", "wobbling"])
def test_a_drag_highlights_on_every_page_and_changes_no_statistic(app, visit, wobble):
    with visit(f"{app.url}/best-run") as seen:
        page = seen.page
        title, used = page.locator("h1").inner_text(), runs_kept(page)
        drag(page, chart_of(page, "distribution"), (0.55, 0.5), (0.8, 0.5), wobble)
        number = highlighted(page)
        assert 0 < number < used
        (text,) = asked(page, "light")
        assert text.startswith("val_dice_coefficient:")
        assert meant(page) == number
        assert (page.locator("h1").inner_text(), runs_kept(page)) == (title, used)

        click_to(page, BY_ADDRESS["hyperparameter-impact"])
        assert highlighted(page) == number
        assert asked(page, "light") == [text]
        chart = chart_of(page, "trend-learning_rate")
        places = [dot[:2] for dot in dots(chart)]
        assert sum(dot[2] != FAINT for dot in dots(chart)) == number
        page.keyboard.press("Escape")
        expect(bar(page)).to_have_count(0, timeout=PATIENCE)
        page.wait_for_timeout(300)
        assert asked(page, "light") == []
        assert sum(dot[2] == FAINT for dot in dots(chart)) == 0
        assert sorted(dot[:2] for dot in dots(chart)) == sorted(places)
        assert seen.exceptions() == []
    assert "Traceback" not in app.printed()


def test_the_highlighted_are_used_or_left_out_and_the_step_is_undone(app, visit):
    asked_for = "parameter=learning_rate&light=val_dice_coefficient%3A0.8.."
    with visit(f"{app.url}/hyperparameter-impact?{asked_for}") as seen:
        page = seen.page
        number, used = highlighted(page), runs_kept(page)
        warning = page.get_by_test_id("stAlert").filter(has_text="These runs were picked by their result")
        expect(warning).to_have_count(0)
        trend = chart_of(page, "trend-learning_rate")
        assert len(dots(trend)) == used
        page.get_by_role("button", name="Use only these runs").click()
        expect(warning).to_be_visible(timeout=PATIENCE)
        expect(bar(page)).to_have_count(0, timeout=PATIENCE)
        assert (asked(page, "only"), asked(page, "light")) == (["val_dice_coefficient:0.8.."], [])
        assert runs_kept(page) == number
        seen.wait_until_drawn()
        assert len(dots(trend)) == number
        page.get_by_role("button", name="Undo").press("Enter")
        expect(warning).to_have_count(0, timeout=PATIENCE)
        seen.wait_until_drawn()
        assert (highlighted(page), runs_kept(page)) == (number, used)
        # Clicked twice, as by a hasty hand: the second click finds nothing highlighted any more.
        page.get_by_role("button", name="Leave these out").dblclick()
        expect(warning).to_be_visible(timeout=PATIENCE)
        expect(bar(page)).to_have_count(0, timeout=PATIENCE)
        assert asked(page, "only") == ["-val_dice_coefficient:0.8.."]
        assert runs_kept(page) == used - number


def test_a_link_opened_in_a_new_tab_shows_the_same_view_and_this_one_stays(app, visit):
    with visit(f"{app.url}/?light=batch_size%3D8") as seen:
        page = seen.page
        number = highlighted(page)
        with page.context.expect_page() as opened:
            page.locator(".st-key-navigation").get_by_role("link", name="Impact").click(modifiers=["Control"])
        other = opened.value
        assert highlighted(other) == number
        assert urlsplit(other.url).path == "/hyperparameter-impact"
        other.close()
        assert urlsplit(page.url).path == "/"


def test_two_visitors_see_nothing_of_each_others_highlights_and_filters(app, visit):
    # What they see of each other's notes and uploads, their own tests say.
    query, other = "only=dropout%3A0.2..&light=batch_size%3D8", "light=batch_size%3D16"
    with visit(f"{app.url}/data?{query}") as first, visit(f"{app.url}/data?{other}") as second:
        mine, theirs = ((highlighted(one.page), runs_kept(one.page)) for one in (first, second))
        assert 0 < mine[0] < mine[1] < theirs[1]
        assert theirs[0] == meant(second.page)
        assert (asked(second.page, "light"), asked(second.page, "only")) == (["batch_size=16"], [])

        # Nor does what the second one does now reach the first.
        second.page.get_by_role("button", name="Use only these runs").click()
        expect(bar(second.page)).to_have_count(0, timeout=PATIENCE)
        assert runs_kept(second.page) == theirs[0]
        click_to(first.page, BY_ADDRESS["top-runs"])
        assert (highlighted(first.page), runs_kept(first.page)) == mine
        assert (asked(first.page, "only"), asked(first.page, "light")) == (["dropout:0.2.."], ["batch_size=8"])


@pytest.fixture(scope="module")
def dropout(app, visit):
    """Impact of dropout, on which each test ends as it began: nothing is highlighted. Last here: it stays open."""
    with visit(f"{app.url}/hyperparameter-impact?parameter=dropout") as seen:
        yield seen


def test_a_drag_straight_to_the_pixel_along_either_axis_chooses_by_that_axis_alone(dropout):
    page = dropout.page
    for start, end, column in (
        ((0.4, 0.5), (0.7, 0.5), "dropout"),
        ((0.5, 0.3), (0.5, 0.6), "val_dice_coefficient"),
    ):
        drag(page, chart_of(page, "trend-dropout"), start, end)
        number = highlighted(page)
        (text,) = asked(page, "light")
        assert text.startswith(f"{column}:")
        assert meant(page) == number > 0
        page.keyboard.press("Escape")
        expect(bar(page)).to_have_count(0, timeout=PATIENCE)
        dropout.wait_until_drawn()
    assert dropout.exceptions() == []


def test_a_click_beside_a_point_highlights_its_run_and_one_on_nothing_clears_it(dropout):
    page = dropout.page
    chart = chart_of(page, "trend-dropout")
    x, y, _ = max(dots(chart), key=lambda dot: dot[1])
    page.mouse.click(x + 5, y - 3)
    assert highlighted(page) == 1
    assert re.match("run_id=", asked(page, "light")[0])
    bar(page).get_by_role("button", name="Open").click()
    expect(page.get_by_role("dialog").get_by_text("Its configuration")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert highlighted(page) == 1
    page.mouse.click(x + 60, y - 4)
    expect(bar(page)).to_have_count(0, timeout=PATIENCE)
    dropout.wait_until_drawn()
    assert dropout.exceptions() == []
