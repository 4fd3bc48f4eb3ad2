"""The shared loader of all pages: sources are read once and reports kept, for every visitor who may see them.

Entries are keyed by whose key read them (a salted hash), what was asked for, and the version of the reading; uploads by
their content, so that only who has the same file meets the same entry. Nothing cached holds a key.

Sweeps are kept by `st.cache_data`, which hands out copies. A sweep that a kept report is about is not copied again: it
can't be changed, so all share it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from pathlib import Path
from weakref import WeakValueDictionary

import streamlit as st

from lib.model.choices import Choices
from lib.model.sweep import Sweep
from lib.report import Report, report_of
from lib.report.open import VisitorReader, open_sweep
from lib.report.request import MOST_SOURCES, Request
from lib.results.cache import Cache
from lib.serving.uploads import visit
from lib.serving.wandb_readings import from_wandb, revision
from lib.sources.readings import Show
from lib.sources.record import Address
from lib.sources.wandb.access import cache_scope

# Raised whenever reading changes what a source gives, so that an old entry is never taken for a new one.
READING_VERSION = 1
# Together with what Python and the libraries take, these stay below the smallest server of Streamlit Community Cloud. A
# sweep that is larger alone is kept as long as its report is.
MOST_SWEEPS = 24
MOST_BYTES_OF_SWEEPS = 64_000_000
MOST_REPORTS = 48
# With the sweeps that the reports are about.
MOST_BYTES_OF_REPORTS = 250_000_000
# What a report takes besides its tables and pictures.
_OWN_BYTES = 1_000_000

__all__ = ["MOST_SOURCES", "Request", "load_report", "load_sweep", "request_key"]


def request_key(request: Request) -> tuple[Hashable, ...]:
    """Return what caches know a request by; it changes when a source was read again."""
    scope = cache_scope(request.access)
    addresses = request.addresses()
    revisions = tuple(revision(address, scope) for address in addresses if address.on_wandb)
    return (
        request.sources,
        # Not the uploads themselves, which would hold their bytes.
        tuple((upload.name, upload.digest) for upload in request.uploads),
        (request.sweep_config, request.config_of_named, request.config_name),
        request.files_allowed,
        request.base_url,
        (scope, revisions) if revisions else (),
        tuple(_written_at(address.path) for address in addresses if address.path is not None),
    )


def load_sweep(request: Request, choices: Choices, show: Show | None = None, *, histories: bool = False) -> Sweep:
    """Read what the request names, or take it from the cache. Raises InputError or SourceUnavailable.

    show : called while W&B is waited for, with how much has arrived and a text.
    histories : whether W&B is asked for every run's history even where the choices don't want it; other sources bring
        theirs along anyway.
    """
    return open_sweep(request, choices, _SharedReading(request, show), histories=histories)


class _SharedReading:
    """How the app reads: one reading in flight a source, kept for all who may see it; see `lib.report.open.Reading`."""

    def __init__(self, request: Request, show: Show | None) -> None:
        self._request = request
        self._show = show

    def wandb(self, address: Address, *, histories: bool) -> Sweep:
        return from_wandb(address, self._request, self._show, histories)

    def visitor(self) -> AbstractContextManager[VisitorReader]:
        return visit()

    def keep(self, key: tuple[Hashable, ...], make: Callable[[], Sweep]) -> Sweep:
        return _sweep(("request", request_key(self._request), *key), make)


def load_report(request: Request, choices: Choices, *, histories: bool = False) -> Report:
    """Return the report of a request for a reader's choices, shared by all who ask the same of the same source.

    Where W&B has to be asked, load the sweep first, with progress.
    """
    # Read first, so that the key says which reading it is about; held, so that it isn't read again for the report.
    _held = load_sweep(request, choices, histories=histories)
    return _reports().get(
        (request_key(request), choices, histories, READING_VERSION),
        lambda: report_of(load_sweep(request, choices, histories=histories), choices),
    )


def _written_at(path: Path) -> tuple[int, int]:
    """Return what changes when a file is written again: its time and size; zeros for one that is gone."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _sweep(key: tuple[Hashable, ...], read: Callable[[], Sweep]) -> Sweep:
    """Return the sweep in use, else a copy of the one that is kept, else read it."""
    shared = _sweeps_in_use()
    sweep = shared.get(key)
    if sweep is None:
        try:
            sweep = _kept_sweep(key, READING_VERSION, read)
        except _TooLargeToKeep as large:
            sweep = large.sweep
        shared[key] = sweep
    return sweep


class _TooLargeToKeep(Exception):
    """Carries a sweep past the cache, which would copy it only to find that it has no room."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep


@st.cache_data(max_entries=MOST_SWEEPS, max_size=MOST_BYTES_OF_SWEEPS, show_spinner=False)
def _kept_sweep(key: tuple[Hashable, ...], version: int, _read: Callable[[], Sweep]) -> Sweep:
    sweep = _read()
    if sweep.bytes_held > MOST_BYTES_OF_SWEEPS:
        raise _TooLargeToKeep(sweep)
    return sweep


@st.cache_resource(show_spinner=False)
def _sweeps_in_use() -> WeakValueDictionary[tuple[Hashable, ...], Sweep]:
    return WeakValueDictionary()


# A report can't be changed either, and works its results out once, for all who ask.
@st.cache_resource(show_spinner=False)
def _reports() -> Cache[Report]:
    return Cache(
        MOST_REPORTS,
        MOST_BYTES_OF_REPORTS,
        lambda report: report.bytes_held + _OWN_BYTES,
        lambda report: (id(report.sweep), report.sweep.bytes_held),
    )
