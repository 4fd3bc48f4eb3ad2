"""Every section is declared once: its page and its written forms show the same, in the same order."""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.model.choices import Choices
from lib.render.app_words import as_title
from lib.render.archive import markdown_archive
from lib.render.html import report_as_html
from lib.render.markdown import escaped, report_as_markdown
from lib.render.written import tables_of, written
from lib.report import build_report, report_of
from lib.sections import SECTIONS
from lib.sections.blocks import Chart, Choice, Claim, Heading, Note, OneOf, Part, Row, Table, Text
from lib.sections.objective import objective_rule
from lib.sections.walk import walk
from lib.sources.export.read import read_export
from lib.ui.columns_editor import LABEL as COLUMNS_EDITOR
from testing.browser.nightly import by_day
from testing.exports import unet_export
from tests.folded import unfold

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120
WITHOUT_HISTORIES = "without histories"
SOURCES = ("sample", "sample/followup", "sample/repeats", WITHOUT_HISTORIES)

CLAIM = re.compile(r"\*\*\d+\\\. (.*)\*\* :\w+-badge\[.*\]")
# What lib/ui draws for AppOnly blocks.
ONLY_IN_THE_APP = {"Export the report", "Ask the model", "The tried runs nearest to this setting", COLUMNS_EDITOR}


@cache
def report_named(source):
    if source == WITHOUT_HISTORIES:
        return report_of(read_export(unet_export(18).encode(), "runs.csv"), Choices())
    return build_report(source)


@pytest.fixture
def app_on(monkeypatch, tmp_path):
    """Open the app on a source."""

    def app_on(source):
        monkeypatch.chdir(ROOT)
        named = source
        if source == WITHOUT_HISTORIES:
            path = tmp_path / "runs.csv"
            path.write_text(unet_export(18), encoding="utf-8")
            named = str(path)
        monkeypatch.setattr(sys, "argv", ["streamlit_app.py", named])
        return AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=PATIENCE).run()

    return app_on


def plain(text):
    """Return text of the app as a reader sees it: without escapes, without the marks in addresses."""
    return re.sub(r"\\(.)|\*", lambda mark: mark[1] or "", text).replace("\u2060", "")


def said_by(block):
    """Return what a reader finds of a block on a page: its kind and words; None of what is checked elsewhere."""
    match block:
        case Heading():
            return ("heading", block.text)
        case Chart():
            return ("chart", block.alternative)
        case Table():
            return ("table", block.label)
        case Note():
            return ("note", block.text)
        case Text():
            return ("text", block.text)
        case Claim():
            return ("text", block.sentence)
    return None


def in_order(elements):
    """Yield what a page holds, from the top down."""
    for element in elements:
        kind = getattr(element, "type", "")
        if kind in ("vega_lite_chart", "arrow_vega_lite_chart"):
            yield ("chart", element.proto.alt)
        elif kind in ("arrow_data_frame", "dataframe", "arrow_table", "table"):
            yield ("table", element.proto.alt)
        elif kind in ("header", "subheader"):
            yield ("heading", plain(element.value))
        elif kind == "markdown" and element.value.startswith("## "):
            # How to read a card stands beside its title.
            yield ("heading", plain(element.value.removeprefix("## ").split(" :gray[")[0]))
        elif kind == "title":
            yield ("text", plain(element.value))
        elif kind == "markdown" and (claim := CLAIM.fullmatch(element.value)):
            yield ("text", plain(claim[1]))
        elif kind == "markdown":
            yield ("text", plain(element.value))
        elif kind == "caption":
            yield ("note", plain(element.value))


# By day the sweep that has something for every section but one.
@pytest.mark.parametrize("source", by_day(SOURCES, ["sample"]))
def test_a_page_shows_what_the_written_report_does_in_the_same_order(source, app_on):
    sections = {each.section: each for each in written(report_named(source), every_part=False)}
    app = app_on(source)
    for section in SECTIONS:
        app.switch_page(section.script).run()
        unfold(app)
        assert not app.exception, section.address
        if section not in sections:
            why = section.why_empty(report_named(source))
            assert why
            assert as_title(why) in [plain(title.value) for title in app.title]
            continue
        wanted = [said for block in sections[section].blocks if (said := said_by(block))]
        # On a page the rule of the objective follows the evidence; in writing it stands once, at the head.
        rule = f" Objective: {plain(objective_rule(report_named(source)))}"
        shown = [(kind, text.removesuffix(rule)) for kind, text in in_order(app.main)]
        # A page has more notes and texts, such as how to click; all of the report's are there in order.
        for kind in ("heading", "chart", "table"):
            there = [one for one in shown if one[0] == kind and one[1] not in ONLY_IN_THE_APP]
            assert there == [one for one in wanted if one[0] == kind], section.address
        rest = iter(shown)
        missing = [one for one in wanted if one not in rest]
        assert not missing, section.address


class Read(HTMLParser):
    """What an HTML report holds, from the top down."""

    KINDS = {"h3": "heading", "h4": "heading", "figcaption": "chart", "caption": "table"}

    def __init__(self):
        super().__init__()
        self.found, self.inside = [], None

    def handle_starttag(self, tag, attrs):
        self.inside = self.KINDS.get(tag)
        if self.inside:
            self.found.append((self.inside, ""))

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        if self.inside:
            kind, text = self.found[-1]
            self.found[-1] = (kind, text + data)


@pytest.mark.parametrize("source", SOURCES)
def test_html_and_markdown_hold_every_heading_chart_table_and_note(source):
    report = report_named(source)
    sections = written(report)
    blocks = [block for each in sections for block in each.blocks]
    wanted = [
        said
        for block in blocks
        if (said := said_by(block))
        and said[0] in ("heading", "chart", "table")
        and not (isinstance(block, Table) and (not block.written or block.make().empty))
    ]
    page = Read()
    page.feed(report_as_html(report).split("<script>")[0])
    assert page.found == wanted
    text, at = report_as_markdown(report), 0
    for block in blocks:
        said = said_by(block)
        if said is not None:
            at = text.find(escaped(said[1]), at)
            assert at >= 0, said


@pytest.mark.parametrize("source", by_day(SOURCES, ["sample"]))
def test_every_table_of_a_page_is_in_the_archive(source, monkeypatch):
    monkeypatch.setattr("lib.render.archive.svg_of", lambda *_: "<svg/>")
    report = report_named(source)
    tables = [table for table in tables_of(written(report)) if not table.make().empty]
    with zipfile.ZipFile(io.BytesIO(markdown_archive(report))) as archive:
        files = [name for name in archive.namelist() if name.startswith("tables/")]
        assert len(files) == len(tables)
        for name, table in zip(files, tables, strict=True):
            rows = list(csv.reader(io.StringIO(archive.read(name).decode())))
            assert len(rows) - 1 == len(table.make()), name


def test_keys_of_charts_and_tables_are_unique_within_their_section():
    for each in written(report_named("sample")):
        for kind, name in ((Chart, "key"), (Table, "name")):
            names = [getattr(block, name) for block in each.blocks if isinstance(block, kind)]
            assert len(names) == len(set(names)), each.section.address


def test_each_section_has_a_page_of_three_lines_and_a_module_of_its_own():
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} == {section.address for section in SECTIONS}
    for section in SECTIONS:
        lines = [line for line in (ROOT / section.script).read_text(encoding="utf-8").splitlines() if line]
        assert len(lines) == 3
        assert lines[-1] == f'show_section("{section.address}")'


def test_a_container_answers_with_what_its_children_answer():
    def build():
        letter, (number, word) = yield Row((Choice("letter", "Letter", "ab"), two))
        yield Text(f"{letter}{number}{word}")

    def two():
        number = yield Choice("number", "Number", "12")
        word = yield Choice("word", "Word", ("x", "y"), optional=True)
        return number, word

    said = []

    def answer(block):
        if isinstance(block, Row):
            return tuple(walk(child(), answer) if callable(child) else answer(child) for child in block.children)
        if isinstance(block, Choice):
            return block.first
        said.append(block)
        return None

    walk(build(), answer)
    assert said == [Text("a1None")]


def test_a_part_that_reruns_alone_chooses_no_runs():
    """Its charts and tables would change the whole page, of which only the part is drawn again."""

    def look(block):
        if isinstance(block, Part):
            walk(block.build(), inside)
        if isinstance(block, OneOf):
            for build in block.parts.values():
                walk(build(), look)
        return (
            getattr(block, "first", None)
            if not isinstance(block, Row)
            else tuple(walk(child(), look) if callable(child) else look(child) for child in block.children)
        )

    def inside(block):
        assert getattr(block, "reader", None) is None
        assert getattr(block, "run_ids", None) is None
        return look(block)

    report = report_named("sample")
    for section in SECTIONS:
        walk(section.build(report), look)
