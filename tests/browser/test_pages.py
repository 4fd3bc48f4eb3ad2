"""The pages in a real browser: cold links, nothing blank at either width, choices that last, and uploads."""

import pytest
from playwright.sync_api import expect

from lib.sections import BY_ADDRESS, SECTIONS
from testing.browser.frame import click_to, open_popover
from testing.browser.nightly import by_day
from testing.browser.server import running_app
from testing.browser.visit import NARROW, PATIENCE, WIDE
from testing.exports import unet_export

# On any page but the first, Streamlit asks for its server under the page's own address before it asks at the root.
PROBING = "the server responded with a status of 404"

SOME = ("summary", "data", "hyperparameter-impact")
# Compare is of several sweeps: its link is grey here.
REST = tuple(section.address for section in SECTIONS if section.address not in (*SOME, "compare"))

# A chart without a mark has axes and nothing else; on canvas, only its pixels tell.
BLANK_CHARTS = """() => [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')].filter(chart => {
  const canvas = chart.querySelector('canvas');
  if (!canvas) return !chart.querySelector('svg [class*="mark-"] path, svg [class*="mark-"] text');
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set();
  for (let i = 0; i < data.length; i += 4) colours.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
  return colours.size < 3;
}).length"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_a_cold_deep_link_opens_its_page_with_the_frame_and_no_dialog(tmp_path, visit):
    link = "correlation?source=sample/repeats&top=none"
    with running_app(tmp_path / "log.txt") as app, visit(f"{app.url}/{link}") as seen:
        assert seen.page.title() == "Correlation · sample/repeats"
        assert len(seen.page.get_by_role("heading", level=1).all_inner_texts()) == 1
        assert seen.page.locator(".st-key-navigation").is_visible()
        assert seen.page.get_by_role("dialog").count() == 0
        assert seen.exceptions() == []
        assert "source=sample" in seen.page.url
        assert seen.page.locator(".st-key-view-line").get_by_text("sample/repeats").count() >= 1
        expect(seen.page.get_by_text("The address asks for top 'none'")).to_be_visible(timeout=PATIENCE)
        # The page that ran before the entry point ever did keeps what is chosen on it first.
        seen.page.get_by_text("pearson", exact=True).first.click()
        seen.page.wait_for_url("**method=pearson**", timeout=PATIENCE)
        seen.wait_until_drawn()
        assert "method=pearson" in seen.page.url
        assert "Traceback" not in app.printed()


SIZES = {"wide": WIDE, "narrow": NARROW}
EVERY = [(section.address, size) for section in SECTIONS for size in SIZES]
# By day one page of each kind: many charts, canvas, a table, lines. `tests/test_pages.py` runs every page by day.
BY_DAY = [
    (address, "narrow") for address in ("hyperparameter-impact", "learning-curves", "data", "parallel-coordinates")
]


@pytest.mark.parametrize("looked_at", by_day(EVERY, BY_DAY), ids="-".join)
def test_no_page_has_an_exception_a_blank_chart_or_a_width_of_its_own(app, visit, looked_at):
    address, size = looked_at
    with visit(f"{app.url}/{'' if address == SECTIONS[0].address else address}", size=SIZES[size]) as seen:
        assert seen.exceptions() == []
        assert [e for e in seen.errors if PROBING not in e] == []
        seen.page.wait_for_function(f"() => ({BLANK_CHARTS})() === 0", timeout=PATIENCE)
        assert seen.page.evaluate(OVERFLOW) <= 0
    assert "Traceback" not in app.printed()


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
