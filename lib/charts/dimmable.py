"""What a page writes into a finished chart's spec: how runs look that aren't highlighted, and what clicks choose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lib.charts.marks import PICK
from lib.charts.palette import ACCENT, GREY
from lib.charts.run_marks import IN, LIT, ON, OUT, ROW, RunCounts, counts_of, rows_of

_FAINT, _GHOST = 0.14, 0.25
# The selections of clicks on runs, numbered; and how far around a run's mark a click is still meant for it, in Vega's
# measures: the area of a circle in pixels, the width of a line.
CLICKED = "clicked_"
_NEAR_POINT, _NEAR_LINE = 200, 11
_PLACES = ("x", "y", "x2", "y2", "xOffset", "yOffset", "detail", "order", "tooltip")
# What is grey by itself takes this when it is highlighted.
_OTHERWISE_GREY = ACCENT


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
    for channel in ("x", "y", "y2", "opacity"):
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
