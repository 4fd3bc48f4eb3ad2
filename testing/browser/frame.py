"""The app's frame as a visitor uses it: the way between pages, and the popovers of the line below it."""

from __future__ import annotations

import re
from typing import Literal

from playwright.sync_api import Locator, Page

from lib.sections import SECTIONS, Section
from testing.browser.visit import PATIENCE

# As they stand in the line.
POPOVERS = ("source", "objective", "runs")


def button_of(page: Page, about: Literal["source", "objective", "runs"]) -> Locator:
    """Return the button of a popover of the line; its text says what holds."""
    return page.locator(".st-key-view-line").get_by_test_id("stPopoverButton").nth(POPOVERS.index(about))


def open_popover(page: Page, about: Literal["source", "objective", "runs"]) -> Locator:
    """Open a popover of the line, if it isn't, and return what it holds."""
    body = page.get_by_test_id("stPopoverBody")
    button = button_of(page, about)
    if button.get_attribute("aria-expanded") != "true":
        button.click()
    body.wait_for()
    return body


def runs_kept(page: Page) -> int:
    """Return how many runs the line says count: "All 40 runs", "12 of 40 runs"."""
    found = re.search(r"All (\d+) run|(\d+) of \d+ run|(\d+) run", button_of(page, "runs").inner_text())
    assert found is not None
    return int(next(filter(None, found.groups())))


def click_to(page: Page, section: Section) -> None:
    """Go to a page by the navigation at the top, which has folded some pages into menus."""
    if section.group:
        page.locator(".st-key-navigation").get_by_role("button", name=section.group).click()
        links = page.get_by_test_id("stPopoverBody")
    else:
        links = page.locator(".st-key-navigation")
    links.get_by_role("link", name=section.label, exact=True).click()
    page.wait_for_url(re.compile(f"/{'' if section is SECTIONS[0] else section.address}([?]|$)"), timeout=PATIENCE)
    page.wait_for_function(f"() => document.title.startsWith({section.label + ' ·'!r})", timeout=PATIENCE)
