from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from lib.model.errors import InputError
from lib.model.sweep import Declaration, Sweep
from lib.sources.export.read import read_export
from lib.sources.sweep_config import parse_sweep_config
from testing.exports import SHAPES, shaped_export, to_csv, unet_export, wide_export

UNET_CONFIG = ["batch_size", "dropout", "epochs", "input_shape", "l2_reg", "learning_rate", "task"]
UNET_SUMMARY = [
    "best_epoch",
    "dice_coefficient",
    "epoch",
    "loss",
    "test_dice",
    "val_dice_coefficient",
    "val_loss",
]


def read(text: str, **settled: object) -> Sweep:
    return read_export(text.encode(), "runs.csv", **settled)  # type: ignore[arg-type]


def parts(sweep: Sweep) -> tuple[list[str], list[str]]:
    return sorted(sweep.config.columns), sorted(sweep.summary.columns)


@pytest.mark.parametrize("runs", [1, 2, 3, 40])
@pytest.mark.parametrize("crashed", [0, 1])
@pytest.mark.parametrize(
    "pinned",
    [
        [],
        ["val_dice_coefficient"],
        ["val_dice_coefficient", "learning_rate", "val_loss"],
        ["learning_rate", "batch_size", "val_dice_coefficient", "dropout"],
    ],
)
def test_config_and_summary_are_told_apart_by_order_and_name(runs: int, crashed: int, pinned: list[str]) -> None:
    if runs == crashed:
        return
    sweep = read(unet_export(runs=runs, crashed=crashed, pinned=pinned))
    assert parts(sweep) == (UNET_CONFIG, UNET_SUMMARY)
    assert len(sweep) == runs


@pytest.mark.parametrize("crashed", [0, 2])
@pytest.mark.parametrize("pin", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_exports_of_other_training_libraries_are_told_apart(shape: str, pin: bool, crashed: int) -> None:
    config, metrics = SHAPES[shape]
    sweep = read(shaped_export(shape, crashed=crashed, pinned=metrics[1:2] if pin else []))
    assert parts(sweep) == (sorted(name for name, value in config.items() if value is not None), sorted(metrics))


def test_a_column_of_row_numbers_is_neither_parameter_nor_metric() -> None:
    sweep = read(",Name,lr,loss\n0,a,1,2\n1,b,2,3\n2,c,3,4\n")
    assert parts(sweep) == (["lr"], ["loss"])
    assert sweep.readings[0].part == "metadata"


def test_a_wide_export_of_nested_keys_and_slashes_is_told_apart() -> None:
    text = wide_export()
    header = next(csv.reader(io.StringIO(text)))
    assert len(header) == 137
    sweep = read(text)
    start = header.index("_runtime")
    empty = {name for name in header if name.startswith("unused.")}
    assert set(sweep.config.columns) == {name for name in header[9:start] if name not in empty}
    assert set(sweep.summary.columns) == set(header[start:])
    assert {r.column for r in sweep.readings if r.part == "empty"} == empty
    assert len(sweep) == 60
    assert sweep.runs["runtime"].iloc[5] == 3600 + 5 * 60 + 3
    assert sweep.config["optimizer.name"].notna().all()
    assert sweep.logged_nan["train/loss"].sum() == 1
    assert sweep.config["mixed"].iloc[:2].tolist() == ["16", "auto"]
    assert sweep.warnings == ("mixed holds both numbers and words, so its values are compared as levels.",)


@pytest.mark.parametrize("pinned", [["eval/accuracy"], ["train/loss", "eval/accuracy", "eval/loss"], ["model.width"]])
def test_columns_pinned_to_the_front_of_a_wide_export_change_no_side(pinned: list[str]) -> None:
    plain, moved = read(wide_export()), read(wide_export(pinned=pinned))
    assert set(moved.config.columns) == set(plain.config.columns)
    assert set(moved.summary.columns) == set(plain.summary.columns)
    assert moved.data_sha256 == plain.data_sha256


def test_every_column_has_one_reading_with_a_reason() -> None:
    text = unet_export(crashed=2)
    sweep = read(text)
    assert [r.column for r in sweep.readings] == next(csv.reader(io.StringIO(text)))
    assert all(r.why for r in sweep.readings)
    reasons = {r.column: r.why for r in sweep.readings}
    assert reasons["loss"].startswith("from 'best_epoch' on, where the alphabet starts again")
    assert reasons["program"] == "no run has a value"


def test_a_sweep_config_settles_its_parameters_and_its_metric() -> None:
    header = ["Name", "alpha", "acc", "beta", "gamma"]
    text = to_csv(header, [[f"run-{i}", i / 7, i / 3, i / 9, (i * 7) % 5 / 3] for i in range(20)])
    config = "metric: {name: beta, goal: maximize}\nparameters: {acc: {min: 0, max: 1}, gamma: {min: 0, max: 1}}"
    sweep = read(text, declaration=parse_sweep_config(config, "sweep.yaml"))
    assert {"acc", "gamma"} <= set(sweep.config.columns)
    assert "beta" in sweep.summary.columns
    assert {r.column: r.why for r in sweep.readings}["beta"] == "the sweep config names it as the metric"


def test_the_reader_settles_a_column_that_was_put_on_the_wrong_side() -> None:
    text = unet_export()
    sweep = read(text, config_columns=["loss"], summary_columns=["l2_reg", "learning_rate"])
    assert "loss" in sweep.config.columns
    assert {"l2_reg", "learning_rate"} <= set(sweep.summary.columns)
    assert sorted(sweep.config.columns) == sorted({*UNET_CONFIG, "loss"} - {"l2_reg", "learning_rate"})
    assert {r.column: r.why for r in sweep.readings}["loss"] == "chosen as a parameter by the reader"


def test_runtime_can_be_the_metric_and_stays_the_runs_own_record() -> None:
    sweep = read(unet_export(), summary_columns=["Runtime"])
    assert sweep.summary["Runtime"].astype(float).tolist() == sweep.runs["runtime"].tolist()


def test_a_name_that_is_both_config_and_metric_is_in_both_tables() -> None:
    header = ["Name", "batch_size", "epoch", "learning_rate", "epoch", "loss", "val_loss"]
    text = to_csv(header, [[f"r{i}", 8, 40, 0.1 / (i + 1), i, i / 3, i / 5] for i in range(6)])
    sweep = read(text)
    assert sweep.config["epoch"].tolist() == [40] * 6
    assert sweep.summary["epoch"].tolist() == list(range(6))
    assert len(sweep.readings) == len(header)


def test_a_name_that_is_twice_on_one_side_gets_a_number() -> None:
    text = to_csv(
        ["Name", "lr", "lr", "lr", "loss", "loss", "loss"], [["a", 1, 2, 3, 4, 5, 6], ["b", 2, 3, 4, 5, 6, 7]]
    )
    sweep = read(text)
    assert parts(sweep) == (["lr", "lr#2", "lr#3"], ["loss", "loss#2", "loss#3"])


def test_prefixes_of_config_and_summary_are_honoured_and_taken_off() -> None:
    text = to_csv(["Name", "summary.lr", "config.loss", "config.width"], [["a", 1, 2, 3], ["b", 2, 3, 4]])
    assert parts(read(text)) == (["loss", "width"], ["lr"])
    nested = to_csv(["Name", "config.width", "lr", "loss"], [["a", 1, 2, 3], ["b", 2, 3, 4]])
    assert parts(read(nested)) == (["config.width", "lr"], ["loss"])


def test_a_logged_sweep_config_gives_method_and_metric() -> None:
    header = ["Name", "lr", "method", "metric.goal", "metric.name", "acc", "loss"]
    text = to_csv(header, [[f"r{i}", i, "bayes", "minimize", "loss", i, 3 * i] for i in range(5)])
    config = {"method": "bayes", "metric": {"name": "loss", "goal": "minimize"}}
    assert read(text).declarations == (Declaration(config=config),)
    other = text.replace("bayes", "simclr").replace('"loss","0"', '"loss","0"')
    assert read(other).declarations == (Declaration(config={"metric": config["metric"]}),)


def test_the_sweep_column_names_the_sweeps() -> None:
    text = to_csv(["Name", "Sweep", "lr", "loss"], [["a", "abcd1234", 1, 2], ["b", "My sweep", 2, 3], ["c", "", 3, 4]])
    sweep = read(text)
    assert [(d.id, d.name) for d in sweep.declarations] == [(None, "My sweep"), ("abcd1234", None)]
    assert sweep.runs.set_index("name")["sweep"].to_dict() == {"a": "abcd1234", "b": "My sweep", "c": ""}


RUN_RECORD = to_csv(
    ["name", "run_id", "state", "createdAt", "Duration", "Link", "lr", "loss"],
    [
        ["one", "aaa", "finished", "2025-06-25T22:23:00.000Z", "1h 2m 3s", "https://wandb.ai/t/p/runs/aaa", 1, 2],
        ["two", "bbb", "Crashed", "1750890180", "62.5", "javascript:alert(1)", 2, 3],
        ["three", "ccc", "", "1750890180000", "1:02:03", "", 3, 4],
        ["three", "ddd", "killed", "soon", "a while", "", 4, 5],
    ],
)


def test_the_record_of_a_run_is_read_under_other_spellings() -> None:
    sweep = read(RUN_RECORD)
    runs = sweep.runs.set_index("run_id")
    assert parts(sweep) == (["lr"], ["loss"])
    assert runs["name"].to_dict() == {"aaa": "one", "bbb": "two", "ccc": "three", "ddd": "three"}
    assert runs["state"].to_dict() == {"aaa": "finished", "bbb": "crashed", "ccc": "unknown", "ddd": "killed"}
    assert runs["created_at"]["aaa"] == pd.Timestamp("2025-06-25T22:23:00Z")
    assert runs["created_at"]["bbb"] == runs["created_at"]["ccc"] == pd.Timestamp("2025-06-25T22:23:00Z")
    assert runs["runtime"].dropna().to_dict() == {"aaa": 3723.0, "bbb": 62.5, "ccc": 3723.0}
    assert runs["url"].to_dict() == {"aaa": "https://wandb.ai/t/p/runs/aaa", "bbb": "", "ccc": "", "ddd": ""}
    assert sweep.warnings == (
        "1 time could not be read, so it is treated as unknown.",
        "1 runtime could not be read, so it is treated as unknown.",
    )


@pytest.mark.parametrize(
    ("words", "states"),
    [
        (["Done", "success", "COMPLETED", "ok"], ["finished"] * 4),
        (["error", "failed: CUDA out of memory", "timed_out", "OOM"], ["failed"] * 4),
        (["cancelled", "Early stopped", "in progress", "queued"], ["killed", "pruned", "running", "queued"]),
    ],
)
def test_words_of_other_programs_for_the_state_are_read_and_said(words: list[str], states: list[str]) -> None:
    rows = [[f"r{i}", word, i, i / 7] for i, word in enumerate([*words, "finished"])]
    sweep = read(to_csv(["run_name", "status", "lr", "loss"], rows))
    assert sweep.runs.set_index("name")["state"].tolist() == [*states, "finished"]
    (said,) = [warning for warning in sweep.warnings if "as the runs' state" in warning]
    assert f"{words[0]} as {states[0]} (1 run)" in said


def test_a_word_that_is_no_state_leaves_its_runs_out_and_is_said() -> None:
    rows = [[f"r{i}", word, i, i / 7] for i, word in enumerate(["done", "done", "skipped"])]
    sweep = read(to_csv(["run_name", "status", "lr", "loss"], rows))
    assert sweep.runs["state"].tolist() == ["finished", "finished", "skipped"]
    assert "skipped is no state that W&B knows, so its 1 run is left out unless --states names it." in sweep.warnings


def test_a_column_of_other_words_under_the_heading_status_is_data() -> None:
    rows = [[f"r{i}", word, i, i / 7] for i, word in enumerate(["cold", "warm", "cold", "warm"])]
    assert "status" in read(to_csv(["run_name", "status", "lr", "loss"], rows)).config.columns


def test_lower_case_names_beside_the_websites_own_are_data() -> None:
    text = to_csv(["Name", "State", "group", "name", "lr", "loss"], [["a", "finished", "g", "resnet", 1, 2]] * 2)
    sweep = read(text)
    assert {"group", "name"} <= set(sweep.config.columns)
    assert sweep.runs["group"].tolist() == ["", ""]


def test_runs_without_id_or_name_are_numbered_by_content_whatever_their_order() -> None:
    rows = [[0.3, 1.5], [0.1, 2.5], [0.2, 0.5]]
    one, other = read(to_csv(["lr", "loss"], rows)), read(to_csv(["lr", "loss"], rows[::-1]))
    assert one.runs["run_id"].tolist() == ["run 1", "run 2", "run 3"]
    assert one.data_sha256 == other.data_sha256
    assert "the runs were numbered" in one.warnings[0]


def test_runs_of_the_same_name_are_all_kept() -> None:
    sweep = read(to_csv(["Name", "lr", "loss"], [["a", i, i] for i in range(12)]))
    assert len(sweep) == 12
    assert sweep.runs["run_id"].is_unique


def test_the_order_of_rows_changes_nothing() -> None:
    header, *rows = unet_export(runs=30, crashed=2).splitlines()
    shuffled = "\n".join([header, *rows[::-1]])
    assert read("\n".join([header, *rows])).data_sha256 == read(shuffled).data_sha256


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace('","', '";"').encode(),
        lambda text: text.replace('","', '"\t"').encode(),
        lambda text: b"sep=;\r\n" + text.replace('","', '";"').encode(),
        lambda text: (text + "\n\n").encode(),
        lambda text: text.replace('"', "").replace("[256,256,1]", "").encode(),
    ],
    ids=["BOM", "UTF-16", "UTF-16-BE", "CRLF", "CR", "semicolons", "tabs", "sep=", "blank lines", "unquoted"],
)
def test_every_way_to_save_the_text_is_read_alike(encode) -> None:  # type: ignore[no-untyped-def]
    text = unet_export(runs=12, crashed=1)
    plain, saved = read(text), read_export(encode(text), "runs.csv")
    pd.testing.assert_frame_equal(plain.runs, saved.runs)
    pd.testing.assert_frame_equal(plain.summary, saved.summary)
    pd.testing.assert_frame_equal(
        plain.config.drop(columns="input_shape"), saved.config.drop(columns="input_shape", errors="ignore")
    )


def test_decimal_commas_go_with_semicolons_alone() -> None:
    sweep = read("Name;lr;loss\na;0,5;1\nb;0,25;2\n")
    assert sweep.config["lr"].tolist() == [0.5, 0.25]


def test_windows_text_is_read_and_said() -> None:
    sweep = read_export("Name,größe,loss\nä,1,2\nö,2,3\n".encode("cp1252"), "runs.csv")
    assert sweep.runs["name"].tolist() == ["ä", "ö"]
    assert sweep.warnings == ("runs.csv is not UTF-8; it was read as Windows-1252 text.",)


def test_rows_of_the_wrong_length_repeated_headers_and_blank_rows_are_counted() -> None:
    text = "Name,lr,loss\na,1,2\nb,1\nName,lr,loss\nc,1,2,3\n,,\nd,2,1,\n\ne,5,6\n"
    sweep = read(text)
    assert sweep.runs["name"].tolist() == ["a", "b", "c", "d", "e"]
    assert sweep.warnings == (
        "1 row has fewer cells than the header; the missing ones are read as blank.",
        "1 row has more cells than the header; the extra ones were ignored.",
        "The header was repeated 1 times among the rows; the repeats were left out.",
        "1 blank row was left out.",
    )


def test_quotes_line_breaks_and_odd_names_come_through() -> None:
    names = ['a "quoted" name', "line\nbreak", "<b>$x_1$</b>", "=1+1", "🚀 rocket", "\u202eright-to-left", "x" * 300]
    header = ["Name", "a.b/c'd", 'metric "x"', "val_loss"]
    sweep = read(to_csv(header, [[name, i, i / 3, i / 7] for i, name in enumerate(names)]))
    assert set(sweep.runs["name"]) == set(names)
    assert {"a.b/c'd", 'metric "x"', "val_loss"} == {*sweep.config.columns, *sweep.summary.columns}


def test_a_blank_heading_gets_a_name() -> None:
    sweep = read(",Name,lr,loss\n7,a,1,2\n5,b,2,3\n")
    assert "column 1" in {*sweep.config.columns, *sweep.summary.columns}


def test_a_table_of_unknown_names_ends_with_its_result() -> None:
    sweep = read(to_csv(["Name", "a", "b", "c"], [[f"r{i}", i / 3, i / 7, i / 9] for i in range(9)]))
    assert parts(sweep) == (["a", "b"], ["c"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \n\n ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is a picture"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "is a picture"),
        (b"PK\x03\x04rest", "an Excel workbook"),
        (b"\x1f\x8b\x08rest", "compressed"),
        (b"PAR1junk", "a Parquet file"),
        (b"\x7fELF\x02\x01\x01\x00", "is not text"),
        (b"Name,loss\na,\x00\n", "is not text"),
        (b"\xff\xfeN\x00a", "UTF-16"),
        (b"\x81\x8d\x8f,\x90\n1,2\n", "is not text in UTF-8"),
        (b"  <!DOCTYPE html><html><body>sign in</body></html>", "web page"),
        (b'{"runs": [1, 2]}', "JSON"),
        (b"Name,State,loss", "has a header but no rows"),
        (b"Name,State,loss\n", "has a header but no rows"),
        (b"Name,State,loss\n,,\n", "has a header but no rows"),
        (b"Name,note\na,good\nb,bad\n", "no numeric column"),
        (b"just a sentence\nand another\n", "no numeric column"),
        (b'Name,loss\n"a,1\nb,2\n', "no numeric column|quote"),
        (b"Name" + b",x" * 10_001 + b"\na" + b",1" * 10_001, "at most 10,000"),
    ],
)
def test_what_is_no_run_table_gets_one_sentence(content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        read_export(content, "runs.csv")
    assert str(error.value).startswith("runs.csv") or "runs.csv" in str(error.value)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("limit", "value", "says"),
    [
        ("MOST_RUNS", 39, "has more than 39 rows"),
        ("MOST_COLUMNS", 24, "has 25 columns"),
        ("_MOST_MISFITS", -1, "Most rows of runs.csv don't fit its header"),
    ],
)
def test_a_table_over_a_limit_is_not_read(limit: str, value: int, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"lib.sources.export.delimited.{limit}", value)
    with pytest.raises(InputError, match=says):
        read(unet_export(runs=40) + "short\n")


HEAD = "Name,State,lr,loss\n"


def plain_rows(first: int, last: int) -> str:
    return "".join(f"r{number},finished,0.{number + 1},{number}\n" for number in range(first, last))


@pytest.mark.parametrize(
    "middle",
    [
        '"r90,finished,0.5,3\n',
        'r90,finished,0.5,"3\n',
        '"r90,finished,0.5,3\n' + plain_rows(20, 21) + '"r91,finished,0.5,3\n',
        '"r90","finished","0.5","3\n' + plain_rows(20, 25) + '"r91","finished","0.5","3"\n',
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_quote_that_isnt_closed_makes_no_run_vanish(middle: str, end: str) -> None:
    text = (HEAD + plain_rows(0, 5) + middle + plain_rows(5, 9)).replace("\n", end)
    with pytest.raises(InputError, match=r"a quote that isn't closed in the row that begins in line 7"):
        read_export(text.encode(), "runs.csv")


@pytest.mark.parametrize(
    "row",
    [
        'r90,finished,0.5" disk,3\n',
        '"r90 with\na, note",finished,0.5,3\n',
        '"r90\na,b,c,d\n",finished,0.5,3\n',
        '"said ""no""\nand, more",finished,0.5,3\n',
        '"r90" ,finished,"0.5"x,3\n',
    ],
)
def test_other_quotes_and_lines_in_cells_are_read(row: str) -> None:
    sweep = read_export((HEAD + plain_rows(0, 5) + row + plain_rows(5, 9)).encode(), "runs.csv")
    assert len(sweep) == 10


@pytest.mark.parametrize("marks", [b"\xef\xbb\xbf" * 3, "\ufeff\ufeff".encode("utf-16-le")])
def test_several_marks_of_the_byte_order_are_in_no_name(marks: bytes) -> None:
    text = HEAD + plain_rows(0, 5)
    content = marks + (text.encode("utf-16-le") if marks.startswith(b"\xff\xfe") else text.encode())
    sweep = read_export(content, "runs.csv")
    assert sweep.runs["name"].tolist() == ["r0", "r1", "r2", "r3", "r4"]
    assert not sweep.warnings


def test_thousands_of_columns_of_one_name_are_counted_on() -> None:
    text = (
        ",".join(["lr"] * 3 + ["lr#2", "loss"])
        + "\n"
        + "".join(f"{i},{i + 1},{i * 2},{i * 3},{i % 4}\n" for i in range(9))
    )
    sweep = read_export(text.encode(), "runs.csv")
    assert sorted([*sweep.config.columns, *sweep.summary.columns]) == ["loss", "lr", "lr#2", "lr#2#2", "lr#3"]
