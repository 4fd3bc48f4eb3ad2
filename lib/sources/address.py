"""Reads what a person types as a source: the sample, a file, or a sweep or project on a W&B website."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from lib.model.errors import InputError

AddressKind = Literal["sample", "file", "sweep", "project"]

SAMPLES = {"sample": "sweep", "sample/followup": "followup", "sample/repeats": "repeats"}
READABLE_SUFFIXES = (".csv", ".parquet")

# The websites of W&B's own service, each with the path that stands before ENTITY/PROJECT.
_WEBSITES = {"wandb.ai": "", "www.wandb.ai": "", "app.wandb.ai": "", "forge.coreweave.com": "/wandb"}
# Tabs of a project or sweep on the website: they say nothing about which runs are meant.
_TABS = {"", "workspace", "table", "overview", "sweeps", "runs", "charts", "logs", "files"}
_OTHER_FILES = (".tsv", ".txt", ".gz", ".zip", ".xlsx", ".xls", ".json", ".jsonl", ".yaml", ".yml", ".feather", ".pkl")
_FORBIDDEN = set('/\\#?%:*"<>|')
# Control characters, halves of characters, and separators of lines and paragraphs.
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
_SWEEP_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST = 2000
_FORMS = "Give sample, ENTITY/PROJECT/SWEEP_ID, ENTITY/PROJECT, or the address of a sweep or project on W&B"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to read runs from. `text` is the canonical spelling, to be shown; sources are compared by `key`."""

    kind: AddressKind
    text: str
    path: Path | None = None
    entity: str | None = None
    project: str | None = None
    sweep_id: str | None = None

    @property
    def key(self) -> tuple[str | None, ...]:
        """What the source is known by: equal keys name the same source, and nothing else does."""
        if self.kind in ("sweep", "project"):
            return (self.kind, self.entity, self.project, self.sweep_id)
        return (self.kind, self.text)


def parse_address(text: str, *, base_url: str | None = None, files_allowed: bool) -> Address:
    """Read one SOURCE as the command line, the source field and the page address give it.

    `base_url` is the configured W&B server, whose website is accepted as well. With `files_allowed` False, as for
    everything that a visitor can type, a file is refused without looking at the disk. Raises InputError.
    """
    typed = text.strip()
    if not typed:
        raise InputError(f"The source is blank. {_forms(files_allowed)}.")
    if len(typed) > _LONGEST:
        raise InputError(f"The source is {len(typed)} characters long, which no address is. {_forms(files_allowed)}.")
    if typed == "sample" or typed.startswith("sample/"):
        return _sample(typed)
    if "://" in typed or typed.split("/")[0].lower() in _WEBSITES:
        return _website(typed, base_url)
    if _looks_like_file(typed):
        return _file(typed, files_allowed)
    return _path_on_wandb(typed, typed.strip("/").split("/"), files_allowed)


def _forms(files_allowed: bool) -> str:
    return f"{_FORMS}, or the path of a .csv or .parquet file" if files_allowed else _FORMS


def _sample(typed: str) -> Address:
    name = typed.rstrip("/")
    if name not in SAMPLES:
        raise InputError(f"There is no sample {_shown(typed)}. The samples are: {', '.join(SAMPLES)}.")
    return Address("sample", name)


def _looks_like_file(typed: str) -> bool:
    lowered = typed.lower()
    return (
        lowered.endswith(READABLE_SUFFIXES + _OTHER_FILES)
        or typed.startswith(("/", "./", "../", "~"))
        or typed in (".", "..")
        or "\\" in typed
        or re.match(r"[A-Za-z]:", typed) is not None
    )


def _file(typed: str, files_allowed: bool) -> Address:
    if not files_allowed:
        raise InputError(
            f"{_shown(typed)} looks like a file, and a file of the server can't be opened from here. "
            "Upload it, or name it on the command line."
        )
    if "\x00" in typed:
        raise InputError("The path of the file holds a NUL character. Check the path.")
    if not typed.lower().endswith(READABLE_SUFFIXES):
        raise InputError(
            f"{_shown(typed)} is not a kind of file that can be read. "
            "Give a W&B run-table export (.csv) or a snapshot (.parquet)."
        )
    path = Path(typed).expanduser()
    try:
        if path.is_dir():
            raise InputError(f"{_shown(typed)} is a folder. Give the .csv or .parquet file in it.")
        if not path.is_file():
            raise InputError(f"There is no file {_shown(typed)}. Check the path.")
    except OSError as error:
        raise InputError(f"The file {_shown(typed)} can't be opened: {error.strerror or error}.") from error
    return Address("file", typed, path=path)


def _website(typed: str, base_url: str | None) -> Address:
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        raise InputError(f"{_shown(typed)} is not a well-formed address. {_FORMS}.") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise InputError(f"{_shown(typed)} is not an address of a website (http or https). {_FORMS}.")
    sites: dict[tuple[str, int | None], str] = {(name, None): prefix for name, prefix in _WEBSITES.items()}
    own = _site_of(base_url)
    if own is not None:
        sites[own[0]] = own[1]
    port = None if port == {"http": 80, "https": 443}[parts.scheme.lower()] else port
    if (host, port) not in sites:
        raise InputError(
            f"{_shown(host) if host else 'The address'} is not a W&B website that this report reads from. "
            f"Give an address on {', '.join(sorted({name for name, _ in sites}))}."
        )
    path, prefix = parts.path, sites[host, port]
    if prefix and (path == prefix or path.startswith(f"{prefix}/")):
        path = path[len(prefix) :]
    return _path_on_wandb(typed, [unquote(segment) for segment in path.strip("/").split("/")], files_allowed=False)


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


def _path_on_wandb(typed: str, segments: list[str], files_allowed: bool) -> Address:
    segments = [segment.strip() for segment in segments]
    if len(segments) < 2 or not all(map(_is_name, segments[:2])):
        raise InputError(f"{_shown(typed)} names no sweep and no project. {_forms(files_allowed)}.")
    entity, project, *rest = segments
    while rest and rest[-1] == "":
        rest.pop()
    if not rest or (len(rest) == 1 and rest[0] in _TABS):
        return Address("project", f"{entity}/{project}", entity=entity, project=project)
    if rest[0] == "runs":
        raise InputError(f"{_shown(typed)} is the address of a single run. Give its sweep or its project.")
    if rest[0] == "sweeps":
        rest = rest[1:]
    tab = rest[1] if len(rest) > 1 else ""
    if len(rest) > 2 or tab not in _TABS or rest[0] == "groups" or not _SWEEP_ID.fullmatch(rest[0]):
        raise InputError(f"{_shown(typed)} is not the address of a sweep or project. {_forms(files_allowed)}.")
    text = f"{entity}/{project}/{rest[0]}"
    return Address("sweep", text, entity=entity, project=project, sweep_id=rest[0])


def _is_name(segment: str) -> bool:
    """Whether this can be an entity or a project: a name that is no path, however often it was quoted."""
    if not 0 < len(segment) <= 128 or segment == "." or ".." in segment or not _FORBIDDEN.isdisjoint(segment):
        return False
    return all(unicodedata.category(character) not in _UNPRINTABLE for character in segment)


def _shown(typed: str) -> str:
    return repr(typed if len(typed) <= 120 else f"{typed[:117]}...")
