"""The report as PDF: the HTML report as a browser of this machine prints it on A4. For the command line alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from lib.model.errors import InputError
from lib.render.html import report_as_html

if TYPE_CHECKING:
    from lib.results.report import Report

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chromium-headless-shell",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_SECONDS = 120
_PRINTED_AT = re.compile(r"(/(?:CreationDate|ModDate) \(D:)[0-9]{14}[-+][0-9]{2}'[0-9]{2}'\)")
# No request leaves the machine, whatever the browser would like to update.
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
    "--run-all-compositor-stages-before-draw",
    "--virtual-time-budget=20000",
)


def find_browser() -> str | None:
    """Return the path of the browser that prints: what CHROMIUM names, or else the first that is installed."""
    return next(filter(None, map(shutil.which, filter(None, (os.environ.get("CHROMIUM"), *BROWSERS)))), None)


def _without_clock(pdf: bytes) -> bytes:
    """Set the times at which the browser printed to one time, of the same length: the same report is the same bytes."""
    return _PRINTED_AT.sub(r"\g<1>20000101000000+00'00')", pdf.decode("latin-1")).encode("latin-1")


def report_as_pdf(report: Report) -> bytes:
    """Print the HTML report as PDF.

    Raises InputError where no Chromium or Chrome is installed, or where it doesn't print.
    """
    browser = find_browser()
    if browser is None:
        raise InputError(
            "A PDF is printed by Chromium or Google Chrome, and none was found. Install one, name it in CHROMIUM, or "
            "write --format html and print that."
        )
    with tempfile.TemporaryDirectory() as folder:
        page, out = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_text(report_as_html(report), encoding="utf-8")
        # Chromium refuses its sandbox to root.
        own = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
        command = [browser, *_FLAGS, *own, f"--user-data-dir={folder}/profile", f"--print-to-pdf={out}", page.as_uri()]
        try:
            subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=True, cwd=folder
            )
            return _without_clock(out.read_bytes())
        except (OSError, subprocess.SubprocessError) as error:
            raise InputError(
                f"{browser} was to print the PDF and did not. Write --format html and print that."
            ) from error
