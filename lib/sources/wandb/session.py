"""A conversation with W&B through its SDK: one address, bounded waits, retries where they help, failures in words.

`wandb` is imported here alone, when it is needed.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

from lib.sources.record import Address
from lib.sources.wandb.access import Access
from lib.sources.wandb.errors import BadAnswer, Failure, failure_of, sentence

T = TypeVar("T")

WAIT = 60.0
# This many waits may be lost to failures while one address is read, however many of its pages were had after all.
MOST_WAITS = 3
_SDK_LOCK = threading.Lock()


class Session:
    """A conversation with W&B about one address, which retries what retrying helps and says the rest in words."""

    def __init__(self, access: Access, address: Address, wait: float = WAIT) -> None:
        self.address = address
        # How often an answer was too much: it took too long, or the SDK's helper process ended over it.
        self.setbacks = 0
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
            if failure.kind in ("timeout", "stopped"):
                self.setbacks += 1
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


def in_background(work: Callable[[], T]) -> Future[T]:
    """Start work in a thread that nothing has to wait for: a reader who leaves need not sit out a slow page."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True, name="wandb-page").start()
    return future


def _sdk(wait: float) -> tuple[Any, Any]:
    """Import the SDK and bound its retries, so that it says what the server answered instead of timing out.

    The SDK tries a request twice (it can't be set to once), a second apart or as long as the server asks. What times
    out beyond that was therefore told to wait. Returns the module and the SDK's handle of its helper process.
    """
    os.environ.setdefault("WANDB_SILENT", "true")
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    os.environ["WANDB_DIR"] = _run_folders()
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


@cache
def _run_folders() -> str:
    """Return where the SDK makes an empty folder for every run it lists: one place a process, removed when it ends."""
    folder = tempfile.mkdtemp(prefix="wandb-runs-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _within(seconds: float, work: Callable[[], T]) -> T:
    """Do what needs the SDK's helper process. Raises BadAnswer where it takes longer than a start ever does.

    Where the helper can't be started, the SDK (0.31) waits for a lock that it holds itself, for good.
    """
    try:
        return in_background(work).result(seconds)
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
