import io

import pandas as pd
import pytest

from lib.sections.csv import csv_of, harmless


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\n=1"),
        ("-0.5", "-0.5"),
        ("+1e-5", "+1e-5"),
        ("-Infinity", "-Infinity"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_run_is_made_text_and_numbers_are_left(text, written):
    assert harmless(text) == written


def test_a_table_is_written_in_full_precision_and_reads_back_the_same():
    table = pd.DataFrame(
        {"x": [0.1 + 0.2, 1e-300], "k": pd.array([9007199254740993, None], dtype="Int64"), "t": ["a,b", 'c"d\n']}
    )
    text = csv_of(table)
    back = pd.read_csv(io.StringIO(text), dtype={"k": "Int64"})
    assert back["x"].tolist() == table["x"].tolist()
    assert back["k"].tolist() == table["k"].tolist()
    assert back["t"].tolist() == table["t"].tolist()


def test_no_cell_and_no_heading_of_a_table_begins_a_formula():
    table = pd.DataFrame({"=cmd()": ["@x", "b"], "same": [1, 2]})
    table.columns = pd.Index(["=cmd()", "=cmd()"])
    assert csv_of(table) == "'=cmd(),'=cmd()\n'@x,1\nb,2\n"


def test_an_empty_table_is_an_empty_file():
    assert csv_of(pd.DataFrame()).strip() in ("", '""')
