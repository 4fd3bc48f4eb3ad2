"""From what a user asked for, as text, to sources read and choices checked."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.model.derive import derivations_of
from lib.model.errors import InputError
from lib.model.objective import value_rule, wants_histories
from lib.model.sweep import Choices, Scale, Sweep, goal_of
from lib.sources.config_bounds import LARGEST
from lib.sources.wandb.access import access_from_settings, base_url_from_settings

if TYPE_CHECKING:
    from lib.sources.address import Address

GOALS = ("maximize", "minimize")

SECRETS = Path(".streamlit/secrets.toml")

Progress = Callable[[int, int | None], None]


def choices_of(
    metric: str | None = None,
    goal: str | None = None,
    parameters: Sequence[str] | None = None,
    value: str = "last",
    states: Sequence[str] | None = None,
    top: int = 10,
    derive: Sequence[str] | None = None,
    seeds: Sequence[str] | None = None,
    scales: Sequence[str] | None = None,
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
        raise InputError(f"{path} can't be read as TOML. Mend it, or use the environment's WANDB_API_KEY.") from None


def read_sources(
    sources: Sequence[str],
    sweep_config: str | Path | None,
    choices: Choices,
    progress: Progress | None = None,
    *,
    histories: bool = False,
) -> Sweep:
    """Read sources named on the command line or in Python (files allowed), with a sweep config where one is named.

    histories : whether W&B is asked for every run's history even where the choices don't want it.
    """
    from lib.sources import open_sources

    text = None
    if sweep_config is not None:
        path = Path(sweep_config)
        try:
            with path.open(encoding="utf-8-sig") as file:
                text = file.read(LARGEST + 1)
        except FileNotFoundError:
            raise InputError(f"There is no sweep config {str(path)!r}. Check the path.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"The sweep config {str(path)!r} can't be read as text ({type(error).__name__})."
            ) from error

    secrets = project_secrets()

    def fetch_wandb(address: Address, progress: Progress | None = None) -> Sweep:
        from lib.sources.wandb.api import fetch
        from lib.sources.wandb.histories import with_histories

        # Who calls this names the source themselves: the owner's key may open it.
        access = access_from_settings(os.environ, secrets, named=[address])
        sweep = fetch(address, access=access, progress=progress)
        if histories or wants_histories(sweep, choices):
            return with_histories(sweep, address, access=access, progress=progress)
        return sweep

    made = {d.name for d in choices.derive}
    return open_sources(
        sources,
        sweep_config_text=text,
        sweep_config_name=str(sweep_config),
        base_url=base_url_from_settings(os.environ, secrets),
        progress=progress,
        fetch_wandb=fetch_wandb,
        parameters=tuple(name for name in choices.parameters or () if name not in made),
        metric=None if choices.metric in made else choices.metric,
    )
