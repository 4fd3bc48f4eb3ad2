"""A cache by size: what was used last is kept as long as all of it together fits; each thing is made once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Shelf(Generic[Kept]):
    """Keeps what was made under its key, as it is: only for what nobody changes. Safe for several threads.

    most_bytes : how much is kept in all; the newest stays even where it is larger alone. size_of : bytes of one thing.
    """

    def __init__(self, most_bytes: float, size_of: Callable[[Kept], float]) -> None:
        self._most, self._size_of = most_bytes, size_of
        self._kept: OrderedDict[Hashable, tuple[Kept, float]] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return what is kept under the key, or make and keep it; who asks meanwhile waits. An error is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._kept:
                    return self._kept[key][0]
            try:
                made = make()
                size = self._size_of(made)
            finally:
                with self._lock:
                    self._making.pop(key, None)
            with self._lock:
                self._kept[key] = (made, size)
                while len(self._kept) > 1 and sum(size for _, size in self._kept.values()) > self._most:
                    self._kept.popitem(last=False)
            return made
