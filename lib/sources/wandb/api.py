"""Reads a sweep, or all runs of a project, from W&B through its public SDK.

The SDK's own loop makes a request and a directory for each run, keeps every run in memory and unwraps some configs
wrongly. Here `api.runs` does the asking, and the answers are read as they came (`last_response`), so that 10,000 runs
cost 13 requests. Nothing is ever written to W&B.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lib.model.errors import SourceUnavailable
from lib.model.sweep import Declaration, Origin, Sweep
from lib.sources.memory import refuse_without_room
from lib.sources.record import Address
from lib.sources.wandb.access import Access, granted
from lib.sources.wandb.declarations import declaration_of
from lib.sources.wandb.paging import StuckListing, project_site, run_page, run_pages, sweep_nodes
from lib.sources.wandb.records import RunRecords
from lib.sources.wandb.refresh import changed_since
from lib.sources.wandb.session import WAIT, Session

Progress = Callable[[int, int | None], None]

# What a value takes as it arrives, and again in the tables; and what a character of JSON takes that is mostly long
# texts or lists.
_BYTES_A_CELL, _BYTES_A_CELL_OF_TABLES, _BYTES_A_CHARACTER = 40, 16, 4


def fetch(
    address: Address,
    *,
    access: Access | None = None,
    progress: Progress | None = None,
    since: Sweep | None = None,
    wait: float = WAIT,
) -> Sweep:
    """Read a sweep or a project from W&B: every run's config and summary, and the sweep's own config.

    access : whose key; None takes WANDB_API_KEY from the environment, for an address that its owner named.
    progress : called at once with (0, None), and after each answer with how many runs have arrived and how many there
        are, None while that isn't known.
    since : the same address as it was read before. Then only runs whose heartbeat moved are asked for; where the
        number of runs doesn't fit afterwards (a deletion), all are read again.
    wait : the longest time in seconds that may pass without an answer before this gives up; at least 8. A page that
        fails is asked for again, not the listing. Over all pages, three times as much may be lost to failures.

    Raises InputError where the address isn't permitted, and SourceUnavailable where W&B shows the key nothing of that
    name, refuses or can't be reached.
    """
    access = granted(access, address)
    return _read(Session(access, address, wait), since, progress or (lambda done, total: None))


def _read(session: Session, since: Sweep | None, progress: Progress) -> Sweep:
    address = session.address
    filters: dict[str, Any] = {}
    declarations: tuple[Declaration, ...] = ()
    warnings: list[str] = []
    progress(0, None)
    if address.sweep_id is not None:
        declarations = (_declaration(session, warnings),)
        progress(0, None)
        filters = {"sweep": address.sweep_id}
    site = project_site(session)
    origin = Origin("wandb", address.text, datetime.now(UTC).isoformat(timespec="seconds"))
    if since is not None:
        refreshed = _refresh(session, site, filters, since=since, progress=progress)
        if refreshed is not None:
            declarations = declarations or _declarations(
                session, site, refreshed.sweep_ids, warnings=warnings, since=since
            )
            return refreshed.sweep(origin, declarations, since=since, warnings=warnings)
    records = _read_all(session, site, filters, progress=progress, warnings=warnings)
    if address.sweep_id is None:
        declarations = _declarations(session, site, records.sweep_ids, warnings=warnings)
    return records.sweep(origin, declarations, warnings=warnings)


def _read_all(
    session: Session, site: str, filters: Mapping[str, Any], *, progress: Progress, warnings: list[str]
) -> RunRecords:
    """Read every run; what W&B counts and doesn't send is said in a warning, with all that it did send.

    Runs come oldest first, so what is missing is the newest: a report on the others still holds, as one on a sweep
    that is going on does.
    """
    best: _Listing | None = None
    for _ in range(2):
        listing = _list_runs(session, site, filters, progress)
        if listing.whole:
            return listing.records
        if best is None or len(listing.records) >= len(best.records):
            best = listing
    assert best is not None
    arrived, counted = len(best.records), best.totals[-1]
    if not arrived and counted:
        raise SourceUnavailable(
            f"W&B counts {counted:,} runs in {session.address.text}, and sent none of them. Refresh later."
        )
    if best.stuck:
        warnings.append(
            f"W&B counts {counted:,} runs, but its listing came to a standstill after {arrived:,}: "
            f"{counted - arrived:,} are missing from this report, the newest. Refresh."
        )
    elif counted > arrived:
        warnings.append(f"W&B counts {counted:,} runs and {arrived:,} arrived: some were removed meanwhile. Refresh.")
    return best.records


@dataclass(frozen=True, slots=True)
class _Listing:
    """Runs that were read in one go, how many W&B counted at each page, and whether it stopped bringing new ones."""

    records: RunRecords
    totals: tuple[int, ...]
    stuck: bool

    @property
    def whole(self) -> bool:
        """Whether no run can be missing: pages are positions, so one that is deleted meanwhile hides another."""
        grew = self.stuck or list(self.totals) == sorted(self.totals)
        return grew and len(self.records) >= self.totals[-1]


def _list_runs(session: Session, site: str, filters: Mapping[str, Any], progress: Progress) -> _Listing:
    records = RunRecords(site)
    totals: list[int] = []
    try:
        for page in run_pages(session, filters):
            records.add(page.runs)
            totals.append(page.total)
            progress(len(records), max(page.total, len(records)))
            _refuse_without_room(records, page.total if page.more else 0, session.address.text)
    except StuckListing:
        return _Listing(records, tuple(totals), stuck=True)
    return _Listing(records, tuple(totals), stuck=False)


def _refuse_without_room(records: RunRecords, total: int, label: str) -> None:
    """Raise InputError where the runs that have arrived, and those to come if they are alike, won't fit in memory."""
    to_come = max(total - len(records), 0) / max(len(records), 1)
    arriving = max(_BYTES_A_CELL * records.cells, _BYTES_A_CHARACTER * records.characters)
    tables = max(_BYTES_A_CELL_OF_TABLES * records.cells, records.characters)
    refuse_without_room(to_come * arriving + (1 + to_come) * tables, label)


def _refresh(
    session: Session, site: str, filters: Mapping[str, Any], *, since: Sweep, progress: Progress
) -> RunRecords | None:
    moment = changed_since(since)
    if moment is None:
        return None
    moved = {"heartbeatAt": {"$gte": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}}
    conditions = [{key: value} for key, value in filters.items()] + [moved]
    listing = _list_runs(session, site, {"$and": conditions}, progress)
    if listing.stuck:
        return None
    records = listing.records
    counted = run_page(session, filters, size=1)["project"]["runCount"]
    known = set(since.runs["run_id"])
    return records if len(known | set(records.ids)) == counted else None


def _declaration(session: Session, warnings: list[str]) -> Declaration:
    sweep_id = str(session.address.sweep_id)
    sweep = session.ask(lambda api: api.sweep(sweep_id))
    config = None
    # The SDK reads the YAML on access, in its own way of failing for each way of being wrong.
    with contextlib.suppress(Exception):
        config = sweep.config
    return declaration_of(sweep, sweep_id, sweep.url, config=config, warnings=warnings)


def _declarations(
    session: Session, site: str, sweep_ids: Iterable[str], *, warnings: list[str], since: Sweep | None = None
) -> tuple[Declaration, ...]:
    wanted = {*sweep_ids, *(declared.id for declared in (since.declarations if since else ()))}
    if not wanted:
        return ()
    found = {
        node.name: declaration_of(node, node.name, f"{site}/sweeps/{node.name}", config=node.config, warnings=warnings)
        for node in sweep_nodes(session)
        if node.name in wanted
    }
    return tuple(found[name] for name in sorted(found))
