"""From what is brushed or clicked in a chart to filters of the whole report."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from lib.charts.marks import PICK
from lib.model.choices import Filter
from lib.model.filters import range_over

# Of the values' whole range: about 15 pixels of a chart.
_TREMBLE = 0.05
# What a chart reports of its selections, by their names.
Picked: TypeAlias = Mapping[str, Any]
Reader: TypeAlias = Callable[[Picked], Iterable[Filter]]


def ranges(**axes: tuple[str, Any]) -> Reader:
    """Return the reader of a chart that is brushed along `x`, `y` or both: for each its column and all its values.

    The values are an array or a list of floats. A drag along x that is hardly higher than a hand trembles is meant for
    x alone.
    """

    def read(picked: Picked) -> list[Filter]:
        spans = dict(picked.get(PICK) or {})
        if len(axes) > 1 and len(spans.get("y") or ()) == 2:
            known = [value for value in axes["y"][1] if math.isfinite(value)]
            if known and max(spans["y"]) - min(spans["y"]) < _TREMBLE * (max(known) - min(known)):
                del spans["y"]
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
