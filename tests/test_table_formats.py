"""Tables of runs as JSON, JSON Lines, Excel workbooks and text of several kinds give the same runs as their CSV."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.model.errors import InputError
from lib.model.sweep import Sweep
from lib.sources.export.read import read_export
from lib.sources.export.tables import TABLE_FORMATS

RUNS = [
    {"Name": f"oak-{i}", "State": "finished", "lr": 2.0 ** -(i % 4 + 1), "layers": i % 3 + 1, "val_acc": 0.5 + i / 64}
    for i in range(12)
]
FRAME = pd.DataFrame(RUNS)


def workbook(*sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WRITERS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "records": ("json", lambda: FRAME.to_json(orient="records").encode()),
    "columns": ("json", lambda: FRAME.to_json(orient="columns").encode()),
    "index": ("json", lambda: FRAME.to_json(orient="index").encode()),
    "split": ("json", lambda: FRAME.to_json(orient="split").encode()),
    "table": ("json", lambda: FRAME.to_json(orient="table").encode()),
    "runs": ("json", lambda: json.dumps({"runs": RUNS}).encode()),
    "lists": ("json", lambda: json.dumps(FRAME.to_dict(orient="list")).encode()),
    "lines": ("jsonl", lambda: FRAME.to_json(orient="records", lines=True).encode()),
    "byte order mark": ("json", lambda: b"\xef\xbb\xbf" + FRAME.to_json(orient="records").encode()),
    "tsv": ("tsv", lambda: FRAME.to_csv(index=False, sep="\t").encode()),
    "xlsx": ("xlsx", lambda: workbook([list(FRAME.columns), *[list(run.values()) for run in RUNS]])),
    "sheets": (
        "xlsx",
        lambda: workbook([["notes"]], [["May"], [], list(FRAME), *[list(run.values()) for run in RUNS]]),
    ),
    "title": ("csv", lambda: b"All runs of May\n" + FRAME.to_csv(index=False).encode()),
    "comments": ("csv", lambda: b"# written by a script\n# in May\n" + FRAME.to_csv(index=False).encode()),
}


@pytest.mark.parametrize("way", WRITERS)
def test_the_same_runs_are_read_from_every_format(way: str) -> None:
    plain = read_export(FRAME.to_csv(index=False).encode(), "runs")
    format, written = WRITERS[way]
    sweep = read_export(written(), "runs")
    assert sweep.data_sha256 == plain.data_sha256
    assert (sweep.origin.kind, sweep.origin.format) == ("csv", format)


def records(*runs: dict[str, Any]) -> Sweep:
    return read_export(json.dumps(list(runs)).encode(), "runs.json")


def test_records_of_wandbs_api_are_read_with_their_config_and_summary() -> None:
    sweep = records(
        {
            "id": "a",
            "state": "finished",
            "config": {"lr": {"value": 0.1}, "n": 2},
            "summary": {"loss": 1.5, "_wandb": {}},
        },
        {
            "id": "b",
            "state": "crashed",
            "config": '{"lr": {"value": 0.2}}',
            "summaryMetrics": '{"loss": 2.5}',
            "history": [],
        },
    )
    assert sweep.runs["run_id"].tolist() == ["a", "b"]
    assert sweep.config["lr"].tolist() == [0.1, 0.2]
    assert sweep.summary["loss"].tolist() == [1.5, 2.5]
    assert any("history" in warning for warning in sweep.warnings)


def test_the_names_of_an_index_are_the_runs_names() -> None:
    sweep = read_export(b'{"red": {"lr": 0.1, "loss": 1}, "blue": {"lr": 0.2, "loss": 2}}', "x.json")
    assert sweep.runs["name"].tolist() == ["blue", "red"]


def test_lines_that_are_no_json_are_counted() -> None:
    sweep = read_export(b'{"lr": 0.1, "loss": 1}\n{"lr": 0.2, "loss": 2}\n{"lr": 0.3, "lo', "x.jsonl")
    assert len(sweep) == 2
    assert "Line 3 of x.jsonl is no JSON object, and left out." in sweep.warnings


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"lr": 0.1', "can't be read as JSON"),
        (b"[1, 2, 3]", "not of runs"),
        (b"[]", "holds no runs"),
        (b'{"method": "bayes", "parameters": {"lr": {"min": 0}}}', "no runs that can be recognised"),
        (b"[" * 100 + b"]" * 100, "nested more than 50"),
        (b'[{"a": "\xff"}]', "UTF-8"),
        (b"PK\x03\x04 and no more", "can't be opened"),
        (workbook([["only"]], [[]]), "no sheet with a table"),
        (workbook([["Name", "lr", "loss"]]), "no sheet with a table|no rows"),
        (b"[{}, {}, {}]", "holds 3 runs without any value"),
        (b"{}\n{}\n", "holds 2 runs without any value"),
        (b'[{"a": ' + b"9" * 5_000 + b"}]", r"can't be read as JSON \(a number has over 4,300 digits\)"),
        (json.dumps([{f"k{at}": at} for at in range(6_500)]).encode(), "would make a table of 42,256,500 cells"),
    ],
)
def test_what_holds_no_runs_gets_one_sentence(content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        read_export(content, "file")
    assert len(str(error.value)) < 300


def archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"readme.txt": b"x"}, "not an Excel workbook"),
        ({"xl/workbook.xml": b"\0" * 300_000_000}, "unpacks to more"),
        ({f"xl/{i}.xml": b"" for i in range(2_001)}, "unpacks to more"),
        ({"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}, "no workbook that Excel wrote"),
        ({"xl/workbook.xml": b"<a/>"}, "can't be read as an Excel workbook"),
    ],
)
def test_an_archive_that_is_no_workbook_or_swells_is_refused(parts: dict[str, bytes], says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_export(archive(parts), "file.xlsx")


def test_a_sheet_that_claims_a_million_rows_is_read_to_its_last_run() -> None:
    book = openpyxl.Workbook()
    for row in [["Name", "lr", "loss"], ["a", 0.1, 1], ["b", 0.2, 2]]:
        book.active.append(row)
    book.active.cell(row=1_000_000, column=900).value = ""
    out = io.BytesIO()
    book.save(out)
    assert len(read_export(out.getvalue(), "x.xlsx")) == 2


def test_headings_of_two_levels_are_joined() -> None:
    frame = pd.DataFrame({("number", ""): [0, 1], ("params", "lr"): [0.1, 0.2], ("params", "n"): [1, 2]})
    frame[("value", "")], frame[("state", "")] = [0.5, 0.7], ["COMPLETE", "PRUNED"]
    sweep = read_export(frame.to_csv(index=False).encode(), "trials.csv")
    assert sweep.origin.format == "optuna"
    assert list(sweep.config) == ["params_lr", "params_n"]
    assert len(sweep) == 2
    grouped = FRAME.groupby("layers")[["val_acc"]].agg(["mean", "std"])
    sweep = read_export(grouped.to_csv().encode(), "grouped.csv")
    assert list(sweep.summary) == ["val_acc_mean", "val_acc_std"]
    assert any("grouped table" in warning for warning in sweep.warnings)


def test_no_two_formats_end_alike() -> None:
    suffixes = [suffix for one in TABLE_FORMATS for suffix in one.suffixes]
    assert len(suffixes) == len(set(suffixes))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_any_json_is_read_or_refused_with_a_sentence(value: object) -> None:
    with contextlib.suppress(InputError):
        read_export(json.dumps(value).encode(), "x.json")


@given(
    st.lists(st.dictionaries(st.sampled_from("abcde"), st.floats(0, 1) | st.none(), min_size=1), min_size=1, max_size=8)
)
def test_no_record_is_lost_and_their_order_is_irrelevant(runs: list[dict[str, Any]]) -> None:
    named = [{"name": f"run-{i}", **run} for i, run in enumerate(runs)]
    try:
        one = records(*named)
    except InputError:
        return
    assert len(one) == len(named)
    assert records(*named[::-1]).data_sha256 == one.data_sha256


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_json_is_read_in_the_encodings_that_shells_write(encoding: str) -> None:
    runs = [{"lr": at, "val_acc": at % 3} for at in range(6)]
    for text in (json.dumps(runs), "\n".join(map(json.dumps, runs))):
        sweep = read_export(text.encode(encoding), "runs.json")
        assert sweep.config["lr"].tolist() == [0, 1, 2, 3, 4, 5]


def test_columns_of_one_name_and_values_beyond_them_are_kept_or_said() -> None:
    table = {"columns": ["lr", "lr", "val_acc"], "data": [[at, 2 * at, at % 3, "extra"] for at in range(6)]}
    sweep = read_export(json.dumps(table).encode(), "runs.json")
    assert [*sweep.config.columns, *sweep.summary.columns] == ["lr", "lr#2", "val_acc"]
    assert sweep.warnings[0] == "6 rows have more values than there are columns; the extra ones were ignored."


def test_what_a_workbook_holds_beyond_its_table_is_said() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["Name", "lr", "loss"], *([f"r{at}", at, at % 3] for at in range(6))]:
        sheet.append(row)
    sheet["B3"] = "=1+1"
    sheet.cell(row=2_000, column=1, value="r99")
    buffer = io.BytesIO()
    book.save(buffer)
    sweep = read_export(buffer.getvalue(), "runs.xlsx")
    assert len(sweep) == 6
    assert "runs.xlsx has more below 1,000 blank rows of the sheet, which was not read." in sweep.warnings
    assert any(text.startswith("1 formula has no saved value and counts as missing.") for text in sweep.warnings)
