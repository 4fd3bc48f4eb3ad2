"""Which freed memory goes back to the system and which is kept for what comes next, on Linux with glibc."""

from __future__ import annotations

import ctypes
import sys

# The options of mallopt(3), which the variables MALLOC_TRIM_THRESHOLD_ and MALLOC_MMAP_THRESHOLD_ set as well.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
# A column of 100,000 numbers is smaller, a table of them larger.
LARGE = 1_000_000
# What a model of a few hundred runs takes and frees each time its likelihood is asked for, several times over.
KEPT = 32_000_000


def set_allocator(large: int = LARGE, kept: int = KEPT) -> None:
    """Have blocks from `large` bytes on returned when they are freed, and at most `kept` bytes of smaller ones kept.

    By default glibc raises the first to 32 MB as a program runs: at 100,000 runs a server then holds about 80 MB more.
    And it returns smaller blocks at the end of its heap from 128 kB on, which matrices of 300 x 300 take again at once:
    having the system clear them each time took half the time of fitting a model. Elsewhere nothing is done.
    """
    if sys.platform != "linux":
        return
    try:
        set_option = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):  # Another C library, which has no such option.
        return
    set_option(_M_MMAP_THRESHOLD, large)
    set_option(_M_TRIM_THRESHOLD, kept)
