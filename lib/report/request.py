"""What a user asks for: the sources to open, and the choices, checked."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.model.choices import Choices
from lib.model.column_choices import column_choices_of
from lib.model.derive import derivations_of
from lib.model.errors import InputError
from lib.model.goal import goal_of
from lib.model.objective import value_rule
from lib.model.parameter import Scale
from lib.sources.address import parse_address
from lib.sources.config_bounds import LARGEST
from lib.sources.record import Address
from lib.sources.wandb.access import Access, base_url_from_settings

GOALS = ("maximize", "minimize")

SECRETS = Path(".streamlit/secrets.toml")

MOST_SOURCES = 30
"""How many sources a visitor may join. Who starts the program may name any number."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file."""

    name: str
    """Its name, as the browser sent it."""
    digest: str
    """The SHA-256 of the content, by which caches know it."""
    content: bytes = field(repr=False, compare=False)
    """The bytes that Streamlit holds for the session, not a copy of them."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be opened: named sources, uploads, and sweep configs."""

    sources: tuple[str, ...]
    """Sources as text: each what `lib.sources.address.parse_address` takes."""
    uploads: tuple[Upload, ...] = ()
    """Files that a visitor handed in."""
    sweep_config: str | None = None
    """The text of a sweep config that a visitor handed in, for all sources."""
    config_of_named: str | None = None
    """The text of the one named when the program was started, for the sources that were named with it."""
    config_name: str = "The sweep config"
    """What messages call that one."""
    files_allowed: tuple[str, ...] = ()
    """The sources named when the program was started; only they may be files of this machine."""
    access: Access | None = field(default=None, repr=False)
    """Whose W&B key is used, None without one. It is part of no cache key but by its salted hash."""
    base_url: str | None = None
    """The configured W&B server, None for the SDK's own default."""

    def addresses(self) -> tuple[Address, ...]:
        """Return the sources, parsed. Raises InputError for one that can't be, and for too many."""
        typed = sum(text not in self.files_allowed for text in self.sources)
        if typed > MOST_SOURCES:
            raise InputError(f"{typed} sources are too many to join; name at most {MOST_SOURCES}.")
        return tuple(
            parse_address(text, base_url=self.base_url, files_allowed=text in self.files_allowed)
            for text in self.sources
        )

    def wandb_addresses(self) -> tuple[Address, ...]:
        """Return the sources that are on W&B, each once."""
        return tuple({one.key: one for one in self.addresses() if one.on_wandb}.values())

    def distinct_uploads(self) -> tuple[Upload, ...]:
        """Return the uploads, one that was handed in twice once."""
        return tuple(dict.fromkeys(self.uploads))

    def named_keys(self) -> frozenset[tuple[str | None, ...]]:
        """Return the keys of the sources named when the program was started, of those that can be had."""
        keys = set()
        for text in self.files_allowed:
            # The one who opens it gets the sentence.
            with suppress(InputError):
                keys.add(parse_address(text, base_url=self.base_url, files_allowed=True).key)
        return frozenset(keys)


def choices_of(
    *,
    metric: str | None = None,
    goal: str | None = None,
    parameters: Sequence[str] | None = None,
    value: str = "last",
    states: Sequence[str] | None = None,
    top: int = 10,
    derive: Sequence[str] | None = None,
    seeds: Sequence[str] | None = None,
    scales: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
) -> Choices:
    """Check a user's choices. Raises InputError naming the option, what it got and what it takes."""
    if goal is not None and goal not in GOALS:
        raise InputError(f"The goal {goal!r} is not one of: {', '.join(GOALS)}.")
    if top < 1:
        raise InputError(f"The number of top runs has to be at least 1, but is {top}.")
    return Choices(
        metric=metric,
        goal=goal_of(goal),
        parameters=tuple(parameters) if parameters else None,
        value=value_rule(value).text,
        states=tuple(state.strip().lower() for state in states) if states else None,
        top=top,
        derive=derivations_of(derive or ()),
        seeds=tuple(seeds) if seeds else (),
        scales=scales_of(scales or ()),
        columns=column_choices_of(columns or ()),
    )


def scales_of(texts: Sequence[str]) -> tuple[tuple[str, Scale], ...]:
    """Read scales written as NAME:linear or NAME:log. Raises InputError for anything else."""
    found: dict[str, Scale] = {}
    for text in texts:
        name, _, scale = text.rpartition(":")
        if not name or scale not in ("linear", "log"):
            raise InputError(f"The scale {text!r} is not written as NAME:linear or NAME:log.")
        found[name] = "log" if scale == "log" else "linear"
    return tuple(found.items())


def project_secrets(path: Path = SECRETS) -> dict[str, Any]:
    """Return the app's secrets file as the app itself reads it; nothing where there is none. Raises InputError."""
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise InputError(f"{path} can't be read as TOML. Fix it, or use the environment's WANDB_API_KEY.") from None


def config_text(path: str | Path) -> str:
    """Return the text of a sweep config that was named. Raises InputError where there is none or it is no text."""
    try:
        with Path(path).open(encoding="utf-8-sig") as file:
            # A little more than what is taken, so that the reader of it says that it is too long.
            return file.read(LARGEST + 1)
    except FileNotFoundError:
        raise InputError(f"There is no sweep config {str(path)!r}. Check the path.") from None
    except IsADirectoryError:
        raise InputError(f"The sweep config {str(path)!r} is a folder. Name a YAML file in it.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The sweep config {str(path)!r} can't be read as text ({type(error).__name__}).") from error


def request_of(sources: Sequence[str], sweep_config: str | Path | None = None) -> Request:
    """Return the request of the person who starts the program: sources may be files, and the config is for all of them.

    Raises InputError for settings or a sweep config that can't be read.
    """
    return Request(
        tuple(sources),
        config_of_named=None if sweep_config is None else config_text(sweep_config),
        config_name=str(sweep_config),
        files_allowed=tuple(sources),
        base_url=base_url_from_settings(os.environ, project_secrets()),
    )
