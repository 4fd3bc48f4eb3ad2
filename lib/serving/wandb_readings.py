"""Readings from W&B for all visitors: permission first, one in flight a source, what was read kept for who may see it.

Everyone who asks for a source joins the reading of it that runs; what failed isn't asked for again by itself for half a
minute. What isn't permitted is refused before anything is kept of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from lib.model.errors import InputError, SweepReportError
from lib.model.sweep import Sweep
from lib.sources.known_links import with_known_links
from lib.sources.readings import Key, Progress, Readings, Show
from lib.sources.record import Address
from lib.sources.wandb.access import Access, cache_scope, granted
from lib.sources.wandb.kept import KeptSweeps, Standing
from lib.sources.wandb.last_good import read_stored, store
from lib.sources.wandb.session import WAIT

if TYPE_CHECKING:
    from lib.report.request import Request
    from lib.sources.wandb.histories import HistoryCache

# Of one scope; together with what Python and the libraries take, all of them stay below the smallest server of
# Streamlit Community Cloud. A sweep that is larger alone is kept as long as its report is.
MOST_SWEEPS = 24
MOST_BYTES_OF_SWEEPS = 64_000_000
MOST_HISTORIES = 4
LISTING_SECONDS = 60
# With the owner's key, which all visitors share, a source is asked for no more often than this: for what changed, for
# everything, and after a failure.
CHANGES_SECONDS = 2.0
WHOLE_SECONDS = 10.0
RETRY_SECONDS = 5.0

T = TypeVar("T")


class TooSoon(InputError):
    """W&B was asked with the owner's key a moment ago."""


def from_wandb(address: Address, request: Request, show: Show | None, histories: bool) -> Sweep:
    """Return one source of W&B: as it is kept, else read. What isn't permitted ends here, and leaves no trace."""
    access = granted(request.access, address, {})
    scope, kept = cache_scope(access), _kept()
    standing = kept.get(scope, address.key) or _read_source(address, request, show, None)
    if not histories:
        return standing.sweep
    key = (*address.key, "histories")
    made = kept.get(scope, key)
    if made is not None and made.revision == standing.revision:
        return made.sweep
    cache = _histories((address.entity, address.project), scope)

    def read(progress: Progress) -> Sweep:
        from lib.sources.wandb.histories import with_histories

        sweep = with_histories(standing.sweep, address, access=access, cache=cache, progress=progress)
        kept.follow(scope, key, sweep, standing)
        return sweep

    return _readings().ask((scope, *key, standing.revision), read, show=show)


def _read_source(
    address: Address, request: Request, show: Show | None, since: Sweep | None, *, fresh: bool = False
) -> Standing:
    """Read one source from W&B, on a thread that all who ask wait for: in full, or what changed `since`.

    Where a first reading fails, take the last good data from disk, if the owner's key read it: the next one who asks
    gets the same until W&B is asked again.
    """
    access, kept = granted(request.access, address, {}), _kept()
    scope, base_url = cache_scope(access), request.base_url

    def read(progress: Progress) -> Standing:
        from lib.sources.wandb.api import fetch

        try:
            sweep = with_known_links(fetch(address, access=access, progress=progress, since=since), request.base_url)
        except SweepReportError as error:
            known = kept.get(scope, address.key) is not None
            stored = read_stored(address, base_url) if access.owner and not known else None
            if stored is None:
                raise
            return kept.put(scope, address.key, stored, whole=False, problem=str(error))
        if access.owner:
            store(sweep, address, base_url)
        return kept.put(scope, address.key, sweep, whole=since is None)

    extent = 2 if since is None else 1
    return _readings().ask((scope, *address.key), read, show=show, extent=extent, fresh=fresh)


def _must_wait(standing: Standing | None, whole: bool) -> float:
    """Return for how many seconds more the owner's key is not lent to ask for a source again."""
    if standing is None:
        return 0.0
    if whole:
        return standing.whole_at + WHOLE_SECONDS - time.time()
    return standing.asked_at + CHANGES_SECONDS - time.time()


def read_again(request: Request, show: Show | None = None, *, whole: bool = False) -> bool:
    """Ask W&B for what changed in the request's sources; return whether anything was read.

    whole : everything is read again, so that what changes without a heartbeat is seen: a run renamed, tagged, edited.
    A source that can't be had keeps its last good data; what went wrong stands in `status`. Raises TooSoon where each
    source was asked for with the owner's key a moment ago.
    """
    changed, refused = False, []
    addresses = request.wandb_addresses()
    for address in addresses:
        access = granted(request.access, address, {})
        scope = cache_scope(access)
        since = _kept().get(scope, address.key)
        wait = _must_wait(since, whole) if access.owner else 0.0
        if wait > 0:
            refused.append(wait)
            continue
        try:
            _read_source(address, request, show, None if whole or since is None else since.sweep, fresh=True)
        except SweepReportError as error:
            _kept().note(scope, address.key, str(error))
            continue
        changed = True
    if refused and len(refused) == len(addresses):
        what = "Everything was read from W&B" if whole else "W&B was asked"
        raise TooSoon(f"{what} a moment ago, for all visitors of this app. Try again in {max(refused):.0f} s.")
    return changed


def try_again(request: Request) -> None:
    """Let W&B be asked again for what could not be read. Raises TooSoon where it was with the owner's key just now."""
    scope = cache_scope(request.access)
    pause = RETRY_SECONDS if request.access is not None and request.access.owner else 0.0
    keys = ((scope, *address.key) for address in request.wandb_addresses())
    wait = max((_readings().forget_failures(key, older_than=pause) for key in keys), default=0.0)
    if wait > 0:
        raise TooSoon(f"W&B was asked a moment ago, for all visitors of this app. Try again in {wait:.0f} s.")


def listed(what: Key, access: Access, work: Callable[[], T], show: Show | None = None) -> T:
    """Return what W&B lists (entities, projects, sweeps): asked for once a minute, however many want it."""
    key = (cache_scope(access), "list", *what)
    return _readings().ask(key, lambda _: work(), show=show, kept=LISTING_SECONDS)


def revision(address: Address, scope: str) -> int | None:
    """Return the revision of the newest reading of a source; None where none is kept."""
    standing = _kept().get(scope, address.key)
    return None if standing is None else standing.revision


def status(request: Request) -> tuple[tuple[Address, Standing], ...]:
    """Return how each W&B source of the request stands, of those that were read."""
    scope = cache_scope(request.access)
    standings = ((address, _kept().get(scope, address.key)) for address in request.wandb_addresses())
    return tuple((address, standing) for address, standing in standings if standing is not None)


@st.cache_resource(show_spinner=False)
def _kept() -> KeptSweeps:
    return KeptSweeps(MOST_SWEEPS, MOST_BYTES_OF_SWEEPS)


@st.cache_resource(show_spinner=False)
def _readings() -> Readings:
    return Readings(WAIT)


@st.cache_resource(max_entries=MOST_HISTORIES, show_spinner=False)
def _histories(project: tuple[str | None, ...], scope: str) -> HistoryCache:
    from lib.sources.wandb.histories import HistoryCache

    return HistoryCache()
