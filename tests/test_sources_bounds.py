"""Files made to harm: what they would unpack to is refused before it is unpacked, and nothing in them is run."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import struct
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lib.analysis.population import population
from lib.model.errors import InputError
from lib.model.sweep import Choices
from lib.model.sweep import Sweep as _Sweep
from lib.sources import memory as room
from lib.sources import open_upload
from lib.sources.snapshot import file as snapshot
from lib.sources.snapshot.file import METADATA_KEY, read_snapshot, snapshot_bytes
from lib.sources.snapshot.parquet_pages import unpacked_bytes
from testing.exports import to_csv
from testing.sweeps import search, sweep_of


@cache
def good() -> bytes:
    return snapshot_bytes(search(30))


def crafted(
    columns: Mapping[str, Any], runs: int, about: Callable[[dict[str, Any]], Any] = lambda a: a, **how: Any
) -> bytes:
    """Write a Parquet file that claims to be a snapshot, with these columns beside those that every one has."""
    record = json.loads(pq.ParquetFile(io.BytesIO(good())).metadata.metadata[METADATA_KEY])
    ids = pa.array([f"r{i}" for i in range(runs)], pa.large_string())
    same = pa.array(["finished"] * runs, pa.large_string())
    table = pa.table({"run.run_id": ids, "run.name": ids, "run.state": same, **columns})
    table = table.replace_schema_metadata({METADATA_KEY: json.dumps(about(record)).encode()})
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", **how)
    return out.getvalue()


def lying(content: bytes, lies: Mapping[int, int]) -> bytes:
    """Write other numbers into the footer, in as many bytes as those that stand there."""
    size = struct.unpack("<I", content[-8:-4])[0]
    footer = content[-8 - size : -8]
    for truth, lie in lies.items():
        assert varint(truth) in footer
        footer = footer.replace(varint(truth), varint(lie, len(varint(truth))))
    return content[: -8 - size] + footer + content[-8:]


def varint(number: int, length: int = 1) -> bytes:
    out, number = bytearray(), number << 1
    while number or len(out) < length:
        out.append((number & 0x7F) | 0x80)
        number >>= 7
    out[-1] &= 0x7F
    return bytes(out)


def refused(content: bytes) -> str:
    with pytest.raises(InputError) as caught:
        read_snapshot(content, "x.parquet")
    return str(caught.value)


def test_a_snapshot_that_claims_hundreds_of_millions_of_steps_is_refused_unread() -> None:
    steps = 12_000_000
    one = pa.ListArray.from_arrays(pa.array([0, steps], pa.int32()), pa.array(np.zeros(steps, "int8")))
    content = crafted({"history._step": one, **{f"history.m{i}": one for i in range(8)}}, 1)
    assert len(content) < 50_000
    assert "cells; at most 100,000,000" in refused(content)


def test_many_copies_of_one_long_text_are_refused_unread() -> None:
    texts = pa.DictionaryArray.from_arrays(pa.array(np.zeros(300_000, "int32")), pa.array(["x" * 4000]))
    assert "would unpack to more than 1 GB" in refused(crafted({"config.x": texts}, 300_000))


def test_a_footer_that_says_less_than_the_pages_hold_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "MOST_BYTES", 10_000_000)
    texts = pa.array(["x" * 20_000_000, "", ""], pa.large_string())
    content = crafted({"config.x": texts}, 3, use_dictionary=False)
    claimed = pq.ParquetFile(io.BytesIO(content)).metadata.row_group(0).column(3).total_uncompressed_size
    content = lying(content, {claimed: 100})
    assert pq.ParquetFile(io.BytesIO(content)).metadata.row_group(0).column(3).total_uncompressed_size == 100
    assert "would unpack to more than" in refused(content)


def test_what_pages_unpack_to_is_what_an_honest_footer_says() -> None:
    metadata = pq.ParquetFile(io.BytesIO(good())).metadata
    group = metadata.row_group(0)
    stated = sum(group.column(i).total_uncompressed_size for i in range(group.num_columns))
    found = unpacked_bytes(good(), metadata, 10**9)
    assert 0.3 * stated < found <= stated


def test_nested_types_and_deep_json_are_refused() -> None:
    value: Any = pa.array([1.0] * 3)
    for _ in range(50):
        value = pa.StructArray.from_arrays([value], ["f"])
    assert "damaged or is no snapshot" in refused(crafted({"config.x": value}, 3))
    table = pa.table({"a": [1]}).replace_schema_metadata({METADATA_KEY: b"[" * 200_000})
    out = io.BytesIO()
    pq.write_table(table, out)
    assert "damaged or is no snapshot" in refused(out.getvalue())


def test_thousands_of_warnings_are_not_put_on_a_page() -> None:
    assert "damaged" in refused(crafted({}, 3, about=lambda a: a | {"warnings": ["w"] * 5_000}))


class Harm:
    def __init__(self, at: Path) -> None:
        self.at = at

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.at),)


def test_pickled_objects_are_never_unpickled(tmp_path: Path) -> None:
    pickled = pickle.dumps(Harm(tmp_path / "harmed"))
    with pytest.raises(InputError):
        open_upload("x.csv", pickled)
    assert "damaged" in refused(crafted({"config.x": pa.array([pickled] * 3)}, 3))
    extension = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": pickled}
    ids = pa.array(["a", "b"], pa.large_string())
    schema = pa.schema(
        [
            *(pa.field(f"run.{name}", pa.large_string()) for name in ("run_id", "name", "state")),
            pa.field("summary.y", pa.float64(), metadata=extension),
        ],
        metadata=pq.ParquetFile(io.BytesIO(good())).metadata.metadata,
    )
    out = io.BytesIO()
    pq.write_table(pa.table([ids, ids, ids, pa.array([1.0, 2.0])], schema=schema), out)
    with contextlib.suppress(InputError):
        read_snapshot(out.getvalue(), "x.parquet")
    assert not (tmp_path / "harmed").exists()


def test_a_file_for_which_there_is_no_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    table = to_csv(["Name", "lr", "score"], [[f"r{i}", i, i] for i in range(2_000)]).encode()
    assert len(open_upload("x.csv", table)) == 2_000
    monkeypatch.setattr(room, "free_memory", lambda: 10_000)
    for content in (table, good()):
        with pytest.raises(InputError, match=r"MB of memory to read, and 0 MB are free here"):
            open_upload("x", content)


def test_lines_that_end_in_carriage_returns_count_as_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kilobyte of names over many short lines is millions of cells, whatever the lines end in."""
    content = ",".join(f"c{i}" for i in range(2_000)) + "\r" + "a\r" * 5_000
    monkeypatch.setattr(room, "free_memory", lambda: 50_000_000)
    with pytest.raises(InputError, match="MB of memory to read"):
        open_upload("runs.csv", content.encode())


def test_the_limit_of_a_container_bounds_what_is_free(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, text in (
        ("meminfo", "MemTotal: 9000 kB\nMemAvailable: 8000 kB\n"),
        ("max", "700000\n"),
        ("current", "500000\n"),
        ("stat", "anon 1\ninactive_file 100000\n"),
    ):
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(room, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(room, "_GROUPS", ((tmp_path / "max", tmp_path / "current", tmp_path / "stat"),))
    assert room.free_memory() == 300_000
    (tmp_path / "max").write_text("max\n")
    assert room.free_memory() == 8_000 * 1024
    (tmp_path / "meminfo").unlink()
    assert room.free_memory() is None


def searched_in(sweep: _Sweep) -> int:
    return len(population(sweep, Choices()).searched)


def test_more_parameters_than_can_be_analysed_get_a_sentence() -> None:
    config = {f"setting_{i}": [i, i + 1] for i in range(1_001)}
    with pytest.raises(InputError, match=r"1,001 config keys .* at most 1,000 can be analysed"):
        searched_in(sweep_of(config, {"score": [0.1, 0.2]}))
    config.pop("setting_0")
    assert searched_in(sweep_of(config, {"score": [0.1, 0.2]})) == 1_000


@pytest.mark.parametrize(("encoding", "reads"), [
    ("utf-8", True), ("utf-8-sig", True), ("utf-16", True), ("latin-1", True), ("cp1252", True), ("utf-16-le", False),
    ("utf-32", False),
])  # fmt: skip
def test_every_encoding_is_read_as_it_is_or_refused(encoding: str, reads: bool) -> None:
    content = to_csv(["Name", "lr", "score"], [["Größe", 0.1, 1], ["b", 0.2, 2]]).encode(encoding)
    if reads:
        assert set(open_upload("x.csv", content).runs["name"]) == {"Größe", "b"}
    else:
        with pytest.raises(InputError, match="is not text"):
            open_upload("x.csv", content)
