"""Strangers' files are read in another process: with the same result, and whatever happens to it is one sentence."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest

from lib.model.choices import Choices
from lib.model.errors import InputError
from lib.model.sweep import Declaration, Sweep
from lib.report import report_of
from lib.sources import open_upload
from lib.sources.child import pool
from lib.sources.child.limits import Limits, limits_for
from lib.sources.child.messages import BrokenMessage, read_message, write_message
from lib.sources.child.pool import Readers
from lib.sources.sample import read_sample
from lib.sources.snapshot.file import snapshot_bytes
from lib.sources.sweep_config import parse_sweep_config
from testing.browser.nightly import by_day
from testing.exports import to_csv, unet_export, wide_export
from testing.sweeps import search

CONFIG = """
method: bayes
metric: {name: val_loss, goal: minimize}
parameters:
  learning_rate: {min: 1e-5, max: 0.1, distribution: log_uniform_values}
  batch_size: {values: [16, 32, .inf]}
"""
ROOMY = Limits(memory=2_000_000_000, processor_seconds=20, seconds=60)
TIGHT = Limits(memory=200_000_000, processor_seconds=2, seconds=90)
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals and limits")


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    made = Readers(limits=ROOMY)
    yield made
    made.close()


@pytest.fixture
def misbehaving() -> Iterator[object]:
    """Return a function that makes a pool of processes whose reader does what some code says."""
    made: list[Readers] = []

    def make(code: str, limits: Limits = TIGHT, most: int = 3) -> Readers:
        program = (
            "import os, signal, sys, time\nimport numpy as np\nimport lib.sources.child.serve as serve\n"
            f"honest = serve.open_upload\ndef read(name, content, **more):\n    {code}\n"
            "    return honest(name, content, **more)\n"
            "serve.open_upload = read\nraise SystemExit(serve.main())\n"
        )
        made.append(Readers((sys.executable, "-c", program), most=most, limits=limits))
        return made[-1]

    yield make
    for one in made:
        one.close()


def read(readers: Readers, name: str, content: bytes, **more: object) -> Sweep:
    with readers.visit() as reader:
        return reader.upload(name, content, **more)  # type: ignore[arg-type]


def refusal(readers: Readers, name: str = "runs.csv", content: bytes | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read(readers, name, unet_export(12).encode() if content is None else content)
    assert len(str(caught.value)) < 300
    assert name in str(caught.value)
    return str(caught.value)


def gone(process: int) -> bool:
    """Whether a process has ended and isn't a zombie either."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def assert_equal(one: Sweep, other: Sweep) -> None:
    for part in ("runs", "config", "summary", "history"):
        pd.testing.assert_frame_equal(getattr(one, part), getattr(other, part))
    for part in ("origin", "declarations", "readings", "warnings", "derived", "thinned"):
        assert getattr(one, part) == getattr(other, part), part
    assert {name: mask.tolist() for name, mask in one.logged_nan.items()} == {
        name: mask.tolist() for name, mask in other.logged_nan.items()
    }
    assert one.data_sha256 == other.data_sha256


ODD = [
    ["Name", "State", "Created", "Runtime", "lr", "flag", "kind", "when", "empty", "mixed", "huge", "score", "loss"],
    ["a", "finished", "2025-01-02T00:00:00.123Z", "12", "1e-5", "true", "x,y", "", "", "1", str(2**80), "NaN", "0.1"],
    ["a", "crashed", "", "", "-Infinity", "", 'say "é🚀"', "", "", "two", "3", "1", ""],
    ["b", "running", "2025-01-01T00:00:00Z", "3600", "", "false", "", "", "", "", "", "Infinity", "5e-324"],
    ["c", "finished"],
]
UPLOADS = {
    "unet.csv": unet_export(60, crashed=4).encode(),
    "wide.csv": wide_export(30).encode(),
    "odd.csv": to_csv(ODD[0], ODD[1:]).encode(),
    "semicolons.csv": unet_export(20).replace(",", ";").encode("utf-16"),
    "windows.csv": to_csv(["Name", "lr", "score"], [["Größe", 0.1, 1], ["b", 0.2, 2]]).encode("cp1252"),
    "sample.parquet": snapshot_bytes(read_sample()),
    "repeats.parquet": snapshot_bytes(read_sample("sample/repeats")),
    "made.parquet": snapshot_bytes(search(30)),
}


@pytest.mark.parametrize("name", by_day(UPLOADS, ["unet.csv", "odd.csv", "sample.parquet"]))
def test_a_file_read_apart_is_the_same_sweep_to_the_last_bit(name: str, readers: Readers) -> None:
    assert_equal(read(readers, name, UPLOADS[name]), open_upload(name, UPLOADS[name]))


# By day: the sweep is the same to the last bit, above.
@pytest.mark.nightly
@pytest.mark.parametrize("name", ["unet.csv", "sample.parquet"])
def test_a_file_read_apart_gives_the_same_report(name: str, readers: Readers) -> None:
    apart, here = read(readers, name, UPLOADS[name]), open_upload(name, UPLOADS[name])
    assert json.dumps(report_of(apart, Choices()).to_dict()) == json.dumps(report_of(here, Choices()).to_dict())


def test_a_sweep_config_and_choices_reach_the_reading(readers: Readers) -> None:
    content = unet_export(20).encode()
    here = parse_sweep_config(CONFIG, "The sweep config")
    with readers.visit() as reader:
        declaration = reader.sweep_config(CONFIG, "The sweep config")
        assert declaration == here
        sweep = reader.upload("x.csv", content, declaration=declaration, parameters=["loss"], metric="learning_rate")
    assert_equal(sweep, open_upload("x.csv", content, declaration=here, parameters=["loss"], metric="learning_rate"))
    assert isinstance(sweep.declarations[0], Declaration)


def test_a_refusal_has_the_readers_own_sentence(readers: Readers) -> None:
    with readers.visit() as reader:
        for content in (b"just a sentence\n", b"", b"\x89PNG", b"PAR1junk"):
            with pytest.raises(InputError) as here:
                open_upload("x.csv", content)
            with pytest.raises(InputError) as apart:
                reader.upload("x.csv", content)
            assert str(apart.value) == str(here.value)
            assert len(str(apart.value)) < 300
        with pytest.raises(InputError, match="no parameters"):
            reader.sweep_config("a: 1", "The sweep config")


ENDS = [
    ("while True: pass", "takes too long to read: it was stopped after 2 s"),
    ("bytearray(10**12)", "takes too much memory to read: over 200 MB"),
    ("[np.ones(10**6) for _ in range(10**6)]", "takes too much memory to read: over 200 MB"),
    ("os.kill(os.getpid(), signal.SIGKILL)", "takes too much memory to read"),
    ("os.kill(os.getpid(), signal.SIGSEGV)", "the program that reads files stopped at it"),
    ("os._exit(0)", "the program that reads files stopped at it"),
    ("os.write(answers, b'{}' * 10_000); time.sleep(600)", "the program that reads files stopped at it"),
    ("os.write(answers, b'\\xff' * 12); time.sleep(600)", "the program that reads files stopped at it"),
    ("os.write(answers, b'\\0\\0\\0\\2' + b'\\0' * 8 + b'[]'); time.sleep(600)", "the program that reads files"),
    ("os.write(answers, b'\\0\\0\\0\\2' + b'\\0' * 8 + b'{}'); time.sleep(600)", "is damaged or is no snapshot"),
    ("raise KeyError('a cell of the file')", "the program that reads files stopped at it"),
]
# By day one of each kind: out of time, out of memory, killed, and an answer that is none. An error: in the log.
BY_DAY = ("while", "[np", "os.kill(os.getpid(), signal.SIGSEGV", "os.write(answers, b'{}' * 10_000)")
ENDS_BY_DAY = [end for end in ENDS if end[0].startswith(BY_DAY)]


@posix
@pytest.mark.parametrize("end", by_day(ENDS, ENDS_BY_DAY), ids=lambda end: end[0])
def test_whatever_ends_a_reading_is_one_sentence(end: tuple[str, str], misbehaving) -> None:
    code, says = end
    # The pipe to the server is the one descriptor above standard error that the process has.
    pipe = "answers = max(int(one) for one in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{one}')); "
    readers = misbehaving((pipe if "answers" in code else "") + code)
    assert says in refusal(readers)
    # What is ready now is another process, and the pool goes on.
    with readers.visit() as reader:
        assert reader.sweep_config(CONFIG, "The sweep config").method == "bayes"


def test_a_reading_that_waits_for_ever_is_ended_by_the_clock(misbehaving) -> None:
    readers = misbehaving("time.sleep(600)", Limits(None, 60, 1))
    assert "takes too long to read: it was stopped after 1 s" in refusal(readers)


def test_a_process_that_does_not_start_is_one_sentence() -> None:
    for command in ((sys.executable, "-c", "print('no message')"), ("/no/such/program",)):
        readers = Readers(command)
        readers.prepare()
        assert "can't be read now: the server has no room to read files" in refusal(readers)
        readers.close()


@posix
def test_what_a_reader_prints_is_no_answer(misbehaving) -> None:
    readers = misbehaving("print('hello' * 1000, flush=True); os.write(1, b'x' * 10)", ROOMY)
    assert len(read(readers, "x.csv", unet_export(12).encode())) == 12


@posix
def test_the_log_says_where_a_reader_failed_and_nothing_of_the_file(misbehaving, caplog) -> None:
    with caplog.at_level(logging.ERROR):
        refusal(misbehaving("raise KeyError('a cell of the file')"))
    assert "KeyError" in caplog.text
    assert "a cell of the file" not in caplog.text.replace("raise KeyError('a cell of the file')", "")


@posix
def test_a_file_that_hangs_does_not_hold_up_another_visitors(misbehaving) -> None:
    readers = misbehaving("time.sleep(600) if name == 'hangs.csv' else None", Limits(None, 20, 30))
    hung = threading.Thread(target=lambda: refusal(readers, "hangs.csv"))
    hung.start()
    while not readers.process_ids():
        time.sleep(0.01)
    assert len(read(readers, "good.csv", unet_export(12).encode())) == 12
    assert hung.is_alive()
    for process in readers.process_ids():
        os.kill(process, signal.SIGKILL)
    hung.join(30)
    assert not hung.is_alive()


def test_no_more_than_the_most_read_at_once_and_all_are_served() -> None:
    readers = Readers(most=2, limits=ROOMY)
    counts: list[int] = []
    lengths: list[int] = []

    def visit(runs: int) -> None:
        with readers.visit() as reader:
            lengths.append(len(reader.upload("x.csv", unet_export(runs).encode())))
            counts.append(len(readers.process_ids()))

    threads = [threading.Thread(target=visit, args=(10 + i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(lengths) == [10, 11, 12, 13]
    # Two at work, and the one that is ready for the next.
    assert max(counts) <= 3
    readers.close()


@posix
def test_one_process_serves_one_visit_and_nothing_is_left_of_it() -> None:
    readers = Readers(limits=ROOMY)
    with readers.visit() as reader:
        reader.upload("x.csv", unet_export(10).encode())
        (first,) = readers.process_ids()
        reader.upload("y.csv", unet_export(11).encode())
        assert readers.process_ids() == [first]
    assert gone(first)
    (following,) = readers.process_ids()
    readers.close()
    assert gone(following)


@posix
def test_a_visit_that_reads_nothing_starts_nothing() -> None:
    readers = Readers()
    with readers.visit():
        pass
    assert readers.process_ids() == []


@posix
def test_a_process_that_nobody_needs_ends() -> None:
    readers = Readers(idle_seconds=0.2)
    readers.prepare()
    readers.prepare()
    (ready,) = readers.process_ids()
    deadline = time.monotonic() + 20
    while not gone(ready) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gone(ready)
    assert readers.process_ids() == []


@posix
def test_a_ready_process_that_was_killed_is_replaced() -> None:
    readers = Readers(limits=ROOMY)
    readers.prepare()
    (ready,) = readers.process_ids()
    os.kill(ready, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while readers.process_ids() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(read(readers, "x.csv", unet_export(12).encode())) == 12
    assert gone(ready)
    readers.close()


@posix
def test_a_process_ends_with_the_program_that_started_it() -> None:
    """Even where that is killed and can't clean up."""
    import subprocess

    code = (
        "from lib.sources.child.pool import Readers; r = Readers(); r.prepare(); "
        "print(*r.process_ids(), flush=True); import time; time.sleep(600)"
    )
    root = Path(pool.__file__).resolve().parents[3]
    with subprocess.Popen([sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        reading = int(server.stdout.readline())
        server.kill()
    deadline = time.monotonic() + 20
    while not gone(reading) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gone(reading)


@posix
def test_a_reading_process_gets_no_keys(monkeypatch: pytest.MonkeyPatch, misbehaving) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "canary")
    monkeypatch.setenv("MY_PASSWORD", "canary")
    readers = misbehaving("assert 'canary' not in repr(os.environ)", ROOMY)
    assert len(read(readers, "x.csv", unet_export(12).encode())) == 12


def test_messages_come_back_as_they_went() -> None:
    pipe = BytesIO()
    write_message(pipe, {"name": "é\ud800", "n": [1.5, None, float("inf")]}, b"body" * 500_000)
    pipe.seek(0)
    header, body = read_message(pipe, 10_000_000)
    assert header == {"name": "é\ud800", "n": [1.5, None, float("inf")]}
    assert body == b"body" * 500_000
    pipe.seek(0)
    with pytest.raises(BrokenMessage):
        read_message(pipe, 1_000_000)
    for cut in (b"", b"\0" * 5, pipe.getvalue()[:20], pipe.getvalue()[:-1]):
        with pytest.raises(BrokenMessage):
            read_message(BytesIO(cut), 10_000_000)


def test_a_larger_file_gets_more_time_and_memory_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.sources.child.limits.free_memory", lambda: 10**10)
    small, large, snapshot = limits_for(b"x"), limits_for(b"x" * 10_000_000), limits_for(b"PAR1" + b"x" * 10_000_000)
    assert small.processor_seconds < large.processor_seconds < snapshot.processor_seconds <= 60
    assert all(one.processor_seconds < one.seconds for one in (small, large, snapshot))
    assert [one.memory for one in (small, large, snapshot)] == [300_000_040, 700_000_000, 2_300_000_800]
    assert limits_for(b"x" * 200_000_000).processor_seconds == 60
    monkeypatch.setattr("lib.sources.child.limits.free_memory", lambda: 100_000_000)
    assert limits_for(b"x").memory == 85_000_000
    monkeypatch.setattr("lib.sources.child.limits.free_memory", lambda: None)
    assert limits_for(b"x").memory == 300_000_040


def test_a_table_of_many_columns_has_time_for_each() -> None:
    narrow, wide = (b",".join([b"x"] * width) + b"\n" + b"1," * 40_000 for width in (10, 9_000))
    more = limits_for(wide).processor_seconds - limits_for(narrow).processor_seconds
    assert 15 < more < 21
    assert limits_for(b"[" + wide).processor_seconds < 5
    assert limits_for(b"," * 30_000_000).processor_seconds < 60
