"""Make the pictures of the README from the running app, on a light and on a dark page.

    python -m tools.pictures
    python -m tools.pictures findings     # one of them

They land in docs/pictures/ as NAME-light.png and NAME-dark.png, with few colours, so that they stay small.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from testing.browser.chromium import FLAGS, MISSING, find_chromium
from testing.browser.server import ROOT, running_app
from testing.browser.visit import visiting

FOLDER = ROOT / "docs" / "pictures"
SIZE = (1280, 860)
COLOURS = 256
PAGES = {
    "summary": "/",
    "hyperparameter-impact": "/hyperparameter-impact",
    "parallel-coordinates": "/parallel-coordinates",
    "findings": "/findings",
}


def take(browser: Browser, address: str, scheme: str, target: Path) -> None:
    """Open one page as a visitor with this colour scheme does, and save what is above the fold."""
    with visiting(browser, address, SIZE, scheme) as seen:
        seen.page.wait_for_timeout(1500)
        wrong = seen.exceptions()
        if wrong:
            raise RuntimeError(f"{address} shows an error: {wrong[0][:200]}")
        shot = seen.page.screenshot(animations="disabled")
    with Image.open(io.BytesIO(shot)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
        few.save(target, "PNG", optimize=True)


def main(names: list[str]) -> int:
    """Take the pictures of these names, all without one; return the exit status."""
    chromium = find_chromium()
    if chromium is None:
        print(MISSING, file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app(Path(folder) / "log.txt") as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        for name in names or PAGES:
            for scheme in ("light", "dark"):
                target = FOLDER / f"{name}-{scheme}.png"
                take(browser, app.url + PAGES[name], scheme, target)
                print(f"{target.relative_to(ROOT)}  {target.stat().st_size // 1024} kB", flush=True)
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
