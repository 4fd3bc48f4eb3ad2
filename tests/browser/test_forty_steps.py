"""Forty steps through all pages, as one reader might take them, end where the address alone leads to."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from lib.sections import BY_ADDRESS, SECTIONS
from testing.browser.frame import click_to, open_popover
from testing.browser.visit import Visit

PATIENCE = 60_000
pytestmark = pytest.mark.nightly


class Reader:
    """One reader at one page, who counts what they do."""

    def __init__(self, seen: Visit) -> None:
        self.seen, self.page, self.steps = seen, seen.page, 0
        self.page.set_default_timeout(PATIENCE)

    def step(self, action: Callable[[], object]) -> None:
        action()
        self.steps += 1
        self.page.wait_for_timeout(700)
        self.seen.wait_until_drawn()
        assert self.seen.exceptions() == [], self.steps

    def go(self, address: str) -> None:
        self.step(lambda: click_to(self.page, BY_ADDRESS[address]))

    def press(self, name: str, within: Locator | None = None) -> None:
        self.step(lambda: (within or self.page).get_by_role("button", name=name, exact=True).first.click())

    def key(self, name: str) -> None:
        self.step(lambda: self.page.keyboard.press(name))

    def brush(self, chart: str, wobble: float = 0) -> None:
        self.step(lambda: self._drag(chart, wobble))

    def choose_row(self, row: int) -> None:
        self.step(lambda: self._click_row(row))

    def asked(self, key: str) -> list[str]:
        return parse_qs(urlsplit(self.page.url).query).get(key, [])

    def _drag(self, name: str, wobble: float) -> None:
        chart = self.page.locator(f'[class*="st-key-chart-{name}"]').first
        chart.scroll_into_view_if_needed()
        self.page.wait_for_timeout(500)
        box = chart.bounding_box()
        assert box is not None
        x, y = box["x"] + 0.45 * box["width"], box["y"] + 0.3 * box["height"]
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for part in range(1, 6):
            self.page.mouse.move(
                x + part * 0.07 * box["width"] + wobble * (-1) ** part, y + part * 0.06 * box["height"]
            )
        self.page.mouse.up()

    def _click_row(self, row: int) -> None:
        table = self.page.get_by_test_id("stDataFrame").first
        table.scroll_into_view_if_needed()
        box = table.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + 20, box["y"] + 36 * (row + 1.5))


def said(page: Page) -> str:
    return page.get_by_test_id("stMain").inner_text()


def test_forty_steps_end_with_the_numbers_of_the_same_choices_typed_into_the_address(app, visit):
    with visit(app.url) as seen:
        reader, page = Reader(seen), seen.page
        bar = page.locator(".st-key-highlighted")
        reader.brush("every-run")
        expect(bar).to_be_visible()
        reader.press("Undo")
        reader.brush("every-run", wobble=5)
        reader.go("findings")
        reader.go("best-run")
        reader.brush("distribution", wobble=3)
        reader.key("Escape")
        expect(bar).to_have_count(0)
        reader.go("hyperparameter-impact")
        reader.brush("trend")
        reader.press("Use only these runs")
        reader.go("correlation")
        expect(page.get_by_test_id("stAlert").filter(has_text="picked by their result")).to_be_visible()
        reader.press("Undo")
        reader.press("Leave these out")
        reader.press("All runs")
        reader.step(lambda: open_popover(page, "runs").get_by_text("Filter by values").click())
        reader.press("16", page.get_by_test_id("stPopoverBody"))
        reader.key("Escape")
        reader.go("parallel-coordinates")
        reader.go("top-runs")
        reader.choose_row(0)
        reader.press("Highlight")
        reader.choose_row(1)
        reader.press("Compare 2")
        expect(page.get_by_role("dialog")).to_be_visible()
        reader.key("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        reader.go("interactions")
        reader.step(page.go_back)
        reader.step(page.go_forward)
        reader.step(page.reload)
        reader.go("learning-curves")
        reader.go("trade-off")
        reader.go("cost")
        reader.go("data")
        reader.go("best-run")
        reader.press("Open", bar)
        expect(page.get_by_role("dialog").get_by_text("Its configuration")).to_be_visible()
        reader.key("Escape")
        reader.press("Share")
        link = page.get_by_test_id("stPopoverBody").get_by_test_id("stCode").first.inner_text().strip()
        reader.key("Escape")
        reader.go("summary")
        reader.go("hyperparameter-impact")
        assert reader.steps == 40
        only, light = reader.asked("only"), reader.asked("light")
        assert only == ["batch_size=16"]
        assert len(light) == 1
        here = said(page)
    typed = urlencode({"only": only, "light": light}, doseq=True)
    with visit(f"{app.url}/hyperparameter-impact?{typed}") as elsewhere:
        elsewhere.page.wait_for_timeout(700)
        elsewhere.wait_until_drawn()
        assert said(elsewhere.page) == here
    with visit(link) as shared:
        assert urlsplit(shared.page.url).path == "/best-run"
        expect(shared.page.locator(".st-key-highlighted")).to_contain_text("1 of")
        click_to(shared.page, next(one for one in SECTIONS if one.address == "hyperparameter-impact"))
        shared.page.wait_for_timeout(700)
        shared.wait_until_drawn()
        assert said(shared.page) == here
    assert "Traceback" not in app.printed()
