"""What can go wrong on demand: a plan of faults, each for an operation and a number of times."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any, Literal

FaultKind = Literal[
    "status", "graphql", "html", "truncated", "reset", "closed", "stall", "slow", "empty", "same_page", "altered"
]


@dataclass
class Fault:
    """One fault.

    kind : "status" (HTTP `status`, with Retry-After if `retry_after`), "graphql" (an errors list with `message`),
        "html" (a page in place of JSON), "truncated" (half the JSON), "reset" and "closed" (connection broken
        mid-body), "stall" (no answer for `seconds`, then closed), "slow" (the right answer after `seconds`),
        "empty" (200 with no body), "same_page" (the first page, whichever was asked for, and that it isn't the last),
        "altered" (the right answer, with `alter` in it: {"project.runCount": -1}).
    operation : the GraphQL operation it is for; "*" = any.
    skip : how many such requests pass first; times : how many then fail; None = for ever.
    """

    kind: FaultKind
    operation: str = "*"
    times: int | None = None
    skip: int = 0
    status: int = 500
    message: str = "something broke"
    retry_after: str | None = None
    seconds: float = 0.0
    alter: dict[str, Any] = field(default_factory=dict)


SAME_PAGE = {"project.runs.pageInfo.hasNextPage": True}


def altered(answer: bytes, changes: dict[str, Any]) -> bytes:
    """Return a GraphQL answer with other values at some places of its data, each given as names with dots between."""
    content = json.loads(answer)
    for place, value in changes.items():
        *path, last = place.split(".")
        inner = content["data"]
        for name in path:
            inner = inner[name]
        inner[last] = value
    return json.dumps(content).encode()


class FaultPlan:
    """The faults still to come, safe to change while the server runs."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Add one."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Drop all."""
        with self._lock:
            self._faults.clear()

    def next_for(self, operation: str) -> Fault | None:
        """Return the fault that this request meets, if any, and count it."""
        with self._lock:
            for fault in self._faults:
                if fault.operation not in ("*", operation):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.times is None:
                    return fault
                if fault.times > 0:
                    fault.times -= 1
                    return fault
        return None
