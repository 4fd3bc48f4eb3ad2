"""Highlights, a run's own view and an answer of the model in a browser, in milliseconds, against an empty rerun.

    python -m bench.highlights
    python -m bench.highlights --sizes 480

Own: from a step of the drag, with the button still down, until the browser has drawn what it changed. Other: from the
click that brings a highlight back ("Undo") until the page has run to its end and is drawn; beside it an empty rerun of
the same page (Streamlit's key "r"), in turn with it, and how many times longer the highlight takes. Likewise the best
run's view, opened on its page, and a step of a control of the model there. All are medians.
"""

from __future__ import annotations

import argparse
import time

from bench.tables import heading, median, row
from bench.visits import Visitor, browsing, serving
from testing.made_sweeps import OBJECTIVE, made_snapshot

PAGES = ("summary", "best-run", "hyperparameter-impact", "top-runs", "trade-off", "parallel-coordinates")
BRUSHED = ("best-run", "hyperparameter-impact")
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure highlights in a browser.")
    parser.add_argument("--sizes", type=int, nargs="*", default=[480, 10_000])
    parser.add_argument("--pages", nargs="*", default=list(PAGES))
    parser.add_argument("--repeats", type=int, default=7)
    given = parser.parse_args()
    heading("runs", "page", "own, ms", "other, ms", "empty, ms", "times")
    with browsing() as browser:
        for size in given.sizes:
            with serving(made_snapshot(size)) as app, Visitor(browser, app) as visitor:
                for page in given.pages:
                    own = median(dragged(visitor, page, given.repeats)) if page in BRUSHED else ""
                    other, empty = undone(visitor, page, given.repeats)
                    row(f"{size:,}", page, own, median(other), median(empty), median(other) / median(empty))
                for what, taken in (("a run's view", opened), ("an answer", asked)):
                    it, empty = taken(visitor, given.repeats)
                    row(f"{size:,}", what, "", median(it), median(empty), median(it) / median(empty))


def dragged(visitor: Visitor, page: str, repeats: int) -> list[float]:
    """Drag over the page's own chart, and return the milliseconds of each step until it is drawn."""
    visitor.open(page)
    chart = visitor.page.locator('[class*="st-key-chart-distribution"], [class*="st-key-chart-trend"]').first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    mouse = visitor.page.mouse
    mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    mouse.down()
    taken = []
    for step in range(repeats + 1):
        started = time.perf_counter()
        mouse.move(box["x"] + box["width"] * (0.4 + 0.03 * step), box["y"] + box["height"] * 0.6)
        visitor.page.evaluate(DRAWN)
        taken.append(1_000 * (time.perf_counter() - started))
    mouse.up()
    # The first step only begins the brush.
    return taken[1:]


def undone(visitor: Visitor, page: str, repeats: int) -> tuple[list[float], list[float]]:
    """Take a highlight away and bring it back, in turn with empty reruns; return the milliseconds of both."""
    other, empty = [], []
    visitor.open(f"{page}?light={OBJECTIVE}%3A0.5..&light=dropout%3A0..0.3")
    for _ in range(repeats):
        visitor.act(lambda: visitor.page.locator(".st-key-lit-0 button").first.click())
        other.append(1_000 * visitor.act(lambda: visitor.page.locator(".st-key-undo-selection button").first.click()))
        empty.append(1_000 * visitor.act(lambda: visitor.page.keyboard.press("r")))
    return other, empty


def opened(visitor: Visitor, repeats: int) -> tuple[list[float], list[float]]:
    """Open the view of the best run and close it, in turn with empty reruns; return the milliseconds of both."""
    view, empty = [], []
    visitor.open("best-run")
    dialog = visitor.page.get_by_role("dialog")

    for _ in range(repeats):
        visitor.settle()
        started = time.perf_counter()
        visitor.page.locator(".st-key-open-best-run button").first.click()
        # The last thing in it. A part of a page that runs alone doesn't count as a run of the page (`act`).
        dialog.get_by_role("textbox", name="Your note on this run").wait_for()
        visitor.wait_until_drawn()
        view.append(1_000 * (time.perf_counter() - started))
        visitor.page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
        empty.append(1_000 * visitor.act(lambda: visitor.page.keyboard.press("r")))
    return view, empty


def asked(visitor: Visitor, repeats: int) -> tuple[list[float], list[float]]:
    """Move a control of the model by a step, in turn with empty reruns; return the milliseconds of both."""
    answer, empty = [], []
    visitor.open("best-run")
    slider = visitor.page.get_by_role("slider", name="dropout")
    for _ in range(repeats):
        answer.append(1_000 * visitor.act(lambda: slider.press("ArrowLeft")))
        slider.blur()
        empty.append(1_000 * visitor.act(lambda: visitor.page.keyboard.press("r")))
    return answer, empty


if __name__ == "__main__":
    main()
