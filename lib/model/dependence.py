"""Which columns of a table determine each other, and which exist only under certain levels of another."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib.model.columns import plain

# Two columns that split the runs alike do so by chance where nearly each run has a value of its own, and hardly where
# that many runs repeat one.
FEWEST_REPEATING = 5
# Two numeric columns without repeated values put this many runs into one order by chance once in 20,000.
FEWEST_ORDERED = 8
# Columns with the same values need only this many runs where their names differ in nothing but their writing.
FEWEST_COPIED = 2
MOST_PARENT_LEVELS = 10
_FEWEST_EACH = 3
_DIGITS = 12
_WRITING = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Presence:
    """Where a column has values: exactly in the rows in which another column has one of some levels."""

    parent: str
    """The other column."""
    levels: tuple[object, ...]
    """Its levels under which the column has values, as the other column holds them."""


def same_factor(table: pd.DataFrame, names: Sequence[str]) -> list[list[str]]:
    """Return the groups of two or more columns that determine each other in a table, each in the order of `names`.

    Columns do where they split the rows into the same groups (a row without a value is in a group of its own) and at
    least FEWEST_REPEATING rows repeat a value; where both are numbers, no matter how few rows repeat one, that put at
    least FEWEST_ORDERED rows in the same or in opposite order (a size computed from a size); or where their values are
    the same, in at least FEWEST_ORDERED rows or under names that differ only in case and punctuation. Numbers equal to
    12 digits are equal. Numbers that split the rows just as all columns together do say nothing: that is what a few
    configurations, run several times each, look like.
    """
    columns = {name: _Split(name, table[name]) for name in names}
    all_together = np.zeros(len(table), dtype="int64")
    for one in columns.values():
        all_together = pd.factorize(all_together * (one.levels + 1) + one.codes + 1)[0]
    groups: dict[Hashable, list[str]] = {}
    for name, one in columns.items():
        for key in one.keys(bool(np.array_equal(one.codes, all_together))):
            groups.setdefault(key, []).append(name)
    joined: dict[str, list[str]] = {}
    for group in groups.values():
        together = list(dict.fromkeys(member for name in group for member in joined.get(name, [name])))
        joined.update(dict.fromkeys(together, together))
    found = {id(group): group for group in joined.values() if len(group) > 1}
    place = {name: at for at, name in enumerate(names)}
    return sorted((sorted(group, key=place.__getitem__) for group in found.values()), key=lambda group: place[group[0]])


def presence(table: pd.DataFrame, name: str, parents: Sequence[str]) -> Presence | None:
    """Return the column whose levels decide in which rows another column has a value; None where there is none.

    The parent has a value in each row and at most MOST_PARENT_LEVELS levels, of which each has values of the column in
    all of its rows or in none; at least three rows have one and three have none. Among several parents the one whose
    name has the longest beginning in common with the column's is taken (optimizer.name for optimizer.sgd.momentum),
    then the one with the fewest levels, then the first.
    """
    present = table[name].notna().to_numpy()
    if present.sum() < _FEWEST_EACH or (~present).sum() < _FEWEST_EACH:
        return None
    found = []
    for at, parent in enumerate(parents):
        codes, levels = pd.factorize(table[parent])
        if parent == name or len(levels) > MOST_PARENT_LEVELS or (codes < 0).any():
            continue
        if len(codes) - len(levels) < FEWEST_REPEATING:
            continue
        runs = np.bincount(codes, minlength=len(levels))
        having = np.bincount(codes, weights=present, minlength=len(levels))
        if np.all((having == 0) | (having == runs)):
            under = sorted((plain(level) for level, has in zip(levels, having, strict=True) if has), key=str)
            found.append((-_in_common(name, parent), len(levels), at, Presence(parent, tuple(under))))
    return min(found, key=lambda one: one[:3])[3] if found else None


class _Split:
    """How a column splits the rows: a code a value, in the order in which they come, and -1 where there is none."""

    def __init__(self, name: str, column: pd.Series) -> None:
        self.name = name
        self.numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        values: Any = column
        if self.numeric:
            values = _rounded(column.to_numpy(dtype=float, na_value=np.nan))
        self.codes, self.values = pd.factorize(values)
        self.levels = len(self.values)

    def keys(self, as_all_together: bool) -> list[Hashable]:
        """Return what columns of one factor have in common: a key a way of being the same."""
        known = self.codes >= 0
        runs = int(known.sum())
        if self.levels < 2:
            return []
        split = self.codes.astype("int64").tobytes()
        keys: list[Hashable] = []
        if runs - self.levels >= FEWEST_REPEATING:
            if not (self.numeric and as_all_together):
                keys.append(("split", split))
        elif self.numeric and runs >= FEWEST_ORDERED:
            ranks = np.full(len(self.codes), -1)
            ranks[known] = np.argsort(np.argsort(self.values))[self.codes[known]]
            turned = np.where(known, self.levels - 1 - ranks, -1)
            keys.append(("order", min(ranks.astype("int64").tobytes(), turned.astype("int64").tobytes())))
        same = (split, tuple(map(str, self.values)))
        if runs >= FEWEST_ORDERED:
            keys.append(("values", same))
        if runs >= FEWEST_COPIED:
            keys.append(("copy", _WRITING.sub("", self.name).lower(), same))
        return keys


def _rounded(numbers: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        size = np.floor(np.log10(np.abs(numbers)))
        scale = 10.0 ** np.clip(_DIGITS - 1 - size, -300, 300)
        rounded = np.round(numbers * scale) / scale
    return np.where(np.isfinite(rounded) & (numbers != 0), rounded, numbers)


def _in_common(one: str, other: str) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
