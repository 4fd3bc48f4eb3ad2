"""A W&B that doesn't answer: clicks add no thread and no request, and a visitor of the sample waits for nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from testing.browser.server import running_app
from testing.browser.visit import visiting
from testing.wandb_server.fixtures import SWEEP, server_fixture  # noqa: F401
from testing.wandb_server.made_data import OWNER_KEY
from testing.wandb_server.server import StandIn

PAGES = ("Findings", "Best run", "Impact", "Summary")  # Links that stand in no menu.
CLICKS = 83


def threads_of(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("Threads:")))


@pytest.mark.nightly  # It waits until the reading gives up, by the clock.
def test_clicks_while_wandb_hangs_add_no_threads_and_delay_nobody(
    server: StandIn, browser: Browser, tmp_path: Path
) -> None:
    settings = {"WANDB_API_KEY": OWNER_KEY, "WANDB_BASE_URL": server.url, "SWEEP_REPORT_CACHE": str(tmp_path / "kept")}
    server.fail("stall", "GetSweep", seconds=600)
    server.fail("stall", "GetSweepLegacy", seconds=600)
    with running_app(tmp_path / "log", [SWEEP], environment=settings) as app:
        with visiting(browser, f"{app.url}/?source=sample"):
            before = threads_of(app.process_id)
        page = browser.new_page()
        page.goto(app.url)
        page.get_by_text("Asking W&B").first.wait_for(timeout=60_000)
        for click in range(CLICKS):
            page.locator(".st-key-navigation").get_by_role("link", name=PAGES[click % len(PAGES)], exact=True).click()
        page.get_by_text("Asking W&B").first.wait_for(timeout=60_000)
        assert threads_of(app.process_id) <= before + 25
        assert server.operations().count("Viewer") <= 2
        with visiting(browser, f"{app.url}/?source=sample") as another:
            assert not another.exceptions()
        page.get_by_text("did not answer").first.wait_for(timeout=120_000)
        page.get_by_role("button", name="Try again").wait_for()
        server.faults.clear()
        page.wait_for_timeout(5_500)
        page.get_by_role("button", name="Try again").click()
        page.locator("[data-testid=stVegaLiteChart]").first.wait_for(timeout=60_000)
        page.close()
