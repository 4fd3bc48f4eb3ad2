"""What all charts share: scales, axes, the objective's colours, and how many marks a browser is given.

No name of the data reaches Vega where Vega computes with it: columns have names that these modules make up (Vega reads
dots and brackets in field names), levels are numbers (`Names`), and titles are written by `title_of` and `tip_title`
(`lib.charts.names`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import altair as alt
import numpy as np

from lib.charts.names import LONGEST_TITLE, LONGEST_UPRIGHT, NO_PROPERTY, one_line, short, title_of
from lib.charts.palette import SEQUENTIAL
from lib.model.goal import Objective
from lib.model.numbers import number
from lib.model.parameter import Scale

# What `alt.layer` may return, by its annotation.
Drawing: TypeAlias = alt.LayerChart | alt.FacetChart

MOST_MARKS = 2_000
# More marks than that are drawn as one picture: as elements of the page they take the browser several times as long.
MOST_ELEMENTS = 300
# The name of the selection by which a reader picks runs in a chart.
PICK = "pick"
# With its axes: what is left for the runs is about 310.
HEIGHT = 380
# A value in full, as hovering shows it: all digits that differ between runs, without the noise of binary fractions.
FULL = ".12~g"
# Labels of a linear axis. A mere format is cut by Vega to the digits that tell the ticks apart: 6e+2 for 600.
AS_PEOPLE_READ = "format(datum.value, '~g')"
# How wide names beside a chart may be, in pixels: on a phone the marks need the room.
LABEL_LIMIT = alt.ExprRef("containerSize()[0] < 500 ? 150 : 220")
# Of the names of a legend that have room side by side on a phone.
_LETTERS_IN_A_ROW = 36
# How many times better: "10×", "10,000×", "1e6×".
_TIMES = "(datum.value < 1e6 ? format(datum.value, ',') : replace(format(datum.value, '~g'), 'e+', 'e')) + '×'"
# Labels stand at their grid lines, also the first and the last, and are few.
MOST_TICKS = 8
_TICKS_OF_TIMES = 5
AT_THEIR_LINES: dict[str, Any] = {"labelFlush": False, "labelBound": False, "tickCount": 5}
# Of words within a chart: 4:1 and more on a light and on a dark page.
INK = "#7b828d"
LARGEST = float(np.finfo(float).max)
OTHER_SWEEPS = "other sweeps"


Channel = TypeVar("Channel")


def either(channel: type[Channel], test: str, yes: Any, no: Any) -> Channel:
    """Return a channel that is one thing where an expression holds, and else a value.

    Of what isn't a channel yet Altair makes one itself, for which it goes through its whole schema: 8 ms each time.
    """
    return channel(**alt.when(test).then(yes).otherwise(no))


@dataclass(frozen=True, slots=True)
class Names:
    """The names on one discrete scale. Vega is given their places (0, 1, ...), and the names only to write them.

    Vega keeps the values of a discrete scale as keys of plain JavaScript objects, and Vega-Lite writes their order as
    code: "__proto__" or "constructor" break the first, line separators and thousands of names the second. (vega/vega
    issue 3695 is the case of "__proto__".)
    """

    texts: tuple[str, ...]
    """What is written, in the order of the scale."""

    @property
    def places(self) -> list[int]:
        """What stands for each name in the data."""
        return list(range(len(self.texts)))

    def scale(self, **options: Any) -> alt.Scale:
        """Return the scale of the names, in their order."""
        return alt.Scale(domain=self.places or alt.Undefined, **options)

    def axis(self, **options: Any) -> alt.Axis:
        """Return an axis that writes the names."""
        return alt.Axis(labelExpr=self._written, **options)

    def legend(self, **options: Any) -> alt.Legend:
        """Return a legend that writes the names."""
        return alt.Legend(labelExpr=self._written, **options)

    @property
    def _written(self) -> str:
        # The list is code as well: see `title_of` for the ending. As ASCII, it holds no line separator.
        return f"{json.dumps([one_line(text) + NO_PROPERTY for text in self.texts])}[datum.value]"


def colour_of_kinds(field: str, kinds: Iterable[tuple[str, str]], **legend: Any) -> alt.Color:
    """Return the colour of marks by a field that holds the place of each mark's kind among `kinds`.

    kinds : name and colour of each. legend : options of the legend.
    """
    texts, shades = zip(*kinds, strict=True)
    names = Names(texts)
    if sum(map(len, texts)) > _LETTERS_IN_A_ROW:
        # On a phone they stand below each other.
        legend = {"columns": alt.ExprRef("containerSize()[0] < 500 ? 1 : 0"), **legend}
    return alt.Color(
        f"{field}:N",
        title=None,
        scale=names.scale(range=list(shades)),
        legend=names.legend(**{"orient": "top", "labelLimit": 240, **legend}),
    )


def places_in(names: Sequence[str], values: Any) -> np.ndarray:
    """Return the place of each value among names, -1 for one that isn't among them."""
    place = {name: at for at, name in enumerate(names)}
    return np.array([place.get(value, -1) for value in values], dtype=int)


def objective_title(objective: Objective, scale: Scale, most: int = LONGEST_TITLE) -> str:
    """Title of an objective axis: its name, its unit or rule where there is one to tell, and which way is better.

    scale : a log scale is named too. most : how long the name may be.
    """
    better = better_words(objective, scale)
    told = f"{objective.kind_of_value}; {better}" if objective.kind_of_value else better
    return f"{short(objective.metric, most)} ({told})"


def better_words(objective: Objective, scale: Scale) -> str:
    """Say which way is better along an axis of the objective, and that its scale is logarithmic where it is."""
    return f"{'log scale; ' if scale == 'log' else ''}{'higher' if objective.sign > 0 else 'lower'} is better"


def objective_axis(objective: Objective, scale: Scale, ends: tuple[float, float], field: str = "y") -> alt.Y:
    """Return the vertical axis of the objective, not forced to zero. ends : where it ends."""
    title = objective_title(objective, scale, LONGEST_UPRIGHT)
    return alt.Y(f"{field}:Q", title=title, **value_axis(scale, ends))


def value_axis(
    scale: Scale, ends: tuple[float, float], below: float = 0.03, *, above: float = 0.03, nice: bool = True
) -> dict[str, Any]:
    """Return the scale of an axis of results between two ends, and its ticks where these are of a log scale.

    below, above : room beyond the ends as a part of their distance; half a dot at least, or what lies there is cut.
    nice : whether a linear axis goes on to the next round numbers.
    """
    low, high = ends
    if scale == "log":
        step = math.log(high) - math.log(low) or 1.0
        domain = [low * math.exp(-below * step) or low, min(high * math.exp(above * step), LARGEST)]
        ticks = alt.Axis(values=log_ticks(low, high), format="~g", labelOverlap=True)
        return {"scale": alt.Scale(type="log", domain=domain, nice=False), "axis": ticks}
    if not low < high:
        return {"scale": alt.Scale(zero=False, nice=True)}
    room = high / 2 - low / 2
    domain = [max(low - 2 * below * room, -LARGEST), min(high + 2 * above * room, LARGEST)]
    return {"scale": alt.Scale(zero=False, nice=nice, domain=domain)}


def for_field(y: alt.Y, field: str) -> alt.Y:
    """Return an axis for another field of the same units."""
    other = y.copy()
    other.shorthand = f"{field}:Q"
    return other


def on_axis(values: np.ndarray, scale: Scale, ends: tuple[float, float]) -> np.ndarray:
    """Return what is drawn over an axis of results: on a log axis nothing lies below a tenth of its lower end.

    What a fit expects can be negative where no result is: the axis cuts it off there.
    """
    return np.maximum(values, ends[0] / 10) if scale == "log" else values


def parameter_axis(name: str, scale: Scale, values: np.ndarray, field: str = "x") -> alt.X:
    """Return the horizontal axis of a numeric parameter on its own scale, with ticks that people read.

    It ends at the outermost values.
    """
    known = values[np.isfinite(values)]
    title = f"{short(name)} (log scale)" if scale == "log" else title_of(name)
    if scale == "log" and known.size and known.min() > 0:
        low, high = float(known.min()), float(known.max())
        room = (high / low) ** 0.02 if high > low else 1.5
        ticks = log_ticks(low, high)
        return alt.X(
            f"{field}:Q",
            title=title,
            scale=alt.Scale(type="log", domain=[low / room, high * room], nice=False),
            axis=alt.Axis(values=ticks, format="~g", labelOverlap=True, grid=False),
        )
    return alt.X(
        f"{field}:Q",
        title=title,
        scale=alt.Scale(zero=False, nice=True),
        axis=alt.Axis(labelExpr=AS_PEOPLE_READ, grid=False),
    )


def log_ticks(low: float, high: float, most: int = MOST_TICKS) -> list[float]:
    """Return at most `most` ticks within low..high: 1, 2 and 5 times powers of ten, 1 and 3 times, or powers alone."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    inside: list[float] = []
    for steps in ((1, 2, 5), (1, 3), (1,)):
        # Read as text, a power beyond the largest float is infinite instead of an error.
        ticks = [float(f"{step}e{power}") for power in range(first, last + 1) for step in steps]
        inside = [tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]
        if len(inside) <= most:
            break
    return inside[:: -(-len(inside) // most)] if inside else [low, high]


def times_axis(most: float) -> dict[str, Any]:
    """Return what an axis of numbers of times from 1 to `most` needs: few round ticks, and how they are written."""
    return {"values": log_ticks(1.0, max(most, 2.0), _TICKS_OF_TIMES), "labelExpr": _TIMES}


def objective_colour(objective: Objective, scale: Scale, field: str = "color", title: str | None = None) -> alt.Color:
    """Return the one colour scale of the objective: the better, the brighter, whichever way better is."""
    ramp = list(SEQUENTIAL) if objective.sign > 0 else list(reversed(SEQUENTIAL))
    return alt.Color(
        f"{field}:Q",
        title=title or title_of(short(objective.metric, 30) + objective.label.removeprefix(objective.metric), 120),
        scale=alt.Scale(type="log", range=ramp) if scale == "log" else alt.Scale(range=ramp, zero=False),
        # A log scale ends where the runs do, at numbers of any length.
        legend=alt.Legend(
            format=".2~g" if scale == "log" else "~g",
            labelOverlap="greedy",
            orient="top",
            gradientLength=180,
            titleLimit=300,
        ),
    )


def written(values: Any) -> list[str]:
    """Write values for hovering, in full precision as people read it (six digits)."""
    return [number(float(v), 6) if isinstance(v, (int, float, np.number)) and v == v else str(v) for v in values]


def thinned(order: np.ndarray, most: int = MOST_MARKS) -> np.ndarray:
    """Choose which of many runs to draw: the best fifth of `most`, and an even sample of the rest.

    order : positions, best first, shape (n,). Returns positions in the same order, at most `most` of them.
    """
    if len(order) <= most:
        return order
    best = most // 5
    rest = np.unique(np.linspace(best, len(order) - 1, most - best).astype(int))
    return np.concatenate([order[:best], order[rest]])
