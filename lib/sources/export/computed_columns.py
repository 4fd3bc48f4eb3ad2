"""Finds columns that were computed from others: a model's size from its bits, a total from two settings.

A column depends functionally on others where no two rows agree in those and differ in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from lib.model.metric_names import read_name
from lib.sources.export.column_evidence import Clues

_MEASURED = frozenset({"size", "cost", "clock", "result", "criterion", "change", "diagnostic"})
_FEWEST_ROWS, _MOST_LEVELS = 6, 20
# Each pair of sources is tried with each column that may be computed.
_MOST_SOURCES, _MOST_COMPUTED = 12, 200


def computed_from(clues: Sequence[Clues]) -> dict[int, tuple[int, ...]]:
    """Return which numeric columns are computed from which others, by position.

    From one: both are numbers, each value of the one goes with one of the other, in the same or the opposite order, and
    the computed one is named as what is measured (a size, a cost) or written with more digits. Two columns of the same
    values are copies, and neither is computed.
    From two: neither is named as what is measured, both take few values, each pair of values occurs twice on average,
    and the computed column takes more values than either and one for each pair.
    """
    usable = [
        at
        for at, clue in enumerate(clues)
        if clue.numeric and not clue.odd and clue.known >= _FEWEST_ROWS and 3 <= clue.distinct <= clue.known // 2
    ]
    pairs, ones = _from_pairs(clues, usable), _from_ones(clues, usable)
    # What a column is computed from is a setting, rather than another column that was computed from two.
    return {**pairs, **{at: (one,) for at, (one,) in ones.items() if not (at in pairs and one in pairs)}}


def _from_ones(clues: Sequence[Clues], usable: Sequence[int]) -> dict[int, tuple[int]]:
    alike: dict[bytes, list[int]] = {}
    for at in usable:
        codes = clues[at].codes
        reverse = np.where(codes >= 0, clues[at].distinct - 1 - codes, -1)
        alike.setdefault(min(codes.tobytes(), reverse.astype(codes.dtype).tobytes()), []).append(at)
    found: dict[int, tuple[int]] = {}
    for group in alike.values():
        simplest = min(group, key=lambda at: (_measured(clues[at]), _digits(clues[at]), at))
        for at in group:
            if (_measured(clues[at]), _digits(clues[at])) > (_measured(clues[simplest]), _digits(clues[simplest])):
                found[at] = (simplest,)
    return found


def _measured(clue: Clues) -> bool:
    return read_name(clue.name).role in _MEASURED


def _digits(clue: Clues) -> int:
    """Return how many significant digits the distinct numbers have together."""
    assert clue.numbers is not None
    known = np.unique(clue.numbers[clue.filled])
    return sum(len(f"{abs(one):.10g}".replace(".", "").strip("0")) for one in known)


def _from_pairs(clues: Sequence[Clues], usable: Sequence[int]) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    # No setting is computed from what came out.
    settings = [at for at, clue in enumerate(clues) if not _measured(clue) and not clue.odd]
    sources = [at for at in settings if 2 <= clues[at].distinct <= _MOST_LEVELS]
    for first, second in combinations(sources[:_MOST_SOURCES], 2):
        one, other = clues[first], clues[second]
        rows = one.filled & other.filled
        pairs = one.codes[rows] * other.distinct + other.codes[rows]
        _, where, which = np.unique(pairs, return_index=True, return_inverse=True)
        if 2 * len(where) > len(pairs):
            continue
        for at in usable[:_MOST_COMPUTED]:
            made = clues[at]
            if at in found or made.distinct <= max(one.distinct, other.distinct) or (made.filled != rows).any():
                continue
            codes = made.codes[rows]
            if (codes[where][which] == codes).all():
                found[at] = (first, second)
    return found
