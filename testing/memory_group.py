"""A control group with a bound on memory, for a server that is to be tried as on a small machine (Linux, as root)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class MemoryGroup:
    """One control group, of version 1 or 2."""

    folder: Path
    """Its folder below /sys/fs/cgroup."""

    def add(self, process: int) -> None:
        """Put a process, and all that it starts from now on, under the bound."""
        (self.folder / "cgroup.procs").write_text(str(process))

    @property
    def peak_mb(self) -> float:
        """The most that the group has held."""
        for name in ("memory.max_usage_in_bytes", "memory.peak"):
            if (self.folder / name).exists():
                return int((self.folder / name).read_text()) / 1024**2
        return float("nan")


@contextmanager
def memory_group(megabytes: int) -> Iterator[MemoryGroup]:
    """Make a group that may hold this much. Raises OSError where this machine doesn't let us."""
    old = (_ROOT / "memory").is_dir()
    folder = (_ROOT / "memory" if old else _ROOT) / f"sweep-report-{os.getpid()}"
    folder.mkdir()
    try:
        bound = "memory.limit_in_bytes" if old else "memory.max"
        (folder / bound).write_text(str(megabytes * 1024**2))
        yield MemoryGroup(folder)
    finally:
        for process in (folder / "cgroup.procs").read_text().split():
            # A group is removed once it is empty; what is left are children that are about to end.
            (folder.parent / "cgroup.procs").write_text(process)
        folder.rmdir()
