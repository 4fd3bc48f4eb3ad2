"""Who may read what from W&B: the key, the server, and which projects the owner's key is lent for."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets as randomness
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn
from urllib.parse import urlsplit

from lib.model.errors import InputError
from lib.sources.record import Address
from lib.sources.wandb.place import KEY_PAGE

_SALT = randomness.token_bytes(16)
_HOW_TO_ALLOW = 'under [wandb] in .streamlit/secrets.toml, for example allowed = ["{pattern}"]'


@dataclass(frozen=True, slots=True)
class Access:
    """A W&B key and what it may be used for. The key is in no text of it, and it can't be pickled or cached.

    owner : True for the key of the app's owner, lent to visitors for `allowed` alone; False for a visitor's own.
    base_url : the W&B server; None is the SDK's own default.
    allowed : "entity/project", "entity/*", "*", or "entity/project/sweep" for a single sweep.
    """

    key: str = field(repr=False)
    owner: bool
    base_url: str | None = None
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Access holds a key and can't be pickled; key a cache by cache_scope(access)")


def access_from_settings(
    environ: Mapping[str, str], secrets: Mapping[str, Any] | None = None, *, named: Iterable[Address] = ()
) -> Access | None:
    """Return the owner's access from WANDB_API_KEY and WANDB_BASE_URL or the [wandb] table of the app's secrets.

    The environment goes before the secrets. `named` are the sources of the command line: they are permitted as well.
    Returns None where no key is set. Raises InputError for settings that can't be meant.
    """
    table = (secrets or {}).get("wandb") or {}
    if not isinstance(table, Mapping):
        raise InputError("wandb in .streamlit/secrets.toml is not a table. Write [wandb] and the settings below it.")
    key = _text(environ.get("WANDB_API_KEY") or table.get("api_key"), "api_key")
    if not key:
        return None
    access = Access(key, owner=True, base_url=base_url_from_settings(environ, secrets), allowed=_allowed(table))
    return with_named(access, named)


def base_url_from_settings(environ: Mapping[str, str], secrets: Mapping[str, Any] | None = None) -> str | None:
    """Return the configured W&B server, None for the SDK's own default. Raises InputError for what is no address."""
    table = (secrets or {}).get("wandb") or {}
    given = table.get("base_url") if isinstance(table, Mapping) else None
    base_url = _text(environ.get("WANDB_BASE_URL") or given, "base_url").rstrip("/")
    if not base_url:
        return None
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise InputError(
            "The W&B server in the settings (WANDB_BASE_URL or base_url) is not a server's address. "
            "Write it like https://wandb.example.org, without a key or password."
        )
    return base_url


def visitor_access(key: str, base_url: str | None) -> Access:
    """Return a visitor's own access: everything that the key itself may read. Raises InputError for a blank key."""
    if not key.strip():
        raise InputError(f"No key was typed. Paste a W&B API key; yours is at {KEY_PAGE}.")
    return Access(key.strip(), owner=False, base_url=base_url)


def with_named(access: Access, named: Iterable[Address]) -> Access:
    """Return the same access with the sources that its owner named on the command line permitted too."""
    texts = tuple(address.text for address in named if address.kind in ("sweep", "project"))
    return replace(access, allowed=tuple(dict.fromkeys((*access.allowed, *texts))))


def granted(access: Access | None, address: Address, environ: Mapping[str, str] = os.environ) -> Access:
    """Return the access that an address is read with.

    None takes WANDB_API_KEY from the environment, for an address that the key's owner named. Raises InputError where
    there is no key, and where the address isn't permitted.
    """
    access = access or access_from_settings(environ, named=[address])
    if access is None:
        raise InputError(
            f"Reading {address.text} needs a W&B API key. Set WANDB_API_KEY, put api_key under [wandb] in "
            f".streamlit/secrets.toml, or type it at the top of the app; your key is at {KEY_PAGE}."
        )
    permit(access, address)
    return access


def permit(access: Access, address: Address) -> None:
    """Raise InputError where the owner's key isn't lent for this address. A visitor's own key is asked nothing."""
    if permits(access, address.entity or "", address.project or "", address.sweep_id):
        return
    pattern = f"{address.entity}/{address.project}"
    raise InputError(
        f"This app may not open {pattern} with its owner's W&B key. The owner can allow it "
        f"{_HOW_TO_ALLOW.format(pattern=pattern)}; you can use your own key instead."
    )


def permits(access: Access, entity: str, project: str, sweep_id: str | None = None) -> bool:
    """Whether the access may be used for a project, or for one sweep of it."""
    if not access.owner:
        return True
    fitting: set[tuple[str, ...]] = {("*",), ("*", "*"), (entity, "*"), (entity, project)}
    if sweep_id is not None:
        fitting.add((entity, project, sweep_id))
    # Part by part: a project called "a/b" is no sweep b of a project a.
    return any(tuple(pattern.split("/")) in fitting for pattern in access.allowed)


def permitted_entities(access: Access) -> tuple[str, ...] | None:
    """Return the entities of which anything may be opened, in order of name; None where that isn't restricted."""
    entities = {pattern.split("/")[0] for pattern in access.allowed}
    return None if not access.owner or "*" in entities else tuple(sorted(entities))


def cache_scope(access: Access | None) -> str:
    """Return a short text that is the same for the same key, server and permission, in this process alone.

    It goes into cache keys so that nobody is served what another's key read. The key can't be found from it: it is
    keyed with a salt that is drawn when the process starts.
    """
    if access is None:
        return "none"
    told = json.dumps([access.key, access.owner, access.base_url, sorted(access.allowed)])
    return hmac.new(_SALT, told.encode(), hashlib.sha256).hexdigest()[:24]


def _text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f'{name} under [wandb] in .streamlit/secrets.toml is not a text. Write {name} = "...".')
    return value.strip()


def _allowed(table: Mapping[str, Any]) -> tuple[str, ...]:
    given = table.get("allowed", ())
    patterns = [given] if isinstance(given, str) else given
    if not isinstance(patterns, Iterable) or isinstance(patterns, Mapping):
        patterns = [None]
    out = []
    for pattern in patterns:
        if not isinstance(pattern, str) or not _is_pattern(pattern.strip()):
            raise InputError(
                "allowed under [wandb] in .streamlit/secrets.toml is not a list of projects. "
                'Write it like allowed = ["my-team/my-project", "my-team/*"].'
            )
        out.append(pattern.strip())
    return tuple(out)


def _is_pattern(pattern: str) -> bool:
    parts = pattern.split("/")
    if pattern == "*" or parts == ["*", "*"]:
        return True
    return (
        len(parts) in (2, 3)
        and all(parts)
        and all("*" not in part for part in (parts[0], *parts[2:]))
        and (parts[1] == "*" and len(parts) == 2 or "*" not in parts[1])
    )
