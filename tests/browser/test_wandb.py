"""The app over a W&B server: reading, permission, keys, failures and age, as a visitor meets them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.server import App, running_app
from tests.browser.visit import IS_DRAWN
from tests.wandb_server.made_data import OWNER_KEY, VISITOR_KEY, made_store
from tests.wandb_server.server import StandIn

SWEEP = "team/seg/sweep01"
PATIENCE = 60_000


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn(made_store(25)) as server:
        yield server


@pytest.fixture
def wandb_app(server: StandIn, tmp_path) -> Iterator[App]:
    """The app with the owner's key, opened on one sweep, and nothing else allowed."""
    environment = {
        "WANDB_BASE_URL": server.url,
        "WANDB_API_KEY": OWNER_KEY,
        "SWEEP_REPORT_CACHE": str(tmp_path / "cache"),
    }
    with running_app(tmp_path / "log.txt", [SWEEP], environment=environment) as app:
        yield app


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(url)
    page.wait_for_function(IS_DRAWN, timeout=PATIENCE)
    return page


def main_text(page: Page) -> str:
    return page.locator('[data-testid="stMain"]').inner_text()


def show_sources(page: Page) -> None:
    page.get_by_text("Open your own sweep").click()
    expect(page.get_by_role("combobox", name="W&B address")).to_be_visible()


def use_key(page: Page, key: str) -> None:
    show_sources(page)
    page.locator('input[type="password"]').fill(key)
    page.get_by_role("button", name="Use this key").click()
    expect(page.get_by_role("button", name="Forget my key")).to_be_visible(timeout=PATIENCE)


def test_a_sweep_named_at_the_start_is_read_and_another_project_is_refused(browser, wandb_app):
    page = opened(browser, f"{wandb_app.url}/data")
    expect(page.get_by_text("25 runs from team/seg/sweep01")).to_be_visible(timeout=PATIENCE)
    refused = opened(browser, f"{wandb_app.url}/data?source=other%2Fprivate")
    expect(refused.get_by_text("may not open other/private")).to_be_visible(timeout=PATIENCE)
    elsewhere = opened(browser, f"{wandb_app.url}/data?source=https%3A%2F%2Fevil.example%2Fa%2Fb")
    assert "evil.example" in main_text(elsewhere)
    assert "Ledger" not in main_text(elsewhere)


def test_the_address_cannot_name_a_file_of_the_server(browser, wandb_app):
    page = opened(browser, f"{wandb_app.url}/data?source=%2Fetc%2Fpasswd")
    expect(page.get_by_text("can't be opened from here")).to_be_visible(timeout=PATIENCE)
    page = opened(browser, f"{wandb_app.url}/data?source=requirements.csv")
    expect(page.get_by_text("can't be opened from here")).to_be_visible(timeout=PATIENCE)


def test_two_visitors_with_two_keys_never_see_each_others_projects(browser, wandb_app, tmp_path):
    theirs = opened(browser, f"{wandb_app.url}/data")
    use_key(theirs, VISITOR_KEY)
    expect(
        theirs.get_by_text("can't see", exact=False).or_(theirs.get_by_text("not", exact=False)).first
    ).to_be_visible()
    theirs.get_by_role("combobox", name="W&B address").fill("other/private")
    theirs.keyboard.press("Enter")
    theirs.keyboard.press("Escape")
    expect(theirs.get_by_text("12 runs from other/private")).to_be_visible(timeout=PATIENCE)
    assert VISITOR_KEY not in theirs.url
    assert VISITOR_KEY not in theirs.content()
    # The same address without the key: neither the cache nor a list gives it away.
    stranger = opened(browser, f"{wandb_app.url}/data?source=other%2Fprivate")
    expect(stranger.get_by_text("may not open other/private")).to_be_visible(timeout=PATIENCE)
    assert "12 runs" not in main_text(stranger)
    # Forgotten on request: the same session has lost what its key could open.
    theirs.get_by_role("heading", name="Data", exact=True).click()  # closes the list of sources, which swallows a click
    theirs.get_by_role("button", name="Forget my key").click()
    expect(theirs.get_by_text("may not open other/private")).to_be_visible(timeout=PATIENCE)
    for path in [wandb_app.log, *tmp_path.rglob("*")]:
        if path.is_file():
            assert VISITOR_KEY.encode() not in path.read_bytes(), path
            assert OWNER_KEY.encode() not in path.read_bytes(), path


def test_the_last_good_data_stays_with_its_age_when_the_server_fails(browser, wandb_app, server):
    page = opened(browser, f"{wandb_app.url}/data")
    expect(page.get_by_text("25 runs from team/seg/sweep01")).to_be_visible(timeout=PATIENCE)
    server.fail("status", status=403)
    page.get_by_role("button", name="Load again").click()
    expect(page.get_by_text("What is shown here was read")).to_be_visible(timeout=PATIENCE)
    assert "25 runs from team/seg/sweep01" in main_text(page)
    assert page.locator('[data-testid="stException"]').count() == 0


def test_the_last_good_data_survives_a_restart(browser, server, tmp_path):
    environment = {
        "WANDB_BASE_URL": server.url,
        "WANDB_API_KEY": OWNER_KEY,
        "SWEEP_REPORT_CACHE": str(tmp_path / "cache"),
    }
    with running_app(tmp_path / "one.txt", [SWEEP], environment=environment) as app:
        page = opened(browser, f"{app.url}/data")
        expect(page.get_by_text("25 runs from team/seg/sweep01")).to_be_visible(timeout=PATIENCE)
    server.fail("status", status=403)
    with running_app(tmp_path / "two.txt", [SWEEP], environment=environment) as app:
        page = opened(browser, f"{app.url}/data")
        expect(page.get_by_text("What is shown here was read")).to_be_visible(timeout=PATIENCE)
        assert "25 runs from team/seg/sweep01" in main_text(page)


def test_reading_again_asks_only_for_what_changed(browser, wandb_app, server):
    page = opened(browser, f"{wandb_app.url}/data")
    expect(page.get_by_text("25 runs from team/seg/sweep01")).to_be_visible(timeout=PATIENCE)
    before = len(server.data_operations())
    server.touch("team/seg", 3)
    page.get_by_role("button", name="Load again").click()
    for _ in range(PATIENCE // 100):
        if len(server.data_operations()) > before:
            break
        page.wait_for_timeout(100)
    page.wait_for_function(IS_DRAWN, timeout=PATIENCE)
    expect(page.get_by_text("25 runs from team/seg/sweep01")).to_be_visible(timeout=PATIENCE)
    assert 1 <= len(server.data_operations()) - before <= 4


def test_a_sweep_is_chosen_from_lists(browser, server, tmp_path):
    environment = {
        "WANDB_BASE_URL": server.url,
        "WANDB_API_KEY": OWNER_KEY,
        "SWEEP_REPORT_CACHE": str(tmp_path / "cache"),
    }
    with running_app(tmp_path / "log.txt", ["team/seg"], environment=environment) as app:
        page = opened(browser, f"{app.url}/data?source=sample")
        show_sources(page)
        page.get_by_text("Choose from a list").click()
        for label, option in (("Entity", "team"), ("Project", "seg"), ("Sweep", "first look")):
            box = page.get_by_role("combobox", name=label, exact=True)
            box.click(timeout=PATIENCE)
            page.get_by_role("option").filter(has_text=option).first.click(timeout=PATIENCE)
        page.get_by_role("button", name="Open this sweep").click(timeout=PATIENCE)
        expect(page.get_by_text("25 runs from team/seg/sweep01")).to_be_visible(timeout=PATIENCE)
        page.wait_for_url("**source=team%2Fseg%2Fsweep01**", timeout=PATIENCE)
