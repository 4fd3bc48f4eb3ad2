"""An issue with a W&B sweep config: its place, what is there, and what to do; and what all rules look for one with."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lib.model.numbers import number

Severity = Literal["error", "warning", "note"]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong or unwise in a sweep config."""

    severity: Severity
    """error: W&B refuses the config. warning: it does something else than is likely meant. note: worth a look."""
    rule: str
    """The rule that found it, like "exponents"."""
    path: Path
    """Where: the keys from the top, like ("parameters", "lr", "min"); empty for the config as a whole."""
    what: str
    """What is there, as a sentence without a full stop."""
    fix: str
    """What to do, as a sentence without a full stop."""
    quoted: tuple[float, ...] = ()
    """The numbers that both quote, unrounded, for rules about what shaped the runs."""

    @property
    def where(self) -> str:
        """The place with dots between the keys."""
        return ".".join(self.path)


def nearest(word: object, known: tuple[str, ...] | list[str]) -> str | None:
    """Return the known word that another is likely a misspelling of, or None."""
    near = difflib.get_close_matches(str(word), known, n=1, cutoff=0.7)
    return near[0] if near else None


def specs_in(parameters: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield each parameter's place and spec, those of nested ones too."""
    for name, spec in parameters.items():
        if isinstance(spec, Mapping) and isinstance(spec.get("parameters"), Mapping):
            yield from specs_in(spec["parameters"], (*path, str(name), "parameters"))
        elif isinstance(spec, Mapping):
            yield (*path, str(name)), spec


def in_words(value: object) -> str:
    """Return a value of a config as messages write it."""
    return repr(value)[:80] if isinstance(value, str) else number(value)
