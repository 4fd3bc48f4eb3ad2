"""What leaves the program as files: pictures, archives, Markdown with its pictures, CSV."""

import csv
import io
import re
import zipfile
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.__main__ import main
from lib.model.notes import Notes
from lib.render.archive import charts_archive, markdown_archive, markdown_with_pictures, pictures, plain_name
from lib.render.html import report_as_html
from lib.render.pictures import WIDTH, png_of, svg_of
from lib.render.provenance import provenance, provenance_text
from lib.render.vega import THEMES
from lib.sections.csv import csv_of, harmless
from testing.browser.nightly import NIGHT
from testing.sweeps import reported, search, sweep_of

MARKUP = "</text><script>alert(1)</script>"


@pytest.fixture(scope="module")
def report():
    # Under 20 runs no forest is grown.
    return reported(search(18))


@pytest.fixture(scope="module")
def hostile():
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, 30)
    return reported(
        sweep_of(
            {MARKUP: x.tolist(), "../../up & <b>": rng.choice(["<i>", "]]>", "a"], 30).tolist()},
            {"val_score": (x + rng.normal(0, 0.1, 30)).tolist()},
            names=[f"<image href='http://example.org/{i}'/>" for i in range(30)],
        )
    )


@pytest.fixture(scope="module")
def figures(report):
    return list(pictures(report))


def named(key, figures):
    return next(figure for figure in figures if figure.key == key)


def test_a_chart_as_svg_says_what_it_is_and_where_it_is_from(report, figures):
    one = named("every-run", figures)
    root = ElementTree.fromstring(svg_of(one, report))
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == one.title
    assert root.findtext(f"{space}desc") == root.get("aria-label") == one.alternative
    assert root.findtext(f"{space}metadata") == provenance_text(report)
    assert float(root.get("width")) >= WIDTH


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_chart_as_png_stands_on_the_themes_ground_and_carries_the_stamp(report, figures, theme):
    one = named("every-run", figures)
    with Image.open(io.BytesIO(png_of(one, report, theme))) as picture:
        assert "#{:02x}{:02x}{:02x}".format(*picture.getpixel((0, 0))) == THEMES[theme]["background"]
        assert picture.text["Comment"] == provenance_text(report)
        assert picture.text["Description"] == one.alternative
        assert picture.width >= 2 * WIDTH


def test_names_are_never_markup_in_a_picture(hostile):
    for one in pictures(hostile):
        root = ElementTree.fromstring(svg_of(one, hostile))
        tags = {element.tag.split("}")[1] for element in root.iter()}
        assert tags <= {
            *("svg", "g", "path", "text", "line", "rect", "title", "desc", "metadata", "defs", "clipPath"),
            *("linearGradient", "stop"),
        }
        assert not any("href" in name for element in root.iter() for name in element.attrib)


# By day: the HTML below, which holds the charts, and JSON in tests/test_json_report.py.
@pytest.mark.nightly
def test_pictures_and_archives_have_the_same_bytes_again(report, figures):
    again = reported(search(18, order=list(reversed(range(18)))))
    # Every chart is in it, as SVG.
    assert markdown_archive(report) == markdown_archive(again)
    once, twice = named("distribution", figures), named("distribution", pictures(again))
    assert png_of(once, report) == png_of(twice, again)


def test_the_html_has_the_same_bytes_again(report):
    """Altair numbers what has no name by a counter of the whole process: nothing of that reaches the file."""
    assert report_as_html(report) == report_as_html(reported(search(18)))


def test_markdown_shows_every_chart_by_a_relative_path_to_a_picture(report, figures):
    text, files = markdown_with_pictures(report, "my report (1)_files")
    linked = re.findall(r"(?<!\\)!\[[^\]]+\]\(([^)]+)\)", text)
    assert len(linked) == len(files) == len(figures)
    assert {path.replace("%20", " ").replace("%28", "(").replace("%29", ")") for path in linked} == set(files)


def test_the_command_line_writes_markdown_with_its_pictures_beside_it(tmp_path, report, capsys):
    (tmp_path / "runs.csv").write_text(
        "Name,State,lr,val_score\n" + "".join(f"r{i},finished,{i / 40},{i / 80}\n" for i in range(40)), encoding="utf-8"
    )
    assert main(["report", str(tmp_path / "runs.csv"), "--output", str(tmp_path / "out.md"), "--quiet"]) == 0
    text = (tmp_path / "out.md").read_text(encoding="utf-8")
    linked = re.findall(r"(?<!\\)!\[[^\]]+\]\((out_files/[^)]+)\)", text)
    assert linked
    assert sorted(linked) == sorted(f"out_files/{path.name}" for path in (tmp_path / "out_files").iterdir())
    assert main(["report", str(tmp_path / "runs.csv"), "--quiet"]) == 0
    assert "out_files" not in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path, capsys):
    (tmp_path / "runs.csv").write_text(
        "Name,State,lr,val_score\n" + "".join(f"r{i},finished,{i / 40},{i / 80}\n" for i in range(40)), encoding="utf-8"
    )
    (tmp_path / "out_files").write_text("a file in the way", encoding="utf-8")
    assert main(["report", str(tmp_path / "runs.csv"), "--output", str(tmp_path / "out.md"), "--quiet"]) == 2
    assert "out_files" in capsys.readouterr().err


def test_the_archive_of_the_report_holds_pictures_tables_and_the_stamp(hostile):
    with zipfile.ZipFile(io.BytesIO(markdown_archive(hostile))) as archive:
        names = archive.namelist()
        assert all(re.fullmatch(r"(README\.txt|report\.md|(report_files|tables)/[\w.-]+)", name) for name in names)
        assert provenance_text(hostile) in archive.read("README.txt").decode()
        runs = next(name for name in names if re.fullmatch(r"tables/\d+-runs\.csv", name))
        rows = list(csv.reader(io.StringIO(archive.read(runs).decode())))
        assert len(rows) == 1 + 30


def test_the_archive_of_the_charts_holds_each_as_svg_and_png_for_both_themes(monkeypatch):
    if not NIGHT:
        # Painting takes long, and is the same for all charts.
        monkeypatch.setattr("lib.render.archive.svg_of", lambda *_: "<svg/>")
        monkeypatch.setattr("lib.render.archive.png_of", lambda *_: b"")
    small = reported(search(12))
    with zipfile.ZipFile(io.BytesIO(charts_archive(small, Notes("My title")))) as archive:
        assert "My title" in archive.read("README.txt").decode()
        wanted = {
            f"{theme}/{picture.file_name}.{ending}"
            for picture in pictures(small)
            for theme in ("light", "dark")
            for ending in ("svg", "png")
        }
        assert set(archive.namelist()) == wanted | {"README.txt"}


def test_the_stamp_names_source_time_hash_choices_and_versions(report):
    stamp = dict(provenance(report))
    assert stamp["Source"] == report.sweep.origin.label
    assert stamp["Data hash (SHA-256)"] == report.sweep.data_sha256
    assert {"Read", "Choices", "Versions"} <= set(stamp)
    assert f"pandas {pd.__version__}" in stamp["Versions"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-cmd", "@sum", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "=HYPERLINK(1)", "＝1", "-1+1"]
)
def test_text_that_a_spreadsheet_would_run_is_made_harmless(text):
    safe = "'" + text.replace("\r", "\n")
    assert harmless(text) == safe
    row = next(iter(csv.reader(io.StringIO(csv_of(pd.DataFrame({text: [text]}))))))
    assert row == [safe]


@pytest.mark.parametrize("text", ["-1", "+2.5", "-1e-5", "-inf", "plain", "a=b", "", "-", " -3"])
def test_text_that_is_a_number_or_plain_stays(text):
    assert harmless(text) == text


def test_numbers_in_a_csv_are_whole():
    values = [0.1 + 0.2, 1e-300, -12345678.123456789]
    read = [float(row[0]) for row in list(csv.reader(io.StringIO(csv_of(pd.DataFrame({"x": values})))))[1:]]
    assert read == values


@pytest.mark.parametrize(
    ("name", "file"), [("a/b\\c", "a-b-c"), ("../..", "unnamed"), ("é ü", "unnamed"), ("x" * 99, "x" * 60)]
)
def test_file_names_are_plain(name, file):
    assert plain_name(name) == file
