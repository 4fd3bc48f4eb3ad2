"""The last good data on a disk that fails: what was kept stays, half of a file is never read, and the app goes on."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lib.sources.record import Address
from lib.sources.wandb.last_good import read_stored, store, stored_folder
from testing.sweeps import search

SWEEP = Address("sweep", "team/seg/s1", None, "team", "seg", "s1")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWEEP_REPORT_CACHE", str(tmp_path / "kept"))


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """Let no file of this process grow beyond this many bytes: writes fail half-way, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_what_was_kept_and_no_debris() -> None:
    store(search(20), SWEEP, None)
    (kept,) = stored_folder().iterdir()
    whole = kept.read_bytes()
    with full_disk(2_000):
        store(search(400, seed=1), SWEEP, None)
    assert [file.name for file in stored_folder().iterdir()] == [kept.name]
    assert kept.read_bytes() == whole
    assert len(read_stored(SWEEP, None) or []) == 20


def test_where_nothing_can_be_kept_the_app_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    store(search(20), SWEEP, None)
    assert read_stored(SWEEP, None) is None
    assert "can't be kept on disk" in caplog.text


def test_sources_of_the_same_text_are_kept_apart() -> None:
    store(search(20), SWEEP, None)
    assert read_stored(Address("project", SWEEP.text, None, "team", "seg/s1"), None) is None
    assert read_stored(SWEEP, "https://wandb.example.org") is None
    assert len(read_stored(SWEEP, None) or []) == 20


def test_half_a_file_is_never_read() -> None:
    store(search(20), SWEEP, None)
    (kept,) = stored_folder().iterdir()
    whole = kept.read_bytes()
    for share in (0, 0.1, 0.5, 0.9, 0.999):
        kept.write_bytes(whole[: int(share * len(whole))])
        assert read_stored(SWEEP, None) is None
    kept.write_bytes(whole)
    assert len(read_stored(SWEEP, None) or []) == 20


WRITER = """
from lib.sources.wandb.last_good import store
from tests.test_stored_faults import SWEEP
from testing.sweeps import search
sweeps = [search(300, seed) for seed in (0, 1)]
print("ready", flush=True)
while True:
    for sweep in sweeps:
        store(sweep, SWEEP, None)
"""


def test_a_server_killed_while_it_writes_leaves_a_whole_file() -> None:
    known = {search(300, seed).data_sha256 for seed in (0, 1)}
    draw = random.Random(0)
    for _ in range(2):
        with subprocess.Popen([sys.executable, "-c", WRITER], cwd=ROOT, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            for _ in range(10):
                time.sleep(draw.uniform(0.01, 0.1))
                found = read_stored(SWEEP, None)
                assert found is None or found.data_sha256 in known
            writer.kill()
        found = read_stored(SWEEP, None)
        assert found is not None
        assert found.data_sha256 in known
    # What a killed writer left behind is cleared away by a later one, once it is surely nobody's any more.
    debris = stored_folder() / f".{next(stored_folder().glob('*.parquet')).name}.0.unfinished"
    debris.write_bytes(b"half")
    store(search(20), SWEEP, None)
    assert debris.exists()
    os.utime(debris, (0, 0))
    store(search(20), SWEEP, None)
    assert not debris.exists()
