"""From what a user asked for, as text, to sources read and choices checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from lib.errors import InputError
from lib.sweep import Choices, Sweep, goal_of

VALUES = ("last", "best")
GOALS = ("maximize", "minimize")


def choices_of(
    metric: str | None = None,
    goal: str | None = None,
    parameters: Sequence[str] | None = None,
    value: str = "last",
    states: Sequence[str] | None = None,
    top: int = 10,
) -> Choices:
    """Check a user's choices. Raises InputError naming the option, what it got and what it takes."""
    if goal is not None and goal not in GOALS:
        raise InputError(f"The goal {goal!r} is not one of: {', '.join(GOALS)}.")
    if value not in VALUES:
        raise InputError(f"The value {value!r} is not one of: {', '.join(VALUES)}.")
    if top < 1:
        raise InputError(f"The number of top runs has to be at least 1, but is {top}.")
    return Choices(
        metric=metric,
        goal=goal_of(goal),
        parameters=tuple(parameters) if parameters else None,
        value=value,
        states=tuple(state.strip().lower() for state in states) if states else None,
        top=top,
    )


def read_sources(
    sources: Sequence[str],
    sweep_config: str | Path | None,
    choices: Choices,
    progress: Callable[[int, int | None], None] | None = None,
) -> Sweep:
    """Read sources named on the command line or in Python (files allowed), with a sweep config where one is named."""
    from lib.sources import open_sources

    text = None
    if sweep_config is not None:
        path = Path(sweep_config)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise InputError(f"There is no sweep config {str(path)!r}. Check the path.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"The sweep config {str(path)!r} can't be read as text ({type(error).__name__})."
            ) from error
    return open_sources(
        sources,
        sweep_config_text=text,
        sweep_config_name=str(sweep_config),
        progress=progress,
        parameters=choices.parameters or (),
        metric=choices.metric,
    )
