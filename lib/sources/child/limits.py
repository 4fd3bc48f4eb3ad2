"""How much memory and time the reading of one file may take, and how a process is held to that."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from lib.sources.memory import free_memory

# Measured on one core of 2.5 GHz: a table of 1,000 runs and 10,000 columns (39 MB) takes 5.7 s, a snapshot of 29,000
# columns (9.4 MB) 4.9 s; smaller machines take twice that. An export of 480 runs takes 0.1 s.
_SECONDS = 3.0
_SECONDS_A_MEGABYTE = {"csv": 0.4, "snapshot": 1.5, "workbook": 8.0}
# Each column is looked at by itself: 9,000 of them take 9 s, however few rows there are.
_SECONDS_A_COLUMN, _MOST_COLUMNS = 0.002, 10_000
MOST_SECONDS = 60.0
# A process that waits for a busy processor uses none of its seconds, and it lets everything else go first.
_WAITING = 10.0
# Measured likewise: a table takes at most 33 bytes for each of its own (rows of empty cells), a snapshot about 150. A
# file of some bytes that takes hundreds of megabytes is made to.
_BYTES = 300_000_000
_BYTES_A_BYTE = {"csv": 40, "snapshot": 200, "workbook": 200}
# Of what is free: the server needs some meanwhile, and a service of systemd is stopped where the system has to end one
# of its processes.
_SHARE_OF_FREE = 0.85
_HEADER_BYTES = 4 * 1024**2
_SNAPSHOT, _ZIP = b"PAR1", b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one reading.

    memory : bytes that it may take beside what the process holds when it is ready; None for no bound.
    processor_seconds : seconds of processor time, enforced by the system (not on Windows).
    seconds : seconds by the clock, after which the process is ended from outside.
    """

    memory: int | None
    processor_seconds: float
    seconds: float


def limits_for(content: bytes) -> Limits:
    """Return the bounds for a file by its size, its kind and the memory that is free now."""
    kind = "snapshot" if content.startswith(_SNAPSHOT) else "workbook" if content.startswith(_ZIP) else "csv"
    seconds = _SECONDS + _SECONDS_A_MEGABYTE[kind] * len(content) / 1e6 + _SECONDS_A_COLUMN * _columns(content, kind)
    seconds = min(seconds, MOST_SECONDS)
    memory = _BYTES + _BYTES_A_BYTE[kind] * len(content)
    free = free_memory()
    return Limits(memory if free is None else min(memory, int(_SHARE_OF_FREE * free)), seconds, _WAITING * seconds)


def _columns(content: bytes, kind: str) -> int:
    """Return how many columns the first line of a table may have, as far as a table is read; 0 of anything else."""
    if kind != "csv" or content[:1] in (b"{", b"["):
        return 0
    first = content[:_HEADER_BYTES].partition(b"\n")[0]
    return min(max(first.count(sign) for sign in b",;\t|"), _MOST_COLUMNS)


def hold_to(memory: int | None, processor_seconds: float) -> None:
    """Bound what this process may still take. Where the platform has no such limit, nothing is done.

    Memory is bounded as address space (RLIMIT_AS), so that an allocation fails rather than the machine: Python turns
    that into MemoryError. macOS accepts the limit and ignores it, Windows has none; there the clock remains.
    """
    try:
        import resource
    except ImportError:
        return
    if memory is not None and (held := _address_space()) is not None:
        _lower(resource.RLIMIT_AS, held + memory)
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + processor_seconds) + 1)


def be_the_first_to_go() -> None:
    """Have this process leave processor and memory to the server: it is ended first where memory runs out (Linux)."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(5)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _lower(what: int, most: int) -> None:
    import resource

    _, hard = resource.getrlimit(what)
    wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
    # Core files of strangers' data are never written; a limit that the platform refuses is none.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(what, (wanted, hard))


def _address_space() -> int | None:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
