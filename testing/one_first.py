"""Of several processes that would compile the same modules at once, one does it, and the others wait for it."""

import importlib.util
import os
from pathlib import Path
from typing import IO


def one_first(module: Path) -> IO[bytes]:
    """Return at once in the first of pytest-xdist's processes; in the others once the first has closed what it got.

    module : of the folder whose tests they collect. Where some of these were compiled before, nobody waits, nor where
    one process runs them all.
    """
    turn = module.open("rb")
    compiled = Path(importlib.util.cache_from_source(str(module))).parent.glob("test_*.pyc")
    if "PYTEST_XDIST_WORKER" not in os.environ or any(compiled):
        return turn
    try:
        import fcntl
    except ImportError:  # Windows
        return turn
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(turn, fcntl.LOCK_SH)
    return turn
