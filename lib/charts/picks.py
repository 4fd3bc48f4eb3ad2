"""From what is brushed or clicked in a chart to filters of the whole report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from lib.charts.marks import PICK
from lib.model.choices import Filter
from lib.model.filters import range_over

# What a chart reports of its selections, by their names.
Picked: TypeAlias = Mapping[str, Any]
Reader: TypeAlias = Callable[[Picked], Iterable[Filter]]


def ranges(**axes: tuple[str, Any]) -> Reader:
    """Return the reader of a chart that is brushed along `x`, `y` or both: for each its column and all its values.

    The values are an array or a list of floats.
    """

    def read(picked: Picked) -> list[Filter]:
        spans = picked.get(PICK) or {}
        found = [
            range_over(column, values, min(spans[axis]), max(spans[axis]))
            for axis, (column, values) in axes.items()
            if len(spans.get(axis) or ()) == 2
        ]
        return [one for one in found if one is not None]

    return read


def levels(column: str, drawn: Sequence[str]) -> Reader:
    """Return the reader of a chart whose levels are clicked. drawn : its levels; the chart tells a level's place."""

    def read(picked: Picked) -> list[Filter]:
        places = [point.get("x") for point in picked.get(PICK) or []]
        clicked = [drawn[at] for at in places if isinstance(at, int) and 0 <= at < len(drawn)]
        return [Filter(column, values=tuple(clicked))] if clicked else []

    return read
