"""Tables whose runs were laid out by hand: a full grid of a few settings, or one setting changed at a time.

There a column that follows from no setting alone came out, whatever it is called: nobody sets that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.model.metric_names import read_name
from lib.model.search_space import named_like_a_block
from lib.sources.export.column_evidence import SHARES, Clues
from lib.sources.export.evidence_of_names import COUNTERS, LETTERS, Weighed, weight_of_name

_FEWEST_ROWS, _MOST_LEVELS = 8, 20
# Of all rows, how many have a combination of their own; of all combinations, how many were run.
_ALONE, _RUN = 0.9, 0.75
_OF_THEIR_OWN = 0.8
_FEWEST_CHANGED = 3
# Who lays runs out by hand varies fewer settings than that.
_MOST_LAID_OUT = 60
_CAME_OUT, _WAS_SET = 5.0, -3.0
# How long runs train is set, or counted when they ended: both differ in each run.
_SET_OR_COUNTED = COUNTERS | {"batches"}


def evidence_of_a_layout(clues: Sequence[Clues]) -> list[list[Weighed]]:
    """Say of columns that follow from no setting of a full grid alone that they came out, and of its own that not.

    Where one setting changes at a time, columns came out that have a value of their own in nearly each row. A name that
    the list of metric names has as a setting (`lr`) may say so still, and what only numbers is neither.
    """
    how, factors = _how_laid_out(clues)
    came_out = (_CAME_OUT, f"it follows from no setting alone, though {how}")
    was_set = (_WAS_SET, "it is one of the settings of a full grid")
    return [
        [came_out] if how and _comes_out(clue, factors) else [was_set] if any(clue is one for one in factors) else []
        for clue in clues
    ]


def _comes_out(clue: Clues, factors: Sequence[Clues]) -> bool:
    if not clue.numeric or clue.known < _FEWEST_ROWS or any(clue is one for one in factors):
        return False
    reading = read_name(clue.name)
    named = reading.role in ("setting", "id") or clue.name.lower() in SHARES or clue.name in LETTERS
    if named or named_like_a_block(clue.name) or (reading.words or ("",))[-1] in _SET_OR_COUNTED:
        return False
    assert clue.numbers is not None
    known = np.unique(clue.numbers[clue.filled])
    if len(set(np.diff(known).tolist())) < 2:
        # Two values, or 10, 20, 30, … were not measured.
        return False
    if not factors:
        return clue.distinct >= _OF_THEIR_OWN * clue.known
    # Whole numbers that take few values may be of a setting that nobody crossed with the others.
    return not (clue.few and clue.type == "integer") and not any(_follows_from(clue, one) for one in factors)


def _follows_from(clue: Clues, factor: Clues) -> bool:
    """Whether each value of one column goes with one of another."""
    return clue.distinct <= factor.distinct and len(_met(clue.codes, factor)[1]) == len(np.unique(factor.codes))


def _met(which: np.ndarray, column: Clues) -> tuple[np.ndarray, np.ndarray]:
    """Return which pair of a number and a column's value each row has, numbered, and how many rows have each.

    which : whole numbers from -1 on, shape (rows,).
    """
    pairs = (which + 1) * (column.distinct + 1) + column.codes + 1
    counts = np.bincount(pairs)
    return (np.cumsum(counts > 0) - 1)[pairs], counts[counts > 0]


def _how_laid_out(clues: Sequence[Clues]) -> tuple[str, Sequence[Clues]]:
    """Say how the settings of a table were laid out, and which make a grid; "" where no one can tell.

    A result may take few values, too, so it is tried with all columns that do, without those whose names say that they
    are results, and with those alone whose names or texts say that they are settings.
    """
    levels = [clue for clue in clues if _may_be_laid_out(clue)]
    if len(levels) > _MOST_LAID_OUT:
        return "", ()
    weights = [weight_of_name(clue.name) for clue in levels]
    named = [one for one, weight in zip(levels, weights, strict=True) if weight <= 0]
    settings = [one for one, weight in zip(levels, weights, strict=True) if weight < 0 or not one.numeric]
    for columns in (levels, named, settings):
        if grid := _full_grid(columns):
            return "the others are those of a full grid", grid
    if any(_changes_one_at_a_time(columns) for columns in (named, settings)):
        return "the others change one at a time", ()
    return "", ()


def _may_be_laid_out(clue: Clues) -> bool:
    """Whether a column takes few values, each in two rows on average, of enough rows."""
    return len(clue.codes) >= _FEWEST_ROWS and 2 <= clue.distinct <= min(_MOST_LEVELS, clue.known // 2)


def _full_grid(columns: Sequence[Clues]) -> list[Clues]:
    """Return the columns that make a full grid: a row for nearly each combination of theirs, and none twice; else none.

    A column that follows from those before it adds none.
    """
    rows = len(columns[0].codes) if columns else 0
    which, there, possible = np.zeros(rows, dtype=np.int64), 1, 1.0
    grid: list[Clues] = []
    for column in columns:
        both, counts = _met(which, column)
        more = len(counts)
        if more > there:
            which, there, possible = both, more, possible * _times(column, grid)
            grid.append(column)
        if _RUN * possible > rows:
            return []
    return grid if len(grid) > 1 and there >= _ALONE * rows and there >= _RUN * possible else []


def _times(column: Clues, grid: Sequence[Clues]) -> float:
    """Return by how much a column multiplies the combinations: less where one decides whether it has a value."""
    for one in () if column.filled.all() else grid:
        with_blanks = np.unique((one.codes + 1) * 2 + column.filled)
        if len(with_blanks) == len(np.unique(one.codes)):
            return len(_met(one.codes, column)[1]) / len(with_blanks)
    return len(np.unique(column.codes))


def _changes_one_at_a_time(factors: Sequence[Clues]) -> bool:
    """Whether nearly each row differs from the most frequent values in one column at most, of three or more."""
    if len(factors) < _FEWEST_CHANGED:
        return False
    changed = np.zeros(len(factors[0].codes), dtype=np.int64)
    for factor in factors:
        changed += factor.codes + 1 != np.bincount(factor.codes + 1).argmax()
    return bool((changed <= 1).mean() >= _ALONE and (changed == 1).mean() >= 1 - _ALONE)
