"""How the numbers of a setting were written in the file, so that the next sweep may write them alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from lib.model.declared_space import declared_parameters
from lib.model.sweep import ColumnReading, Declaration
from lib.sources.export.cells import texts_of_numbers
from lib.sources.export.kinds.documented_sample import cell_text


def with_texts(reading: ColumnReading, before: pa.Array, after: pa.Array) -> ColumnReading:
    """Return the reading of a setting with how its numbers were written, where that is no plain number."""
    if reading.part != "config" or reading.type not in ("integer", "number") or before.equals(after):
        return reading
    written = texts_of_numbers(before, after)
    return replace(reading, written=json.dumps(written, ensure_ascii=False)) if written else reading


def declared_as_text(
    declaration: Declaration | None, names: Sequence[str], columns: Sequence[pa.Array]
) -> frozenset[int]:
    """Return the columns whose values the sweep config lists as text or lists, as their cells have it: they stay so."""
    listed: dict[str, list[str]] = {}
    for parameter in declared_parameters(() if declaration is None else (declaration,)):
        if texts := [cell_text(value) for value in parameter.values or () if isinstance(value, (str, list))]:
            listed[parameter.name] = texts
    found = set()
    for at, name in enumerate(names if listed else ()):
        texts = listed.get(name) or listed.get(name.removeprefix("config.")) or []
        if texts and pc.any(pc.is_in(columns[at], value_set=pa.array(texts, type=columns[at].type))).as_py():
            found.add(at)
    return frozenset(found)
