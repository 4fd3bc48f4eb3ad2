"""An upload as a person meets it: reload, Back, a link sent to someone else, and a link that leads nowhere any more."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from testing.browser.visit import Visit
from testing.exports import unet_export

EXPORT = {"name": "mine.csv", "mimeType": "text/csv", "buffer": unet_export(30).encode()}


def answer(seen: Visit) -> str:
    seen.page.wait_for_timeout(300)
    seen.wait_until_drawn()
    return seen.page.locator("h1").first.inner_text()


def open_source(seen: Visit) -> None:
    seen.page.locator(".st-key-own-sweep button").first.click()
    seen.page.locator("[data-testid=stPopoverBody]").get_by_text("Open your own sweep").wait_for()


def upload(seen: Visit) -> str:
    """Upload the export, and return the address that then stands in the browser."""
    open_source(seen)
    seen.page.locator('input[type="file"]').first.set_input_files([EXPORT])
    seen.page.wait_for_url(lambda url: "upload=" in url)
    seen.wait_until_drawn()
    seen.page.keyboard.press("Escape")
    return seen.page.url


# By day: `tests/test_kept_uploads.py` in the app without a browser; `test_pages.py` uploads in one.
@pytest.mark.nightly
def test_an_upload_survives_reload_and_back_and_is_seen_by_whoever_has_its_address(app, visit):
    with visit(app.url) as seen, visit(app.url) as stranger:
        of_the_sample = answer(seen)
        address = upload(seen)
        mine = answer(seen)
        assert mine != of_the_sample
        assert parse_qs(urlsplit(address).query)["file"] == ["mine.csv"]

        seen.page.reload()
        assert answer(seen) == mine

        seen.page.locator(".st-key-navigation").get_by_role("link", name="Best run", exact=True).click()
        seen.page.wait_for_url("**/best-run**")
        assert "upload=" in seen.page.url
        assert "mine.csv" in seen.page.locator(".st-key-own-sweep").inner_text()
        seen.page.go_back()
        assert answer(seen) == mine

        # A tab that the browser restores, and someone who was sent the address.
        with visit(address) as other:
            assert answer(other) == mine
            open_source(other)
            other.page.get_by_text("Anyone with this page's address sees this file").wait_for()
            # Nobody else sees anything of it.
            stranger.page.reload()
            assert answer(stranger) == of_the_sample

            other.page.get_by_role("button", name="Forget this file").click()
            other.page.wait_for_url(lambda url: "upload=" not in url)
            assert answer(other) == of_the_sample
        with visit(address) as late:
            late.page.get_by_text("Upload mine.csv again").wait_for()
            assert late.page.locator('[data-testid="stVegaLiteChart"]').count() == 0
            late.page.locator('[data-testid="stMain"] input[type="file"]').first.set_input_files([EXPORT])
            late.page.get_by_text("Upload mine.csv again").wait_for(state="detached")
            assert answer(late) == mine
    assert "Traceback" not in app.printed()
    assert parse_qs(urlsplit(address).query)["upload"][0] not in app.printed()
