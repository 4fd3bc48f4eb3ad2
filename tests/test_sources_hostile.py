"""Hostile tables: whatever is shaped like an export is read without losing a run, or refused with a sentence."""

from __future__ import annotations

import contextlib
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.analysis.population import population
from lib.model.choices import Choices
from lib.model.errors import InputError
from lib.sources.export.read import read_export
from lib.sources.snapshot.file import read_snapshot, snapshot_bytes

NAMES = st.one_of(
    st.sampled_from(
        [
            "Name",
            "ID",
            "State",
            "Created",
            "Runtime",
            "Sweep",
            "lr",
            "loss",
            "val/loss",
            "epoch",
            "config.a",
            "_step",
            "",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.floats().map(repr),
    st.sampled_from(["NaN", "Infinity", "-Infinity", "1e300", "1e-300", "1e999", "9007199254740993", "0", "-0.0"]),
)
CELLS = st.one_of(
    NUMBERS,
    st.sampled_from(
        ["", "true", "False", "[1,2]", '{"a":1}', "null", "None", "finished", "crashed", "=1+1", "<b>x</b>"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8),
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """Draw a header, and rows of which each has an id-like first cell so that none is blank or a header again."""
    names = draw(st.lists(NAMES, min_size=1, max_size=8))
    count = draw(st.integers(1, 6))
    columns = [draw(st.lists(draw(st.sampled_from([NUMBERS, CELLS])), min_size=count, max_size=count)) for _ in names]
    rows = [[f"row {number}", *cells] for number, cells in enumerate(zip(*columns, strict=True))]
    return ["key", *names], rows


def written(header: list[str], rows: list[list[str]], delimiter: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return out.getvalue().encode()


@given(tables(), st.sampled_from([",", ";", "\t"]))
def test_no_run_of_any_table_is_lost(table: tuple[list[str], list[list[str]]], delimiter: str) -> None:
    header, rows = table
    content = written(header, rows, delimiter)
    try:
        sweep = read_export(content, "runs.csv")
    except InputError:
        with pytest.raises(InputError, match="no numeric column"):
            read_export(content, "runs.csv")
        return
    assert len(sweep) == len(rows)
    assert sweep.runs["run_id"].is_unique
    assert len(sweep.readings) == len(header)
    assert len(sweep.config.columns) + len(sweep.summary.columns) <= len(header)
    assert not set(map(str, sweep.config.dtypes)) - {"Int64", "float64", "boolean", "str"}
    assert read_snapshot(snapshot_bytes(sweep), "x").data_sha256 == sweep.data_sha256
    with contextlib.suppress(InputError):
        ledger = population(sweep, Choices()).ledger
        assert ledger.total == ledger.used + sum(exclusion.count for exclusion in ledger.excluded) == len(rows)


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(table: tuple[list[str], list[list[str]]], random) -> None:  # type: ignore[no-untyped-def]
    header, rows = table
    shuffled = list(rows)
    random.shuffle(shuffled)
    try:
        one = read_export(written(header, rows, ","), "runs.csv")
    except InputError:
        return
    other = read_export(written(header, shuffled, ","), "runs.csv")
    assert one.data_sha256 == other.data_sha256
    assert one.readings == other.readings


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_sentence(content: bytes) -> None:
    for prefix in (b"", b"PAR1", b"Name,loss\n", b"\xff\xfe", b"\xef\xbb\xbf"):
        for read in (lambda text: read_export(text, "x"), lambda text: read_snapshot(text, "x")):
            with contextlib.suppress(InputError):
                read(prefix + content)


@given(st.text(alphabet='ab,;"\n\r\t1. ', max_size=60))
def test_any_text_of_separators_and_quotes_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        read_export(f"Name,loss\n{text}".encode(), "x")
