"""The Chromium that the browser tests drive. As a program: make sure that there is one, or say what to do."""

import os
import shutil
import subprocess
import sys

# The first has no window, no menus and no services of a desktop browser: the tests take a sixth less time in it.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chromium-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
MISSING = (
    "The browser tests need Chromium or Google Chrome, and none was found. "
    "Install one, or name it: CHROMIUM=/path/to/chromium make test"
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# For tests alone, which look at a page for seconds: compiling its scripts again, to be faster later, takes more time of
# the processor than it saves.
FOR_SECONDS = "--js-flags=--no-maglev --no-turbofan"


def find_chromium() -> str | None:
    """Path of the browser: what CHROMIUM names, or else the first that is installed."""
    return next(filter(None, map(shutil.which, filter(None, (os.environ.get("CHROMIUM"), *NAMES)))), None)


def install_chromium() -> None:
    """Install Debian's Chromium, where this may be done: as root, with apt-get."""
    print("Installing Chromium for the browser tests ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}

    def apt_get(*step: str) -> bool:
        return (
            subprocess.run(["apt-get", *step], env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0
        )

    apt_get("update", "-qq")
    # Releases before Debian 12 have no shell.
    any(apt_get("install", "-qq", "--yes", "--no-install-recommends", name) for name in NAMES[:2])


if __name__ == "__main__":
    if find_chromium() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install_chromium()
    if find_chromium() is None:
        sys.exit(MISSING)
