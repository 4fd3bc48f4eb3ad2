"""What a column of a table shows: how many cells are filled, how many values differ, and what its texts are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lib.model.columns import Column
from lib.sources.export.column_evidence import Clues

# A hash as commits have it, with a letter and a digit at least.
_RECORDS = {
    "time": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T _][0-9]{2}[:-]?[0-9]{2}",
    "hash": r"^(?:[0-9]+[a-f]|[a-f]+[0-9])[0-9a-f]{5,38}$",
}


def clues_of(name: str, column: Column, cells: pa.Array) -> Clues:
    """Return the clues of a column. column : its cells, typed. cells : as the file has them, "" where blank."""
    filled = column.values.notna().to_numpy()
    if column.logged_nan is not None:
        filled = filled | column.logged_nan
    known = int(filled.sum())
    odd = column.logged_nan is not None
    if column.type == "number" and not odd:
        odd = bool(np.isinf(column.values.to_numpy()).any())
    listed = media = False
    record = ""
    if column.type == "text":
        text = cells.filter(pa.array(filled))
        record = next((what for what, form in _RECORDS.items() if _all_match(text, form)), "")
        listed = _all_match(text, r"^[\[{].*[\]}]$")
        media = listed and bool(pc.any(pc.match_substring(text, '"_type"')).as_py())
    codes, levels = pd.factorize(column.values, sort=True)
    numbers = None
    if column.type in ("integer", "number"):
        numbers = column.values.to_numpy(dtype=float, na_value=np.nan)
    return Clues(name, column.type, known, len(levels), filled, codes, numbers, odd, listed, media, record)


def _all_match(text: pa.Array, form: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(text, form)).as_py())
