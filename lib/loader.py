"""The shared loader of all pages: sources are read once and reports kept, for every visitor who may see them.

Named sources are keyed by what was asked for and by whose permission; uploads by their content, so that only who has
the same file meets the same entry. Nothing cached holds a key.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from lib.report import Report, report_of
from lib.sources import open_sources, open_upload
from lib.sources.join import join
from lib.sweep import Choices, Sweep

# Raised whenever reading changes what a source gives, so that an old entry is never taken for a new one.
READING_VERSION = 1
MOST_SWEEPS = 12
MOST_REPORTS = 24


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file; `digest` is the SHA-256 of `content`."""

    name: str
    digest: str
    content: bytes

    def __repr__(self) -> str:
        return f"Upload({self.name!r}, {self.digest!r})"


@dataclass(frozen=True, slots=True)
class Request:
    """What a visitor has open: named sources, uploads, a sweep config, and what settles the sides of export columns."""

    sources: tuple[str, ...]
    uploads: tuple[Upload, ...] = ()
    sweep_config: str | None = None
    files_allowed: tuple[str, ...] = ()
    scope: str = "everyone"

    @property
    def key(self) -> str:
        """What caches know the request by."""
        return repr((self.sources, self.uploads, self.sweep_config, self.files_allowed, self.scope))


def load_sweep(request: Request, choices: Choices) -> Sweep:
    """Read what the request names, or take it from the cache. Raises InputError or SourceUnavailable."""
    return _load_sweep(request.key, choices.parameters or (), choices.metric, READING_VERSION, request)


def load_report(request: Request, choices: Choices) -> Report:
    """Return the report of a request for a reader's choices, shared by all who ask the same of the same source."""
    return _load_report(request.key, repr(choices), READING_VERSION, request, choices)


@st.cache_data(max_entries=MOST_SWEEPS, show_spinner=False)
def _load_sweep(key: str, parameters: tuple[str, ...], metric: str | None, version: int, _request: Request) -> Sweep:
    read = []
    for source in _request.sources:
        read.append(
            open_sources(
                [source],
                sweep_config_text=_request.sweep_config,
                files_allowed=source in _request.files_allowed,
                parameters=parameters,
                metric=metric,
            )
        )
    for upload in _request.uploads:
        read.append(
            open_upload(
                upload.name,
                upload.content,
                sweep_config_text=_request.sweep_config,
                parameters=parameters,
                metric=metric,
            )
        )
    return join(read)


# A report is immutable and works its results out once, when first asked: it is shared as it is, not copied.
@st.cache_resource(max_entries=MOST_REPORTS, show_spinner=False)
def _load_report(key: str, choices_key: str, version: int, _request: Request, _choices: Choices) -> Report:
    return report_of(load_sweep(_request, _choices), _choices)
