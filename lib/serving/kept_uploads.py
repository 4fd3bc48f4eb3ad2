"""Uploads that outlive the page they were uploaded on: each set known by a token that nobody can guess.

In memory alone, and never written to disk. The bytes are those that Streamlit holds for the session, not copies of
them; they stay for as long as a session shows them, and an hour after they were last used. Anyone with the token sees
the set, so that it can be sent.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock

import streamlit as st

from lib.report.request import Upload

SECONDS_KEPT = 3600.0
# 16 bytes: 128 bits.
TOKEN_BYTES = 16
# Of sets; their bytes have a bound of their own (`lib.ui.uploads`).
MOST_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class UploadSet:
    """What a visitor uploaded for one report."""

    files: tuple[Upload, ...]
    """The tables and snapshots."""
    sweep_config: str | None = None
    """The text of a sweep config."""
    config_name: str | None = None
    """The name of the sweep config's file."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all files."""
        return (*(file.name for file in self.files), *((self.config_name,) if self.config_name else ()))


@dataclass(eq=False, slots=True)
class _Kept:
    held: UploadSet
    last_used: float
    sessions: set[str] = field(default_factory=set)


class KeptUploads:
    """The sets of uploads of one server, by token. Safe to use from several threads."""

    def __init__(
        self, is_open: Callable[[str], bool] = lambda _: False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Make a store.

        is_open : says of a session's id whether a browser still shows it.
        clock : gives seconds that never go back.
        """
        self._is_open = is_open
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._lock = Lock()

    def keep(self, held: UploadSet, session: str, token: str | None = None) -> str:
        """Keep a set and return its token: the one given, while it is known, or else a new one."""
        with self._lock:
            self._drop_expired()
            if token is None or token not in self._kept:
                token = secrets.token_urlsafe(TOKEN_BYTES)
            self._kept[token] = _Kept(held, self._clock(), {session})
            while len(self._kept) > MOST_KEPT:
                self._kept.pop(self._least_used())
        return token

    def get(self, token: str, session: str) -> UploadSet | None:
        """Return a set, which counts as used now; None where the token isn't known, or not any more."""
        with self._lock:
            self._drop_expired()
            kept = self._kept.get(token)
            if kept is None:
                return None
            kept.last_used = self._clock()
            kept.sessions.add(session)
            return kept.held

    def forget(self, token: str) -> None:
        """Let a set go: its token is known no more."""
        with self._lock:
            self._kept.pop(token, None)

    def make_room(self, enough: Callable[[], bool]) -> None:
        """Let sets go that no session shows, the least recently used first, until there is enough room."""
        with self._lock:
            self._drop_expired()
            idle = sorted((t for t, kept in self._kept.items() if not self._is_shown(kept)), key=self._used_at)
        for token in idle:
            if enough():
                return
            self.forget(token)

    def contents(self) -> Iterator[bytes]:
        """Give the bytes of all files."""
        with self._lock:
            self._drop_expired()
            sets = [kept.held for kept in self._kept.values()]
        for one in sets:
            yield from (file.content for file in one.files)

    def _drop_expired(self) -> None:
        now = self._clock()
        for token, kept in list(self._kept.items()):
            if self._is_shown(kept):
                kept.last_used = now
            elif now - kept.last_used > SECONDS_KEPT:
                del self._kept[token]

    def _is_shown(self, kept: _Kept) -> bool:
        kept.sessions = {session for session in kept.sessions if self._is_open(session)}
        return bool(kept.sessions)

    def _used_at(self, token: str) -> float:
        return self._kept[token].last_used

    def _least_used(self) -> str:
        return min(self._kept, key=self._used_at)


def _is_open(session: str) -> bool:
    from streamlit.runtime import exists, get_instance

    return exists() and get_instance().is_active_session(session)


@st.cache_resource(show_spinner=False)
def kept_uploads() -> KeptUploads:
    """Return the sets of this server."""
    return KeptUploads(_is_open)
