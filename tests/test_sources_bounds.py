"""Files made to harm: what they would unpack to is refused before it is unpacked, and nothing in them is run."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lib.analysis.population import population
from lib.model.choices import Choices
from lib.model.errors import InputError
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


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Return a function that writes files of a made /proc and /sys/fs/cgroup, which the code then reads."""
    monkeypatch.setattr(room, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(room, "_SYS", tmp_path / "sys")

    def write(files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="ascii")

    return write


MEMINFO = {"proc/meminfo": "MemTotal: 9000 kB\nMemAvailable: 8000 kB\n"}


def test_without_any_limit_the_machines_memory_is_free(machine: Callable[..., None]) -> None:
    assert room.free_memory() is None
    assert room.memory_limit() is None
    machine(MEMINFO)
    assert room.free_memory() == 8_000 * 1024
    assert room.memory_limit() == 9_000 * 1024


def group_2(folder: str, most: object, used: int, kept: int = 0, high: object = "max") -> dict[str, str]:
    return {
        f"{folder}/memory.max": f"{most}\n",
        f"{folder}/memory.high": f"{high}\n",
        f"{folder}/memory.current": f"{used}\n",
        f"{folder}/memory.stat": f"anon 1\ninactive_file {kept}\n",
    }


def group_1(folder: str, most: int, used: int, kept: int = 0) -> dict[str, str]:
    return {
        f"{folder}/memory.limit_in_bytes": f"{most}\n",
        f"{folder}/memory.usage_in_bytes": f"{used}\n",
        f"{folder}/memory.stat": f"inactive_file 1\ntotal_inactive_file {kept}\n",
    }


UNLIMITED = 9223372036854771712


@pytest.mark.parametrize(
    ("files", "free", "limit"),
    [
        # A container of Docker with version 2: its own group is the root of what is mounted.
        ({"proc/self/cgroup": "0::/\n"} | group_2("sys", 700_000, 500_000, 100_000), 300_000, 700_000),
        # systemd's MemoryMax of a service: /sys/fs/cgroup itself has no limit.
        (
            {"proc/self/cgroup": "0::/system.slice/app.service\n"}
            | group_2("sys/system.slice/app.service", 600_000, 100_000)
            | group_2("sys/system.slice", "max", 900_000),
            500_000,
            600_000,
        ),
        # MemoryHigh slows a process down to a standstill before MemoryMax ends it.
        ({"proc/self/cgroup": "0::/a\n"} | group_2("sys/a", 600_000, 100_000, high=400_000), 300_000, 400_000),
        # Slurm: the job's step has no limit of its own, the job has.
        (
            {"proc/self/cgroup": "0::/system.slice/slurmstepd.scope/job_7/step_0/user/task_0\n"}
            | group_2("sys/system.slice/slurmstepd.scope/job_7", 500_000, 450_000)
            | group_2("sys/system.slice/slurmstepd.scope/job_7/step_0/user", "max", 10_000),
            50_000,
            500_000,
        ),
        # The least of nested groups counts, not the innermost.
        (
            {"proc/self/cgroup": "0::/a/b\n"} | group_2("sys/a/b", 600_000, 0) | group_2("sys/a", 550_000, 500_000),
            50_000,
            550_000,
        ),
        # Version 1, in a group of a group.
        (
            {"proc/self/cgroup": "3:cpu,cpuacct:/x\n2:memory:/slurm/uid_1/job_7\n1:name=systemd:/y\n"}
            | group_1("sys/memory/slurm/uid_1/job_7", 500_000, 300_000, 50_000)
            | group_1("sys/memory/slurm", UNLIMITED, 800_000)
            | group_1("sys/memory", UNLIMITED, 900_000),
            250_000,
            500_000,
        ),
        # Version 1 in a container: the path is the host's, of which the container sees only its own group.
        (
            {"proc/self/cgroup": "4:memory:/docker/abc\n"} | group_1("sys/memory", 400_000, 100_000),
            300_000,
            400_000,
        ),
        # Hybrid: memory is under version 1, version 2 is mounted beside it without a controller.
        (
            {"proc/self/cgroup": "4:memory:/job\n0::/job\n", "sys/unified/job/cgroup.procs": "1\n"}
            | group_1("sys/memory/job", 400_000, 100_000),
            300_000,
            400_000,
        ),
        # Used beyond its limit: nothing is free, and never less than nothing.
        ({"proc/self/cgroup": "0::/a\n"} | group_2("sys/a", 400_000, 500_000), 0, 400_000),
    ],
)
def test_every_group_that_a_process_is_in_bounds_what_is_free(
    files: dict[str, str], free: int, limit: int, machine: Callable[..., None]
) -> None:
    machine(MEMINFO | files)
    assert room.free_memory() == free
    assert room.memory_limit() == limit


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a process holds")
def test_a_limit_of_address_space_bounds_what_is_free() -> None:
    code = (
        "import resource, os; from lib.sources.memory import free_memory; "
        "held = int(open('/proc/self/statm').read().split()[0]) * os.sysconf('SC_PAGE_SIZE'); "
        "resource.setrlimit(resource.RLIMIT_AS, (held + 50_000_000,) * 2); print(free_memory())"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert 40_000_000 < int(printed) <= 50_000_000


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
