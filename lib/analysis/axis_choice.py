"""How a reader wants an axis drawn, as short text for addresses: `lr:log,0.001..0.1`, `loss=dice|bce` (its levels).

Names and levels are written as in `lib.model.filters`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import cast, get_args

from lib.analysis.axis_ticks import AxisScale
from lib.model.errors import InputError
from lib.model.filters import escaped, plain, range_in, range_text, split

INVERTED = "inverted"
SCALES: tuple[AxisScale, ...] = get_args(AxisScale)


@dataclass(frozen=True, slots=True)
class AxisChoice:
    """One axis as the reader wants it: `scale` None is the column's own; `order` lists levels from the bottom up.

    `shown` are the lowest and the highest value that the axis shows, either end None for its own; None for all.
    """

    name: str
    scale: AxisScale | None = None
    inverted: bool = False
    order: tuple[str, ...] = ()
    shown: tuple[float | None, float | None] | None = None

    @property
    def text(self) -> str:
        """The choice as text; `axis_choice` reads it back."""
        span = range_text(*self.shown) if self.shown else None
        words = [w for w in (self.scale, INVERTED if self.inverted else None, span) if w]
        flags = f":{','.join(words)}" if words else ""
        return f"{escaped(self.name)}{flags}{'=' + '|'.join(map(escaped, self.order)) if self.order else ''}"


def axis_choice(text: str) -> AxisChoice:
    """Read a choice from its text. Raises InputError where it can't be one."""
    found = re.match(r"((?:[^\\:=]|\\.)+)(?::([^=]*))?(?:=(.*))?\Z", text, re.DOTALL)
    flags = [f for f in (found[2] or "").split(",") if f] if found else []
    ranges = [range_in(f) for f in flags if ".." in f]
    scales = [f for f in flags if f != INVERTED and ".." not in f]
    if not found or len(scales) > 1 or any(f not in SCALES for f in scales) or len(ranges) > 1 or None in ranges:
        raise InputError(
            f"The axis {text!r} can't be read. Write NAME, NAME:log,inverted, NAME:LOW..HIGH or NAME=LEVEL|LEVEL."
        )
    scale = cast(AxisScale, scales[0]) if scales else None
    order = tuple(plain(v) for v in split(found[3])) if found[3] is not None else ()
    return AxisChoice(plain(found[1]), scale, INVERTED in flags, order, ranges[0] if ranges else None)


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
