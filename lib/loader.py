"""The shared loader of all pages: sources are read once and reports kept, for every visitor who may see them.

Entries are keyed by whose key read them (a salted hash), what was asked for, and the version of the reading; uploads by
their content, so that only who has the same file meets the same entry. Nothing cached holds a key.

Sweeps are kept by `st.cache_data`, which hands out copies. A sweep that a kept report is about is not copied again: it
can't be changed, so all share it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakValueDictionary

import streamlit as st

from lib.model.errors import InputError
from lib.model.objective import wants_histories
from lib.model.sweep import Choices, Declaration, Sweep
from lib.report import Report, report_of
from lib.results.cache import Shelf
from lib.sources import open_sources
from lib.sources.address import Address, parse_address
from lib.sources.join import join
from lib.sources.known_links import with_known_links
from lib.sources.readings import Show
from lib.sources.sweep_config import declare, parse_sweep_config
from lib.sources.wandb.access import Access, cache_scope
from lib.ui.wandb_readings import from_wandb, revision
from lib.uploads import Upload, read_given

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
MOST_SOURCES = 30


@dataclass(frozen=True, slots=True)
class Request:
    """What a visitor has open: named sources, uploads, and a sweep config.

    sweep_config : one that the visitor gave, for all sources. config_of_named : the one named when the app was started,
        for the sources that were named with it.
    files_allowed : the sources named when the app was started; only they may be files of the server.
    access : whose W&B key is used, None without one. It is part of no cache key but by its salted hash.
    base_url : the configured W&B server, None for the SDK's own default.
    """

    sources: tuple[str, ...]
    uploads: tuple[Upload, ...] = ()
    sweep_config: str | None = None
    config_of_named: str | None = None
    files_allowed: tuple[str, ...] = ()
    access: Access | None = field(default=None, repr=False)
    base_url: str | None = None

    def addresses(self) -> tuple[Address, ...]:
        """Return the named sources, parsed. Raises InputError for one that can't be, and for too many."""
        if len(self.sources) > MOST_SOURCES:
            raise InputError(f"{len(self.sources)} sources are too many to join; name at most {MOST_SOURCES}.")
        return tuple(
            parse_address(text, base_url=self.base_url, files_allowed=text in self.files_allowed)
            for text in self.sources
        )

    def wandb_addresses(self) -> tuple[Address, ...]:
        """Return the named sources that are on W&B."""
        return tuple(a for a in self.addresses() if a.kind in ("sweep", "project"))

    @property
    def key(self) -> tuple[Hashable, ...]:
        """What caches know the request by; it changes when a source was read again."""
        scope = cache_scope(self.access)
        addresses = self.addresses()
        revisions = tuple(revision(a, scope) for a in addresses if a.kind in ("sweep", "project"))
        return (
            self.sources,
            tuple((upload.name, upload.digest) for upload in self.uploads),
            (self.sweep_config, self.config_of_named),
            self.files_allowed,
            (scope, revisions) if revisions else (),
            tuple(_written_at(a.path) for a in addresses if a.kind == "file" and a.path is not None),
        )


def load_sweep(request: Request, choices: Choices, show: Show | None = None, *, histories: bool = False) -> Sweep:
    """Read what the request names, or take it from the cache. Raises InputError or SourceUnavailable.

    show : called while W&B is waited for, with how much has arrived and a text.
    histories : whether W&B is asked for every run's history even where the choices don't want it; other sources bring
        theirs along anyway.
    """
    made = {d.name for d in choices.derive}
    parameters = tuple(name for name in choices.parameters or () if name not in made)
    metric = None if choices.metric in made else choices.metric
    if not _read_by_choices(request):
        # Only an export leaves open which columns are config and which are results.
        parameters, metric = (), None

    def read(with_history: bool) -> Sweep:
        # Before the cache is asked, which lets nobody go who waits for it; and held until it has answered.
        on_wandb = [from_wandb(address, request, show, with_history) for address in request.wandb_addresses()]
        alone = len(on_wandb) == len(request.sources) + len(request.uploads) == 1
        if alone and request.sweep_config is None and _named_declaration(request, request.sources[0]) is None:
            return on_wandb[0]
        return _sweep(
            ("request", request.key, parameters, metric, with_history),
            lambda: _opened(request, parameters, metric, with_history),
        )

    if not request.wandb_addresses():
        return read(False)
    return read(True) if histories or wants_histories(read(False), choices) else read(False)


def load_report(request: Request, choices: Choices, *, histories: bool = False) -> Report:
    """Return the report of a request for a reader's choices, shared by all who ask the same of the same source.

    Where W&B has to be asked, load the sweep first, with progress.
    """
    # Read first, so that the key says which reading it is about; held, so that it isn't read again for the report.
    _held = load_sweep(request, choices, histories=histories)
    return _reports().get(
        (request.key, choices, histories, READING_VERSION),
        lambda: report_of(load_sweep(request, choices, histories=histories), choices),
    )


def _read_by_choices(request: Request) -> bool:
    """Whether a source's columns are read by the reader's choices: whether one is an export."""
    files = (a.path.suffix.lower() == ".csv" for a in request.addresses() if a.path is not None)
    return any(files) or any(upload.name.lower().endswith(".csv") for upload in request.uploads)


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
def _reports() -> Shelf[Report]:
    return Shelf(
        MOST_REPORTS,
        MOST_BYTES_OF_REPORTS,
        lambda report: report.bytes_held + _OWN_BYTES,
        lambda report: (id(report.sweep), report.sweep.bytes_held),
    )


def _opened(request: Request, parameters: tuple[str, ...], metric: str | None, histories: bool) -> Sweep:
    # First what a visitor handed in: a reading process isn't held while W&B is asked.
    given, uploaded = read_given(request.sweep_config, request.uploads, parameters, metric)
    read = []
    for text, address in zip(request.sources, request.addresses(), strict=True):
        declaration = given if given is not None else _named_declaration(request, text)
        if address.kind in ("sweep", "project"):
            sweep = from_wandb(address, request, None, histories)
            read.append(sweep if declaration is None else declare(sweep, declaration))
            continue
        read.append(
            open_sources(
                [text],
                declaration=declaration,
                files_allowed=text in request.files_allowed,
                base_url=request.base_url,
                parameters=parameters,
                metric=metric,
            )
        )
    return with_known_links(join([*read, *uploaded]), request.base_url)


def _named_declaration(request: Request, source: str) -> Declaration | None:
    """Read the sweep config that was named with the app, for a source that was named with it."""
    if request.config_of_named is None or source not in request.files_allowed:
        return None
    return parse_sweep_config(request.config_of_named, "The sweep config")
