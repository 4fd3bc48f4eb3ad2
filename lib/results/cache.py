"""Caches in memory: by size for what is large, by number for what one report works out on request."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar

import numpy as np

Kept = TypeVar("Kept")


class Cache(Generic[Kept]):
    """Keeps what was made under its key, as it is: only for what nobody changes. Safe for several threads.

    most : how many are kept. most_bytes : how much is kept in all; the newest stays even where it is larger alone.
    size_of : bytes of one thing, asked for again whenever something is added, since things may grow. shared_of : what a
    thing has together with others and its bytes, which count once.
    """

    def __init__(
        self,
        most: int,
        most_bytes: float,
        size_of: Callable[[Kept], float],
        shared_of: Callable[[Kept], tuple[Hashable, float]] = lambda _: (None, 0.0),
    ) -> None:
        self._shared_of = shared_of
        self._most, self._most_bytes, self._size_of = most, most_bytes, size_of
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Return what is kept under the key, or make and keep it; who asks meanwhile waits. An error is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            try:
                made = make()
            finally:
                with self._lock:
                    self._making.pop(key, None)
            with self._lock:
                self._kept[key] = made
                sizes = {one: (self._size_of(kept), self._shared_of(kept)) for one, kept in self._kept.items()}
                while len(sizes) > 1 and (len(sizes) > self._most or _bytes_in(sizes.values()) > self._most_bytes):
                    oldest, _ = self._kept.popitem(last=False)
                    del sizes[oldest]
            return made

    def kept(self) -> tuple[Kept, ...]:
        """Return all that is kept, what was used longest ago first."""
        with self._lock:
            return tuple(self._kept.values())


def _bytes_in(sizes: Iterable[tuple[float, tuple[Hashable, float]]]) -> float:
    sizes = list(sizes)
    return sum(own for own, _ in sizes) + sum(dict(shared for _, shared in sizes).values())


class Memo:
    """Keeps what functions returned for their arguments, the last `most` of it. Safe for several threads.

    Arrays are distinguished by what they hold, what else has no hash (tables) by being the same object.
    """

    def __init__(self, most: int) -> None:
        # The arguments are kept beside the result, so that no other object can get the identity of one of them.
        self._cache: Cache[tuple[Any, Any]] = Cache(most, float("inf"), lambda _: 0)

    def get(self, compute: Callable[..., Kept], *arguments: Any, **options: Any) -> Kept:
        """Return `compute(*arguments, **options)`."""
        key = (compute, _identity(arguments), _identity(options))
        made: tuple[Any, Kept] = self._cache.get(key, lambda: ((arguments, options), compute(*arguments, **options)))
        return made[1]

    def results(self) -> tuple[Any, ...]:
        """Return the results that are kept."""
        return tuple(result for _, result in self._cache.kept())


def _identity(value: Any) -> Hashable:
    """Return what tells an argument apart from others."""
    if isinstance(value, np.ndarray):
        content = np.ascontiguousarray(value)
        if content.dtype != object:
            return (content.shape, content.dtype.str, hashlib.blake2b(content.tobytes()).digest())
    if isinstance(value, (list, tuple)):
        return tuple(_identity(one) for one in value)
    if isinstance(value, Mapping):
        return tuple((name, _identity(one)) for name, one in value.items())
    try:
        hash(value)
    except TypeError:
        return ("the same object", id(value))
    return (type(value), value)
