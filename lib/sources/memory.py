"""Whether the memory suffices for reading a file: one that is too large is refused, before it ends the whole server.

What a process may have is the least of what several owners leave it: the machine, each control group that it is in (of
Docker, systemd's MemoryMax, Slurm, whatever is nested in what), and its own limit of address space. Sources:
`Documentation/admin-guide/cgroup-v2.rst` (memory.max, memory.high, memory.current, memory.stat) and
`cgroup-v1/memory.rst` (memory.limit_in_bytes, memory.usage_in_bytes) of the Linux kernel, and `cgroups(7)` for
`/proc/self/cgroup`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from lib.model.errors import InputError

_SHARE = 0.9
_PROC = Path("/proc")
_SYS = Path("/sys/fs/cgroup")
# Version 1 says "no limit" with the largest number of whole pages.
_NO_LIMIT = 1 << 60
# Limits, use and the statistics of use that are files which were read: those pages are given up when needed.
_Version = tuple[tuple[str, ...], str, str]
_VERSION_2: _Version = (("memory.max", "memory.high"), "memory.current", "inactive_file ")
_VERSION_1: _Version = (("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file ")


def refuse_without_room(needed: float, label: str) -> None:
    """Raise InputError where reading `label` takes more bytes than are free. Passes where the system doesn't say."""
    free = free_memory()
    if free is not None and needed > _SHARE * free:
        raise InputError(
            f"{label} takes about {needed / 1e6:,.0f} MB of memory to read, and {free / 1e6:,.0f} MB are free here. "
            "Give fewer runs or columns, or run the report on a larger machine."
        )


def free_memory() -> int | None:
    """Return the bytes of memory that this process can still have, on Linux; None elsewhere."""
    limits = [*_of_the_machine(), *_of_control_groups(), *_of_the_process()]
    return None if not limits else max(min(limits), 0)


def memory_limit() -> int | None:
    """Return the bytes that all processes of this server may have together, on Linux; None elsewhere."""
    totals = [*_meminfo("MemTotal:"), *(limit for limit, _, _ in _groups())]
    return min(totals, default=None)


def _of_the_machine() -> Iterator[int]:
    yield from _meminfo("MemAvailable:")


def _meminfo(name: str) -> Iterator[int]:
    for line in _text(_PROC / "meminfo").splitlines():
        if line.startswith(name):
            yield int(line.split()[1]) * 1024


def _of_control_groups() -> Iterator[int]:
    for limit, used, reclaimable in _groups():
        yield limit - used + reclaimable


def _groups() -> Iterator[tuple[int, int, int]]:
    """Return limit, use, and what of the use can be given up, of each group with a limit that this process is in."""
    for folder, (limit_names, used_name, kept_name) in _group_folders():
        limits = [int(text) for name in limit_names if (text := _text(folder / name).strip()).isdigit()]
        used = _text(folder / used_name).strip()
        if limits and used.isdigit() and min(limits) < _NO_LIMIT:
            lines = _text(folder / "memory.stat").splitlines()
            yield min(limits), int(used), sum(int(line.split()[1]) for line in lines if line.startswith(kept_name))


def _group_folders() -> Iterator[tuple[Path, _Version]]:
    """Return the folder of each control group from this process's own up to the root, by either version.

    In a container the path in /proc/self/cgroup may be that of the host, of which nothing is mounted: the container's
    own group is then the root of what is mounted.
    """
    for line in _text(_PROC / "self" / "cgroup").splitlines() or ["0::/"]:
        _, controllers, path = (line.split(":", 2) + ["", ""])[:3]
        if controllers == "":
            roots, version = [_SYS, _SYS / "unified"], _VERSION_2
        elif "memory" in controllers.split(","):
            roots, version = [_SYS / "memory", _SYS / controllers], _VERSION_1
        else:
            continue
        for root in dict.fromkeys(roots):
            place = PurePosixPath("/", path)
            for above in (place, *place.parents):
                if ".." not in above.parts:
                    yield root.joinpath(*above.parts[1:]), version


def _of_the_process() -> Iterator[int]:
    """Return what the limit of address space (`ulimit -v`) leaves, where one is set."""
    try:
        import resource
    except ImportError:
        return
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    pages = _text(_PROC / "self" / "statm").split()
    if most != resource.RLIM_INFINITY and pages:
        yield most - int(pages[0]) * os.sysconf("SC_PAGE_SIZE")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""
