"""Cells that a spreadsheet merges over several rows: the first row of a group names it, and the others are blank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.model.numbers import listing

_FEWEST_GROUPS, _FEWEST_OF_GROUP = 2, 2


def without_merges(names: Sequence[str], columns: Sequence[pa.Array]) -> tuple[list[pa.Array], list[str]]:
    """Write the text of merged cells in each row of their group, and say so.

    They are merged where the first column names each group once, in its first row, and is blank in the rows below, two
    rows or more a group and equally many in most; what is blank in the same rows is merged alike.
    """
    columns = list(columns)
    if len(columns[0]) < _FEWEST_GROUPS * _FEWEST_OF_GROUP:
        return columns, []
    filled = _filled(columns[0])
    starts = np.flatnonzero(filled)
    sizes = np.diff([*starts, len(filled)])
    if len(starts) < _FEWEST_GROUPS or starts[0] != 0 or sizes.min() < _FEWEST_OF_GROUP:
        return columns, []
    named = columns[0].take(pa.array(starts)).to_pylist()
    if len(set(named)) < len(named) or 2 * int((sizes == np.median(sizes)).sum()) < len(sizes):
        return columns, []
    group = pa.array(starts[np.cumsum(filled) - 1])
    merged = [at for at, column in enumerate(columns) if np.array_equal(_filled(column), filled)]
    if len(merged) == len(columns):
        return columns, []
    for at in merged:
        columns[at] = columns[at].take(group)
    shown = listing([names[at] or f"column {at + 1}" for at in merged], most=4)
    return columns, [f"Cells of {shown} that are blank below another were read as merged with it."]


def _filled(column: pa.Array) -> np.ndarray:
    mask: np.ndarray = pc.not_equal(column, "").to_numpy(zero_copy_only=False).astype(bool)
    return mask
