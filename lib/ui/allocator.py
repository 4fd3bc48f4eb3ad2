"""Memory that is freed goes back to the system, on Linux with glibc."""

from __future__ import annotations

import ctypes
import sys

_M_MMAP_THRESHOLD = -3
_LARGE = 1_000_000


def return_large_blocks() -> None:
    """Have blocks from a megabyte on, which tables are made of, returned to the system when they are freed.

    By default glibc raises that threshold to 32 MB as a program runs, and holds what lies below it: at 100,000 runs
    about 80 MB. Set by `mallopt(3)`, as the variable MALLOC_MMAP_THRESHOLD_ does; elsewhere nothing is done.
    """
    if sys.platform != "linux":
        return
    try:
        set_option = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):  # Another C library, which has no such option.
        return
    set_option(_M_MMAP_THRESHOLD, _LARGE)
