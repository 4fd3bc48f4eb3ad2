"""Notes as a reader writes them: kept through reruns and reloads, in the link, in no other visit."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from lib.report import build_report
from testing.browser.visit import PATIENCE


def write_title_and_conclusion(page: Page) -> Locator:
    """Write both, and return what then stands on the page."""
    page.get_by_role("button", name="Notes").click()
    title = page.get_by_label("Title of the report")
    title.fill("Phantoms, second try")
    title.press("Enter")
    conclusion = page.get_by_label("Conclusion")
    conclusion.fill("Use <b>less</b> dropout.")
    conclusion.press("Control+Enter")
    shown = page.locator(".st-key-reader-notes")
    expect(shown).to_contain_text("Use <b>less</b> dropout.", timeout=PATIENCE)
    expect(shown.get_by_role("heading", name="Phantoms, second try")).to_be_visible()
    return shown


def test_notes_are_shown_and_stand_in_the_address(app, visit):
    with visit(app.url) as seen:
        write_title_and_conclusion(seen.page)
        assert "notes=" in seen.page.url
        assert seen.exceptions() == []


# By day: the test above, and `tests/test_notes.py` (address, exports).
@pytest.mark.nightly
def test_notes_survive_pages_and_reloads_and_nobody_else_sees_them(app, visit, tmp_path: Path):
    best = build_report("sample").best_run
    with visit(app.url) as seen, visit(app.url) as other:
        page = seen.page
        write_title_and_conclusion(page)
        page.keyboard.press("Escape")
        page.goto(page.url.replace("/?", f"/best-run?run={best.run_id}&"))
        field = page.get_by_role("textbox", name="Your note on this run")
        expect(field).to_be_visible(timeout=PATIENCE)
        field.fill("rerun with seed 2")
        field.press("Control+Enter")
        page.wait_for_timeout(1_500)
        page.keyboard.press("Escape")
        page.wait_for_url(lambda url: "run=" not in url)
        seen.wait_until_drawn()
        # On Best run the note stands too. On Findings one is written beside its claim, and a click elsewhere keeps it.
        expect(page.get_by_text("rerun with seed 2")).to_be_visible(timeout=PATIENCE)
        page.goto(page.url.replace("/best-run?", "/findings?"))
        seen.wait_until_drawn()
        claim = page.locator('[class*="st-key-note-beside-"]').first
        claim.get_by_role("button").click()
        page.get_by_role("textbox", name="Your note on this finding").fill("ask *Ada*")
        page.locator("h1").click()
        expect(page.get_by_text("ask *Ada*")).to_have_count(1, timeout=PATIENCE)
        seen.wait_until_drawn()
        page.get_by_role("button", name="Share").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="JSON").click()
        download.value.save_as(tmp_path / "report.json")
        text = (tmp_path / "report.json").read_text(encoding="utf-8")
        assert all(part in text for part in ("Phantoms, second try", "rerun with seed 2", "ask *Ada*"))

        other.page.reload()
        other.wait_until_drawn()
        expect(other.page.locator(".st-key-reader-notes")).to_have_count(0)
        assert "notes=" not in other.page.url
        other.page.goto(page.url)
        expect(other.page.locator(".st-key-reader-notes")).to_contain_text("rerun with seed 2", timeout=PATIENCE)
        expect(other.page.get_by_text("ask *Ada*")).to_have_count(1)
        assert seen.exceptions() == []
    assert "Traceback" not in app.printed()
