"""axe-core (vendored, MPL-2.0, see vendor/) finds nothing serious on any page, light and dark."""

from pathlib import Path
from typing import Any

import pytest

from lib.sections import SECTIONS
from testing.browser.visit import NARROW, WIDE

AXE = (Path(__file__).with_name("vendor") / "axe.min.js").read_text(encoding="utf-8")
SERIOUS = {"serious", "critical"}

# What the libraries below write, whose markup no app can change: (rule of axe-core, what the element's markup holds).
NOT_OURS = (
    # The rectangle that a reader drags over a chart: Vega gives it a role, and Vega-Lite no way to name or hide it.
    ("svg-img-alt", "_brush"),
)


def violations(page: Any) -> list[tuple[str, str]]:
    page.evaluate(AXE + "; undefined")
    found = page.evaluate("() => axe.run().then(result => result.violations)")
    nodes = [(v["id"], node["html"]) for v in found if v["impact"] in SERIOUS for node in v["nodes"]]
    return [(rule, html[:200]) for rule, html in nodes if not any(rule == r and part in html for r, part in NOT_OURS)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", [section.address for section in SECTIONS])
def test_a_page_is_open_to_every_reader(app, visit, address, scheme):
    with visit(f"{app.url}/{address}", size=WIDE, scheme=scheme) as seen:
        assert violations(seen.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_chosen_tags_are_readable(app, visit, scheme):
    with visit(f"{app.url}/top-runs?states=finished&states=crashed&metrics=loss", size=WIDE, scheme=scheme) as seen:
        assert seen.page.locator("[data-tag]").count() >= 2
        assert violations(seen.page) == []


@pytest.mark.parametrize("address", ["summary", "findings"])
def test_a_page_on_a_phone_is_open_to_every_reader(app, visit, address):
    with visit(f"{app.url}/{address}", size=NARROW) as seen:
        assert violations(seen.page) == []
        main = seen.page.locator('[data-testid="stMain"]')
        assert main.evaluate("main => main.scrollWidth <= main.clientWidth + 2")


def test_every_chart_says_what_it_shows(app, visit):
    with visit(f"{app.url}/hyperparameter-impact") as seen:
        charts = seen.page.locator('[data-testid="stVegaLiteChart"]')
        assert charts.count() >= 4
        for chart in charts.all():
            assert chart.evaluate(
                "one => [one, ...one.querySelectorAll('[aria-label]')].some(e => (e.ariaLabel ?? '').length > 30)"
            )
