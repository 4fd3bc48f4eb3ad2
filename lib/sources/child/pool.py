"""The server's side: keeps a reading process ready, hands it one visitor's files, and ends it.

A process is started as a new program (`python -m lib.sources.child`) and not forked: a fork of a server with threads
copies locks that nobody will release, and all that the server has in memory. It gets the visitor's bytes over a pipe,
since they touch no disk, and no key, since its environment holds only what Python needs to start. Its answer is a
snapshot, which is read with the bounds of a file from outside and never unpickled.

One process serves one visit of the pool (a visitor's sweep config and uploads) and then ends: no file is in memory when
another visitor's comes, and what a reading took is free again at once.

Over 300 lines: starting, using and ending a process share its locks, and are checked together.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

from lib.model.errors import InputError
from lib.model.sweep import Declaration, Sweep
from lib.sources.child.limits import Limits, limits_for
from lib.sources.child.messages import BrokenMessage, read_message, write_message
from lib.sources.config_bounds import LARGEST as LARGEST_CONFIG
from lib.sources.snapshot.file import read_snapshot

_LOG = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[3]
COMMAND = (sys.executable, "-m", str(__package__))
# Readings at the same time; who comes then waits for the first to end.
MOST_AT_ONCE = 3
# A process that nobody needed in this time ends: it holds about 110 MB, of which the server shares a half.
IDLE_SECONDS = 60.0
# A reader's sentence is not longer than this.
_LONGEST_PROBLEM = 2_000
# What a new process takes at most, on a busy machine, to import the readers.
_SECONDS_TO_START = 60.0
# Between the end of its pipe and its own, where it ended by itself.
_SECONDS_TO_END = 0.5
# With as little as this free, an answer is still taken in.
_LEAST_ANSWER = 50_000_000
_LARGE_ANSWER = 10_000_000
_KEPT_SETTINGS = (
    *("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "PYTHONHOME", "VIRTUAL_ENV"),
    *("SYSTEMROOT", "WINDIR", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONUTF8"),
)


class Readers:
    """A pool of reading processes: at most one ready, at most `most` at work. Safe to use from several threads."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        *,
        most: int = MOST_AT_ONCE,
        idle_seconds: float = IDLE_SECONDS,
        limits: Limits | None = None,
    ) -> None:
        """Start nothing yet. limits : the same bounds for every file, in place of those by size."""
        self._command = tuple(command)
        self._idle_seconds = idle_seconds
        self._limits = limits
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(most)
        self._alive: set[_Process] = set()
        self._ready: _Process | None = None
        # Runs when the pool is let go of and when the interpreter ends.
        self.close = weakref.finalize(self, _end_all, self._alive, self._lock)

    def prepare(self) -> None:
        """Have a process ready soon, without waiting for it: somebody is choosing a file."""
        with self._lock:
            if self._ready is not None and self._ready.runs():
                self._ready.keep(self._idle_seconds, self._end_idle)
                return
            try:
                self._ready = self._start()
            except OSError:
                # A visitor who has a file by then tries again, and is told.
                _LOG.exception("The process that reads uploads can't be started")
                return
            self._ready.keep(self._idle_seconds, self._end_idle)

    @contextlib.contextmanager
    def visit(self) -> Iterator[Reader]:
        """Lend a process for the files of one visitor; have another ready afterwards. Waits while `most` are lent."""
        reader = Reader(self._take, self._limits)
        try:
            with self._places:
                try:
                    yield reader
                finally:
                    if reader.process is not None:
                        self._end(reader.process)
        finally:
            if reader.asked:
                self.prepare()

    def process_ids(self) -> list[int]:
        """Return the ids of the processes that run now, for those who watch what they take."""
        with self._lock:
            return sorted(process.id for process in self._alive if process.runs())

    def _take(self) -> _Process:
        with self._lock:
            ready, self._ready = self._ready, None
            if ready is not None and ready.runs():
                ready.keep(None, self._end_idle)
                return ready
            return self._start()

    def _start(self) -> _Process:
        for gone in [process for process in self._alive if not process.runs()]:
            self._alive.discard(gone)
            gone.end()
        process = _Process(self._command)
        self._alive.add(process)
        return process

    def _end_idle(self, process: _Process) -> None:
        with self._lock:
            if self._ready is not process:
                return
            self._ready = None
        self._end(process)

    def _end(self, process: _Process) -> None:
        process.end()
        with self._lock:
            self._alive.discard(process)


class Reader:
    """Reads the files of one visitor, one after the other, in one process. Use it within `Readers.visit`."""

    def __init__(self, take: Any, limits: Limits | None) -> None:
        self._take = take
        self._limits = limits
        self.process: _Process | None = None
        self.asked = False

    def sweep_config(self, text: str, name: str) -> Declaration:
        """Read a W&B sweep config (YAML). Raises InputError, also for one that takes too long or too much memory."""
        content = text[: LARGEST_CONFIG + 1].encode("utf-8", "replace")
        header, _ = self._ask({"read": "sweep_config", "name": name}, content, name)
        given, config = header.get("name"), header.get("config")
        if not isinstance(config, dict) or not isinstance(given, (str, type(None))):
            raise _broken(name)
        return Declaration(name=given, config=config)

    def upload(
        self,
        name: str,
        content: bytes,
        *,
        declaration: Declaration | None = None,
        parameters: Collection[str] = (),
        metric: str | None = None,
    ) -> Sweep:
        """Read an uploaded export or snapshot, as `lib.sources.open_upload` does, and with the same result.

        Raises InputError, also where it takes too long or too much memory, or the process ends.
        """
        given = None if declaration is None else {"name": declaration.name, "config": declaration.config}
        asked = {
            "read": "upload",
            "name": name,
            "declaration": given,
            "parameters": list(parameters),
            "metric": metric,
        }
        _, answer = self._ask(asked, content, name)
        if self.process is not None and len(answer) > _LARGE_ANSWER:
            # Its memory is needed here, more than the time that another process takes to start.
            self.process.end()
            self.process = None
        return read_snapshot(answer, name)

    def _ask(self, header: Mapping[str, Any], content: bytes, name: str) -> tuple[dict[str, Any], bytes]:
        self.asked = True
        process = self.process if self.process is not None else self._started(name)
        limits = self._limits or limits_for(content)
        bounds = {"memory": limits.memory, "processor_seconds": limits.processor_seconds}
        late = threading.Event()
        try:
            with _killed_after(limits.seconds, process, late):
                answer, body = process.answer({**header, **bounds}, content, limits.memory)
        except (BrokenMessage, OSError):
            code = process.own_end()
            # The next file of the same visitor gets a new process.
            self.process = None
            raise _ended(name, limits, code, late.is_set()) from None
        if "problem" in answer:
            raise InputError(str(answer["problem"])[:_LONGEST_PROBLEM])
        if answer.get("failed") == "memory":
            raise InputError(_too_much_memory(name, limits))
        if "failed" in answer:
            where = str(answer.get("where"))[:_LONGEST_PROBLEM]
            _LOG.error("Reading an upload failed, which is a fault of the program:\n%s", where)
            raise _broken(name)
        return answer, body

    def _started(self, name: str) -> _Process:
        """Take a process and wait until it is ready: what that takes is no fault of the file."""
        try:
            self.process = self._take()
            with _killed_after(_SECONDS_TO_START, self.process, threading.Event()):
                self.process.wait_until_ready()
        except (BrokenMessage, OSError):
            _LOG.exception("The process that reads uploads can't be started")
            raise InputError(
                f"{name} can't be read now: the server has no room to read files. Try again in a minute."
            ) from None
        return self.process


class _Process:
    """One reading process and its pipes."""

    def __init__(self, command: Sequence[str]) -> None:
        # No output of it is kept: it could hold a part of somebody's file.
        self._popen = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env=_environment(),
        )
        self._timer: threading.Timer | None = None
        self._ready = False

    @property
    def id(self) -> int:
        return self._popen.pid

    def runs(self) -> bool:
        return self._popen.poll() is None

    def keep(self, seconds: float | None, end: Any) -> None:
        """Have `end` called with this process after this many seconds; None: it is needed until further notice."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds is not None:
            self._timer = threading.Timer(seconds, end, (self,))
            self._timer.daemon = True
            self._timer.start()

    def wait_until_ready(self) -> None:
        """Wait for its first message, which says that all is imported. Raises BrokenMessage where it ends instead."""
        if not self._ready:
            read_message(cast(BinaryIO, self._popen.stdout), 0)
            self._ready = True

    def answer(self, header: Mapping[str, Any], content: bytes, memory: int | None) -> tuple[dict[str, Any], bytes]:
        write_message(cast(BinaryIO, self._popen.stdin), header, content)
        answers = cast(BinaryIO, self._popen.stdout)
        return read_message(answers, sys.maxsize if memory is None else max(memory, _LEAST_ANSWER))

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self._popen.kill()

    def own_end(self) -> int | None:
        """Return the exit status that it ended with (negative: the signal), None where it goes on; end it."""
        code = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._popen.wait(_SECONDS_TO_END)
        self.end()
        return code

    def end(self) -> None:
        """End the process, whatever it does. No zombie is left."""
        self.keep(None, None)
        self.kill()
        self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


@contextlib.contextmanager
def _killed_after(seconds: float, process: _Process, late: threading.Event) -> Iterator[None]:
    """Kill the process, and set `late`, where what is done meanwhile takes longer: its pipes end then."""

    def stop() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _environment() -> dict[str, str]:
    settings = {name: os.environ[name] for name in _KEPT_SETTINGS if name in os.environ}
    return settings | {
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
        # One core, so that a reading leaves the other to the server. The system's allocator reserves no address space
        # ahead, which the limit would count.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2",
        # What is freed goes back at once, as in `lib.allocator`: a reading's peak is what it needs then.
        "MALLOC_MMAP_THRESHOLD_": "100000",
    }


def _end_all(alive: set[_Process], lock: threading.Lock) -> None:
    with lock:
        processes = list(alive)
        alive.clear()
    for process in processes:
        process.end()


def _ended(name: str, limits: Limits, code: int | None, late: bool) -> InputError:
    if late or (hasattr(signal, "SIGXCPU") and code == -signal.SIGXCPU):
        seconds = limits.seconds if late else limits.processor_seconds
        return InputError(
            f"{name} takes too long to read: it was stopped after {seconds:,.0f} s. "
            "Give fewer runs or columns, or check where the file comes from."
        )
    if hasattr(signal, "SIGKILL") and code == -signal.SIGKILL:
        # Not by us: the system ends a process like this where memory runs out.
        return InputError(_too_much_memory(name, limits))
    return _broken(name)


def _too_much_memory(name: str, limits: Limits) -> str:
    most = "" if limits.memory is None else f": over {limits.memory / 1e6:,.0f} MB"
    return (
        f"{name} takes too much memory to read{most}. "
        "Give fewer runs or columns, or run the report on a larger machine."
    )


def _broken(name: str) -> InputError:
    return InputError(
        f"{name} can't be read: the program that reads files stopped at it. The file may be damaged; export it again."
    )
