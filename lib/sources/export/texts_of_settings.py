"""How the numbers of a setting were written in the file, so that the next sweep may write them alike."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from lib.model.declared_space import declared_parameters
from lib.model.sweep import ColumnReading, Declaration
from lib.sources.export.cells import texts_of_numbers


def with_texts(reading: ColumnReading, before: pa.Array, after: pa.Array) -> ColumnReading:
    """Return the reading of a setting with how its numbers were written, where that is no plain number."""
    if reading.part != "config" or reading.type not in ("integer", "number") or before.equals(after):
        return reading
    written = texts_of_numbers(before, after)
    return replace(reading, written=json.dumps(written, ensure_ascii=False)) if written else reading


def declared_as_text(declaration: Declaration | None, heading: str, cells: pa.Array) -> bool:
    """Whether the sweep config lists the values of a column as text, "64K", as its cells have them: so they stay."""
    if declaration is None:
        return False
    known = {heading, heading.removeprefix("config.")}
    texts = [
        value
        for parameter in declared_parameters((declaration,))
        if parameter.name in known
        for value in parameter.values or ()
        if isinstance(value, str)
    ]
    return bool(texts) and bool(pc.any(pc.is_in(cells, value_set=pa.array(texts, type=cells.type))).as_py())
