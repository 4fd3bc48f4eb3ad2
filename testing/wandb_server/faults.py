"""What can go wrong on demand: a plan of faults, each for an operation and a number of times."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal["status", "graphql", "html", "truncated", "reset", "closed", "stall", "slow", "empty"]


@dataclass
class Fault:
    """One fault.

    kind : "status" (HTTP `status`, with Retry-After if `retry_after`), "graphql" (an errors list with `message`),
        "html" (a page in place of JSON), "truncated" (half the JSON), "reset" and "closed" (connection broken
        mid-body), "stall" (no answer for `seconds`, then closed), "slow" (the right answer after `seconds`),
        "empty" (200 with no body).
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
