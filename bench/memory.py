"""Memory of the server in MB for 1, 10 and 50 visitors, each of whom opens one page and clicks through the others.

    python -m bench.memory
    python -m bench.memory --sizes 100000 --visitors 1 10

Visitors stay connected. "at rest" is the server before the first one; "peak" the most that it ever took. Visitors ask
for the same report, but for every tenth, who narrows it to other runs. "growth" is that to the size before.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from bench.tables import heading, row
from bench.visits import PAGES, Visitor, browsing, serving
from testing.made_sweeps import SIZES, made_snapshot

VISITORS = (1, 10, 50)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the memory of the server.")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--visitors", type=int, nargs="*", default=list(VISITORS))
    parser.add_argument("--pages", nargs="*", choices=list(PAGES), default=list(PAGES))
    given = parser.parse_args()
    heading("runs", "visitors", "at rest", "now", "peak", "growth")
    before: dict[int, float] = {}
    with browsing() as browser:
        for size in given.sizes:
            with serving(made_snapshot(size)) as app:
                rest, _ = memory(app.process_id)
                visitors: list[Visitor] = []
                for count in sorted(given.visitors):
                    while len(visitors) < count:
                        visitors.append(Visitor(browser, app))
                        narrowed = f"?only=dropout:0..0.{len(visitors):03d}" if len(visitors) % 10 == 0 else ""
                        visitors[-1].open(f"{given.pages[0]}{narrowed}")
                        for page in given.pages[1:]:
                            visitors[-1].change_to(PAGES[page].label, PAGES[page].group)
                    now, peak = memory(app.process_id)
                    growth = now / before[count] if count in before else ""
                    row(f"{size:,}", count, f"{rest:.0f}", f"{now:.0f}", f"{peak:.0f}", growth)
                    before[count] = now
                for visitor in visitors:
                    visitor.context.close()


def memory(process_id: int) -> tuple[float, float]:
    """Return what a process takes now and took at most, in MB, as Linux tells it."""
    status = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8")
    now, peak = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[index]
    return now, peak


if __name__ == "__main__":
    main()
