"""From what is brushed or clicked in a chart to filters of the whole report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from lib.charts.marks import PICK
from lib.charts.robust import robust_ends, share_of
from lib.model.choices import Filter
from lib.model.filters import range_over

# Of a whole axis: about 15 pixels of a chart.
_TREMBLE = 0.05
# A drag across the only axis that is brushed: one pixel, and rounding.
_NOTHING = 0.01
# What a chart reports of its selections, by their names.
Picked: TypeAlias = Mapping[str, Any]
Reader: TypeAlias = Callable[[Picked], Iterable[Filter]]


@dataclass(frozen=True, eq=False, slots=True)
class Along:
    """What an axis of a chart shows."""

    column: str
    values: np.ndarray
    """All its values, NaN where there is none."""
    log: bool
    """Whether its scale is logarithmic."""

    def share(self, first: float, last: float) -> float:
        """Return how much of the axis lies between two values, 0..1."""
        log = self.log and min(first, last) > 0
        ends = robust_ends(self.values, log)
        return abs(share_of(first, ends, log) - share_of(last, ends, log)) if ends[0] < ends[1] else 1.0


def ranges(**axes: Along) -> Reader:
    """Return the reader of a chart that is brushed along `x`, `y` or both.

    A drag along one of two axes that is hardly wider across it than a hand trembles is meant for that one alone.
    """

    def read(picked: Picked) -> list[Filter]:
        spans = {axis: (min(span), max(span)) for axis, span in (picked.get(PICK) or {}).items() if len(span) == 2}
        found = {axis: along for axis, along in axes.items() if axis in spans}
        if len(found) > 1:
            shares = {axis: along.share(*spans[axis]) for axis, along in found.items()}
            narrow = min(shares, key=lambda axis: (shares[axis], axis == "x"))
            if shares[narrow] < _TREMBLE:
                del found[narrow]
        elif len(axes) == 1:
            found = {axis: along for axis, along in found.items() if along.share(*spans[axis]) > _NOTHING}
        filters = [range_over(one.column, one.values.tolist(), *spans[axis]) for axis, one in found.items()]
        return [one for one in filters if one is not None]

    return read


def levels(column: str, drawn: Sequence[str]) -> Reader:
    """Return the reader of a chart whose levels are clicked. drawn : its levels; the chart tells a level's place."""

    def read(picked: Picked) -> list[Filter]:
        places = [point.get("x") for point in picked.get(PICK) or []]
        clicked = [drawn[at] for at in places if isinstance(at, int) and 0 <= at < len(drawn)]
        return [Filter(column, values=tuple(clicked))] if clicked else []

    return read
