"""W&B's listings, page by page: pages as large as the runs allow, and an end to every listing that goes nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

from lib.sources.wandb.errors import BadAnswer, Failure
from lib.sources.wandb.session import Session, in_background

# The first page is small, for what a run weighs isn't known before; the next are as large as fits into PAGE_BYTES, each
# at most GROWTH times as many runs as came before it.
FIRST_PAGE = 25
GROWTH = 20
PAGE = 1000
PAGE_BYTES = 8_000_000
# W&B advises against more than a tenth of this in one project.
MOST_RUNS = 1_000_000
MOST_PROJECTS = 10_000
# Fields of the SDK's query that no report uses; they are over half of the bytes. Where the SDK writes its query
# otherwise, they are simply sent.
_UNREAD = re.compile(
    r"\n[ \t]*(?:systemMetrics|historyKeys|historyLineCount|description|notes|commit|jobType)[ \t]*(?=\n)"
)


class RunPage(NamedTuple):
    """One page: the runs as the server sent them, how many it counts in all, and whether it says that more follow."""

    runs: list[Any]
    total: int
    more: bool


class StuckListing(Exception):
    """A listing that says it goes on, and brings nothing new."""


def run_pages(
    session: Session, filters: Mapping[str, Any], *, first: int = FIRST_PAGE, most: int = PAGE
) -> Iterator[RunPage]:
    """Yield the runs of a project page by page, oldest first.

    first, most : how many runs the first page is asked for, and any other at most. The next page is asked for while
    the caller works on this one. Once an answer was too much (`Session.setbacks`), pages are a quarter as large.

    Raises StuckListing after a page that brought no new run, or ended where the one before it did, and yet was said
    not to be the last: such a listing never ends.
    """
    seen: set[str] = set()
    size, heaviest, cursor = first, 1.0, None
    answer = run_page(session, filters, size)
    while True:
        page = answer["project"]["runs"]
        nodes = [edge["node"] for edge in page["edges"]]
        known = len(seen)
        seen.update(node["name"] for node in nodes)
        before, cursor = cursor, page["edges"][-1].get("cursor") if nodes else None
        more = page["pageInfo"]["hasNextPage"]
        stuck = more and (len(seen) == known or cursor is None or cursor == before or len(seen) > MOST_RUNS)
        following = None
        if more and not stuck:
            heaviest = max(heaviest, sum(map(_bytes_of, nodes)) / len(nodes))
            size = max(min(int(PAGE_BYTES / heaviest), GROWTH * size, most), 1)
            following = in_background(partial(run_page, session, filters, size, answer))
        yield RunPage(nodes, answer["project"]["runCount"], more)
        if stuck:
            raise StuckListing
        if following is None:
            return
        answer = following.result()


def run_page(session: Session, filters: Mapping[str, Any], size: int = PAGE, after: Any = None) -> Mapping[str, Any]:
    """Return one page of runs as the server answered: the first, or the one after another answer."""
    path = f"{session.address.entity}/{session.address.project}"

    def ask(api: Any) -> Mapping[str, Any]:
        # Without it, the SDK would ask its cached listing whether it is empty, which costs a request.
        api.flush()
        per_page = max(size // 4**session.setbacks, 1)
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
    seen: set[str] = set()
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
        nodes = [edge.node for edge in page.edges if edge.node.name not in seen] if page else []
        seen.update(node.name for node in nodes)
        yield from nodes
        # A page without a new sweep is taken for the end: a listing that stands still would go on for ever.
        more = bool(nodes) and bool(page.page_info and page.page_info.has_next_page)


def project_entries(session: Session) -> list[Any]:
    """Return the projects of an entity as the SDK has them, each once: the first 10,000 that are listed."""

    def listed(api: Any) -> list[Any]:
        projects = islice(api.projects(session.address.entity, per_page=200), MOST_PROJECTS)
        return list({project.name: project for project in projects}.values())

    return session.ask(listed)


def _bytes_of(node: Mapping[str, Any]) -> int:
    return sum(len(value) for value in node.values() if isinstance(value, str))


def _checked(answer: Any) -> Mapping[str, Any]:
    """Return a page's answer if it has the shape that the SDK asked for. Raises BadAnswer."""
    if not isinstance(answer, Mapping):
        raise BadAnswer(Failure("not_data"))
    if answer.get("project") is None:
        raise BadAnswer(Failure("absent"))
    try:
        count, page = answer["project"]["runCount"], answer["project"]["runs"]
        ok = type(count) is int and count >= 0 and type(page["pageInfo"]["hasNextPage"]) is bool
        ok = ok and all(type(edge["node"]["name"]) is str and edge["node"]["name"] for edge in page["edges"])
    except (KeyError, TypeError):
        ok = False
    if not ok:
        raise BadAnswer(Failure("not_data"))
    return answer
