"""Filters by pointing and clicking: what the controls write, and what they show of what is written."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from testing.browser.frame import open_popover, runs_kept
from testing.browser.visit import PATIENCE


def asked(page: Page) -> list[str]:
    return parse_qs(urlsplit(page.url).query).get("only", [])


def settle(page: Page, wanted: object) -> None:
    """Wait until the address asks for what it should."""
    for _ in range(100):
        if asked(page) == wanted:
            break
        page.wait_for_timeout(100)
    assert asked(page) == wanted


def choose_batches_of_16(page):
    """Filter by the level of a hyperparameter; return the popover that this is done in, and the level's pill."""
    body = open_popover(page, "runs")
    body.get_by_text("Filter by values").click()
    pill = body.get_by_role("button", name="16", exact=True)
    expect(pill).to_be_visible(timeout=PATIENCE)
    pill.click()
    settle(page, ["batch_size=16"])
    return body, pill


def test_levels_ranges_text_and_groups_are_chosen_by_mouse_and_keyboard(app, visit):
    with visit(f"{app.url}/data") as seen:
        page = seen.page
        body, _ = choose_batches_of_16(page)
        # What is drawn again meanwhile would take the keys.
        seen.wait_until_drawn()
        slider = body.get_by_test_id("stSlider").filter(has_text="dropout").get_by_role("slider").first
        for _ in range(3):
            before = slider.get_attribute("aria-valuenow") or ""
            slider.press("ArrowRight")
            expect(slider).not_to_have_attribute("aria-valuenow", before, timeout=PATIENCE)
        # A slider waits for a hand to rest before it says where it is.
        page.wait_for_timeout(1000)
        seen.wait_until_drawn()
        below = page.get_by_test_id("stBottomBlockContainer")
        expect(below.get_by_role("button", name="dropout from")).to_be_visible(timeout=PATIENCE)
        batch, dropout = asked(page)
        assert (batch, dropout.split(":")[0]) == ("batch_size=16", "dropout")
        narrow = runs_kept(page)
        for words in ("batch_size: 16", "dropout from"):
            body.get_by_test_id("stButtonGroup").get_by_role("button", name=words).click()
            page.wait_for_timeout(500)
            seen.wait_until_drawn()
        body.get_by_role("button", name="One of the chosen suffices").click()
        settle(page, [f"|{batch};{dropout}"])
        page.keyboard.press("Escape")
        seen.wait_until_drawn()
        assert runs_kept(page) > narrow
        page.get_by_role("button", name="Undo").click()
        settle(page, [batch, dropout])
        page.get_by_role("button", name="All runs", exact=True).click()
        settle(page, [])
        assert seen.exceptions() == []
    assert "Traceback" not in app.printed()


# By day: the test above undoes on its page.
@pytest.mark.nightly
def test_what_is_undone_stays_undone_on_other_pages_and_can_be_chosen_again(app, visit):
    with visit(f"{app.url}/data") as seen:
        page = seen.page
        body, pill = choose_batches_of_16(page)
        page.keyboard.press("Escape")
        expect(body).to_have_count(0)
        page.get_by_role("button", name="Undo").click()
        settle(page, [])
        seen.wait_until_drawn()
        # The closed popover holds the filter as it was.
        for name in ("Findings", "Best run"):
            page.locator(".st-key-navigation").get_by_role("link", name=name, exact=True).click()
            page.wait_for_url(f"**/{name.lower().replace(' ', '-')}**")
            seen.wait_until_drawn()
            assert asked(page) == []
        open_popover(page, "runs").get_by_text("Filter by values").click()
        expect(pill).to_have_attribute("aria-pressed", "false", timeout=PATIENCE)
        pill.click()
        settle(page, ["batch_size=16"])
        assert seen.exceptions() == []


# By day: `tests/test_filter_ranges.py`.
@pytest.mark.nightly
def test_controls_show_what_the_address_asks_for(app, visit):
    with visit(f"{app.url}/data?only=batch_size%3D8&only=~robin") as seen:
        body = open_popover(seen.page, "runs")
        body.get_by_text("Filter by values").click()
        expect(body.get_by_label("Name, tag, group or a level has")).to_have_value("robin", timeout=PATIENCE)
        chosen = body.get_by_role("button", name="8", exact=True)
        expect(chosen).to_have_attribute("aria-pressed", "true")
        field = body.get_by_label("Name, tag, group or a level has")
        field.fill("young")
        field.press("Enter")
        settle(seen.page, ["batch_size=8", "~young"])
        assert seen.exceptions() == []
