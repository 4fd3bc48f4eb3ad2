"""The table of columns on the Data page: an edited cell is a choice, in the address and in the config to save."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import yaml
from playwright.sync_api import Locator, Page, expect

from testing.browser.visit import PATIENCE

SAVE = "These choices as a sweep config (YAML)"


def editor(page: Page) -> Locator:
    table = page.get_by_test_id("stDataFrame").filter(has=page.locator("table", has_text="How sure")).first
    # Away from the page's bars, which lie over what is scrolled to an end.
    table.evaluate("table => table.scrollIntoView({block: 'center'})")
    return table


def choose(page: Page, row: int, column: int, word: str) -> None:
    """Choose a word in a cell: the grid is a canvas, so by a click on the row's first cell and the keyboard then."""
    table = editor(page)
    box = table.locator("canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 40, box["y"] + 35 * (row + 1) + 17)
    for at in range(column + 1):
        expect(table.get_by_test_id(f"glide-cell-{at}-{row}")).to_have_attribute("aria-selected", "true")
        page.keyboard.press("ArrowRight" if at < column else "Enter")
    expect(page.locator("#portal input")).to_be_focused()
    page.keyboard.type(word)
    page.keyboard.press("Enter")


def saved_config(page: Page) -> dict[str, object]:
    with page.expect_download() as loading:
        page.get_by_role("button", name=SAVE).click()
    config: dict[str, object] = yaml.safe_load(Path(loading.value.path()).read_text(encoding="utf-8"))
    return config


def test_an_edited_role_goes_into_the_address_survives_a_reload_and_is_saved_as_a_sweep_config(app, visit):
    with visit(f"{app.url}/data") as seen:
        page = seen.page
        names = editor(page).locator("[data-testid^='glide-cell-0-']").all_text_contents()
        row = names.index("dropout")
        role = editor(page).get_by_test_id(f"glide-cell-1-{row}")
        expect(role).to_have_text("hyperparameter")
        choose(page, row, 1, "not used")
        page.wait_for_url("**columns=*", timeout=PATIENCE)
        assert parse_qs(urlsplit(page.url).query)["columns"] == ["dropout:unused"]
        page.reload()
        seen.wait_until_drawn()
        names = editor(page).locator("[data-testid^='glide-cell-0-']").all_text_contents()
        expect(editor(page).get_by_test_id(f"glide-cell-1-{names.index('dropout')}")).to_have_text("not used")
        assert "dropout" not in saved_config(page)["parameters"]
        page.get_by_role("button", name="As the columns were read").click()
        page.wait_for_url(lambda url: "columns" not in parse_qs(urlsplit(url).query), timeout=PATIENCE)
        seen.wait_until_drawn()
        assert "dropout" in saved_config(page)["parameters"]
        assert "columns" not in parse_qs(urlsplit(page.url).query)
        assert seen.exceptions() == []
    assert "Traceback" not in app.printed()
