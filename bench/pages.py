"""Every page in a browser: seconds from navigation to drawn, and megabytes received, beside the floor of Streamlit.

    python -m bench.pages                                      # all pages at 480, 10,000 and 100,000 runs: an hour
    python -m bench.pages --sizes 480 --pages summary data     # a part of it
    python -m bench.pages --parts parallel                     # 1,000 lines on 12 axes: from brush to highlight

cold: the first request of a new server. warm: a new visitor of a server that has shown other pages, but not this one.
second: the next visitor of the same page. change: a click in the navigation, by a visitor who has been there. The floor
is an empty Streamlit page with one Altair chart, measured in between; "x" is the ratio to it. "growth" is the change
against that of the size before. MB is what the browser receives on its first change to the page: what it has had
already isn't sent again.
Every figure is a median.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence

from playwright.sync_api import Browser

from bench.tables import heading, median, row
from bench.visits import PAGES, PATIENCE, Visitor, browsing, serving
from testing.made_sweeps import OBJECTIVE, PARAMETERS, SIZES, made_snapshot

PARTS = ("cold", "warm", "parallel")
AXES = "&".join(f"axes={name}" for name in (*PARAMETERS, "val_loss", OBJECTIVE))
Times = dict[tuple[str, str], list[float]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure every page of the app in a browser.")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--pages", nargs="*", choices=list(PAGES), default=list(PAGES))
    parser.add_argument(
        "--parts", nargs="*", choices=["cold", "warm", "parallel"], default=["cold", "warm", "parallel"]
    )
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    before: Times = {}
    with browsing() as browser:
        if {"cold", "warm"} & set(given.parts):
            heading("runs", "page", "cold", "x", "warm", "x", "second", "x", "change", "x", "growth", "MB")
        for size in given.sizes:
            if {"cold", "warm"} & set(given.parts):
                before = measure(browser, size, given.pages, given.parts, given.repeats, before)
        if "parallel" in given.parts:
            measure_brush(browser, given.repeats)


def measure(
    browser: Browser, size: int, pages: Sequence[str], parts: Sequence[str], repeats: int, before: Times
) -> Times:
    """Measure some pages at one size, print a row each, and return the seconds."""
    found: Times = defaultdict(list)
    for _ in range(repeats):
        with serving() as app:
            visit(browser, app, "one", found[("floor", "cold")])
            visit(browser, app, "two", found[("floor", "warm")])
            with Visitor(browser, app) as visitor:
                found[("floor", "second")].append(visitor.open("one"))
                for title in ("Two", "One", "Two"):
                    received = visitor.received
                    found[("floor", "change")].append(visitor.change_to(title))
                    found[("floor", "bytes")].append(visitor.received - received)
        if "cold" in parts:
            for address in pages:
                with serving(made_snapshot(size)) as app:
                    visit(browser, app, address, found[(address, "cold")])
        if "warm" in parts:
            with serving(made_snapshot(size)) as app:
                visit(browser, app, "data", [])
                for kind in ("warm", "second"):
                    for address in pages:
                        visit(browser, app, address, found[(address, kind)])
                with Visitor(browser, app) as visitor:
                    visitor.open("data")
                    for address in pages:
                        # From the same light page each time; its first visit by this browser is not what is measured.
                        other = "interactions" if address != "interactions" else "data"
                        visitor.change_to(PAGES[other].label, PAGES[other].group)
                        received = visitor.received
                        visitor.change_to(PAGES[address].label, PAGES[address].group)
                        found[(address, "bytes")].append(visitor.received - received)
                        visitor.change_to(PAGES[other].label, PAGES[other].group)
                        found[(address, "change")].append(visitor.change_to(PAGES[address].label, PAGES[address].group))
    kinds = ("cold", "warm", "second", "change")
    floor = {kind: median(found[("floor", kind)]) for kind in kinds}
    row(f"{size:,}", "floor", *(x for k in kinds for x in (floor[k], 1.0)), "", median(found[("floor", "bytes")]) / 1e6)
    for address in pages:
        seconds = {kind: median(found[(address, kind)]) for kind in kinds}
        growth = seconds["change"] / median(before[(address, "change")]) if (address, "change") in before else ""
        cells = (x for kind in kinds for x in (seconds[kind], seconds[kind] / floor[kind]))
        row(f"{size:,}", address, *cells, growth, median(found[(address, "bytes")]) / 1e6)
    return found


def visit(browser: Browser, app: object, address: str, seconds: list[float]) -> None:
    """Have a new visitor open one page, and note the seconds."""
    with Visitor(browser, app) as visitor:  # type: ignore[arg-type]
        seconds.append(visitor.open(address))


def measure_brush(browser: Browser, repeats: int) -> None:
    """Brush one of 12 axes of 1,000 runs: milliseconds to the highlighted lines, and to the end of the run."""
    print("\nParallel coordinates, 1,000 runs on 12 axes, a brush:\n")
    heading("to highlighted lines, ms", "to the end of the run, ms")
    lit, ended = [], []
    with serving(made_snapshot(1_000)) as app, Visitor(browser, app) as visitor:
        visitor.open(f"parallel-coordinates?{AXES}")
        visitor.page.evaluate(WATCH)
        for _ in range(repeats):
            first, last = brush_once(visitor)
            lit.append(first * 1000)
            ended.append(last * 1000)
            visitor.act(lambda: visitor.page.keyboard.press("Escape"))
    row(f"{median(lit):.0f}", f"{median(ended):.0f}")


# From the pointer's last move to the first frame with another picture: a brush lights lines up as it is drawn.
WATCH = """() => {
  const small = document.createElement('canvas'), pen = small.getContext('2d', {willReadFrequently: true});
  [small.width, small.height] = [160, 90];
  let last = 0;
  const picture = () => {
    const canvas = document.querySelector('[data-testid="stVegaLiteChart"] canvas');
    if (!canvas) return last;
    pen.drawImage(canvas, 0, 0, 160, 90);
    return pen.getImageData(0, 0, 160, 90).data.reduce((sum, value) => (sum * 31 + value) % 1000000007, 7);
  };
  last = picture();
  window.brushed = {moved: 0, seen: 0};
  let place = '';
  document.addEventListener('pointermove', event => {
    // Browsers repeat the last move when the page below the pointer changes.
    if (place === (place = `${event.x} ${event.y}`)) return;
    window.brushed = {moved: performance.now(), seen: 0};
  }, true);
  const frame = () => {
    const now = picture();
    if (now !== last && !window.brushed.seen) window.brushed.seen = performance.now();
    last = now;
    requestAnimationFrame(frame);
  };
  frame();
}"""


def brush_once(visitor: Visitor) -> tuple[float, float]:
    """Drag along an axis of the chart; return the seconds until lines light up, and until the run's end."""
    chart = visitor.page.locator('[data-testid="stVegaLiteChart"]').first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    # The seventh of twelve axes: half a step of them is left free at each side.
    x, mouse = box["x"] + box["width"] * 6.45 / 12, visitor.page.mouse
    mouse.move(x, box["y"] + box["height"] * 0.4)
    mouse.down()
    mouse.move(x, box["y"] + box["height"] * 0.6, steps=4)
    visitor.page.wait_for_timeout(500)
    mouse.move(x, box["y"] + box["height"] * 0.7)
    visitor.page.wait_for_function("() => window.brushed.seen")
    lit = visitor.page.evaluate("() => window.brushed.seen - window.brushed.moved") / 1000
    ended = visitor.act(mouse.up)
    visitor.page.locator(".st-key-highlighted").wait_for(timeout=PATIENCE)
    return lit, ended


if __name__ == "__main__":
    main()
