"""Reads a sweep, or all runs of a project, from W&B through its public SDK.

The SDK's own loop makes a request and a directory for each run, keeps every run in memory and unwraps some configs
wrongly. Here `api.runs` does the asking and the paging, and the answers are read as they came (`last_response`), so
that 10,000 runs cost 10 requests. Nothing is ever written to W&B. `wandb` is imported here alone, when it is needed.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from lib.model.errors import InputError
from lib.model.sweep import Declaration, Origin, Sweep
from lib.sources.address import Address
from lib.sources.memory import refuse_without_room
from lib.sources.wandb.access import Access, access_from_settings, permit
from lib.sources.wandb.declarations import declaration_of
from lib.sources.wandb.errors import BadAnswer, Failure, failure_of, sentence
from lib.sources.wandb.records import RunRecords
from lib.sources.wandb.refresh import changed_since

T = TypeVar("T")
Progress = Callable[[int, int | None], None]

WAIT = 60.0
# So many waits may be lost to failures while one address is read, however many of its pages were had after all.
MOST_WAITS = 3
PAGE = 1000
SMALLEST_PAGE = 50
# Fields of the SDK's query that no report uses; they are over half of the bytes. Where the SDK writes its query
# otherwise, they are simply sent.
_UNREAD = re.compile(
    r"\n[ \t]*(?:systemMetrics|historyKeys|historyLineCount|description|notes|commit|jobType)[ \t]*(?=\n)"
)
# What a value takes as it arrives, and again in the tables.
_BYTES_A_CELL, _BYTES_A_CELL_OF_TABLES = 40, 16
_SDK_LOCK = threading.Lock()


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
    access = access or access_from_settings(os.environ, named=[address])
    if access is None:
        raise InputError(
            f"Reading {address.text} needs a W&B API key. Set WANDB_API_KEY, put api_key under [wandb] in "
            ".streamlit/secrets.toml, or type it in the app's sidebar; your key is at wandb.ai/authorize."
        )
    permit(access, address)
    return _read(Session(access, address, wait), since, progress or (lambda done, total: None))


class Session:
    """A conversation with W&B about one address, which retries what retrying helps and says the rest in words."""

    def __init__(self, access: Access, address: Address, wait: float = WAIT) -> None:
        self.address = address
        self.timeouts = 0
        # Seconds lost to failures so far, and until when they are counted: several threads may ask at once.
        self._lost = 0.0
        self._lost_until = 0.0
        self._lock = threading.Lock()
        self._access = access
        self._wait = wait
        self._api: Any = None
        self._helper: Any = None

    def ask(self, question: Callable[[Any], T]) -> T:
        """Ask something of a `wandb.Api`, and again after a pause while that can help.

        A try takes half of the wait at most and none begins in its second half, so the whole is bounded by it. What
        was lost to failures before counts as well, so that a server that fails at every page is given up too.
        """
        started = time.monotonic()
        limit = min(self._wait / 2, MOST_WAITS * self._wait - self._lost)
        first: Failure | None = None
        pause = 1.0
        while True:
            try:
                if self._api is None:
                    self._api = self._connect()
                began = time.monotonic()
                answer = question(self._api)
                if first is not None:
                    self._note_lost(started, began)
                return answer
            except Exception as error:
                failure = failure_of(error)
                if failure is None:
                    raise
            first = first or failure
            elapsed = time.monotonic() - started
            if not failure.retryable or elapsed + pause > limit:
                raise self._in_words(failure if failure.kind != "paused" else first, elapsed) from None
            if failure.kind == "timeout":
                self.timeouts += 1
            if failure.kind == "stopped":
                _forget(self._helper, self._wait / 4)
                self._api = self._helper = None
            time.sleep(pause)
            pause *= 2

    def _note_lost(self, since: float, until: float) -> None:
        with self._lock:
            self._lost += max(until - max(since, self._lost_until), 0.0)
            self._lost_until = max(until, self._lost_until)

    def _connect(self) -> Any:
        wandb, self._helper = _sdk(self._wait)
        # With both set, the SDK neither asks for the default entity nor has to split a path.
        overrides = {"entity": self.address.entity, "project": self.address.project}
        if self._access.base_url:
            overrides["base_url"] = self._access.base_url
        return wandb.Api(overrides=overrides, timeout=max(self._wait / 2, 1), api_key=self._access.key)

    def _in_words(self, failure: Failure, elapsed: float) -> Exception:
        host = urlsplit(self._access.base_url).netloc if self._access.base_url else "W&B"
        return sentence(
            failure,
            what=self.address.text,
            host=host,
            waited=elapsed,
            owner=self._access.owner,
            secret=self._access.key,
        )


def run_pages(session: Session, filters: Mapping[str, Any], *, size: int = PAGE) -> Iterator[tuple[list[Any], int]]:
    """Yield the runs of a project page by page, oldest first, as the server sent them, and how many there are in all.

    The next page is asked for while the caller works on this one. After a page that took too long, pages are a
    quarter as large.
    """
    answer = run_page(session, filters, size)
    while True:
        page = answer["project"]["runs"]
        nodes = [edge["node"] for edge in page["edges"]]
        more = bool(nodes) and bool(page["pageInfo"]["hasNextPage"])
        following = _in_background(partial(run_page, session, filters, size, answer)) if more else None
        yield nodes, int(answer["project"]["runCount"])
        if following is None:
            return
        answer = following.result()


def run_page(session: Session, filters: Mapping[str, Any], size: int = PAGE, after: Any = None) -> Mapping[str, Any]:
    """Return one page of runs as the server answered: the first, or the one after another answer."""
    path = f"{session.address.entity}/{session.address.project}"

    def ask(api: Any) -> Mapping[str, Any]:
        # Without it, the SDK would ask its cached listing whether it is empty, which costs a request.
        api.flush()
        per_page = max(size // 4**session.timeouts, min(size, SMALLEST_PAGE))
        runs = api.runs(
            path, filters=dict(filters), order="+created_at", per_page=per_page, include_sweeps=False, lazy=False
        )
        runs.QUERY = _UNREAD.sub("", runs.QUERY)
        # No Run objects: each makes a directory, and their config is unwrapped twice.
        runs.convert_objects = list
        runs.last_response = after
        next(runs, None)
        return _checked(runs.last_response)

    return session.ask(ask)


def project_site(session: Session) -> str:
    """Return the project's address on W&B's website, without a request."""
    address = session.address
    url = session.ask(lambda api: api.project(address.project, entity=address.entity).url)
    return str(url).removesuffix("/workspace")


def sweep_nodes(session: Session) -> Iterator[Any]:
    """Yield the sweeps of a project (the SDK's SweepFragment), without the SDK's further request for each of them."""
    address = session.address
    answer: Any = None

    def following(api: Any) -> Any:
        sweeps = api.project(address.project, entity=address.entity).sweeps(per_page=200)
        sweeps.convert_objects = list
        sweeps.last_response = answer
        next(sweeps, None)
        if sweeps.last_response is None or sweeps.last_response.project is None:
            raise BadAnswer(Failure("absent"))
        return sweeps.last_response

    more = True
    while more:
        answer = session.ask(following)
        page = answer.project.sweeps
        nodes = [edge.node for edge in page.edges] if page else []
        yield from nodes
        more = bool(nodes) and bool(page.page_info and page.page_info.has_next_page)


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
        refreshed = _refresh(session, site, filters, since, progress)
        if refreshed is not None:
            declarations = declarations or _declarations(session, site, refreshed.sweep_ids, warnings, since)
            return refreshed.sweep(origin, declarations, since=since, warnings=warnings)
    records = _read_all(session, site, filters, progress, warnings)
    if address.sweep_id is None:
        declarations = _declarations(session, site, records.sweep_ids, warnings)
    return records.sweep(origin, declarations, warnings=warnings)


def _read_all(
    session: Session, site: str, filters: Mapping[str, Any], progress: Progress, warnings: list[str]
) -> RunRecords:
    for _ in range(2):
        records = RunRecords(site)
        totals: list[int] = []
        for nodes, total in run_pages(session, filters):
            records.add(nodes)
            totals.append(total)
            progress(len(records), total)
            still_to_come = records.cells * max(total - len(records), 0) / max(len(records), 1)
            refuse_without_room(
                _BYTES_A_CELL * still_to_come + _BYTES_A_CELL_OF_TABLES * (records.cells + still_to_come),
                session.address.text,
            )
        # Pages go by position: a run that is deleted meanwhile moves another one out of sight.
        if totals == sorted(totals) and len(records) >= totals[-1]:
            return records
    warnings.append(
        f"W&B counts {totals[-1]:,} runs and {len(records):,} arrived: some were removed meanwhile. Refresh."
    )
    return records


def _refresh(
    session: Session, site: str, filters: Mapping[str, Any], since: Sweep, progress: Progress
) -> RunRecords | None:
    moment = changed_since(since)
    if moment is None:
        return None
    records = RunRecords(site)
    moved = {"heartbeatAt": {"$gte": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}}
    conditions = [{key: value} for key, value in filters.items()] + [moved]
    for nodes, total in run_pages(session, {"$and": conditions}):
        records.add(nodes)
        progress(len(records), total)
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
    return declaration_of(sweep, sweep_id, sweep.url, config, warnings)


def _declarations(
    session: Session, site: str, sweep_ids: Iterable[str], warnings: list[str], since: Sweep | None = None
) -> tuple[Declaration, ...]:
    wanted = {*sweep_ids, *(declared.id for declared in (since.declarations if since else ()))}
    if not wanted:
        return ()
    found = {
        node.name: declaration_of(node, node.name, f"{site}/sweeps/{node.name}", node.config, warnings)
        for node in sweep_nodes(session)
        if node.name in wanted
    }
    return tuple(found[name] for name in sorted(found))


def _in_background(work: Callable[[], T]) -> Future[T]:
    """Start work in a thread that nothing has to wait for: a reader who leaves need not sit out a slow page."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True, name="wandb-page").start()
    return future


def _checked(answer: Any) -> Mapping[str, Any]:
    """Return a page's answer if it has the shape that the SDK asked for. Raises BadAnswer."""
    if not isinstance(answer, Mapping):
        raise BadAnswer(Failure("not_data"))
    if answer.get("project") is None:
        raise BadAnswer(Failure("absent"))
    try:
        page = answer["project"]["runs"]
        ok = isinstance(answer["project"]["runCount"], int) and "hasNextPage" in page["pageInfo"]
        ok = ok and all(edge["node"]["name"] for edge in page["edges"])
    except (KeyError, TypeError):
        ok = False
    if not ok:
        raise BadAnswer(Failure("not_data"))
    return answer


def _sdk(wait: float) -> tuple[Any, Any]:
    """Import the SDK and bound its retries, so that it says what the server answered instead of timing out.

    The SDK tries a request twice (it can't be set to once), a second apart or as long as the server asks. What times
    out beyond that was therefore told to wait. Returns the module and the SDK's handle of its helper process.
    """
    os.environ.setdefault("WANDB_SILENT", "true")
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    import wandb

    settings = wandb.Settings(
        silent=True,
        console="off",
        x_graphql_retry_max=1,
        x_graphql_retry_wait_min_seconds=1,
        x_graphql_retry_wait_max_seconds=1,
        # Whole seconds: the SDK takes 0.5 for "not set".
        x_graphql_timeout_seconds=max(int(wait / 4 - 1.25), 1),
    )

    def start() -> Any:
        with _SDK_LOCK:
            return wandb.setup(settings)

    return wandb, _within(wait / 4, start)


def _within(seconds: float, work: Callable[[], T]) -> T:
    """Do what needs the SDK's helper process. Raises BadAnswer where it takes longer than a start ever does.

    Where the helper can't be started, the SDK (0.31) waits for a lock that it holds itself, for good.
    """
    try:
        return _in_background(work).result(seconds)
    except TimeoutError:
        raise BadAnswer(Failure("stopped")) from None


def _forget(helper: Any, seconds: float) -> None:
    """Make the SDK start a new helper process (wandb-core), unless another thread made it do so already."""
    if helper is None:
        return
    import wandb

    def forget() -> None:
        with _SDK_LOCK:
            if wandb.setup() is helper:
                wandb.teardown()

    # The SDK says goodbye to the dead process first, which fails, or ends as that did; what matters is that it forgets.
    with contextlib.suppress(Exception, SystemExit):
        _within(seconds, forget)
