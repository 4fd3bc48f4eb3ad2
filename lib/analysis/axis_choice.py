"""How a reader wants an axis drawn, as short text for addresses: `lr:log,inverted`, `loss=dice|bce` (its levels).

Names and levels are written as in `lib.model.filters`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import cast, get_args

from lib.analysis.axes import AxisScale
from lib.model.errors import InputError
from lib.model.filters import escaped, plain, split

INVERTED = "inverted"
SCALES: tuple[AxisScale, ...] = get_args(AxisScale)


@dataclass(frozen=True, slots=True)
class AxisChoice:
    """One axis as the reader wants it: `scale` None is the column's own; `order` lists levels from the bottom up."""

    name: str
    scale: AxisScale | None = None
    inverted: bool = False
    order: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The choice as text; `axis_choice` reads it back."""
        words = [w for w in (self.scale, INVERTED if self.inverted else None) if w]
        flags = f":{','.join(words)}" if words else ""
        return f"{escaped(self.name)}{flags}{'=' + '|'.join(map(escaped, self.order)) if self.order else ''}"


def axis_choice(text: str) -> AxisChoice:
    """Read a choice from its text. Raises InputError where it can't be one."""
    found = re.match(r"((?:[^\\:=]|\\.)+)(?::([a-z,]*))?(?:=(.*))?\Z", text, re.DOTALL)
    flags = [f for f in (found[2] or "").split(",") if f] if found else []
    scales = [f for f in flags if f != INVERTED]
    if not found or len(scales) > 1 or any(f not in SCALES for f in scales):
        raise InputError(f"The axis {text!r} can't be read. Write NAME, NAME:log,inverted or NAME=LEVEL|LEVEL.")
    scale = cast(AxisScale, scales[0]) if scales else None
    order = tuple(plain(v) for v in split(found[3])) if found[3] is not None else ()
    return AxisChoice(plain(found[1]), scale, INVERTED in flags, order)


def readable_choices(texts: Iterable[str], known: Collection[str]) -> tuple[tuple[AxisChoice, ...], tuple[str, ...]]:
    """Read the choices whose columns are known, each column once, and say in a sentence each what became of others."""
    choices: dict[str, AxisChoice] = {}
    problems = []
    for text in texts:
        try:
            one = axis_choice(text)
        except InputError as error:
            problems.append(f"{error} It was ignored.")
            continue
        if one.name in known:
            choices.setdefault(one.name, one)
        else:
            problems.append(f"The axis {text!r} names no column of these runs. It was ignored.")
    return tuple(choices.values()), tuple(problems)
