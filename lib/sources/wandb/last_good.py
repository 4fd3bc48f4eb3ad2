"""The last good data of each W&B source, kept on disk as a snapshot, so that it outlives a restart of the app.

Only what the owner's key read is kept: a visitor's own data never touches the server's disk.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from pathlib import Path

from lib.model.errors import InputError
from lib.model.sweep import Sweep
from lib.sources.record import Address
from lib.sources.snapshot.file import read_snapshot, write_snapshot

_LOG = logging.getLogger(__name__)
# No writer takes this many seconds.
_ABANDONED = 3600


def stored_folder() -> Path:
    """Return the folder: SWEEP_REPORT_CACHE, else the user's cache folder (XDG)."""
    named = os.environ.get("SWEEP_REPORT_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(named) if named else Path(base) / "sweep-report"


def store(sweep: Sweep, address: Address, base_url: str | None) -> None:
    """Keep a sweep as the last good data of its address. Where the disk won't, the app goes on; it is logged."""
    path = _path(address, base_url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear_debris(path)
        write_snapshot(sweep, path)
    except (OSError, InputError) as error:
        _LOG.warning("The last good data of %s can't be kept on disk: %s", address.text, error)


def read_stored(address: Address, base_url: str | None) -> Sweep | None:
    """Return the last good data of an address; None where none was kept, or what was kept can't be read (logged)."""
    path = _path(address, base_url)
    if not path.is_file():
        return None
    try:
        return read_snapshot(path, address.text)
    except (OSError, InputError) as error:
        _LOG.warning("The last good data of %s can't be read from disk: %s", address.text, error)
        return None


def _clear_debris(path: Path) -> None:
    """Remove what writers left that were killed half-way."""
    for unfinished in path.parent.glob(f".{path.name}.*.unfinished"):
        if time.time() - unfinished.stat().st_mtime > _ABANDONED:
            unfinished.unlink(missing_ok=True)


def _path(address: Address, base_url: str | None) -> Path:
    name = hashlib.sha256(json.dumps([base_url, *address.key]).encode()).hexdigest()[:32]
    return stored_folder() / f"{name}.parquet"
