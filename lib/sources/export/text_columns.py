"""Types whole columns of text at once, with the same result as `lib.model.columns.typed_column` cell by cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lib.model.columns import Column, typed_column

# Beyond this, numbers are not exact in 64-bit floats, and go the careful way.
_EXACT = 2.0**53


def typed_text(cells: pa.Array) -> Column:
    """Type one column of trimmed text ("" where blank), shape (rows,), as `typed_column` would."""
    blank = pc.equal(cells, "")
    if pc.all(blank).as_py() or len(cells) == 0:
        return Column(pd.Series(np.full(len(cells), np.nan)), "empty")
    column = None if _any_begins_with_zeros(cells) else _number_column(cells, blank)
    if column is not None:
        return column
    coded = cells.dictionary_encode()
    distinct = typed_column(coded.dictionary.to_pylist())
    positions = coded.indices.to_numpy()
    nan = None if distinct.logged_nan is None else distinct.logged_nan[positions]
    values = distinct.values.take(positions).reset_index(drop=True)
    return Column(values, distinct.type, nan)


def _any_begins_with_zeros(cells: pa.Array) -> bool:
    """Whether a cell is an identifier such as "007": those beyond the largest float are no exact numbers anyway."""
    return bool(pc.any(pc.match_substring_regex(cells, r"^0[0-9]+$")).as_py())


def _number_column(cells: pa.Array, blank: pa.Array) -> Column | None:
    """Return the column as numbers where every filled cell is a finite and exact one; else None."""
    known = pc.if_else(blank, pa.scalar(None, cells.type), cells)
    try:
        numbers = known.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
    except pa.ArrowInvalid:
        return None
    missing = blank.to_numpy(zero_copy_only=False)
    seen = numbers[~missing]
    if not (np.abs(seen) < _EXACT).all():
        return None
    if (seen == np.floor(seen)).all():
        whole = np.where(missing, 0, numbers).astype("int64")
        return Column(pd.Series(pd.arrays.IntegerArray(whole, missing)), "integer")
    return Column(pd.Series(numbers), "number")
