"""Behind the proxy's Content-Security-Policy every page is drawn, and the app's own scripts run."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from lib.sections import SECTIONS
from testing.browser.chromium import FLAGS, find_chromium
from testing.browser.visit import IS_DRAWN, PATIENCE

CADDYFILE = Path(__file__).resolve().parents[2] / "deploy" / "Caddyfile"
# The policy is put on what the test's browser hands on, which Chromium then no longer takes for this machine's.
ALLOWED_TO_ASK_THIS_MACHINE = "--disable-features=LocalNetworkAccessChecks"


def wait_until_drawn(page: Page) -> None:
    """Ask again and again: Playwright's own way of waiting evaluates text, which the policy forbids."""
    for _ in range(PATIENCE // 200):
        if page.evaluate(IS_DRAWN):
            return
        page.wait_for_timeout(200)
    pytest.fail(f"{page.url} is not drawn")


@pytest.mark.nightly
def test_every_page_is_drawn_behind_the_proxys_policy(app, browser):
    policy = re.search(r'Content-Security-Policy "([^"]+)"', CADDYFILE.read_text(encoding="utf-8"))

    def behind_the_proxy(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy.group(1)})

    own = browser.browser_type.launch(executable_path=find_chromium(), args=[*FLAGS, ALLOWED_TO_ASK_THIS_MACHINE])
    page = own.new_page()
    refused: set[str] = set()
    page.on("console", lambda said: refused.update([said.text] if "Content Security Policy" in said.text else []))
    page.route(
        lambda url: True,
        lambda route: behind_the_proxy(route) if route.request.resource_type == "document" else route.continue_(),
    )
    for section in SECTIONS:
        page.goto(f"{app.url}/{section.address}")
        wait_until_drawn(page)
        assert page.locator('[data-testid="stException"]').count() == 0
        assert page.evaluate("window.sweepReportScroll")
    # Streamlit's own page has one script in it.
    assert len(refused) <= 1
    own.close()
