"""Turns the raw values of one config or summary key, one a run, into a typed column; and nested keys into flat ones.

Every source uses it, so that the same runs give the same columns whether they came as text or as JSON.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib.model.nesting import DEEPEST, nested_too_deeply, read_json

_SAFE_INTEGER = 2**63 - 1
_NOT_NUMBERS = {
    "nan": math.nan,
    "infinity": math.inf,
    "inf": math.inf,
    "+infinity": math.inf,
    "-infinity": -math.inf,
    "-inf": -math.inf,
}
# A whole number without leading zeros, a decimal one, or one with a signed exponent: as JSON and Python write them.
_WRITTEN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][-+][0-9]{1,3})?")
_BLANK = {"", "null", "<null>"}
_NONE = "none"
_DEEPEST = 20
# The smallest float in full has 1,076 decimals.
_LONGEST_NUMBER = 1_100
# Longer lists take writers of YAML minutes, and nobody reads them.
_LONGEST_LIST = 20_000


@dataclass(frozen=True, eq=False, slots=True)
class Column:
    """A typed column and where it held a NaN that was really logged.

    values : Int64, float64, boolean or str Series; missing is NA/NaN.
    type : "integer", "number", "boolean", "text", "mixed" (kept as text) or "empty".
    logged_nan : boolean array, or None where there is no such value.
    """

    values: pd.Series
    type: str
    logged_nan: np.ndarray | None = None


def typed_column(values: Sequence[Any]) -> Column:
    """Type the values of one key. Text that reads as a number or boolean is one; lists and dicts become JSON text.

    Beside true and false, 1 and 0 are booleans too; beside other text, every spelling of them is "true" or "false".
    Blank text, None and "null" are missing, and so is "None" but among other text, where it is a level. "NaN" and
    "Infinity" as text are those numbers. Integers beyond 64 bits, columns that mix numbers with other text, and columns
    with an identifier of digits (`reads_as_identifier`) stay text as it was written, so nothing is rounded or lost.
    """
    cells = [_cell(value) for value in values]
    kinds = {type(cell) for cell in cells} - {type(None)}
    if any(type(value) is str and reads_as_identifier(value) for value in values):
        text = [_kept_text(value, cell) for value, cell in zip(values, cells, strict=True)]
        return Column(_text_series(text), "text")
    if str in kinds:
        text = [_kept_text(value, cell) for value, cell in zip(values, cells, strict=True)]
        mixed = any(type(cell) in (int, float, bool) and cell == cell for cell in cells)
        return Column(_text_series(text), "mixed" if mixed else "text")
    if not kinds:
        return Column(pd.Series(np.full(len(cells), np.nan)), "empty")
    if bool in kinds and all(cell is None or cell in (0, 1) for cell in cells):
        truths = [None if cell is None else bool(cell) for cell in cells]
        return Column(pd.Series(truths, dtype="boolean"), "boolean")
    if kinds == {int} and all(cell is None or abs(cell) <= _SAFE_INTEGER for cell in cells):
        return Column(pd.Series(cells, dtype="Int64"), "integer")
    if kinds <= {int, float} and not any(type(cell) is int and abs(cell) > 2**53 for cell in cells):
        numbers = np.array([math.nan if cell is None else cell for cell in cells], dtype=float)
        nan = np.array([type(cell) is float and math.isnan(cell) for cell in cells])
        if not nan.any() and float in kinds and _all_whole(numbers):
            whole = [None if cell is None else int(cell) for cell in cells]
            return Column(pd.Series(whole, dtype="Int64"), "integer")
        return Column(pd.Series(numbers), "number", nan if nan.any() else None)
    text = [_kept_text(value, cell) for value, cell in zip(values, cells, strict=True)]
    return Column(_text_series(text), "mixed" if bool in kinds else "text")


def flatten(record: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten nested mappings into dotted keys (`optimizer.lr`).

    An empty mapping, and what is nested more than 20 deep, is kept as it is. Where two ways lead to one dotted key, the
    second gets "#2" after it.
    """
    flat: dict[str, Any] = {}
    _flatten_into(flat, record, "", 0)
    return flat


def _flatten_into(flat: dict[str, Any], record: Mapping[str, Any], prefix: str, depth: int) -> None:
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value and depth < _DEEPEST:
            _flatten_into(flat, value, f"{name}.", depth + 1)
        else:
            number = 1
            while name in flat:
                number += 1
                name = f"{prefix}{key}#{number}"
            flat[name] = value


def table_of(records: Iterable[Mapping[str, Any]]) -> tuple[pd.DataFrame, dict[str, np.ndarray], dict[str, str]]:
    """Turn flat records, one a run, into a table of typed columns in order of name.

    Returns the table, the masks of logged NaN by column, and each column's type as `typed_column` names it.
    """
    rows = list(records)
    names = sorted({name for row in rows for name in row})
    columns: dict[str, pd.Series] = {}
    logged_nan: dict[str, np.ndarray] = {}
    types: dict[str, str] = {}
    for name in names:
        column = typed_column([row.get(name) for row in rows])
        shown = _encodable(name)
        columns[shown], types[shown] = column.values, column.type
        if column.logged_nan is not None:
            logged_nan[shown] = column.logged_nan
    return pd.DataFrame(columns, index=pd.RangeIndex(len(rows))), logged_nan, types


def as_number(text: str) -> int | float | None:
    """Read text as a number the way JSON, YAML 1.2 and W&B's NaN and Infinity write them; None where it isn't one.

    No number of over 1,100 characters is read: Python takes quadratic time for long integers.
    """
    if len(text) > _LONGEST_NUMBER and len(text.strip()) > _LONGEST_NUMBER:
        return None
    bare = text.strip()
    if not bare or bare[0] not in "+-.0123456789nNiI" or "_" in bare:
        return None
    try:
        return int(bare)
    except ValueError:
        pass
    if bare.lower() in _NOT_NUMBERS:
        return _NOT_NUMBERS[bare.lower()]
    try:
        return float(bare)
    except ValueError:
        return None


def reads_as_identifier(text: str) -> bool:
    """Whether text of digits is an identifier and no number, so that its whole column stays text.

    It is where it begins with zeros ("007"), or is beyond the largest float ("4e567890", as commits may be).
    """
    bare = text.strip()
    if len(bare) < 2 or len(bare) > _LONGEST_NUMBER or not bare[0].isdigit():
        return False
    if bare[0] == "0":
        return bare.isdecimal() and bare.isascii()
    if "e" not in bare and "E" not in bare:
        return False
    try:
        return math.isinf(float(bare))
    except ValueError:
        return False


def plain(value: Any) -> Any:
    """Return one cell of a column as a plain Python value: int, float, bool, str, or None where it is missing."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def restored(value: Any) -> Any:
    """Turn text of a table back into the value that it was written for: lists and mappings, numbers, true and false.

    A column of text holds text of numbers only where it mixes them with words (16, "auto"); a number is one here where
    it is written as W&B writes it, so that "007" and the commit "12e4567" stay text. So does text of over 20,000
    characters, and what is nested more than `nesting.DEEPEST` levels deep. Values that are no text stay.
    """
    if not isinstance(value, str) or len(value) > _LONGEST_LIST:
        return value
    if value[:1] in ("[", "{"):
        try:
            return read_json(value)
        except ValueError:
            return value
    if value in ("true", "false"):
        return value == "true"
    if _WRITTEN_NUMBER.fullmatch(value):
        number = as_number(value)
        if number is not None and math.isfinite(number) and abs(number) <= _SAFE_INTEGER:
            return number
    return value


def row_of(table: pd.DataFrame, position: int) -> dict[str, Any]:
    """Return one row as plain values by column, each as its own column holds it; None where a value is missing."""
    # A row taken as a Series would have one type: whole numbers beside floats would become floats.
    return {str(name): plain(table[name].iloc[position]) for name in table.columns}


def _cell(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        number = as_number(value)
        if number is not None:
            return number
        lowered = value.strip().lower()
        if lowered in _BLANK or lowered == _NONE:
            return None
        return lowered == "true" if lowered in ("true", "false") else value
    if value is None or kind in (bool, int, float):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if value is pd.NA:
        return None
    if not isinstance(value, (Mapping, list, tuple)):
        return str(value)
    if nested_too_deeply(value):
        return f"({type(value).__name__} nested more than {DEEPEST} levels deep)"
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    except (RecursionError, TypeError, ValueError):
        return f"({type(value).__name__} that JSON can't hold)"


def _kept_text(value: Any, cell: Any) -> str | None:
    """Return a cell of a text column: text as it was written, anything else as JSON writes it."""
    if type(cell) is bool:
        return "true" if cell else "false"
    if type(value) is str and (cell is not None or value.strip().lower() == _NONE):
        return value
    if cell is None or cell != cell:
        return None
    return cell if type(cell) is str else repr(cell)


def _text_series(text: list[str | None]) -> pd.Series:
    try:
        return pd.Series(text, dtype="str")
    except UnicodeEncodeError:
        return pd.Series([None if one is None else _encodable(one) for one in text], dtype="str")


def _encodable(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can hold and UTF-8 can't, by question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _all_whole(numbers: np.ndarray) -> bool:
    known = numbers[~np.isnan(numbers)]
    return bool(np.all(np.isfinite(known)) and np.all(known == np.floor(known)) and np.all(np.abs(known) < 2**53))
