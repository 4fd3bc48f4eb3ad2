"""Interactions in a browser: seconds from what a reader does until the page has run to its end and is drawn.

    python -m bench.interactions
    python -m bench.interactions --sizes 480 --pages summary

Another objective, filter: typed in the choices at the top. Brush: dragged over the first chart, which highlights. All
runs, none highlighted: the clicks that take these back. Time begins where it takes effect: with Enter, the button let
go, the click. The first time of each works the report of those runs out; "again" is the same asked for once more. Every
figure is a median; "growth" is that of "again" to the size before.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable

from bench.tables import heading, median, row
from bench.visits import Visitor, browsing, serving
from testing.made_sweeps import OBJECTIVE, SIZES, made_snapshot

# The pages whose first chart can be brushed.
BRUSHED = ("best-run", "parallel-coordinates")
PAGES = ("summary", "best-run", "top-runs", "parallel-coordinates")


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
                            for name, ready, action in actions(visitor, page, number):
                                ready()
                                seconds[name].append(visitor.act(action))
                for name in first:
                    now = median(again[name])
                    growth = now / before[(page, name)] if (page, name) in before else ""
                    row(f"{size:,}", page, name, median(first[name]), now, growth)
                    before[(page, name)] = now


Act = Callable[[], object]


def actions(visitor: Visitor, page: str, number: int) -> list[tuple[str, Act, Act]]:
    """Return what a reader does, in order: its name, what comes before it takes effect, and what has it take effect.

    The last leaves the page as it was. number : each round asks for another.
    """
    enter = lambda: visitor.page.keyboard.press("Enter")  # noqa: E731
    done: list[tuple[str, Act, Act]] = [
        ("another objective", lambda: write(visitor, 1, "Objective", f"metric_{number:02d}"), enter),
        ("the declared objective", lambda: write(visitor, 1, "Objective", OBJECTIVE), enter),
        ("filter", lambda: write(visitor, 2, "Only runs with", f"dropout:0.0{number + 1}..0.5"), enter),
        ("all runs", lambda: close_lists(visitor), lambda: all_runs(visitor)),
    ]
    if page in BRUSHED:
        done += [
            ("brush", lambda: drag(visitor, number), visitor.page.mouse.up),
            ("none highlighted", lambda: close_lists(visitor), lambda: clear(visitor)),
        ]
    return done


def write(visitor: Visitor, place: int, label: str, text: str) -> None:
    """Type into a choice at the top, in its popover by place; Enter is still to come."""
    close_lists(visitor)
    visitor.page.locator(".st-key-view-line").get_by_test_id("stPopoverButton").nth(place).click()
    field = visitor.page.get_by_test_id("stPopoverBody").get_by_role("combobox", name=label, exact=True)
    field.click()
    field.press_sequentially(text)


def close_lists(visitor: Visitor) -> None:
    """Close a list that is still open: it would hide the rest of the page from the keyboard."""
    visitor.page.locator("h1").first.click()


def all_runs(visitor: Visitor) -> None:
    """Click the way back to all runs."""
    visitor.page.get_by_role("button", name="All runs", exact=True).evaluate("button => button.click()")


def clear(visitor: Visitor) -> None:
    """Click what highlights nothing."""
    visitor.page.locator(".st-key-clear-highlight button").first.evaluate("button => button.click()")


def drag(visitor: Visitor, number: int) -> None:
    """Drag over the middle of the page's first chart; the button is still down."""
    close_lists(visitor)
    chart = visitor.page.locator('[data-testid="stVegaLiteChart"]').first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    x, mouse = box["x"] + box["width"] / 2, visitor.page.mouse
    mouse.move(x - 60, box["y"] + box["height"] * (0.3 + 0.01 * number))
    mouse.down()
    mouse.move(x + 60, box["y"] + box["height"] * 0.6, steps=4)


if __name__ == "__main__":
    main()
