"""The pages in a real browser: choices that last, and uploads."""

import pytest
from playwright.sync_api import expect

from lib.sections import BY_ADDRESS, SECTIONS
from testing.browser.frame import click_to, open_popover
from testing.browser.visit import PATIENCE
from testing.exports import unet_export

SOME = ("summary", "data", "hyperparameter-impact")
# Compare is of several sweeps: its link is grey here.
REST = tuple(section.address for section in SECTIONS if section.address not in (*SOME, "compare"))


def type_top(page, number):
    top = open_popover(page, "runs").get_by_role("spinbutton", name="Top runs")
    top.fill(number)
    top.press("Enter")
    page.keyboard.press("Escape")


def test_choices_survive_a_change_of_page_and_stand_in_the_address(app, visit):
    with visit(f"{app.url}/top-runs") as seen:
        page = seen.page
        type_top(page, "4")
        expect(page.get_by_text("The best 4 of")).to_be_visible(timeout=PATIENCE)
        assert "top=4" in page.url
        click_to(page, BY_ADDRESS["best-run"])
        assert "top=4" in page.url
        click_to(page, BY_ADDRESS["top-runs"])
        expect(page.get_by_text("The best 4 of")).to_be_visible(timeout=PATIENCE)
        shared = page.url
    with visit(shared) as seen:
        expect(seen.page.get_by_text("The best 4 of")).to_be_visible(timeout=PATIENCE)


def upload(page, name, content):
    open_popover(page, "source").locator('input[type="file"]').first.set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )


def test_an_uploaded_run_table_is_shown(app, visit):
    with visit(f"{app.url}/data") as seen:
        page = seen.page
        upload(page, "mine.csv", unet_export(18, crashed=3).encode())
        expect(page.get_by_text("18 runs from mine.csv")).to_be_visible(timeout=PATIENCE)
        assert seen.exceptions() == []
    assert "Traceback" not in app.printed()


# By day `tests/test_uploads.py` uploads it in the app without a browser.
@pytest.mark.nightly
def test_an_uploaded_file_that_is_no_table_gets_a_sentence(app, visit):
    with visit(f"{app.url}/data") as seen:
        upload(seen.page, "picture.csv", b"\x89PNG\r\n\x1a\n\x00\x00")
        error = seen.page.locator('[data-testid="stMain"] [data-testid="stAlert"]')
        expect(error).to_contain_text("picture.csv", timeout=PATIENCE)
        assert seen.exceptions() == []
    assert "Traceback" not in app.printed()


# By day `test_choices_survive_a_change_of_page_and_stand_in_the_address` opens a link with choices.
@pytest.mark.nightly
@pytest.mark.parametrize("looked_at", [SOME, REST], ids=["some", "rest"])
def test_the_address_alone_opens_the_same_numbers_on_every_page_in_another_browser(app, visit, looked_at):
    def said(seen):
        seen.page.wait_for_timeout(300)
        seen.wait_until_drawn()
        return seen.page.locator('[data-testid="stMain"]').inner_text()

    with visit(f"{app.url}/top-runs?value=best&only=batch_size%3D4%7C8") as first:
        type_top(first.page, "4")
        expect(first.page.get_by_text("The best 4 of")).to_be_visible(timeout=PATIENCE)
        open_popover(first.page, "objective").get_by_text("minimize", exact=True).click()
        first.page.keyboard.press("Escape")
        expect(first.page.get_by_text("minimize val_dice_coefficient").first).to_be_visible(timeout=PATIENCE)
        for address in looked_at:
            section = BY_ADDRESS[address]
            click_to(first.page, section)
            here = said(first)
            assert "val_dice_coefficient" in here
            with visit(first.page.url) as second:
                assert said(second) == here, section.address
