"""A row of units below the header ("[s]", "%", "1/step"), as spreadsheets and measuring programs write it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from lib.model.columns import as_number
from lib.model.numbers import listing

_WORDS = """
% ‰ s sec secs second seconds ms us µs ns min mins minute minutes h hr hrs hour hours d day days px pixel pixels b kb
mb gb tb kib mib gib bit bits byte bytes flops mflops gflops tflops macs gmacs db hz khz mhz w kw wh kwh j kj k m g bn
million millions thousand thousands sample samples step steps epoch epochs iter iters iteration iterations token tokens
tok word words frame frames image images img imgs it class classes float float32 float64 double int int64 integer str
string bool boolean text number num numeric categorical real log linear count counts unit units unitless ratio fraction
percent a.u. au usd eur $ € °c deg rad cm mm km kg mg nats 1
"""
_UNITS = frozenset(_WORDS.split())
_NOTHING = frozenset(("", "-", "–", "—", "/", "[-]", "(-)", "[]", "n/a"))
_BRACKETS = ("[]", "()", "<>")
_LONGEST = 20
_FEWEST_ROWS = 3
_MOST_WORDS = 0.1


def without_units(columns: Sequence[pa.Array]) -> tuple[list[pa.Array], list[str]]:
    """Leave out the first row where it holds the units of the columns below it, and say so.

    It does where each of its cells is blank or a unit, one at least stands over a column of numbers, and none is a
    number itself.
    """
    columns = list(columns)
    if len(columns[0]) <= _FEWEST_ROWS:
        return columns, []
    first = [column[0].as_py() for column in columns]
    found = [text for text in first if text.lower() not in _NOTHING]
    # "1" is a unit that is as likely a level.
    if not found or not all(_is_unit(text) for text in found) or all(as_number(text) is not None for text in found):
        return columns, []
    over = [text for text, column in zip(first, columns, strict=True) if text in found and _numeric(column.slice(1))]
    if not over or any(as_number(text) is not None for text in over):
        return columns, []
    shown = listing([f'"{text}"' for text in dict.fromkeys(over)], most=4)
    said = f"The row below the header holds units ({shown}) and was left out; numbers stay as they are written."
    return [column.slice(1) for column in columns], [said]


def _is_unit(text: str) -> bool:
    lowered = text.strip().lower()
    if len(lowered) > _LONGEST:
        return False
    if lowered[:1] + lowered[-1:] in _BRACKETS and len(lowered) > 2:
        # In brackets any word is a unit, and a list is none.
        return as_number(lowered[1:-1]) is None and not set("[](){}<>,;") & set(lowered[1:-1])
    return all(part.strip() in _UNITS for part in lowered.split("/"))


def _numeric(column: pa.Array) -> bool:
    """Whether nearly all filled cells are figures."""
    filled = column.filter(pc.not_equal(column, ""))
    if len(filled) == 0:
        return False
    distinct = pc.unique(filled).to_pylist()
    words = sum(not text.lstrip("+-.'$€")[:1].isdigit() and as_number(text) is None for text in distinct)
    return words <= _MOST_WORDS * len(distinct)
