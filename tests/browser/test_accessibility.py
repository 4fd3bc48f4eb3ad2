"""axe-core (vendored, MPL-2.0, see vendor/) finds nothing serious on any page, light and dark.

By day four pages of different kinds are looked at in one of the two; at night all in both.
"""

from pathlib import Path
from typing import Any

import pytest

from lib.sections import SECTIONS
from testing.browser.frame import open_popover
from testing.browser.nightly import by_day
from testing.browser.server import App
from testing.browser.visit import NARROW, WIDE

AXE = (Path(__file__).with_name("vendor") / "axe.min.js").read_text(encoding="utf-8")
SERIOUS = {"serious", "critical"}

EVERY = [(section.address, scheme) for section in SECTIONS for scheme in ("light", "dark")]
# Cards, claims, tables, and charts with their controls.
BY_DAY = [("summary", "light"), ("findings", "dark"), ("data", "light"), ("hyperparameter-impact", "dark")]

# What the libraries below write, whose markup no app can change: (rule of axe-core, what the element's markup holds).
NOT_OURS = (
    # The rectangle that a reader drags over a chart: Vega gives it a role, and Vega-Lite no way to name or hide it.
    ("svg-img-alt", "_brush"),
)


def address_of(app: App, address: str) -> str:
    return f"{app.url}/{'' if address == SECTIONS[0].address else address}"


def violations(page: Any) -> list[tuple[str, str]]:
    page.evaluate(AXE + "; undefined")
    found = page.evaluate("() => axe.run().then(result => result.violations)")
    nodes = [(v["id"], node["html"]) for v in found if v["impact"] in SERIOUS for node in v["nodes"]]
    return [(rule, html[:200]) for rule, html in nodes if not any(rule == r and part in html for r, part in NOT_OURS)]


@pytest.mark.parametrize("looked_at", by_day(EVERY, BY_DAY), ids="-".join)
def test_a_page_is_open_to_every_reader(app, visit, looked_at):
    address, scheme = looked_at
    with visit(address_of(app, address), size=WIDE, scheme=scheme) as seen:
        assert seen.exceptions() == []
        assert violations(seen.page) == []


@pytest.mark.parametrize("scheme", by_day(["light", "dark"], ["light"]))
def test_chosen_tags_are_readable(app, visit, scheme):
    with visit(f"{app.url}/top-runs?states=finished&states=crashed&metrics=loss", size=WIDE, scheme=scheme) as seen:
        open_popover(seen.page, "runs")
        assert seen.page.locator("[data-tag]").count() >= 2
        assert violations(seen.page) == []


@pytest.mark.parametrize("address", by_day(["summary", "findings"], ["summary"]))
def test_a_page_on_a_phone_is_open_to_every_reader(app, visit, address):
    with visit(address_of(app, address), size=NARROW) as seen:
        assert violations(seen.page) == []
        main = seen.page.locator('[data-testid="stMain"]')
        assert main.evaluate("main => main.scrollWidth <= main.clientWidth + 2")


@pytest.mark.parametrize(
    "looked_at", by_day([("hyperparameter-impact", 3), ("cost", 2)], [("hyperparameter-impact", 3)])
)
def test_every_chart_says_what_it_shows(app, visit, looked_at):
    address, charts = looked_at
    with visit(f"{app.url}/{address}") as seen:
        shown = seen.page.locator('[data-testid="stVegaLiteChart"]')
        assert shown.count() >= charts
        for chart in shown.all():
            assert chart.evaluate(
                "one => [one, ...one.querySelectorAll('[aria-label]')].some(e => (e.ariaLabel ?? '').length > 30)"
            )
