"""Columns that repeat the number of another column, which a third one names: `swept` is lr, `value` that of lr."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.sources.export.column_parts import Verdict

_FEWEST_ROWS, _ALIKE = 3, 0.95
_MOST_NAMES = 200


def repeated_values(names: Sequence[str], columns: Sequence[pa.Array]) -> dict[int, Verdict]:
    """Return the columns that repeat others, and those that say which, by position, as neither settings nor results.

    names : the headings. columns : the cells as text, "" where blank, of the same length.
    """
    places = {name: at for at, name in enumerate(names)}
    found: dict[int, Verdict] = {}
    for at, column in enumerate(columns):
        if len(column) < _FEWEST_ROWS or column[0].as_py() not in places:
            continue
        named = column.dictionary_encode()
        if len(named.dictionary) > _MOST_NAMES or not places.keys() >= set(named.dictionary.to_pylist()):
            continue
        codes = named.indices.to_numpy(zero_copy_only=False)
        sources = [places[name] for name in named.dictionary.to_pylist()]
        expected = np.full(len(column), np.nan)
        for code, source in enumerate(sources):
            expected[codes == code] = _numbers(columns[source])[codes == code]
        copies = [
            other
            for other in range(len(columns))
            if other not in (at, *sources) and _agrees(_numbers(columns[other]), expected)
        ]
        for copy in copies:
            found[copy] = Verdict("metadata", f"it repeats the number of the column that {names[at]} names")
        if copies:
            found[at] = Verdict("metadata", f"it names the column that {names[copies[0]]} repeats")
    return found


def _agrees(numbers: np.ndarray, expected: np.ndarray) -> bool:
    known = np.isfinite(expected)
    if known.sum() < max(_FEWEST_ROWS, _ALIKE * len(expected)) or len(np.unique(expected[known])) < _FEWEST_ROWS:
        return False
    return bool((np.abs(numbers[known] - expected[known]) <= 1e-9 * np.abs(expected[known])).mean() >= _ALIKE)


def _numbers(cells: pa.Array) -> np.ndarray:
    """Return cells as floats, NaN where they are none."""
    plain = pc.utf8_trim_whitespace(cells)
    try:
        blank = pc.equal(plain, "")
        known = pc.if_else(blank, pa.scalar(None, plain.type), plain).cast(pa.float64())
    except pa.ArrowInvalid:
        return np.full(len(cells), np.nan)
    numbers: np.ndarray = known.to_numpy(zero_copy_only=False).astype(float)
    return numbers
