"""Rows of a table that are no runs: notes below or above it, and rows that sum up the others (mean, total)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_NOTE = r"^(#|//|\*\*?[A-Za-z ]|(?i:notes?|source|legend|caption|remarks?|best( run| model| config)?)\s*:)"
_FIGURE = re.compile(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?%?")


def _deviation(values: np.ndarray) -> float:
    return float(np.std(values, ddof=1))


def _ends(values: np.ndarray) -> tuple[float, float]:
    return float(np.max(values)), float(np.min(values))


# Which way a column is better isn't known here, so the best may be at either end of it.
_EXTREMES = frozenset(("best", "worst"))
_SUMMARIES: dict[str, Callable[[np.ndarray], float | tuple[float, float]]] = {
    **dict.fromkeys(_EXTREMES, _ends),
    **dict.fromkeys(("mean", "average", "avg", "avg.", "overall mean", "mittelwert", "moyenne", "overall"), np.mean),
    **dict.fromkeys(("total", "sum", "totals", "grand total", "summe", "gesamt"), np.sum),
    **dict.fromkeys(("max", "maximum"), np.max),
    **dict.fromkeys(("min", "minimum"), np.min),
    "median": np.median,
    **dict.fromkeys(("std", "std. dev.", "stdev", "std dev", "sd", "standard deviation"), _deviation),
    "count": len,
}
_FEWEST_ROWS = 3
_FEWEST_COLUMNS = 3


def side_rows(columns: Sequence[pa.Array]) -> tuple[np.ndarray, list[str]]:
    """Return which rows are no runs (boolean, one a row) and a sentence for each kind of them.

    A note has text that begins like one in its first filled cell and no number beside it, or text alone where all
    others have a number, or is a sentence alone below the last run. A row that sums up says so in its first cell, and
    its numbers agree with the others'.
    """
    rows = len(columns[0])
    first = columns[0]
    notes = _notes(columns)
    said = []
    if notes.any():
        count = int(notes.sum())
        shown = first.filter(pa.array(notes))[0].as_py()[:60]
        row, were = ("row", "was") if count == 1 else ("rows", "were")
        said.append(f'{count:,} {row} of notes {were} left out ("{shown}").')
    sums = _sums(columns, notes)
    if sums.any():
        labels = sorted(set(first.filter(pa.array(sums)).to_pylist()))
        row, sums_up = ("row was", "sums") if sums.sum() == 1 else ("rows were", "sum")
        said.append(f"{int(sums.sum()):,} {row} left out, which {sums_up} up the others ({', '.join(labels)}).")
    return (notes | sums) if rows else notes, said


def _notes(columns: Sequence[pa.Array]) -> np.ndarray:
    first = columns[0]
    marked = _mask(pc.match_substring_regex(first, _NOTE))
    numeric = _mask(pc.match_substring_regex(first, r"^[-+]?[0-9.]+([eE][-+]?[0-9]+)?%?$"))
    worded = _mask(pc.match_substring_regex(first, r"[A-Za-z]{2}.* "))
    others = len(first) - int(worded.sum())
    # Where all runs have a number first, a sentence there is none; names of runs are as likely text.
    alone = worded & (numeric.sum() >= max(2, 0.9 * others)) if len(columns) > 1 else np.zeros(len(first), dtype=bool)
    notes = marked | alone
    notes |= _sentences_below(columns)
    for column in columns[1:]:
        if not notes.any():
            break
        at = np.flatnonzero(notes)
        cells = column.take(pa.array(at)).to_pylist()
        # Beside a marked note text may go on, since commas part it; numbers are of runs.
        run = [bool(t) and (not marked[i] or bool(_FIGURE.fullmatch(t))) for i, t in zip(at, cells, strict=True)]
        notes[at[np.array(run)]] = False
    return notes


def _sentences_below(columns: Sequence[pa.Array]) -> np.ndarray:
    """Mark the rows at the end that hold several words in their first cell alone, where no other row's has a space."""
    first = columns[0]
    below = np.zeros(len(first), dtype=bool)
    if len(columns) < _FEWEST_COLUMNS:
        return below
    spaced = _mask(pc.match_substring(first, " "))
    for at in range(len(first) - 1, 0, -1):
        if any(column[at].as_py() for column in columns[1:]):
            break
        below[at] = spaced[at]
    return below if not spaced[~below].any() else np.zeros(len(first), dtype=bool)


def _sums(columns: Sequence[pa.Array], notes: np.ndarray) -> np.ndarray:
    labels = pc.utf8_rtrim(pc.utf8_lower(columns[0]), characters=": ")
    named = _mask(pc.is_in(labels, value_set=pa.array(list(_SUMMARIES), type=labels.type)))
    found = np.zeros(len(named), dtype=bool)
    rest = ~named & ~notes
    if not named.any() or rest.sum() < _FEWEST_ROWS or named.sum() > len(_SUMMARIES):
        return found
    for at in np.flatnonzero(named):
        summary = _SUMMARIES[labels[int(at)].as_py()]
        agrees, against, blank = 0, 0, False
        for column in columns[1:]:
            stated = _number(column[int(at)].as_py())
            if stated is None:
                blank |= not column[int(at)].as_py() and pc.all(pc.not_equal(column.filter(pa.array(rest)), "")).as_py()
                continue
            values = [v for v in map(_number, column.filter(pa.array(rest)).to_pylist()) if v is not None]
            if len(values) < _FEWEST_ROWS or min(values) == max(values) == stated:
                continue
            right = np.atleast_1d(summary(np.array(values)))
            agrees, against = (agrees + 1, against) if _close(stated, right) else (agrees, against + 1)
        # A run may be called "best", and have settings then.
        found[at] = agrees > against and (blank or labels[int(at)].as_py() not in _EXTREMES)
    for at in np.flatnonzero(named & ~found):
        # Beside a row that sums up, one of such a name does, too, however it was rounded.
        beside = [place for place in (at - 1, at + 1) if 0 <= place < len(found) and found[place]]
        found[at] = any(_blank_alike(columns, int(at), int(place)) for place in beside)
    return found


def _blank_alike(columns: Sequence[pa.Array], one: int, other: int) -> bool:
    blanks = [(column[one].as_py() == "", column[other].as_py() == "") for column in columns]
    return all(here == there for here, there in blanks) and any(here for here, _ in blanks)


def _close(stated: float, right: np.ndarray) -> bool:
    """Whether one of the numbers is the stated one but for rounding to three digits."""
    return bool((np.abs(stated - right) <= 0.005 * np.maximum(np.abs(right), abs(stated)) + 1e-12).any())


def _number(text: str) -> float | None:
    bare = text.removesuffix("%")
    try:
        value = float(bare)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _mask(condition: pa.Array) -> np.ndarray:
    mask: np.ndarray = condition.to_numpy(zero_copy_only=False).astype(bool)
    return mask
