"""How large a sweep config may be, whichever way it comes, and what is said of a larger one."""

from __future__ import annotations

from lib.model.errors import InputError
from lib.model.nesting import DEEPEST

LARGEST = 100_000
LARGEST_NUMBER = 10**308
MOST_ENTRIES = 20_000


def too_many_entries(where: str) -> InputError:
    """Return the error of a config that holds, or whose aliases unfold into, too many entries."""
    return InputError(f"{where} unfolds into more than {MOST_ENTRIES:,} entries, which no sweep config does.")


def nested_too_deeply(where: str) -> InputError:
    """Return the error of a config that is nested too deeply, or holds itself."""
    return InputError(f"{where} is nested too deeply to be a sweep config: at most {DEEPEST} levels are read.")


def number_too_large(where: str) -> InputError:
    """Return the error of a number that is beyond what any program can search."""
    return InputError(f"{where} holds a number beyond 1e308, the largest that can be searched. Write a smaller one.")
