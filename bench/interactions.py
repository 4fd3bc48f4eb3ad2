"""Interactions in a browser: seconds from what a reader does until the page has run to its end and is drawn.

    python -m bench.interactions
    python -m bench.interactions --sizes 480 --pages overview

Another objective: chosen in the sidebar. Filter: typed there. Brush: dragged over the page's first chart. All runs: the
click that takes it back. The first time of each works the report of those runs out; "again" is the same asked for once
more. Every figure is a median; "growth" is that of "again" to the size before.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable

from bench.made_sweeps import OBJECTIVE, SIZES, made_snapshot
from bench.tables import heading, median, row
from bench.visits import Visitor, browsing, serving

PAGES = ("overview", "best-run", "top-runs", "parallel-coordinates")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure interactions with the app in a browser.")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--pages", nargs="*", default=list(PAGES))
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    heading("runs", "page", "interaction", "first", "again", "growth")
    before: dict[tuple[str, str], float] = {}
    with browsing() as browser:
        for size in given.sizes:
            for page in given.pages:
                first, again = defaultdict(list), defaultdict(list)
                with serving(made_snapshot(size)) as app, Visitor(browser, app) as visitor:
                    visitor.open(page)
                    for number in range(given.repeats):
                        for seconds in (first, again):
                            for name, action in actions(visitor, number):
                                seconds[name].append(visitor.act(action))
                for name in first:
                    now = median(again[name])
                    growth = now / before[(page, name)] if (page, name) in before else ""
                    row(f"{size:,}", page, name, median(first[name]), now, growth)
                    before[(page, name)] = now


def actions(visitor: Visitor, number: int) -> list[tuple[str, Callable[[], object]]]:
    """Return what a reader does, in order; the last leaves the page as it was. number : each round asks for another."""
    return [
        ("another objective", lambda: write(visitor, "Objective", f"metric_{number:02d}")),
        ("the declared objective", lambda: write(visitor, "Objective", OBJECTIVE)),
        ("filter", lambda: write(visitor, "Only runs with", f"dropout:0.0{number + 1}..0.5")),
        ("all runs", lambda: visitor.page.get_by_role("button", name="All runs").click()),
        ("brush", lambda: drag(visitor, number)),
        ("all runs", lambda: visitor.page.get_by_role("button", name="All runs").click()),
    ]


def write(visitor: Visitor, label: str, text: str) -> None:
    """Type into a widget of the sidebar, and press Enter."""
    field = visitor.page.locator("[data-testid=stSidebar]").get_by_role("combobox", name=label, exact=True)
    field.click()
    field.press_sequentially(text)
    field.press("Enter")
    # A list that stays open would hide the rest of the page from the keyboard.
    visitor.page.locator("h1").first.click()


def drag(visitor: Visitor, number: int) -> None:
    """Drag over the middle of the page's first chart."""
    chart = visitor.page.locator('[data-testid="stVegaLiteChart"]').first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    x, mouse = box["x"] + box["width"] / 2, visitor.page.mouse
    mouse.move(x - 60, box["y"] + box["height"] * (0.3 + 0.01 * number))
    mouse.down()
    mouse.move(x + 60, box["y"] + box["height"] * 0.6, steps=4)
    mouse.up()


if __name__ == "__main__":
    main()
