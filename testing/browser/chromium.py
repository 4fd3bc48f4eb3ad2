"""The Chromium that the browser tests drive. As a program: make sure that there is one, or say what to do."""

import os
import shutil
import subprocess
import sys

NAMES = (
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
    for step in (["update", "-qq"], ["install", "-qq", "--yes", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", *step], env=environment, stdout=subprocess.DEVNULL, check=False)


if __name__ == "__main__":
    if find_chromium() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install_chromium()
    if find_chromium() is None:
        sys.exit(MISSING)
