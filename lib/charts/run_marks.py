"""Which runs a chart's marks are, so that a page can highlight some of them without having the chart drawn again.

A chart's table whose rows are runs is indexed by them, a table whose rows count runs says which ones each row counts.
Written reports see the tables alone. For a page, `dimmable` writes into the finished spec how marks look that aren't
highlighted, and `lit` makes the tables for the runs that are: only data changes, which Vega redraws in place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import ReferenceType, ref

import numpy as np
import pandas as pd

from lib.charts.marks import MOST_MARKS, PICK, thinned
from lib.charts.palette import ACCENT, GREY

# The columns that a page's tables of runs get: the run's row in the sweep, and OUT for a run beside the highlighted
# ones, IN for one of them, PLAIN where none is.
ROW, LIT = "sweep_row", "lit"
OUT, PLAIN, IN = 0, 1, 2
# Of tables that count runs: whether some are highlighted; LIT is the number of those.
ON = "on"
_ROWS, _COUNTS = "rows of runs", "counts of runs"
_FAINT, _GHOST = 0.14, 0.25
# The selections of clicks on runs, numbered; and how far around a run's mark a click is still meant for it, in Vega's
# measures: the area of a circle in pixels, the width of a line.
CLICKED = "clicked_"
_NEAR_POINT, _NEAR_LINE = 200, 11
_PLACES = ("x", "y", "x2", "y2", "xOffset", "yOffset", "detail", "order", "tooltip")
# What is grey by itself takes this when it is highlighted.
_OTHERWISE_GREY = ACCENT

Build = Callable[[np.ndarray], pd.DataFrame]


@dataclass(frozen=True, eq=False, slots=True)
class RunRows:
    """How a table of runs is made."""

    build: Build
    """Makes the table of some of these runs by their positions, indexed by them."""
    of: np.ndarray
    """The runs that there are, as rows of the sweep, shape (n,)."""
    positions: np.ndarray
    """The position among them of each row's run, shape (rows,)."""
    grey: bool
    """Whether its marks have no colour of their own."""
    table: ReferenceType[pd.DataFrame]

    def __deepcopy__(self, _: object) -> RunRows:
        return self


@dataclass(frozen=True, eq=False, slots=True)
class RunCounts:
    """How a table counts runs."""

    row_of_run: np.ndarray
    """The row that counts each run, -1 for none, shape (n,)."""
    of: np.ndarray
    """These runs as rows of the sweep, shape (n,)."""
    field: str
    """The column of the counts."""
    table: ReferenceType[pd.DataFrame]

    def __deepcopy__(self, _: object) -> RunCounts:
        return self


def of_runs(of: np.ndarray, positions: np.ndarray, build: Build, *, grey: bool = False) -> pd.DataFrame:
    """Return the table of some runs, marked as such.

    of : all runs that might be drawn, as rows of the sweep, shape (n,). positions : those among them that are drawn.
    build : makes the table of runs by their positions; it may leave some out or give a run several rows, and indexes
    each row by its run's position. grey : whether the marks have no colour of their own.
    """
    frame = build(positions)
    frame.attrs[_ROWS] = RunRows(build, of, frame.index.to_numpy(dtype=int), grey, ref(frame))
    return frame


def of_counts(of: np.ndarray, row_of_run: np.ndarray, field: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose column `field` counts runs, marked as such. of, row_of_run : as in `RunCounts`."""
    frame.attrs[_COUNTS] = RunCounts(row_of_run, of, field, ref(frame))
    return frame


def bin_of(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the bin of each value, counted from 0; of a value on an edge that above it, as numpy's histograms do."""
    return np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)


def rows_of(frame: pd.DataFrame) -> RunRows | None:
    """Return how a table of runs is made; None for any other table, also for one that was made of such a table."""
    found: RunRows | None = frame.attrs.get(_ROWS)
    return found if found is not None and found.table() is frame else None


def counts_of(frame: pd.DataFrame) -> RunCounts | None:
    """Return how a table counts runs; None for any other table, also for one that was made of such a table."""
    found: RunCounts | None = frame.attrs.get(_COUNTS)
    return found if found is not None and found.table() is frame else None


def lit(frame: pd.DataFrame, highlighted: np.ndarray | None) -> pd.DataFrame:
    """Return a table with the column LIT; those of highlighted runs last, so that they are drawn on top.

    highlighted : whether each run of the sweep is, shape (runs,); None where none is chosen. Highlighted runs that are
    not among the rows are added, up to as many as a chart shows.
    """
    rows, counts = rows_of(frame), counts_of(frame)
    if rows is not None:
        return _lit_rows(frame, rows, highlighted)
    if counts is not None:
        return _lit_counts(frame, counts, highlighted)
    return frame


def _lit_rows(frame: pd.DataFrame, rows: RunRows, highlighted: np.ndarray | None) -> pd.DataFrame:
    if highlighted is None:
        return _with_rows(frame, rows.of, np.full(len(frame), PLAIN))
    chosen = highlighted[rows.of]
    state = np.where(chosen[rows.positions], IN, OUT)
    missing = np.setdiff1d(np.flatnonzero(chosen), rows.positions)
    shown = _with_rows(frame, rows.of, state)
    if len(missing):
        more = rows.build(thinned(missing, MOST_MARKS))
        shown = pd.concat([shown, _with_rows(more, rows.of, np.full(len(more), IN))])
    return shown.iloc[np.argsort(shown[LIT].to_numpy(), kind="stable")]


def _with_rows(frame: pd.DataFrame, of: np.ndarray, state: np.ndarray) -> pd.DataFrame:
    out = frame.copy(deep=False)
    # Joined to others, pandas would compare what is noted on it.
    out.attrs = {}
    out[ROW], out[LIT] = of[frame.index.to_numpy(dtype=int)], state
    return out


def _lit_counts(frame: pd.DataFrame, counts: RunCounts, highlighted: np.ndarray | None) -> pd.DataFrame:
    out = frame.copy(deep=False)
    out[ON] = highlighted is not None
    out[LIT] = frame[counts.field]
    if highlighted is not None:
        chosen = counts.row_of_run[highlighted[counts.of]]
        out[LIT] = np.bincount(chosen[chosen >= 0], minlength=len(frame))
    return out


def dimmable(spec: dict[str, Any], tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return a spec in which marks of runs that are not highlighted are grey and faint; the layout stays.

    tables : the chart's tables by their names in the spec. Where the chart has a brush (PICK), what lies outside of it
    is so at once, before the page knows of it. A click on a run's mark, or a little beside it, is a selection of its
    own (`clicks_of`), but where a click means something else already.
    """
    brush = _brush_of(spec)
    clickable = brush is None or brush.drawn
    made = _Made(tables, brush.fields if brush else None, clickable)
    return made.chart(spec)


def clicks_of(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the selections by which a click on a chart chooses runs."""
    own = tuple(one["name"] for one in spec.get("params") or () if str(one.get("name")).startswith(CLICKED))
    return own + tuple(name for one in spec.get("layer") or () for name in clicks_of(one))


@dataclass(frozen=True, slots=True)
class _Brush:
    fields: Sequence[str]
    """By which it chooses marks."""
    drawn: bool
    """Whether it is drawn over the marks, and not clicked."""


class _Made:
    """Writes a chart's spec for a page, layer by layer."""

    def __init__(self, tables: Mapping[str, pd.DataFrame], brushed: Sequence[str] | None, clickable: bool) -> None:
        self._tables, self._brushed, self._clickable = tables, brushed, clickable
        self._clicks = 0

    def chart(self, spec: dict[str, Any]) -> dict[str, Any]:
        """Return the spec of a whole chart."""
        if "layer" not in spec:
            # Of one layer, as a small picture of counts is.
            return self._single(spec)
        own = (spec.get("data") or {}).get("name")
        return spec | {"layer": [one for layer in spec["layer"] for one in self._layers(layer, own)]}

    def _single(self, spec: dict[str, Any]) -> dict[str, Any]:
        if self._frame(spec, None) is None or "mark" not in spec:
            return spec
        unit: dict[str, Any] = {key: spec[key] for key in ("mark", "encoding", "transform", "name") if key in spec}
        around = {key: value for key, value in spec.items() if key not in unit}
        return around | {"layer": self._layers(unit, (spec.get("data") or {}).get("name"))}

    def _layers(self, unit: dict[str, Any], above: str | None = None) -> list[dict[str, Any]]:
        """Return a layer with what stands behind it and what takes its clicks."""
        frame = self._frame(unit, above)
        if "layer" in unit:
            own = (unit.get("data") or {}).get("name", above)
            return [unit | {"layer": [one for layer in unit["layer"] for one in self._layers(layer, own)]}]
        if frame is None or "mark" not in unit:
            return [unit]
        rows, counts = rows_of(frame), counts_of(frame)
        in_brush = self._brushed is not None and all(field in frame.columns for field in self._brushed)
        if rows is not None:
            shown = _dimmed(unit, rows.grey, in_brush)
            return [*self._target(unit), shown]
        if counts is not None and _parts(unit)[0]["type"] in ("bar", "rect"):
            return [_ghost(unit, counts), _counted(unit, counts, in_brush)]
        return [unit]

    def _frame(self, unit: Mapping[str, Any], above: str | None) -> pd.DataFrame | None:
        return self._tables.get((unit.get("data") or {}).get("name", above) or "")

    def _target(self, unit: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return marks that aren't seen, larger than those of runs: a click beside one is meant for it."""
        mark, encoding = _parts(unit)
        if not self._clickable or (mark["type"] == "point" and not mark.get("filled", True)):
            return []
        name = f"{CLICKED}{self._clicks}"
        self._clicks += 1
        sizes: dict[str, dict[str, Any]] = {"line": {"strokeWidth": _NEAR_LINE}, "bar": {}}
        kind = mark["type"] if mark["type"] in sizes else "circle"
        target: dict[str, Any] = {key: mark[key] for key in ("interpolate", "height", "clip") if key in mark}
        target |= {"type": kind, "opacity": 0, "cursor": "pointer", **sizes.get(kind, {"size": _NEAR_POINT})}
        drawn = {key: encoding[key] for key in _PLACES if key in encoding}
        select = {
            "type": "point",
            "fields": [ROW],
            "on": f"@{name}_marks:click",
            "toggle": "event.shiftKey",
            "clear": "pointerdown[!event.shiftKey]",
        }
        own: dict[str, Any] = {key: unit[key] for key in ("data", "transform") if key in unit}
        return [own | {"name": name, "mark": target, "encoding": drawn, "params": [{"name": name, "select": select}]}]


def _dimmed(unit: dict[str, Any], grey: bool, in_brush: bool) -> dict[str, Any]:
    mark, encoding = _parts(unit)
    unlit = _unlit(f"datum.{LIT} === {OUT}", in_brush)
    colour = _channel(encoding, mark, "color", GREY)
    conditions = [{"test": unlit, "value": GREY}]
    if grey:
        conditions.append({"test": f"datum.{LIT} === {IN}", "value": _OTHERWISE_GREY})
    encoding["color"] = _with(colour, conditions)
    opacity = _channel(encoding, mark, "opacity", 1.0)
    faint = [{"test": unlit, "value": _FAINT}, {"test": f"datum.{LIT} === {IN}", "value": 1.0}]
    encoding["opacity"] = _with(opacity, faint)
    return unit | {"mark": mark, "encoding": encoding}


def _counted(unit: dict[str, Any], counts: RunCounts, in_brush: bool) -> dict[str, Any]:
    """Have a mark show how many of the runs that it counts are highlighted."""
    mark, encoding = _parts(unit)
    for channel in ("x", "y", "opacity"):
        definition = encoding.get(channel)
        if isinstance(definition, dict) and definition.get("field") == counts.field:
            encoding[channel] = {**definition, "field": LIT}
    if "color" not in encoding:
        colour = _channel(encoding, mark, "color", GREY)
        encoding["color"] = _with(colour, [{"test": f"datum.{ON}", "value": _OTHERWISE_GREY}])
    none = _unlit(f"datum.{ON} && datum.{LIT} === 0", in_brush)
    encoding["opacity"] = _with(_channel(encoding, mark, "opacity", 1.0), [{"test": none, "value": 0.0}])
    return unit | {"mark": mark, "encoding": encoding}


def _ghost(unit: dict[str, Any], counts: RunCounts) -> dict[str, Any]:
    """Return what stands in grey behind a mark that counts runs: all of them."""
    mark, encoding = _parts(unit)
    encoding.pop("tooltip", None)
    encoding["color"] = {"value": GREY}
    if (encoding.get("opacity") or {}).get("field") != counts.field:
        encoding["opacity"] = {"value": _GHOST}
    return {key: unit[key] for key in unit if key not in ("params", "name")} | {"mark": mark, "encoding": encoding}


def _parts(unit: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    mark = dict(unit["mark"]) if isinstance(unit["mark"], dict) else {"type": unit["mark"]}
    return mark, dict(unit.get("encoding") or {})


def _unlit(test: str, in_brush: bool) -> Any:
    return {"or": [test, {"not": {"param": PICK}}]} if in_brush else test


def _channel(encoding: Mapping[str, Any], mark: dict[str, Any], channel: str, default: Any) -> dict[str, Any]:
    """Return what a channel encodes; where it is a constant of the mark, that value, which then leaves the mark."""
    own = mark.pop(channel, default)
    definition = encoding.get(channel)
    return dict(definition) if isinstance(definition, dict) else {"value": own}


def _with(definition: dict[str, Any], conditions: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a channel with conditions that come before its own."""
    own = definition.get("condition", [])
    return {**definition, "condition": [*conditions, *(own if isinstance(own, list) else [own])]}


def _brush_of(spec: Mapping[str, Any]) -> _Brush | None:
    """Return how the chart's brush or click chooses marks; None where it has none."""
    for one in spec.get("params") or ():
        select = one.get("select")
        if one.get("name") != PICK or not isinstance(select, dict):
            continue
        drawn = select.get("type") == "interval"
        if "fields" in select:
            return _Brush(list(select["fields"]), drawn)
        encoding = _named(spec, (one.get("views") or [None])[0]).get("encoding") or {}
        fields = [(encoding.get(channel) or {}).get("field") for channel in select.get("encodings") or ("x", "y")]
        return _Brush([field for field in fields if field], drawn)
    return None


def _named(spec: Mapping[str, Any], name: str | None) -> Mapping[str, Any]:
    """Return the layer of a name; the whole chart without one."""
    return next((one for one in spec.get("layer") or () if one.get("name") == name), spec)
