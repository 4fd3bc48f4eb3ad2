"""The report as files to keep: Markdown with its pictures, every chart as SVG and PNG, every table as CSV.

Archives hold no time of writing, so that the same report gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from lib.charts.drawing import NotDrawn, drawn
from lib.report.csv import csv_of
from lib.report.document import document, tables_of
from lib.report.figures import Figure, figures
from lib.report.markdown import report_as_markdown
from lib.report.pictures import Theme, png_of, svg_of
from lib.report.stamp import stamp_text

if TYPE_CHECKING:
    import pandas as pd

    from lib.results.report import Report

FOLDER = "report_files"
LONGEST_NAME = 60


def markdown_with_pictures(report: Report, folder: str = FOLDER) -> tuple[str, dict[str, bytes]]:
    """Return the Markdown, and the pictures (SVG, light) that it links to as FOLDER/NAME.svg, by that path."""
    links: dict[str, tuple[str, str | NotDrawn]] = {}
    files: dict[str, bytes] = {}
    for stem, figure in named_figures(report):
        path = f"{folder}/{stem}.svg"
        picture = drawn(svg_of, figure, report)
        if isinstance(picture, NotDrawn):
            links[figure.key] = (figure.alternative, picture)
            continue
        files[path] = picture.encode()
        links[figure.key] = (figure.alternative, quote(path))
    return report_as_markdown(report, links), files


def markdown_archive(report: Report) -> bytes:
    """Return a ZIP of the Markdown, its pictures, every table as CSV, and the stamp as README.txt."""
    text, files = markdown_with_pictures(report)
    files = {"README.txt": _read_me(report), "report.md": text.encode(), **files}
    for number, (name, table) in enumerate(named_tables(report), start=1):
        files[f"tables/{number:02d}-{plain_name(name)}.csv"] = csv_of(table).encode()
    return _zipped(files)


def charts_archive(report: Report) -> bytes:
    """Return a ZIP of every chart as SVG and PNG, on a light and on a dark page, and the stamp as README.txt."""
    files: dict[str, bytes] = {}
    missing: list[str] = []
    for stem, figure in named_figures(report):
        pictures = drawn(_pictures, stem, figure, report)
        if isinstance(pictures, NotDrawn):
            missing.append(pictures.sentence(figure.alternative))
        else:
            files |= pictures
    return _zipped({"README.txt": _read_me(report, *missing), **files})


def _pictures(stem: str, figure: Figure, report: Report) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    themes: tuple[Theme, ...] = ("light", "dark")
    for theme in themes:
        files[f"{theme}/{stem}.svg"] = svg_of(figure, report, theme).encode()
        files[f"{theme}/{stem}.png"] = png_of(figure, report, theme)
    return files


def named_figures(report: Report) -> Iterator[tuple[str, Figure]]:
    """Yield each figure with a file name of its own (without its ending), numbered as in the report."""
    for number, figure in enumerate(figures(report), start=1):
        yield f"{number:02d}-{plain_name(figure.key)}", figure


def named_tables(report: Report) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the report's tables in order; an empty one is left out."""
    yield from ((block.name, block.table) for block in tables_of(document(report)))


def plain_name(name: str) -> str:
    """Turn a name into one that every file system takes: letters, digits, dots and dashes."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-.")[:LONGEST_NAME] or "unnamed"


def _read_me(report: Report, *notes: str) -> bytes:
    return "\n\n".join(["Sweep report", *notes, stamp_text(report)]).encode() + b"\n"


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # The earliest moment that the format knows, and a plain readable file, whatever system writes it.
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()
