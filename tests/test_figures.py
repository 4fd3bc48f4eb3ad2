"""Figures for print: as wide as a column, words of 7 to 8 pt, told apart in grey, vectors with their font inside."""

from __future__ import annotations

import io
import itertools
import re
import zipfile

import pytest

from lib.charts.drawing import NotDrawn
from lib.model.notes import Notes
from lib.render.archive import named_pictures
from lib.render.figures import IN_PRINT, LARGEST, SMALLEST, WIDTHS, figure_pdf, figure_svg
from lib.render.paper import paper_archive
from lib.render.written import written
from testing.sweeps import reported, sweep_of
from tests.test_palette import luminance

POINTS = 72 / 25.4


@pytest.fixture(scope="module")
def report():
    lr = [10 ** (-4 + (i * 7 % 30) / 10) for i in range(30)]
    optimizer = ["adam", "sgd", "rmsprop"] * 10
    score = [0.5 + 0.1 * (i * 7 % 30) / 30 + 0.02 * (i % 3) + 0.001 * (i * 11 % 7) for i in range(30)]
    return reported(sweep_of({"lr": lr, "optimizer": optimizer}, {"score": score}), metric="score", goal="maximize")


@pytest.fixture(scope="module")
def figures(report):
    """Charts of a small sweep in both widths: each one's name, the width and the SVG. Every second one, to be quick."""
    found = []
    for _, chart, picture in itertools.islice(named_pictures(written(report)), 0, None, 2):
        assert not isinstance(picture, NotDrawn)
        found += [(chart.key, width, figure_svg(picture, width)) for width in WIDTHS]
    return found


def test_every_figure_is_as_wide_as_asked_and_its_text_is_7_to_8_points(figures):
    assert len(figures) > 10
    for key, width, svg in figures:
        head = svg[: svg.index(">")]
        assert f'width="{width}mm"' in head, key
        units = float(re.search(r'viewBox="0 0 ([\d.]+)', head)[1])
        points = width * POINTS / units
        shrunk = float((re.search(r"scale\((0\.\d+)\)", svg) or [0, 1])[1])
        # A figure that has no room for its words as they are is made a little smaller as a whole.
        assert shrunk > 0.95, key
        sizes = {float(size) * points for size in re.findall(r'font-size="([\d.]+)px"', svg)}
        assert all(SMALLEST - 0.01 <= size <= LARGEST + 0.01 for size in sizes), (key, sizes)


def test_a_pdf_is_as_wide_and_holds_vectors_and_its_font(figures):
    for _, width, svg in [*figures[:2], figures[-1]]:
        pdf = figure_pdf(svg)
        assert pdf == figure_pdf(svg)
        box = [float(one) for one in re.search(rb"MediaBox \[([\d. ]+)\]", pdf)[1].split()]
        assert box[2] == pytest.approx(width * POINTS, abs=0.1)
        assert b"FontFile" in pdf
        assert b"/Subtype/Image" not in pdf.replace(b" ", b"")


def test_colours_of_print_differ_in_grey():
    # CIE L*, where luminance is above 0.009.
    shades = sorted(116 * luminance(colour) ** (1 / 3) - 16 for colour in IN_PRINT.values())
    assert min(after - before for before, after in itertools.pairwise(shades)) >= 10


@pytest.mark.nightly
def test_the_document_of_the_archive_includes_figures_that_are_there_and_the_readers_notes(report):
    made = paper_archive(report, report.to_dict(Notes("My title")))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        names = set(archive.namelist())
        included = re.findall(r"\\includegraphics\{([^}]+)\}", archive.read("report.tex").decode())
        assert all("My title" in archive.read(name).decode() for name in ("report.tex", "README.txt"))
    assert included
    assert set(included) <= names
    assert {name.rpartition("-")[2] for name in names if name.startswith("figures/")} == {
        f"{width}mm.{kind}" for width in WIDTHS for kind in ("pdf", "svg")
    }
