"""W&B as a source: the addresses of its sweeps and projects, and the code that reads them without this program."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote, urlsplit

from lib.model.errors import InputError
from lib.model.sweep import Sweep
from lib.model.text import shortened
from lib.sources.record import Address, Place

KEY_PAGE = "forge.coreweave.com/settings#apikeys"
"""Where W&B shows a user's API keys."""

# The websites of W&B's own service, each with the path that stands before ENTITY/PROJECT.
_WEBSITES = {"wandb.ai": "", "www.wandb.ai": "", "app.wandb.ai": "", "forge.coreweave.com": "/wandb"}
# Tabs of a project or sweep on the website: they say nothing about which runs are meant.
_TABS = {"", "workspace", "table", "overview", "sweeps", "runs", "charts", "logs", "files"}
_FORBIDDEN = set('/\\#?%:*"<>|')
# Control characters, halves of characters, and separators of lines and paragraphs.
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
_SWEEP_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SWEEP_ADDRESS = re.compile(r"([\w.-]+)/([\w.-]+)/([\w-]+)")
_PROJECT_ADDRESS = re.compile(r"([\w.-]+)/([\w.-]+)")


def on_a_website(typed: str) -> bool:
    """Whether a text is the address of a website."""
    return "://" in typed or typed.split("/")[0].lower() in _WEBSITES


def _address(typed: str, base_url: str | None, forms: str) -> Address:
    if on_a_website(typed):
        return _website(typed, base_url, forms)
    return _path_on_wandb(typed, typed.strip("/").split("/"), forms)


def _website(typed: str, base_url: str | None, forms: str) -> Address:
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        raise InputError(f"{shortened(typed)} is not a well-formed address. Give {forms}.") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise InputError(f"{shortened(typed)} is not an address of a website (http or https). Give {forms}.")
    sites: dict[tuple[str, int | None], str] = {(name, None): prefix for name, prefix in _WEBSITES.items()}
    own = _site_of(base_url)
    if own is not None:
        sites[own[0]] = own[1]
    port = None if port == {"http": 80, "https": 443}[parts.scheme.lower()] else port
    if (host, port) not in sites:
        raise InputError(
            f"{shortened(host) if host else 'The address'} is not a W&B website that this report reads from. "
            f"Give an address on {', '.join(sorted({name for name, _ in sites}))}."
        )
    path, prefix = parts.path, sites[host, port]
    if prefix and (path == prefix or path.startswith(f"{prefix}/")):
        path = path[len(prefix) :]
    return _path_on_wandb(typed, [unquote(segment) for segment in path.strip("/").split("/")], forms)


def _site_of(base_url: str | None) -> tuple[tuple[str, int | None], str] | None:
    """Return the host, port and leading path of the website that belongs to an API address; None without one."""
    if not base_url:
        return None
    try:
        parts = urlsplit(base_url if "://" in base_url else f"https://{base_url}")
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise InputError("The configured W&B address (base_url) is not a well-formed address.") from None
    default = {"http": 80, "https": 443}.get(parts.scheme.lower())
    return (host.removeprefix("api."), None if port == default else port), parts.path.rstrip("/")


def _path_on_wandb(typed: str, segments: list[str], forms: str) -> Address:
    segments = [segment.strip() for segment in segments]
    if len(segments) < 2 or not all(map(_is_name, segments[:2])):
        raise InputError(f"{shortened(typed)} names no sweep and no project. Give {forms}.")
    entity, project, *rest = segments
    while rest and rest[-1] == "":
        rest.pop()
    if not rest or (len(rest) == 1 and rest[0] in _TABS):
        return Address("project", f"{entity}/{project}", entity=entity, project=project)
    if rest[0] == "runs":
        raise InputError(f"{shortened(typed)} is the address of a single run. Give its sweep or its project.")
    if rest[0] == "sweeps":
        rest = rest[1:]
    tab = rest[1] if len(rest) > 1 else ""
    if len(rest) > 2 or tab not in _TABS or rest[0] == "groups" or not _SWEEP_ID.fullmatch(rest[0]):
        raise InputError(f"{shortened(typed)} is not the address of a sweep or project. Give {forms}.")
    text = f"{entity}/{project}/{rest[0]}"
    return Address("sweep", text, entity=entity, project=project, sweep_id=rest[0])


def _is_name(segment: str) -> bool:
    """Whether this can be an entity or a project: a name that is no path, however often it was quoted."""
    if not 0 < len(segment) <= 128 or segment == "." or ".." in segment or not _FORBIDDEN.isdisjoint(segment):
        return False
    return all(unicodedata.category(character) not in _UNPRINTABLE for character in segment)


_FETCH = """\
import pandas as pd
import wandb

api = wandb.Api(overrides={{"entity": "{entity}"}})
runs = api.runs(
    "{entity}/{project}",
    filters={filters},
    order="+created_at",
    per_page=1000,      # few requests; the default is 50 a page
    lazy=False,         # config and summary come with the page, not one request a run
    include_sweeps=False,
)
rows = [
    {{
        "run_id": run.id,
        "name": run.name,
        "state": run.state,
        **{{f"config.{{key}}": value for key, value in run.config.items()}},
        **{{f"summary.{{key}}": value for key, value in run.summary_metrics.items()}},
    }}
    for run in runs
]
frame = pd.DataFrame(rows)
print(frame["state"].value_counts())
"""


def _code(sweep: Sweep) -> str | None:
    first = sweep.origin.label.split(" + ")[0]
    found = _SWEEP_ADDRESS.match(first)
    if found:
        entity, project, sweep_id = found.groups()
        return _FETCH.format(entity=entity, project=project, filters=f'{{"sweep": "{sweep_id}"}}')
    found = _PROJECT_ADDRESS.match(first)
    return _FETCH.format(entity=found[1], project=found[2], filters="None") if found else None


WANDB = Place(
    kind="wandb",
    forms=("ENTITY/PROJECT/SWEEP_ID", "ENTITY/PROJECT", "the address of a sweep or project on W&B"),
    takes=on_a_website,
    address=_address,
    code=_code,
)
