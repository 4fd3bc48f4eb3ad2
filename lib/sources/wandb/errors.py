"""Turns what the W&B SDK raises into one or two sentences: what happened, and what to do.

The SDK's failures have no common type: `WandbApiFailedError` is no `wandb.Error`, `AuthenticationError` is raised for
any failure while logging in, and the HTTP status is often in the text alone. So this reads status and text. Nothing
here repeats a text of the SDK that could hold a key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lib.model.errors import InputError, SourceUnavailable, SweepReportError
from lib.sources.wandb.place import KEY_PAGE

FailureKind = Literal[
    "key", "no_key", "forbidden", "no_server", "bad_server", "refused", "limited", "paused", "server",
    "timeout", "unreachable", "broken", "not_data", "stopped", "absent", "missing_sdk", "graphql",
]  # fmt: skip
# Asking again can help for these.
RETRYABLE = {"limited", "server", "timeout", "unreachable", "broken", "stopped"}

_STATUS = re.compile(r"\bHTTP (\d{3})\b")
_BROKEN = ("connection reset", "unexpected EOF", "broken pipe", "closed network connection", "use of closed")
_UNREACHABLE = {
    "connection refused": "it refuses connections",
    "no such host": "its name is not known",
    "server misbehaving": "its name could not be looked up",
    "network is unreachable": "there is no network to it",
    "no route to host": "there is no network to it",
    "certificate": "its certificate is not trusted",
    "tls:": "no secure connection could be made",
    "proxyconnect": "the configured proxy does not let the request through",
    "dial tcp": "no connection could be made",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong. `detail` is the server's own short answer, where there is one that tells the reader more."""

    kind: FailureKind
    status: int | None = None
    detail: str = ""

    @property
    def retryable(self) -> bool:
        """Whether asking again can help."""
        return self.kind in RETRYABLE


class BadAnswer(Exception):
    """An answer that the SDK took but that can't be used; it carries what that means."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


def failure_of(error: BaseException) -> Failure | None:
    """Say what an exception that came out of the SDK means; None where it is none of the SDK's."""
    if isinstance(error, BadAnswer):
        return error.failure
    chain = list(_chain(error))
    names = {type(one).__name__ for one in chain}
    text = " ".join(str(one) for one in chain)
    if isinstance(error, ImportError):
        return Failure("missing_sdk")
    if names & {"MailboxClosedError", "HandleAbandonedError"} or "service process is not running" in text:
        return Failure("stopped")
    if not any(type(one).__module__.split(".")[0] == "wandb" for one in chain):
        return _of_plain_error(error, text)
    status = next((code for code in map(_status_of, chain) if code), None)
    if status is not None:
        return _of_status(status, error)
    if "busy and did not respond in time" in text:
        return Failure("paused")
    if "deadline exceeded" in text or "Client.Timeout" in text or "i/o timeout" in text:
        return Failure("timeout")
    for sign, reason in _UNREACHABLE.items():
        if sign in text:
            return Failure("unreachable", detail=reason)
    if any(sign in text for sign in _BROKEN) or re.search(r"\bEOF\b", text):
        return Failure("broken")
    if "invalid character" in text or "cannot unmarshal" in text:
        return Failure("not_data")
    if names & {"AuthenticationError", "UsageError"}:
        return Failure("key" if len(chain) > 1 else "no_key")
    if "Could not find" in text:
        return Failure("absent")
    if "ermission denied" in text or "not authorized" in text.lower() or "forbidden" in text.lower():
        return Failure("forbidden")
    return Failure("graphql", detail=_short(str(error)))


def sentence(failure: Failure, *, what: str, host: str, waited: float, owner: bool, secret: str) -> SweepReportError:
    """Return the error to raise: the failure in words.

    `what` is the address that was asked for, `host` the server, `waited` the seconds that were spent in trying, `owner`
    whether the key is the app owner's. `secret` is the key, taken out of the server's words should they repeat it.
    """
    detail = failure.detail.replace(secret, "(key)") if secret else failure.detail
    tried = f" in {waited:.0f} seconds of trying" if waited >= 2 else ""
    key = "the configured W&B key" if owner else "your W&B key"
    by_kind: dict[FailureKind, str] = {
        "key": f"{host} refused {key}. Check it, or copy one again from your W&B user settings ({KEY_PAGE}).",
        "no_key": f"{key[0].upper()}{key[1:]} is not a W&B API key: those have 40 or more letters and digits. "
        f"Copy it again from your W&B user settings ({KEY_PAGE}).",
        "forbidden": f"{host} does not let {key} read {what}. Ask the project's owner for access, or use another key.",
        "no_server": f"{host} answers, but not as a W&B server (HTTP {failure.status}). "
        "Check WANDB_BASE_URL or base_url in the settings.",
        "bad_server": "The W&B server in the settings is not one that the W&B SDK takes. "
        "Check WANDB_BASE_URL or base_url: the API's address, such as https://api.forge.coreweave.com.",
        "refused": f"{host} did not take the request for {what} (HTTP {failure.status}{_said(detail)}). "
        "If this persists, the server and the wandb package may not fit: update the older one.",
        "limited": f"{host} is limiting how often it may be asked (HTTP 429), and did not answer{tried}. "
        "Wait a few minutes, then try again.",
        "paused": f"{host} asked to wait longer than the {waited:.0f} seconds that were spent on it: it is limiting "
        "requests or overloaded. Wait a few minutes, then try again.",
        "server": f"{host} has a fault of its own (HTTP {failure.status}) and did not answer{tried}. "
        "Try again later; status.wandb.com reports outages.",
        "timeout": f"{host} did not answer{tried or ' in time'}. Check the network, then try again.",
        "unreachable": f"{host} can't be reached: {detail}. Check the network, and the server in the settings.",
        "broken": f"The connection to {host} broke while {what} was read, and stayed broken{tried}. Try again.",
        "not_data": f"{host} answered with something that is not W&B's data, as log-in pages and proxies do. "
        "Check the network, and WANDB_BASE_URL or base_url in the settings.",
        "stopped": "The W&B SDK's helper process (wandb-core) stopped and could not be started again. Restart the app.",
        "absent": f"There is no {what} on {host}, or {key} may not see it. "
        "Check the spelling of entity, project and sweep, and whose key it is.",
        "missing_sdk": "Reading from W&B needs the wandb package, which is not installed. Run: pip install wandb",
        "graphql": f"{host} could not answer for {what}{_said(detail)}. Check the address, then try again.",
    }
    kind = InputError if failure.kind in ("bad_server", "missing_sdk") else SourceUnavailable
    return kind(by_kind[failure.kind])


def _of_plain_error(error: BaseException, text: str) -> Failure | None:
    # The SDK raises plain ValueErrors for a project that it was not shown, and pydantic's for unparsable answers.
    if isinstance(error, ValueError) and ("Could not find project" in text or "Unable to parse 'Projects'" in text):
        return Failure("absent")
    if type(error).__name__ == "ValidationError":
        return Failure("not_data")
    if isinstance(error, ValueError) and ("is not a valid server address" in text or "not secure" in text):
        return Failure("bad_server")
    if isinstance(error, ValueError) and "Invalid Forge server address" in text:
        return Failure("bad_server")
    if isinstance(error, (TypeError, AttributeError, LookupError, RecursionError, json.JSONDecodeError)):
        # The SDK takes a part of the answer for what it isn't.
        return Failure("not_data")
    return Failure("stopped") if isinstance(error, (ConnectionError, BrokenPipeError)) else None


def _of_status(status: int, error: BaseException) -> Failure:
    if status == 401:
        return Failure("key", status)
    if status == 403:
        return Failure("forbidden", status)
    if status in (404, 405):
        named = re.search(r"\b(project|entity|sweep)\b", str(error))
        return Failure("absent" if named else "no_server", status)
    if status == 429:
        return Failure("limited", status)
    if status in (408, 504):
        return Failure("timeout", status)
    if status >= 500:
        return Failure("server", status)
    return Failure("refused", status, _short(str(error)))


def _status_of(error: BaseException) -> int | None:
    response = getattr(error, "response", None)
    status = getattr(response, "http_status", None)
    if isinstance(status, int) and status:
        return status
    found = _STATUS.search(str(error))
    return int(found.group(1)) if found else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__


def _short(text: str) -> str:
    line = " ".join(text.removeprefix("input: ").split())
    return line if len(line) <= 160 else f"{line[:157]}..."


def _said(detail: str) -> str:
    return f": {detail}" if detail else ""
