"""By the keyboard alone: popovers are entered and left, dialogs give focus back, and every control is reached."""

import pytest
from playwright.sync_api import expect

from lib.sections import SECTIONS
from testing.browser.frame import POPOVERS, button_of

INSIDE = "() => document.activeElement.closest('[data-testid=stPopoverBody]') !== null"
# More presses of Tab than any page of the sample takes.
MOST_STOPS = 400
# Where the keyboard is, by a number of its own; whether that is seen. A table draws the cell in focus itself.
WHERE = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  window.stops ??= new Map();
  if (!window.stops.has(at)) window.stops.set(at, window.stops.size);
  const box = at.getBoundingClientRect();
  const rings = [at, at.parentElement, at.parentElement.parentElement, at.parentElement.parentElement.parentElement]
    .map(one => getComputedStyle(one));
  const seen = rings.some(one => one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) >= 1)
    || rings.some(one => /[1-9]px/.test(one.boxShadow)) || at.closest('[data-testid="stDataFrame"]') !== null;
  return { stop: window.stops.get(at), seen: seen || box.width === 0, name: at.outerHTML.slice(0, 120) };
}"""
# Of a group of options the keyboard stops at one, and the arrows go on; Chromium stops at what scrolls where it does.
MISSED = """() => [...document.querySelectorAll('[data-testid="stMain"] :is(button, a[href], input, summary)')]
  .filter(one => one.tabIndex >= 0 && !one.disabled && one.getClientRects().length
    && getComputedStyle(one).visibility !== 'hidden' && one.getAttribute('role') !== 'radio'
    && !one.closest('[data-testid="stDataFrame"]') && !window.stops.has(one))
  .map(one => one.outerHTML.slice(0, 120))"""


def enter_and_leave(page, button, way_in, way_out):
    button.focus()
    page.keyboard.press(way_in)
    page.wait_for_function(INSIDE)
    # Streamlit hears Escape a few hundredths of a second later, and no hand is faster.
    page.wait_for_timeout(200)
    page.keyboard.press(way_out)
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    expect(button).to_be_focused()


@pytest.fixture(scope="module")
def page(app, visit):
    """The first page, which each test leaves as it was."""
    with visit(app.url) as seen:
        yield seen.page


def test_a_popover_is_entered_at_once_and_left_by_tab_or_escape(page):
    for about in POPOVERS:
        button = button_of(page, about)
        enter_and_leave(page, button, "Enter", "Escape")
    menu = page.locator(".st-key-navigation").get_by_role("button", name="More on the runs")
    enter_and_leave(page, menu, "Space", "Shift+Tab")


def test_a_dialog_holds_the_keyboard_and_gives_it_back(page):
    dialog = page.get_by_role("dialog")
    for opener in (page.get_by_role("button", name="Glossary"), page.get_by_role("button", name="Find")):
        opener.focus()
        page.keyboard.press("Enter")
        expect(dialog).to_be_visible()
        page.wait_for_function("() => document.activeElement.closest('[role=dialog]') !== null")
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(opener).to_be_focused()


@pytest.mark.nightly
@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.address)
def test_every_control_of_a_page_is_reached_and_seen_to_be(section, app, visit):
    address = "" if section is SECTIONS[0] else section.address
    with visit(f"{app.url}/{address}") as seen:
        page = seen.page
        unseen, first = set(), None
        for _ in range(MOST_STOPS):
            page.keyboard.press("Tab")
            at = page.evaluate(WHERE)
            if at is None or (first is not None and at["stop"] == first):
                break
            first = at["stop"] if first is None else first
            unseen |= set() if at["seen"] else {at["name"]}
        else:
            pytest.fail(f"The keyboard doesn't leave the page: it is at {at['name']}.")
        assert not unseen
        assert page.evaluate(MISSED) == []
