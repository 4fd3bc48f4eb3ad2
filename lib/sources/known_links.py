"""Addresses that came with data: they become links only where they lead to a W&B website."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from lib.model.numbers import count
from lib.model.sweep import Sweep

HOSTS = ("wandb.ai", "forge.coreweave.com")
"""Websites of W&B. Not all of coreweave.com: under it, customers of CoreWeave have hosts of their own."""

DOMAINS = (".wandb.ai", ".wandb.io")
"""Below these W&B names its own hosts, those of dedicated clouds included."""

_LONGEST = 2_000
# Read by this alone, and never by what a browser makes of it: no user name, no backslash, no space, no quotes or
# brackets, no other script, nothing encoded in the host.
_LINK = re.compile(r"(https?)://([a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::([0-9]{1,5}))?", re.IGNORECASE)
_REST = re.compile(r"(?:[/?#][A-Za-z0-9\-._~%!$&'()*+,;=:@/?#]*)?")
_PORTS = {"http": 80, "https": 443}


def safe_link(text: object, own_server: str | None = None) -> str | None:
    """Return an address as it may be linked to, or None where it may not: https on a website of W&B.

    own_server : the configured W&B server (base_url); its host and that of its website, on its own port, by https or
    its own scheme, are known too.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    found = _LINK.match(text)
    if found is None or not _REST.fullmatch(text, found.end()):
        return None
    site = _site(found)
    scheme, host, port = site
    known = scheme == "https" and port == 443 and (host in HOSTS or host.endswith(DOMAINS))
    if not known and site not in _sites_of(own_server):
        return None
    written = host if port == _PORTS[scheme] else f"{host}:{port}"
    return f"{scheme}://{written}{text[found.end() :]}"


def with_known_links(sweep: Sweep, own_server: str | None = None) -> Sweep:
    """Return a sweep whose runs and sweep records keep only addresses that `safe_link` takes; a warning counts others.

    So every page and format may show what is left as links, and "" or None where there was another.
    """
    given = sweep.runs["url"].astype("str")
    links = {text: safe_link(text, own_server) or "" for text in given.unique()}
    kept = given.map(links)
    records = tuple(replace(one, url=safe_link(one.url, own_server)) for one in sweep.declarations)
    lost = int(((given != "") & (kept == "")).sum())
    records_lost = sum(one.url is not None for one in sweep.declarations) - sum(one.url is not None for one in records)
    if kept.equals(given) and records == sweep.declarations:
        return sweep
    warnings = sweep.warnings
    if lost or records_lost:
        what = " and ".join(_counted(((lost, "run"), (records_lost, "sweep"))))
        warnings = (
            *warnings,
            f"The addresses of {what} don't lead to a known W&B website over https, and are left out.",
        )
    return replace(
        sweep, runs=sweep.runs.assign(url=kept.astype(sweep.runs["url"].dtype)), declarations=records, warnings=warnings
    )


def _counted(counts: Iterable[tuple[int, str]]) -> list[str]:
    return [count(number, what) for number, what in counts if number]


def _site(found: re.Match[str]) -> tuple[str, str, int]:
    scheme = found.group(1).lower()
    return scheme, found.group(2).lower(), int(found.group(3) or _PORTS[scheme])


def _sites_of(server: str | None) -> set[tuple[str, str, int]]:
    """Return scheme, host and port of the configured server and of its website (without a leading "api.")."""
    found = _LINK.match(server or "")
    if found is None:
        return set()
    scheme, host, port = _site(found)
    schemes = {scheme: port, "https": port if scheme == "https" or found.group(3) else 443}
    return {(s, h, p) for s, p in schemes.items() for h in (host, host.removeprefix("api."))}
