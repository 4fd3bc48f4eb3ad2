"""How the numbers of a setting were written in the file, so that the next sweep may write them alike."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow as pa

from lib.model.sweep import ColumnReading
from lib.sources.export.cells import texts_of_numbers


def with_texts(reading: ColumnReading, before: pa.Array, after: pa.Array) -> ColumnReading:
    """Return the reading of a setting with how its numbers were written, where that is no plain number."""
    if reading.part != "config" or reading.type not in ("integer", "number") or before.equals(after):
        return reading
    written = texts_of_numbers(before, after)
    return replace(reading, written=json.dumps(written, ensure_ascii=False)) if written else reading
