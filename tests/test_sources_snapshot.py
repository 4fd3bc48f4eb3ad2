from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lib.model.assemble import assemble
from lib.model.choices import Choices
from lib.model.errors import InputError
from lib.model.sweep import ColumnReading, Declaration, Origin, Sweep
from lib.report import report_of
from lib.sources import open_upload
from lib.sources.export.read import read_export
from lib.sources.snapshot.file import METADATA_KEY, read_snapshot, snapshot_bytes, write_snapshot
from testing.exports import unet_export, wide_export


def odd_sweep() -> Sweep:
    """Return a sweep with every type of column, missing values of each, odd names, and histories of two runs."""
    runs = pd.DataFrame(
        {
            "run_id": ["c", "a", "b", "b"],
            "name": ["run c", "🚀", "", 'x"<b>'],
            "state": ["finished", "crashed", "", "running"],
            "created_at": pd.to_datetime(
                ["2025-01-03", None, "2025-01-01T00:00:00.123Z", "2025-01-02"], utc=True, format="ISO8601"
            ),
            "runtime": [1.5, math.nan, 0.0, 3.0],
            "url": ["https://wandb.ai/a/b/runs/c", "", "", ""],
        }
    )
    config = pd.DataFrame(
        {
            "whole": pd.array([1, None, -(2**62), 3], dtype="Int64"),
            "flag": pd.array([True, None, False, True], dtype="boolean"),
            "text.with.dots": pd.array(["1e5", None, "18446744073709551616", "é"], dtype="str"),
            "🚀": [0.1, math.nan, 1e300, -math.inf],
            "nothing": [math.nan] * 4,
        }
    )
    summary = pd.DataFrame({"whole": [1.5, math.nan, math.nan, math.inf], "val/loss": [0.1 + 0.2, 5e-324, -0.0, 1.0]})
    history = pd.DataFrame(
        {
            "run_id": ["c", "c", "a", "c"],
            "_step": [2, 0, 0, 1],
            "val/loss": [0.3, math.nan, 7.0, 0.1],
        }
    )
    return assemble(
        Origin("wandb", "team/project/abcd1234", "2025-02-01T00:00:00Z"),
        runs,
        config,
        summary=summary,
        history=history,
        logged_nan={"whole": np.array([False, True, False, False])},
        declarations=(
            Declaration("abcd1234", "n", "running", None, {"parameters": {"a": {"min": 1e-5}}, "x": [1, None]}),
        ),
        readings=(ColumnReading("whole", "config", "integer", "a reason"),),
        warnings=("one thing",),
    )


def equal(one: Sweep, other: Sweep) -> None:
    for part in ("runs", "config", "summary", "history"):
        pd.testing.assert_frame_equal(getattr(one, part), getattr(other, part), check_exact=True)
    assert set(one.logged_nan) == set(other.logged_nan)
    for name, mask in one.logged_nan.items():
        np.testing.assert_array_equal(mask, other.logged_nan[name])
    assert (one.origin, one.declarations, one.readings, one.warnings) == (
        other.origin,
        other.declarations,
        other.readings,
        other.warnings,
    )
    assert one.data_sha256 == other.data_sha256


@pytest.mark.parametrize(
    "sweep",
    [
        odd_sweep(),
        read_export(unet_export(crashed=2).encode(), "runs.csv"),
        read_export(wide_export().encode(), "wide.csv"),
        read_export(b"lr,loss\n" + b"1,2\n" * 12, "twins.csv"),
        assemble(Origin("csv", "none"), pd.DataFrame({"run_id": []}), pd.DataFrame(), summary=pd.DataFrame()),
    ],
    ids=["odd", "unet", "wide", "twins", "no runs"],
)
def test_a_snapshot_holds_everything_exactly(sweep: Sweep) -> None:
    content = snapshot_bytes(sweep)
    again = read_snapshot(content, "file.parquet")
    equal(sweep, again)
    assert snapshot_bytes(again) == content == snapshot_bytes(sweep)


def test_a_snapshot_is_written_to_a_path_and_read_from_it(tmp_path: Path) -> None:
    path = tmp_path / "runs.parquet"
    path.write_bytes(b"older")
    write_snapshot(odd_sweep(), path)
    equal(odd_sweep(), read_snapshot(path, "runs.parquet"))
    assert os.listdir(tmp_path) == ["runs.parquet"]


def test_shuffled_rows_of_a_snapshot_are_the_same_sweep() -> None:
    content = snapshot_bytes(odd_sweep())
    file = pq.ParquetFile(BytesIO(content))
    shuffled = file.read().take([3, 1, 0, 2]).replace_schema_metadata(file.metadata.metadata)
    out = BytesIO()
    pq.write_table(shuffled, out)
    equal(odd_sweep(), read_snapshot(out.getvalue(), "file.parquet"))


def test_a_failed_write_leaves_the_last_good_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "runs.parquet"
    write_snapshot(odd_sweep(), path)
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="could not be written: No space left on device"):
        write_snapshot(odd_sweep(), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["runs.parquet"]


def test_a_disk_that_takes_no_writing_at_all_gets_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "open", read_only)
    monkeypatch.setattr(Path, "unlink", read_only)
    with pytest.raises(InputError, match="could not be written: Read-only file system"):
        write_snapshot(odd_sweep(), tmp_path / "runs.parquet")


def test_a_folder_that_is_not_there_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="could not be written"):
        write_snapshot(odd_sweep(), tmp_path / "no" / "runs.parquet")
    with pytest.raises(InputError, match="could not be written"):
        write_snapshot(odd_sweep(), tmp_path)
    assert os.listdir(tmp_path) == []


def parquet(columns: dict[str, object], about: object = None, **options: object) -> bytes:
    table = pa.table(columns)
    if about is not None:
        text = about if isinstance(about, str) else json.dumps(about)
        table = table.replace_schema_metadata({METADATA_KEY: text})
    out = BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


ABOUT = {
    "format": 1,
    "origin": {"kind": "csv", "label": "x", "fetched_at": None},
    "declarations": [],
    "readings": [],
    "warnings": [],
}
RUNS = {"run.run_id": ["a", "b"], "run.name": ["a", "b"], "run.state": ["finished", "finished"]}


def test_a_well_formed_file_of_another_writer_is_read() -> None:
    sweep = read_snapshot(parquet({**RUNS, "config.x": pa.array([1, None], pa.int16())}, ABOUT), "x.parquet")
    assert sweep.config["x"].tolist() == [1, pd.NA]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "damaged"),
        (b"PAR1", "damaged"),
        (b"PAR1" + b"\x00" * 100 + b"PAR1", "damaged"),
        (b"PAR1" + b"\xff" * 20 + b"\xff\xff\xff\x7fPAR1", "damaged"),
        (snapshot_bytes(odd_sweep())[:-50], "damaged"),
        (snapshot_bytes(odd_sweep())[:500], "damaged"),
        (parquet({"a": [1]}), "no snapshot of this program"),
        (parquet(RUNS, "not JSON"), "damaged"),
        (parquet(RUNS, "[" * 100_000), "damaged"),
        (parquet(RUNS, [1]), "damaged"),
        (parquet(RUNS, {**ABOUT, "format": 2}), "newer version"),
        (parquet(RUNS, {**ABOUT, "origin": {"kind": "evil", "label": "x"}}), "damaged"),
        (parquet(RUNS, {**ABOUT, "origin": {"kind": "csv", "label": "x", "other": 1}}), "damaged"),
        (parquet(RUNS, {**ABOUT, "warnings": 3}), "damaged"),
        (parquet(RUNS, {**ABOUT, "declarations": [{"config": [1]}]}), "damaged"),
        (parquet(RUNS, {**ABOUT, "readings": [{"column": 1}]}), "damaged"),
        (parquet({"run.run_id": ["a"]}, ABOUT), "damaged"),
        (parquet({**RUNS, "run.other": [1, 2]}, ABOUT), "damaged"),
        (parquet({**RUNS, "other": [1, 2]}, ABOUT), "damaged"),
        (parquet({**RUNS, "config.x": [[1], [2]]}, ABOUT), "damaged"),
        (parquet({**RUNS, "config.x": pa.array([b"\x80", b"\x81"])}, ABOUT), "damaged"),
        (parquet({**RUNS, "config.x": [{"a": 1}, {"a": 2}]}, ABOUT), "damaged"),
        (parquet({**RUNS, "history.x": [1, 2]}, ABOUT), "damaged"),
        (parquet({**RUNS, "history._step": [[0], [0]], "history.x": [[1.0, 2.0], [3.0]]}, ABOUT), "damaged"),
        (parquet({**RUNS, "history.x": [[1.0], [3.0]]}, ABOUT), "damaged"),
        (parquet({**RUNS, "history._step": [["a"], ["b"]]}, ABOUT), "damaged"),
    ],
)
def test_what_is_no_snapshot_gets_one_sentence(content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        read_snapshot(content, "file.parquet")
    assert str(error.value).startswith("file.parquet")


def test_a_flipped_byte_is_noticed_or_harmless() -> None:
    content = snapshot_bytes(odd_sweep())
    for at in range(4, len(content) - 8, 97):
        broken = bytearray(content)
        broken[at] ^= 0x55
        try:
            read_snapshot(bytes(broken), "file.parquet")
        except InputError:
            continue


def test_pickles_in_the_file_are_never_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    import pickle

    def opened(*_: object, **__: object) -> object:
        raise AssertionError("a pickle was opened")

    monkeypatch.setattr(pickle, "loads", opened)
    monkeypatch.setattr(pickle, "load", opened)
    pandas_metadata = {b"pandas": pickle.dumps(os.getcwd), METADATA_KEY: json.dumps(ABOUT).encode()}
    table = pa.table(RUNS).replace_schema_metadata(pandas_metadata)
    out = BytesIO()
    pq.write_table(table, out)
    assert len(read_snapshot(out.getvalue(), "x.parquet")) == 2


@pytest.mark.parametrize(
    ("limit", "value", "says"),
    [("MOST_COLUMNS", 3, "columns; at most"), ("MOST_RUNS", 3, "says it holds 4 runs"), ("MOST_BYTES", 100, "unpack")],
)
def test_a_file_beyond_the_limits_is_refused_by_its_footer(
    limit: str, value: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"lib.sources.snapshot.file.{limit}", value)
    monkeypatch.setattr(pq.ParquetFile, "read", None)
    with pytest.raises(InputError, match=says):
        read_snapshot(snapshot_bytes(odd_sweep()), "file.parquet")


def test_a_small_file_of_one_long_text_many_times_is_refused() -> None:
    rows = 200_000
    names = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype="int32")), pa.array(["x" * 50_000]))
    ids = pa.array([str(number) for number in range(rows)])
    table = pa.table({"run.run_id": ids, "run.name": names, "run.state": pa.array(["finished"] * rows)})
    out = BytesIO()
    with pq.ParquetWriter(out, table.schema, store_schema=False, compression="zstd") as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({METADATA_KEY.decode(): json.dumps(ABOUT)})
    assert len(out.getvalue()) < 5_000_000
    with pytest.raises(InputError, match="unpack"):
        read_snapshot(out.getvalue(), "bomb.parquet")


def test_a_snapshot_under_another_name_is_known_by_its_content() -> None:
    equal(odd_sweep(), open_upload("runs.csv", snapshot_bytes(odd_sweep())))


def test_how_settings_were_written_is_in_the_next_sweep_of_a_snapshot_too() -> None:
    rows = [f"r{i},{['1/16', '1/8', '1/4', '1/2'][i % 4]},0.{i % 4 + 5}{i:02}" for i in range(24)]
    sweep = read_export("\n".join(["Name,eps,val_acc", *rows]).encode(), "file.csv")
    again = read_snapshot(snapshot_bytes(sweep), "file.parquet")
    assert again.as_written("eps", 0.125) == sweep.as_written("eps", 0.125) == "1/8"
    assert again.as_written("eps", 0.3) == 0.3
    config = report_of(again, Choices()).next_sweep.config
    assert "1/2" in config["parameters"]["eps"]["values"]
    odd = replace(sweep, readings=tuple(replace(one, written='["x"]') for one in sweep.readings))
    assert odd.as_written("eps", 0.125) == 0.125


def test_a_new_level_has_the_unit_of_the_others() -> None:
    rows = [f"r{i},{64 * 2 ** (i % 4)}K,0.{i % 4 + 5}{i:02}" for i in range(24)]
    sweep = read_export("\n".join(["Name,context,val_acc", *rows]).encode(), "file.csv")
    assert [sweep.as_written("context", value) for value in (64, 1024.0)] == ["64K", "1024K"]


def test_lists_of_one_number_are_numbers_here_and_lists_in_the_next_sweep() -> None:
    rows = [f"r{i},[{[16, 32, 64, 128][i % 4]}],0.{i % 4 + 5}{i:02}" for i in range(24)]
    content = "\n".join(["Name,hidden,val_acc", *rows]).encode()
    sweep = read_export(content, "file.csv")
    assert sweep.config["hidden"].tolist()[:4] == [16, 32, 64, 128]
    assert [sweep.as_written("hidden", value) for value in (64, 1024)] == [[64], [1024]]
    assert [128] in report_of(sweep, Choices()).next_sweep.config["parameters"]["hidden"]["values"]
    declared = Declaration(config={"parameters": {"hidden": {"values": [[16], [32], [64], [128]]}}})
    assert read_export(content, "file.csv", declaration=declared).config["hidden"].tolist()[0] == "[16]"


def test_what_the_next_sweep_expects_is_the_same_however_its_levels_are_written() -> None:
    def outlook(levels: list[str]) -> float:
        rows = [f"r{i},{levels[i % 4]},0.{i % 4 + 5}{i:02}" for i in range(24)]
        sweep = read_export("\n".join(["Name,eps,val_acc", *rows]).encode(), "file.csv")
        return report_of(sweep, Choices()).next_sweep.expected_mean

    assert outlook(["1/16", "1/8", "1/4", "1/2"]) == outlook(["0.0625", "0.125", "0.25", "0.5"])


def test_levels_that_the_sweep_config_lists_as_text_stay_text() -> None:
    declared = Declaration(config={"parameters": {"context": {"values": ["64K", "128K", "256K"]}}})
    rows = [f"r{i},{64 * 2 ** (i % 3)}K,0.{i % 4 + 5}{i:02}" for i in range(24)]
    content = "\n".join(["Name,context,val_acc", *rows]).encode()
    assert set(read_export(content, "file.csv", declaration=declared).config["context"]) == {"64K", "128K", "256K"}
    assert set(read_export(content, "file.csv").config["context"]) == {64, 128, 256}


def made_by_hand(about: dict[str, object], **columns: pa.Array) -> bytes:
    """Return a snapshot with other metadata and columns than the program wrote."""
    written = snapshot_bytes(read_export(unet_export(8).encode(), "runs.csv"))
    known = json.loads(pq.ParquetFile(BytesIO(written)).metadata.metadata[METADATA_KEY])
    table = pq.read_table(BytesIO(written))
    for name, column in columns.items():
        table = table.append_column(f"config.{name}", column)
    buffer = BytesIO()
    with pq.ParquetWriter(buffer, table.schema, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({METADATA_KEY.decode(): json.dumps({**known, **about})})
    return buffer.getvalue()


def test_halves_of_characters_in_what_a_snapshot_says_reach_no_page() -> None:
    half = "\ud800"
    about = {
        "origin": {"kind": "csv", "label": half},
        "warnings": [half],
        "readings": [{"column": half, "part": "config", "type": "number", "why": half}],
        "declarations": [{"id": half, "name": half, "config": {"parameters": {half: {"values": [half, 1]}}}}],
    }
    sweep = read_snapshot(made_by_hand(about), "x.parquet")
    said = (sweep.origin.label, sweep.warnings, sweep.readings, sweep.declarations)
    assert repr(said).count("\\ud800") == 0
    assert sweep.origin.label == "\ufffd"
    json.dumps(report_of(sweep, Choices()).to_dict(), ensure_ascii=False).encode()


@pytest.mark.parametrize("config", [{"parameters": [1, 2]}, {"metric": "loss"}])
def test_a_config_in_a_snapshot_that_is_none_gets_a_sentence(config: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"names have to stand below"):
        read_snapshot(made_by_hand({"declarations": [{"id": "x", "config": config}]}), "x.parquet")


def test_text_that_is_no_utf_8_is_found_when_a_snapshot_is_read() -> None:
    broken = pa.Array.from_buffers(pa.string(), 8, pa.array([b"\xff\xfe"] * 8).buffers())
    with pytest.raises(InputError, match="damaged"):
        read_snapshot(made_by_hand({}, note=broken), "x.parquet")
