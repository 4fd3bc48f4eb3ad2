"""Whether the memory suffices for reading a file: one that is too large is refused, before it ends the whole server."""

from __future__ import annotations

from pathlib import Path

from lib.model.errors import InputError

_SHARE = 0.9
_MEMINFO = Path("/proc/meminfo")
# A container's limit and what is used of it: control groups, version 2 and version 1.
_GROUPS = (
    (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current"), Path("/sys/fs/cgroup/memory.stat")),
    (
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.usage_in_bytes"),
        Path("/sys/fs/cgroup/memory/memory.stat"),
    ),
)


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
    limits = []
    for line in _text(_MEMINFO).splitlines():
        if line.startswith("MemAvailable:"):
            limits.append(int(line.split()[1]) * 1024)
    for limit, current, statistics in _GROUPS:
        most, used = _text(limit).strip(), _text(current).strip()
        if most.isdigit() and used.isdigit():
            # Pages of files that were read count as used, and are given up when needed.
            kept = [
                int(line.split()[1]) for line in _text(statistics).splitlines() if line.startswith("inactive_file ")
            ]
            limits.append(max(int(most) - int(used) + sum(kept), 0))
    return min(limits, default=None)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
