"""Where along one parameter the best lies for each level of another that it acts together with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.analysis.response import Surface
from lib.model.numbers import interval, number

MOST_LEVELS = 5
# A part of the range that is nearly all of it says nothing.
_MOST = 0.9


@dataclass(frozen=True, slots=True)
class Branch:
    """The best of a range where another parameter has one level.

    level : that level. low, high : where the best lies, but for a chance, in the parameter's units.
    """

    level: Any
    low: Any
    high: Any

    @property
    def text(self) -> str:
        """The branch in words: "0.001 to 0.01 with adam"."""
        return f"{interval(self.low, self.high)} with {number(self.level)}"


def branches(fitted: Surface, side: int, outside: float) -> tuple[Branch, ...]:
    """Return the best of one parameter (`side` of the surface) for each level of the other.

    Empty unless one is a range, the other has up to MOST_LEVELS levels, and the best of one level is narrower than the
    range. outside : the chance that the best lies outside, split over both ends.
    """
    axis, other = fitted.axes[side], fitted.axes[1 - side]
    if axis.levels is not None or other.levels is None or len(other.levels) > MOST_LEVELS:
        return ()
    draws = fitted.draws if side == 0 else fitted.draws.transpose(0, 2, 1)
    positions = fitted.positions[side]
    found, widths = [], []
    for at, level in enumerate(other.levels):
        where = positions[np.argmax(draws[:, :, at], axis=1)]
        low, high = np.quantile(where, [outside / 2, 1 - outside / 2])
        widths.append(float(high - low))
        found.append(Branch(level, axis.value(float(low)), axis.value(float(high))))
    return tuple(found) if min(widths) <= _MOST else ()
