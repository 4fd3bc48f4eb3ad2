"""The report as files to keep: Markdown with its pictures, every chart as SVG and PNG, every table as CSV.

Archives hold no time of writing, so that the same report gives the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from lib.charts.drawing import NotDrawn, drawn
from lib.render.markdown import sections_as_markdown
from lib.render.pictures import Picture, Theme, png_of, svg_of
from lib.render.provenance import provenance_text
from lib.render.vega import spec_of
from lib.render.written import WrittenSection, charts_of, tables_of, written
from lib.sections.csv import csv_of
from lib.sections.notes import notes_in_text

if TYPE_CHECKING:
    from lib.model.notes import Notes
    from lib.results.report import Report
    from lib.sections.blocks import Chart

FOLDER = "report_files"
LONGEST_NAME = 60


def markdown_with_pictures(report: Report, folder: str = FOLDER) -> tuple[str, dict[str, bytes]]:
    """Return the Markdown, and the pictures (SVG, light) that it links to as FOLDER/NAME.svg, by that path."""
    return _with_pictures(report, written(report), folder)


def _with_pictures(report: Report, sections: Sequence[WrittenSection], folder: str) -> tuple[str, dict[str, bytes]]:
    links: dict[str, str | NotDrawn] = {}
    files: dict[str, bytes] = {}
    for name, _, picture in named_pictures(sections):
        svg = picture if isinstance(picture, NotDrawn) else drawn(svg_of, picture, report)
        if isinstance(picture, NotDrawn) or isinstance(svg, NotDrawn):
            links[name] = NotDrawn(svg.error if isinstance(svg, NotDrawn) else "")
            continue
        path = f"{folder}/{picture.file_name}.svg"
        files[path] = svg.encode()
        links[name] = quote(path)
    return sections_as_markdown(report, sections, links), files


def markdown_archive(report: Report, notes: Notes | None = None) -> bytes:
    """Return a ZIP of the Markdown, its pictures, every table as CSV, and the provenance as README.txt.

    notes : the reader's; those that came with the source if None.
    """
    sections = written(report, notes=notes)
    text, files = _with_pictures(report, sections, FOLDER)
    files = {"README.txt": read_me(report, notes), "report.md": text.encode(), **files}
    made = ((table.name, table.make()) for table in tables_of(sections))
    filled = [(name, table) for name, table in made if not table.empty]
    for number, (name, table) in enumerate(filled, start=1):
        files[f"tables/{number:02d}-{plain_name(name)}.csv"] = csv_of(table).encode()
    return zipped(files)


def charts_archive(report: Report, notes: Notes | None = None) -> bytes:
    """Return a ZIP of every chart as SVG and PNG, on a light and on a dark page, and the provenance as README.txt.

    notes : the reader's; those that came with the source if None.
    """
    files: dict[str, bytes] = {}
    missing: list[str] = []
    for _, chart, picture in named_pictures(written(report)):
        made = picture if isinstance(picture, NotDrawn) else drawn(_both_themes, picture, report)
        if isinstance(made, NotDrawn):
            missing.append(made.sentence(chart.alternative))
        else:
            files |= made
    return zipped({"README.txt": read_me(report, notes, *missing), **files})


def _both_themes(picture: Picture, report: Report) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    themes: tuple[Theme, ...] = ("light", "dark")
    for theme in themes:
        files[f"{theme}/{picture.file_name}.svg"] = svg_of(picture, report, theme).encode()
        files[f"{theme}/{picture.file_name}.png"] = png_of(picture, report, theme)
    return files


def pictures(report: Report) -> Iterator[Picture]:
    """Yield the picture of every chart of the report that can be drawn."""
    yield from (picture for _, _, picture in named_pictures(written(report)) if isinstance(picture, Picture))


def named_pictures(sections: Sequence[WrittenSection]) -> Iterator[tuple[str, Chart, Picture | NotDrawn]]:
    """Yield each chart's name, the chart, and its picture with a file name of its own, numbered as in the report."""
    made = ((name, chart, drawn(spec_of, chart)) for name, chart in charts_of(sections))
    there = ((name, chart, spec) for name, chart, spec in made if spec is not None)
    for number, (name, chart, spec) in enumerate(there, start=1):
        if isinstance(spec, NotDrawn):
            yield name, chart, spec
            continue
        file_name = f"{number:02d}-{plain_name(chart.key)}"
        yield name, chart, Picture(chart.key, file_name, chart.title, chart.alternative, spec)


def plain_name(name: str) -> str:
    """Turn a name into one that every file system takes: letters, digits, dots and dashes."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-.")[:LONGEST_NAME] or "unnamed"


def read_me(report: Report, notes: Notes | None = None, *missing: str) -> bytes:
    """Return what an archive says of itself: the reader's notes, what is missing in it, and the report's provenance.

    notes : the reader's; those that came with the source if None.
    """
    own = notes_in_text(report, report.sweep.notes if notes is None else notes)
    parts = ["Sweep report", own, *missing, provenance_text(report)]
    return "\n\n".join(part for part in parts if part).encode() + b"\n"


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return the ZIP of files by their paths, the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # The earliest moment that the format knows, and a plain readable file, whatever system writes it.
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, content)
    return out.getvalue()
