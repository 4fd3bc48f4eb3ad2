"""A reader's notes: written into every export and the snapshot letter for letter, short ones into the address."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.model.notes import MOST_IN_ADDRESS, Notes, notes_as_dict, notes_from_dict, packed_notes, unpacked_notes
from lib.render.archive import read_me
from lib.render.brief import brief_of
from lib.render.html import report_as_html
from lib.render.latex import latex_of
from lib.render.markdown import report_as_markdown
from lib.report import Report
from lib.sources.snapshot.file import read_snapshot, snapshot_bytes
from testing.sweeps import sample_report

NASTY = "<script>alert(1)</script> **bold** $x$ \\input{x} & 50%"
RUN, FINDING = "note on a run_1", "note on a finding"


@pytest.fixture(scope="module")
def noted() -> tuple[Report, Notes]:
    report = sample_report()
    run_id = str(report.population.runs["run_id"].iloc[0])
    return report, Notes(NASTY, "First.\nSecond line.").with_run(run_id, RUN).with_finding("best", FINDING)


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
pairs = st.dictionaries(texts, texts.filter(str.strip), max_size=3).map(lambda d: tuple(sorted(d.items())))
any_notes = st.builds(Notes, texts, texts, pairs, pairs)


@given(any_notes)
def test_any_notes_come_back_from_address_and_file(notes):
    assert notes_from_dict(json.loads(json.dumps(notes_as_dict(notes)))) == notes
    packed = packed_notes(notes)
    assert unpacked_notes(packed) == notes or packed == ""


@given(st.text(max_size=60))
def test_no_text_of_an_address_breaks_the_reading(text):
    assert isinstance(unpacked_notes(text), Notes)


def test_notes_too_long_for_an_address_are_not_in_it():
    # Random letters, which can't be packed.
    import random

    long = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=3_000))
    assert packed_notes(Notes("t", long)) == ""
    assert 0 < len(packed_notes(Notes("t", "word " * 500))) <= MOST_IN_ADDRESS


def test_an_empty_note_takes_the_note_away():
    assert not Notes().with_run("a", "x").with_run("a", " ")
    assert Notes().with_run("a", "x").on_run("a") == "x"


def test_every_export_holds_them_and_none_takes_them_for_markup(noted):
    report, notes = noted
    html = report_as_html(report, notes)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; **bold**" in html
    assert "<script>alert" not in html
    markdown = report_as_markdown(report, notes)
    assert r"\<script\>alert(1)\</script\> \*\*bold\*\*" in markdown
    data = report.to_dict(notes)
    assert data["notes"] == notes_as_dict(notes)
    latex = latex_of(data)
    assert r"\textbackslash{}input\{x\}" in latex
    for text in (html, markdown.replace("\\", ""), latex.replace("\\", ""), brief_of(data).replace("\\", "")):
        assert all(part in text for part in ("Second line.", RUN, FINDING))
    assert "notes" not in report.to_dict()


def test_archives_hold_them_in_their_readme(noted):
    report, notes = noted
    text = read_me(report, notes).decode()
    assert all(part in text for part in (NASTY, "Second line.", RUN, FINDING))
    assert read_me(report, Notes()) == read_me(report)


def test_a_snapshot_keeps_them_and_they_change_no_hash(noted):
    report, notes = noted
    sweep = replace(report.sweep, notes=notes)
    read = read_snapshot(snapshot_bytes(sweep), "snapshot")
    assert read.notes == notes
    assert read.data_sha256 == report.sweep.data_sha256
    assert read_snapshot(snapshot_bytes(report.sweep), "snapshot").notes == Notes()
