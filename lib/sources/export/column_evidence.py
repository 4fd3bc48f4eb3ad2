"""What a column of a run table shows alone: its name, its type, where it is blank, and so which side it is on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lib.model.metric_names import counts_parameters, read_name
from lib.sources.export.evidence_of_names import Weighed, evidence_of_name

SHARES = {"eta": "a learning rate", "drop": "a dropout"}
FEW_VALUES = "it takes few values"
# Of all rows, how many may be remarks.
_MOST_REMARKS = 0.1
_MEASURED = frozenset(("result", "criterion", "partial", "component"))


@dataclass(frozen=True, eq=False, slots=True)
class Clues:
    """What one column shows: its name and type, how many cells are filled, how many values differ, and where."""

    name: str
    """The key, without a prefix that says which side it is on."""
    type: str
    """As `lib.model.columns.typed_column` names it."""
    known: int
    """How many cells are filled."""
    distinct: int
    """How many values differ."""
    filled: np.ndarray
    """Boolean, shape (rows,): which cells are filled."""
    codes: np.ndarray
    """Whole numbers, shape (rows,): which of its values a row has, numbered in order of the values; -1 where blank."""
    numbers: np.ndarray | None = None
    """The values as floats, shape (rows,), NaN where blank; None where they are no numbers."""
    odd: bool = False
    """Whether it holds NaN or infinity."""
    listed: bool = False
    """Whether its text is a list or mapping."""
    media: bool = False
    """Whether it is a W&B chart, table or histogram."""
    record: str = ""
    """What all of its texts are: "time" for dates with a time, "hash" for what a commit has, "" for anything else."""

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers."""
        return self.type in ("integer", "number")

    @property
    def few(self) -> bool:
        """Whether it takes two to ten values, each in two runs on average: so settings of a grid do."""
        return 2 <= self.distinct <= 10 and 2 * self.distinct <= self.known


def without_remarks(clues: Sequence[Clues]) -> list[Clues]:
    """Return the clues without the rows that hold no number, where they are few: a remark, a line between blocks.

    One such row is blank in each column of numbers, so that none would cross another, as the settings of a grid do.
    """
    numeric = [clue.filled for clue in clues if clue.numeric]
    keep = np.logical_or.reduce(numeric) if numeric else np.zeros(0, dtype=bool)
    if keep.all() or (~keep).mean() > _MOST_REMARKS:
        return list(clues)
    return [_of_rows(clue, keep) for clue in clues]


def _of_rows(clue: Clues, keep: np.ndarray) -> Clues:
    filled, codes = clue.filled[keep], clue.codes[keep]
    levels = np.unique(codes[codes >= 0])
    return replace(
        clue,
        known=int(filled.sum()),
        distinct=len(levels),
        filled=filled,
        codes=np.where(codes >= 0, np.searchsorted(levels, codes), -1),
        numbers=None if clue.numbers is None else clue.numbers[keep],
    )


def hollow_rows(clues: Sequence[Clues], states: Sequence[str]) -> np.ndarray:
    """Mark the runs that ended before they logged much: not finished, and blank where others are filled.

    Where no run has a state, all count as finished.
    """
    common = [clue.filled for clue in clues if 2 * clue.known >= len(clue.filled) and clue.known > 0]
    if not common or not any(states):
        return np.zeros(len(clues[0].filled), dtype=bool)
    blanks = np.zeros(len(common[0]))
    for filled in common:
        blanks += ~filled
    early = np.array([state != "finished" for state in states])
    return early & (blanks >= 0.25 * len(common)) & (blanks > 0)


def evidence(clue: Clues, hollow: np.ndarray) -> list[Weighed]:
    """List what speaks for summary (positive) or for config (negative), each with its words."""
    found = evidence_of_name(clue.name)
    if clue.known == 0:
        return [(weight / 2, words) for weight, words in found]
    if (share := SHARES.get(clue.name.lower())) is not None and clue.numbers is not None:
        known = clue.numbers[clue.filled]
        if known.min() >= 0 and 0 < known.max() <= 1:
            found.append((-2.5, f"its name and its values are those of {share}"))
    rows = len(clue.filled)
    if hollow.any():
        elsewhere = clue.filled[~hollow]
        blank = not clue.filled[hollow].all()
        if blank and elsewhere.mean() >= 0.9:
            found.append((2.5, "it is blank for runs that ended early"))
        elif not blank:
            found.append((-1.5, "it is known even for runs that ended early"))
    if clue.media:
        found.append((4.0, "it holds a logged chart or table"))
    elif clue.listed and {"confusion", "conf"} & set(read_name(clue.name).words) and "matrix" in clue.name.lower():
        found.append((6.0, "it holds confusion matrices"))
    elif clue.listed:
        found.append((-1.5, "it holds lists"))
    elif clue.type in ("text", "mixed"):
        if read_name(clue.name).role in _MEASURED and 2 <= clue.distinct <= max(10, 0.2 * clue.known):
            # loss: huber or mse; precision: fp16 or int8.
            found.append((-5.0, "it holds words, which name what was chosen and are no measurements"))
        found.append((-2.0 if clue.distinct <= max(10, 0.2 * clue.known) else -1.0, "it holds text"))
    elif clue.type == "boolean":
        found.append((-1.0, "it holds true and false"))
    if clue.odd:
        found.append((2.5, "it holds NaN or infinity"))
    if clue.numeric and clue.distinct > 2 and not clue.few and counts_parameters(clue.name):
        found.append((2.5, "it counts the parameters of a model, which follow from other settings"))
    if clue.numeric and rows >= 3 and clue.known >= 3:
        if clue.distinct == 1:
            found.append((-1.5, "it is the same for all runs"))
        elif clue.distinct <= 10 and clue.distinct <= 0.3 * clue.known:
            found.append((-1.5, FEW_VALUES))
    return found
