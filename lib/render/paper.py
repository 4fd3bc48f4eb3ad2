"""The report for a paper or a thesis: the LaTeX document, and every chart as figures of one and two columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lib.charts.drawing import NotDrawn, drawn
from lib.model.notes import notes_from_dict
from lib.render.archive import named_pictures, read_me, zipped
from lib.render.figures import WIDTHS, figure_pdf, figure_svg
from lib.render.latex import Figure, latex_of
from lib.render.written import written

if TYPE_CHECKING:
    from lib.render.pictures import Picture
    from lib.results.report import Report

FOLDER = "figures"
# The document shows what mattered, what a budget gives, and the first parameters one by one.
_SHOWN = ("gains", "convergence")
_SHOWN_BY_PARAMETER, _MOST_OF_THEM = ("trend-", "levels-"), 2


def paper_with_figures(report: Report, data: Mapping[str, Any], folder: str = FOLDER) -> tuple[str, dict[str, bytes]]:
    """Return the LaTeX document, and each chart as FOLDER/NAME-84mm and -174mm, .pdf and .svg, by that path.

    data : the JSON report. The document includes a few of the narrow ones. A chart that can't be drawn is left out.
    """
    files: dict[str, bytes] = {}
    shown: dict[str, Figure] = {}
    for _, chart, picture in named_pictures(written(report)):
        if isinstance(picture, NotDrawn):
            continue
        made = drawn(_files_of, picture, folder)
        if isinstance(made, NotDrawn):
            continue
        files |= made
        of_parameters = sum(key.startswith(_SHOWN_BY_PARAMETER) for key in shown)
        if chart.key in _SHOWN or (chart.key.startswith(_SHOWN_BY_PARAMETER) and of_parameters < _MOST_OF_THEM):
            path = f"{folder}/{picture.file_name}-{WIDTHS[0]}mm.pdf"
            shown.setdefault(chart.key, Figure(path, picture.alternative, picture.file_name))
    return latex_of(data, tuple(shown.values())), files


def paper_archive(report: Report, data: Mapping[str, Any]) -> bytes:
    """Return a ZIP of the document, its figures, and the provenance as README.txt.

    data : the JSON report, with the notes that the document is to hold.
    """
    text, files = paper_with_figures(report, data)
    notes = notes_from_dict(data.get("notes"))
    return zipped({"README.txt": read_me(report, notes), "report.tex": text.encode(), **files})


def _files_of(picture: Picture, folder: str) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for millimetres in WIDTHS:
        svg = figure_svg(picture, millimetres)
        files[f"{folder}/{picture.file_name}-{millimetres}mm.svg"] = svg.encode()
        files[f"{folder}/{picture.file_name}-{millimetres}mm.pdf"] = figure_pdf(svg)
    return files
