"""What there is to choose from where runs are filtered by a column: a range of its numbers, or its levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from lib.analysis.levels import text_of_level, texts_of_levels
from lib.model.choices import Filter
from lib.model.sweep import RUN_COLUMNS, Sweep

STEPS = 100
# Up to this many distinct numbers are chosen one by one.
MOST_LEVELS = 10
MOST_TEXTS = 40
# Positive numbers that span more than this factor are spread by their logarithms.
_LOG_SPAN = 100.0


@dataclass(frozen=True, slots=True)
class RangeChoice:
    """A column of numbers, of which a range is chosen."""

    name: str
    stops: tuple[float, ...]
    """Where the range may begin and end, ascending; the first and the last hold all numbers."""
    counts: tuple[int, ...]
    """How many runs lie between each stop and the next."""

    def chosen_by(self, filters: Sequence[Filter]) -> tuple[float, float]:
        """Return the stops that hold what the filters on this column keep."""
        low, high = self.stops[0], self.stops[-1]
        for one in filters:
            if one.low is not None:
                low = max([stop for stop in self.stops if stop <= one.low], default=low)
            if one.high is not None:
                high = min([stop for stop in self.stops if stop >= one.high], default=high)
        return (low, high) if low <= high else (self.stops[0], self.stops[-1])

    def filter_of(self, low: float, high: float) -> Filter | None:
        """Return the filter of a range between two stops; None where it holds all numbers."""
        first, last = low <= self.stops[0], high >= self.stops[-1]
        return None if first and last else Filter(self.name, None if first else low, None if last else high)


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """A column of levels, of which some are chosen."""

    name: str
    levels: tuple[str, ...]
    """As filters name them, the most frequent of many; "" for a missing value."""

    def chosen_by(self, filters: Sequence[Filter]) -> tuple[str, ...]:
        """Return the levels that the filters on this column keep."""
        named = [one.values for one in filters if one.values is not None]
        return tuple(level for level in self.levels if named and all(level in values for values in named))

    def filter_of(self, levels: Sequence[str]) -> Filter | None:
        """Return the filter of some levels; None for none of them."""
        return Filter(self.name, values=tuple(levels)) if levels else None


def choice_of(sweep: Sweep, name: str) -> RangeChoice | LevelChoice | None:
    """Return what there is to choose from of a column of the sweep; None where all runs are alike in it."""
    column = _column(sweep, name)
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        numbers = column.to_numpy(dtype=float, na_value=np.nan)
        numbers = numbers[np.isfinite(numbers)]
        if len(np.unique(numbers)) > MOST_LEVELS:
            return _range(name, numbers)
    texts = texts_of_levels(column)
    counts = texts.value_counts()
    if len(counts) < 2:
        return None
    most = set(sorted(counts.index, key=lambda text: (-counts[text], text))[:MOST_TEXTS])
    levels = sorted({text_of_level(value): value for value in column.unique()}.items(), key=_order)
    return LevelChoice(name, tuple(text for text, _ in levels if text in most))


def tags_of(sweep: Sweep) -> tuple[str, ...]:
    """Return the tags that runs have, the most frequent first, at most 40."""
    tags = sweep.runs["tags"].astype(str).str.split(r",\s*", regex=True).explode()
    counts = tags[tags != ""].value_counts()
    return tuple(sorted(counts.index, key=lambda tag: (-counts[tag], tag))[:MOST_TEXTS])


def _column(sweep: Sweep, name: str) -> pd.Series:
    for table in (sweep.config, sweep.metrics):
        if name in table.columns:
            return table[name]
    assert name in RUN_COLUMNS
    return sweep.runs[name]


def _range(name: str, numbers: np.ndarray) -> RangeChoice:
    low, high = float(numbers.min()), float(numbers.max())
    log = low > 0 and high / low > _LOG_SPAN
    even = np.geomspace(low, high, STEPS + 1) if log else np.linspace(low, high, STEPS + 1)
    inside = [_short(stop, (high - low) / STEPS, log) for stop in even[1:-1]]
    stops = sorted({low, high, *(stop for stop in inside if low < stop < high)})
    counts = [int(((numbers >= a) & (numbers < b)).sum()) for a, b in pairwise(stops)]
    counts[-1] += int((numbers == stops[-1]).sum())
    return RangeChoice(name, tuple(stops), tuple(counts))


def _short(value: float, step: float, log: bool) -> float:
    """Return a stop with as many digits as its neighbours need to differ."""
    if log:
        return float(f"{value:.3g}")
    return float(f"{value:.{max(1, int(np.ceil(np.log10(max(abs(value), step) / step))) + 1)}g}")


def _order(item: tuple[str, object]) -> tuple[bool, bool, float, str]:
    text, value = item
    numeric = isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_)) and value == value
    return text == "", not numeric, float(value) if numeric else 0.0, text
