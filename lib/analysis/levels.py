"""One level of a parameter as text, and the order of levels of any types."""

from __future__ import annotations

import numpy as np
import pandas as pd


def texts_of_levels(column: pd.Series) -> pd.Series:
    """Return `text_of_level` of every value of a column; what is distinct is written once."""
    if column.dtype == object:
        return column.map(text_of_level).astype(object)
    codes, distinct = pd.factorize(column)
    texts = np.array([*(text_of_level(value) for value in distinct), ""], dtype=object)
    return pd.Series(texts[codes], index=column.index, dtype=object)


def text_of_level(value: object) -> str:
    """Return one level as the text that filters and chips use; "" where it is missing."""
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)) and float(value).is_integer() and abs(float(value)) < 2**53:
        return str(int(value))
    return str(value)


def level_order(value: object) -> tuple[bool, float, str]:
    """Return the key by which levels of any types are sorted: numbers by value, then the others by their text."""
    is_number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    return not is_number, float(value) if is_number else 0.0, text_of_level(value)
