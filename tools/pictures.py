"""Make the pictures of the README from the running app, on a light and on a dark page, and its animation.

    python -m tools.pictures
    python -m tools.pictures findings     # one of them
    python -m tools.pictures animation    # opening an export and reading the answer, in 20 seconds

They land in docs/pictures/ as NAME-light.png and NAME-dark.png, with few colours, so that they stay small, and as
open-and-read.webp.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from lib.sections import BY_ADDRESS
from testing.browser.chromium import FLAGS, MISSING, find_chromium
from testing.browser.frame import PATIENCE, click_to, open_popover
from testing.browser.server import ROOT, running_app
from testing.browser.visit import visiting
from testing.exports import unet_export

FOLDER = ROOT / "docs" / "pictures"
SIZE = (1280, 860)
COLOURS = 256
ANIMATION, FRAME, EXPORTED = "animation", (1024, 688), 120
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


def animate(browser: Browser, address: str, target: Path) -> None:
    """Open an export as a visitor does, read the pages that answer, and save what was seen, each step as one frame."""
    frames: list[tuple[Image.Image, int]] = []
    with visiting(browser, address, SIZE) as seen:
        page = seen.page

        def keep(milliseconds: int) -> None:
            seen.wait_until_drawn()
            page.wait_for_timeout(700)
            with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as shot:
                frames.append((shot.convert("RGB").resize(FRAME, Image.Resampling.LANCZOS), milliseconds))

        keep(1500)
        body = open_popover(page, "source")
        keep(1800)
        export = {"name": "my-sweep.csv", "mimeType": "text/csv", "buffer": unet_export(EXPORTED).encode()}
        body.locator('input[type="file"]').first.set_input_files(export)
        page.wait_for_function("() => document.title.includes('my-sweep.csv')", timeout=PATIENCE)
        keep(1500)
        page.keyboard.press("Escape")
        keep(4200)
        for address_of, milliseconds in (("findings", 4000), ("hyperparameter-impact", 3500), ("best-run", 3500)):
            click_to(page, BY_ADDRESS[address_of])
            keep(milliseconds)
    (first, _), *others = frames
    durations = [milliseconds for _, milliseconds in frames]
    rest = [one for one, _ in others]
    first.save(target, save_all=True, append_images=rest, duration=durations, loop=0, quality=80, method=6)


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
        if not names or ANIMATION in names:
            target = FOLDER / "open-and-read.webp"
            animate(browser, app.url, target)
            print(f"{target.relative_to(ROOT)}  {target.stat().st_size // 1024} kB", flush=True)
        for name in [one for one in names or PAGES if one != ANIMATION]:
            for scheme in ("light", "dark"):
                target = FOLDER / f"{name}-{scheme}.png"
                take(browser, app.url + PAGES[name], scheme, target)
                print(f"{target.relative_to(ROOT)}  {target.stat().st_size // 1024} kB", flush=True)
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
