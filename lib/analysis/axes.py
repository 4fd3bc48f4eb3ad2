"""The axes of a parallel-coordinates picture: each run's place on each axis, 0 to 1, and the ticks beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.analysis.axis_ticks import AxisScale, fractions, ticks_of
from lib.analysis.levels import text_of_level, texts_of_levels
from lib.analysis.population import Population
from lib.model.choices import Filter
from lib.model.errors import InputError
from lib.model.filters import range_over
from lib.model.scales import result_scale
from lib.model.sweep import SWEEP

MISSING_PLACE = -0.1
MOST_LEVELS = 24
# Where the runs pass that lie beyond the ends of an axis of which a part is shown: so far past them.
BEYOND = 0.025
# How far around its place a level, or the end of a range, is marked.
LEVEL_REACH = 0.02
# How far from a level's place a click is still meant for it.
_CLICK_REACH = 0.04


@dataclass(frozen=True, eq=False)
class Axis:
    """One axis. `places` are 0 (low) to 1 (high) a used run, MISSING_PLACE where a run has no value; shape (n,).

    `ticks` are (place, label); `values` the finite numbers behind the places (numeric axes) for turning a place back
    into a value, and `levels` the levels in order of place (axes of levels). `shown` are the least and the greatest
    value between which the axis runs, where that is a part of them: runs beyond pass just past its ends.
    """

    name: str
    scale: AxisScale
    inverted: bool
    places: np.ndarray
    ticks: tuple[tuple[float, str], ...]
    values: np.ndarray
    levels: tuple[str, ...]
    shown: tuple[float, float] | None = None

    @property
    def beyond(self) -> int:
        """How many runs lie beyond the part that is shown."""
        return int(np.sum((self.places < 0) | (self.places > 1)) - self.missing) if self.shown else 0

    @property
    def missing(self) -> int:
        """How many runs have no value on this axis."""
        return int(np.sum(self.places == MISSING_PLACE))

    def filter_between(self, low: float, high: float) -> Filter | None:
        """Turn a span of places into the filter that keeps its runs; None where the span holds none of them, or all.

        Missing values count where the span lies wholly below the axis's low end: beside values they are left out.
        """
        if high < MISSING_PLACE / 2:
            return Filter(self.name, values=("",)) if low <= MISSING_PLACE <= high else None
        if self.scale == "levels":
            levels = self.levels_between(low, high)
            return Filter(self.name, values=levels) if levels and (self.missing or levels != self.levels) else None
        span = self.values_between(low, high)
        if span is None:
            return None
        narrowed = range_over(self.name, self.values.tolist(), *span)
        # Runs without a value are left out by a range, also by one that holds every value.
        return narrowed or (Filter(self.name, *span) if self.missing else None)

    def filter_at(self, place: float) -> Filter | None:
        """Return the filter of the level that a click at a place means, or of the missing; None for any other place."""
        if self.missing and abs(place - MISSING_PLACE) <= _CLICK_REACH:
            return Filter(self.name, values=("",))
        near = min(zip(self._level_places(), self.levels, strict=True), key=lambda at: abs(at[0] - place), default=None)
        return Filter(self.name, values=(near[1],)) if near and abs(near[0] - place) <= _CLICK_REACH else None

    def narrowed_to(self, place: float, upper: bool) -> tuple[float | None, float | None] | None:
        """Return the range of values to show where an end of the axis, upper or lower, is moved to a place inside.

        An end that stays the column's own is None. None for the range where that leaves fewer than two values, or all
        that are shown.
        """
        span = self.values_between(*((0.0, place) if upper else (place, 1.0)))
        if span is None or span[0] == span[1] or span == self.shown:
            return None
        found = range_over(self.name, self.values.tolist(), *span)
        return (found.low, found.high) if found else None

    def spans_of(self, one: Filter) -> tuple[tuple[float, float], ...]:
        """Return the spans of places that a filter names: one for a range, one around each level."""
        if one.values is not None:
            at = dict(zip(self.levels, self._level_places(), strict=True)) if self.levels else {}
            at |= {text_of_level(v): p for v, p in zip(self.values.tolist(), self._value_places(), strict=True)}
            at[""] = MISSING_PLACE
            return tuple((at[v] - LEVEL_REACH, at[v] + LEVEL_REACH) for v in one.values if v in at)
        low = -np.inf if one.low is None else one.low
        high = np.inf if one.high is None else one.high
        if self.scale == "levels":
            numbers = pd.to_numeric(pd.Series(self.levels, dtype="object"), errors="coerce").to_numpy(dtype=float)
            inside = np.array(self._level_places())[(numbers >= low) & (numbers <= high)]
        else:
            inside = self._value_places()[(self.values >= low) & (self.values <= high)]
        return ((float(inside.min()) - LEVEL_REACH, float(inside.max()) + LEVEL_REACH),) if len(inside) else ()

    def values_between(self, low: float, high: float) -> tuple[float, float] | None:
        """Turn a span of places into the span of values it covers; None on an axis of levels, or without values."""
        if self.scale == "levels" or not len(self.values):
            return None
        first, last = (1 - high, 1 - low) if self.inverted else (low, high)
        spread = _spread(self.values, self.scale, self.shown)
        inside = self.values[(spread >= first - 1e-9) & (spread <= last + 1e-9)]
        return (float(inside.min()), float(inside.max())) if len(inside) else None

    def levels_between(self, low: float, high: float) -> tuple[str, ...]:
        """Return the levels whose places lie in a span."""
        return tuple(v for place, v in zip(self._level_places(), self.levels, strict=True) if low <= place <= high)

    def _level_places(self) -> list[float]:
        return _level_places(len(self.levels), self.inverted)

    def _value_places(self) -> np.ndarray:
        spread = _spread(self.values, self.scale, self.shown)
        return 1 - spread if self.inverted else spread


def best_part(population: Population, percent: int) -> np.ndarray:
    """Return the positions of the best `percent` % of the used runs, rounded up, best first."""
    return population.best_first[: math.ceil(len(population.rows) * percent / 100)]


def found_in(everyone: Population, part: Population, positions: np.ndarray) -> np.ndarray:
    """Say which of all used runs are the ones at some positions among a part of them; True or False, shape (n,)."""
    found = np.zeros(len(everyone.rows), dtype=bool)
    found[np.searchsorted(everyone.rows, part.rows[positions])] = True
    return found


def axes(
    population: Population,
    names: Sequence[str] | None = None,
    scales: Mapping[str, AxisScale] | None = None,
    inverted: Sequence[str] = (),
    orders: Mapping[str, Sequence[str]] | None = None,
    shown: Mapping[str, tuple[float | None, float | None]] | None = None,
) -> tuple[Axis, ...]:
    """Lay out one axis a searched parameter and the objective last, or those of `names` in their order.

    A name may be a parameter, another config key, a metric, or "sweep" where the runs are of several. A parameter's own
    scale holds where `scales` says nothing; a log axis falls back to linear where a value is not positive. Levels stand
    in the order of `orders`, then in that in which a sweep declared them, then in numeric or alphabetic order. An axis
    of numbers runs over those between the ends of `shown`, over all where fewer than two lie there. Raises InputError
    for a name that isn't there.
    """
    chosen = list(names) if names is not None else [*(p.name for p in population.searched), population.objective.metric]
    return tuple(
        _axis(
            population,
            name,
            (scales or {}).get(name),
            inverted=name in inverted,
            order=(orders or {}).get(name, ()),
            ends=(shown or {}).get(name, (None, None)),
        )
        for name in chosen
    )


def _axis(
    population: Population,
    name: str,
    scale: AxisScale | None,
    *,
    inverted: bool,
    order: Sequence[str],
    ends: tuple[float | None, float | None],
) -> Axis:
    parameter = next((p for p in population.parameters if p.name == name), None)
    if name == population.objective.metric and (parameter is None or parameter.role == "fixed"):
        return _numeric(name, population.values, scale or population.objective_scale, inverted=inverted, ends=ends)
    if name not in population.config.columns and name in population.sweep.metrics.columns:
        column = population.metric(name)
        if scale is None and _counts(column):
            scale = result_scale(column.to_numpy(dtype=float, na_value=np.nan))
    elif name in population.config.columns:
        # As they are: filters name the sweep's own values, and a missing one has its place below the axis.
        column = population.config[name]
    else:
        if name == SWEEP and population.sweeps is not None:
            return _levels(name, population.sweeps, order, inverted)
        if parameter is None:
            raise InputError(f"There is no parameter or metric {name!r} to draw an axis of.")
        column = population.levels(name)
    if not _counts(column) or (parameter is not None and parameter.grouped and scale in (None, "levels")):
        declared = [text_of_level(v) for v in parameter.values or ()] if parameter is not None else []
        return _levels(name, column, [*order, *declared], inverted)
    numbers = column.to_numpy(dtype=float, na_value=np.nan)
    own: AxisScale = "log" if parameter is not None and parameter.scale == "log" else "linear"
    return _numeric(name, numbers, own if scale in (None, "levels") else scale, inverted=inverted, ends=ends)


def _numeric(
    name: str,
    numbers: np.ndarray,
    scale: AxisScale | None,
    *,
    inverted: bool,
    ends: tuple[float | None, float | None],
) -> Axis:
    known = np.isfinite(numbers)
    values = np.unique(numbers[known])
    if scale == "log" and (not len(values) or values[0] <= 0):
        scale = "linear"
    scale = scale or "linear"
    inside = values[(values >= _or(ends[0], -np.inf)) & (values <= _or(ends[1], np.inf))]
    shown = (float(inside[0]), float(inside[-1])) if 1 < len(inside) < len(values) else None
    spread = _spread(values, scale, shown)
    places = np.full(len(numbers), MISSING_PLACE)
    if len(values):
        places[known] = spread[np.searchsorted(values, numbers[known])]
    if inverted:
        places[known] = 1 - places[known]
    ticks = [
        ((1 - place) if inverted else place, label) for place, label in ticks_of(inside if shown else values, scale)
    ]
    if not known.all():
        ticks.append((MISSING_PLACE, "missing"))
    return Axis(name, scale, inverted, places, tuple(ticks), values, (), shown)


def _counts(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _or(end: float | None, otherwise: float) -> float:
    return otherwise if end is None else end


def _spread(values: np.ndarray, scale: AxisScale, shown: tuple[float, float] | None) -> np.ndarray:
    """Places 0..1 of distinct sorted values, those beyond `shown` past the ends."""
    if shown is None:
        return fractions(values, scale)
    places = np.where(values < shown[0], -BEYOND, 1 + BEYOND)
    inside = (values >= shown[0]) & (values <= shown[1])
    places[inside] = fractions(values[inside], scale)
    return places


def _level_places(count: int, inverted: bool) -> list[float]:
    places = np.linspace(0, 1, count).tolist() if count > 1 else [0.5] * count
    return places[::-1] if inverted else places


def _levels(name: str, column: pd.Series, declared: Sequence[str], inverted: bool) -> Axis:
    text = texts_of_levels(column)
    seen = set(text.unique()) - {""}
    numeric = _counts(column)
    others = sorted(seen - set(declared), key=(lambda v: float(v)) if numeric else str)
    order = [*(v for v in dict.fromkeys(declared) if v in seen), *others]
    places = dict(zip(order, _level_places(len(order), inverted), strict=True))
    at = text.map(places).astype(float).fillna(MISSING_PLACE).to_numpy()
    labelled = order if len(order) <= MOST_LEVELS else [order[0], order[-1]]
    ticks = [(float(places[level]), level) for level in labelled]
    if (text == "").any():
        ticks.append((MISSING_PLACE, "missing"))
    return Axis(name, "levels", inverted, at, tuple(ticks), np.array([]), tuple(order))
