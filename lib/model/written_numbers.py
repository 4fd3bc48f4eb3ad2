"""Numbers that a table writes otherwise than plainly (1/16, 64K): the texts of known ones, and of new ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lib.model.nesting import read_json

_UNIT = re.compile(r"([-+]?[0-9]+(?:\.[0-9]+)?)( ?[^\W0-9].*|%)")


def texts_of(written: str) -> dict[float, str]:
    """Read `ColumnReading.written`; nothing where a snapshot holds anything else there."""
    try:
        return {float(number): str(text) for number, text in dict(read_json(written)).items()}
    except (TypeError, ValueError):
        return {}


def with_unit(value: float, texts: Mapping[float, str]) -> Any:
    """Write a number as all texts are written, with their unit ("128K") or as a list of one ([128]); else as it is."""
    if texts and all(text[:1] == "[" for text in texts.values()):
        return [value]
    units = set()
    for number, text in texts.items():
        found = _UNIT.fullmatch(text)
        units.add(found[2] if found is not None and float(found[1]) == number else "")
    unit = units.pop() if len(units) == 1 else ""
    return f"{value:.12g}{unit}" if unit else value
