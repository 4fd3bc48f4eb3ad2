"""Turns a table's cells into plain numbers where a column is one of numbers, and says what was decided.

A column is one of numbers where most of its filled cells are. There, marks for "nothing" ("-", "N/A", "#DIV/0!") and
single odd words count as missing, each counted; words that repeat are levels, and the column stays as it was written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.model.columns import as_number, reads_as_identifier
from lib.model.metric_names import read_name
from lib.sources.export.number_forms import (
    UNITS,
    Written,
    as_counted,
    decides_for_commas,
    decides_for_points,
    dimension_of,
    in_base_units,
    taken_as_written,
    written_number,
)
from lib.sources.export.wrapped_numbers import BEGINS

_MISSING = frozenset((
    "-", "--", "---", "–", "—", "―", "n/a", "na", "n.a.", "n. a.", "#n/a", "#na", "<na>", ".", "..", "...", "…", "?",
    "??", "nil", "missing", "undefined", "unknown", "tbd", "tba", "(null)", "(none)", "(blank)", "nat", "not available",
    "x", "pending", "*", "/", "\\n", "empty", "no data", "null", "none",
))  # fmt: skip
_SHEET_ERRORS = frozenset((
    "#div/0!", "#n/a", "#value!", "#ref!", "#name?", "#num!", "#null!", "#error!", "#spill!", "#calc!", "#getting_data",
    "#wert!", "#bezug!", "#nv", "#zahl!", "err:502", "err:503", "#div/0", "#n/a n/a",
))  # fmt: skip
# Of a setting these may be a level, which is decided elsewhere; of what is measured they are counted.
_PLAIN_BLANKS = frozenset(("", "null", "none", "<null>"))
_NOT_A_NUMBER = frozenset(("-nan", "+nan", "nan%", "nan()", "1.#ind", "-1.#ind", "1.#qnan", "-nan(ind)"))
_MEASURES = frozenset(("result", "criterion", "partial", "component", "change", "spread", "cost", "clock"))
# Words that stand beside numbers as settings, even once.
_LEVELS = frozenset((
    "auto", "sqrt", "log2", "scale", "default", "full", "all", "off", "on", "adaptive", "true", "false", "max", "min",
))  # fmt: skip
_MOST_LEVELS = 10
# A column with more distinct numbers than levels would have measures something.
_MANY = 10
# Two levels have no order to gain from being numbers.
_FEWEST_ORDERED, _MOST_DIMENSIONS = 3, 4
_OF_MEMORY = frozenset(("byte", "bytes", "memory", "mem", "ram", "vram", "buffer", "packet", "message", "file"))
_MOST_EXAMPLES = 3
MOST_WRITTEN = 50
_STARTS = rf"^[-+.0-9'’`\"$€£¥*\x{{2212}}=UEG(]|{BEGINS}"


@dataclass(frozen=True, slots=True)
class Note:
    """One decision on the cells of one column: its kind, how many cells, and what they looked like."""

    kind: str
    column: str
    cells: int
    shown: str
    detail: str = ""


def plain_columns(
    names: Sequence[str], columns: Sequence[pa.Array], delimiter: str
) -> tuple[list[pa.Array], list[Note]]:
    """Rewrite the cells of every column of numbers as plain numbers; other columns stay as they are.

    names : one a column. columns : trimmed text, "" where blank. delimiter : of the file; beside semicolons and tabs a
    comma in a number is a decimal point where the whole column may be written so.
    """
    coded = [None if _is_plain(cells) else cells.dictionary_encode() for cells in columns]
    texts = [None if one is None else one.dictionary.to_pylist() for one in coded]
    commas = delimiter == ";" or _commas_are_points(names, columns, texts)
    plain: list[pa.Array] = []
    notes: list[Note] = []
    for name, cells, codes, distinct in zip(names, columns, coded, texts, strict=True):
        if codes is None or distinct is None:
            plain.append(cells)
            continue
        counts = np.bincount(codes.indices.to_numpy(zero_copy_only=False), minlength=len(distinct))
        said = _read_column(name, distinct, counts, commas)
        if said is None:
            plain.append(cells)
            continue
        replaced, found = said
        plain.append(pa.array(replaced, type=pa.large_string()).take(codes.indices))
        notes.extend(found)
    return plain, notes


def texts_of_numbers(before: pa.Array, after: pa.Array) -> dict[float, str]:
    """Return how the numbers of a column were written where a program may take them so: 0.0625 as "1/16".

    before, after : its cells as the file has them and as `plain_columns` rewrote them. Of several texts for one number
    the first by name counts; a column of more than MOST_WRITTEN numbers was drawn from a range, and has none.
    """
    pairs = pa.table({"before": before, "after": after}).group_by(["before", "after"]).aggregate([])
    written: dict[float, str] = {}
    for text, plain in sorted(zip(pairs["before"].to_pylist(), pairs["after"].to_pylist(), strict=True)):
        if plain and text != plain and (number := as_number(plain)) is not None and taken_as_written(text):
            written.setdefault(float(number), text)
    return written if len(written) <= MOST_WRITTEN else {}


def _is_plain(cells: pa.Array) -> bool:
    """Whether all cells are plain numbers or blank, or too few begin as numbers do."""
    blank = pc.equal(cells, "")
    filled = len(cells) - pc.sum(blank).as_py() if len(cells) else 0
    if not filled:
        return True
    try:
        pc.if_else(blank, pa.scalar(None, cells.type), cells).cast(pa.float64())
    except pa.ArrowInvalid:
        begins = pc.sum(pc.match_substring_regex(cells, _STARTS)).as_py()
        return 4 * begins < filled and not pc.any(pc.starts_with(cells, "#")).as_py()
    return True


def _commas_are_points(names: Sequence[str], columns: Sequence[pa.Array], texts: Sequence[list[str] | None]) -> bool:
    """Whether commas are decimal points in this table: some cells can be nothing else, and no numbers have points."""
    commas = points = 0
    for name, cells, distinct in zip(names, columns, texts, strict=True):
        if distinct is None:
            points += bool(pc.any(pc.match_substring_regex(cells, r"^[-+]?[0-9]*\.[0-9]")).as_py())
            continue
        decided = sum(decides_for_commas(text, _measures(name)) for text in distinct)
        against = sum(decides_for_points(text) for text in distinct)
        filled = sum(bool(text) for text in distinct)
        # A list such as "64,32" is in a column of lists; a number stands among numbers.
        commas += (
            decided > against and 2 * sum("," in text or as_number(text) is not None for text in distinct) > filled
        )
        points += against > decided
    return commas > points


def _read_column(
    name: str, distinct: Sequence[str], counts: np.ndarray, commas: bool
) -> tuple[list[str], list[Note]] | None:
    """Return the distinct cells as they are to be typed, and the notes on them; None where the column stays."""
    if any(reads_as_identifier(text) for text in distinct):
        return None
    measures = _measures(name)
    numbers, blanks, marks, words = [], [], [], []
    written: dict[int, Written] = {}
    for at, text in enumerate(distinct):
        lowered = text.lower()
        if lowered in _PLAIN_BLANKS:
            blanks.append(at)
        elif as_number(text) is not None and "nan" not in lowered.lstrip("+-"):
            numbers.append(at)
        elif lowered == "nan":
            continue
        elif lowered in _MISSING or lowered in _SHEET_ERRORS or lowered in _NOT_A_NUMBER:
            marks.append(at)
        elif (found := written_number(text, commas)) is not None:
            written[at] = found
        else:
            words.append(at)
    written = _as_counted(name, written)
    if not measures and not _may_measure(numbers, written, words):
        doubtful = [at for at, one in written.items() if one.doubtful]
        words += doubtful
        written = {at: one for at, one in written.items() if one.doubtful is False}
    replaced, notes, unread = _in_one_unit(name, distinct, counts, numbers=numbers, written=written)
    words += unread
    read = int(counts[numbers].sum() + counts[[at for at in written if at not in unread]].sum())
    if not read or not _most_are_numbers(distinct, counts, read, words=words, measures=measures):
        errors = [at for at in marks if distinct[at].lower() in _SHEET_ERRORS]
        if not errors:
            return None
        replaced, notes, marks, words = list(distinct), [], errors, []
    nothing = [at for at in blanks if distinct[at] and measures]
    missing = [*marks, *words, *nothing]
    for at in missing:
        replaced[at] = ""
    if missing:
        shown = sorted((distinct[at] for at in missing), key=lambda text: (text not in _MISSING, text))
        notes.append(Note("missing", name, int(counts[missing].sum()), _examples(shown)))
    return (replaced, notes) if notes else None


def _may_measure(numbers: Sequence[int], written: Mapping[int, Written], words: Sequence[int]) -> bool:
    """Whether cells that could as well name levels (5k, 1/16, 8bit) are numbers of a setting.

    They are where there are more than levels would have, or no cell is anything else and three of them have an order;
    2d and 3d are dimensions, and units that can't stand beside one another levels.
    """
    if len(numbers) + len(written) > _MANY:
        return True
    units = {one.unit for one in written.values()}
    one_kind = len({dimension_of(unit) if unit in UNITS else unit for unit in units}) == 1
    dimensions = units == {"d"} and all(float(one.number) <= _MOST_DIMENSIONS for one in written.values())
    return not words and len(numbers) + len(written) >= _FEWEST_ORDERED and one_kind and not dimensions


def _as_counted(name: str, written: Mapping[int, Written]) -> dict[int, Written]:
    """Return the cells with B for billions and m for millions where they stand beside nothing but magnitudes."""
    units = {one.unit for one in written.values() if one.form == "unit"}
    said = as_counted(units, not _OF_MEMORY.isdisjoint(read_name(name).words))
    return {at: replace(one, unit=said.get(one.unit, one.unit)) for at, one in written.items()}


def _measures(name: str) -> bool:
    """Whether a name is of something measured, which no word can be a level of."""
    return read_name(name).role in _MEASURES


def _most_are_numbers(
    distinct: Sequence[str], counts: np.ndarray, read: int, *, words: Sequence[int], measures: bool
) -> bool:
    """Whether odd words are missing values among numbers, and not levels beside them or the content of the column."""
    odd = int(counts[list(words)].sum()) if words else 0
    if measures:
        return read >= odd
    if read < 2 * odd:
        return False
    levels = any(distinct[at].lower() in _LEVELS for at in words) or any(counts[at] > 1 for at in words)
    return not (levels and len(words) <= _MOST_LEVELS)


def _in_one_unit(
    name: str, distinct: Sequence[str], counts: np.ndarray, *, numbers: Sequence[int], written: dict[int, Written]
) -> tuple[list[str], list[Note], list[int]]:
    """Write the cells of one column in one unit. Returns all distinct cells, notes, and cells that can't be so."""
    replaced, notes, unread = list(distinct), [], list[int]()
    for at, one in written.items():
        replaced[at] = one.number
    by_form: dict[str, list[int]] = {}
    for at, one in written.items():
        by_form.setdefault("unit" if one.form == "duration" else one.form, []).append(at)
    for form, places in by_form.items():
        detail = ""
        if form == "percent":
            detail = _as_share(replaced, distinct, numbers, places)
        elif form == "unit":
            lost, detail = _converted(replaced, counts, numbers=numbers, places={at: written[at] for at in places})
            unread += lost
            places = [at for at in places if at not in lost]
        if places:
            shown = _examples(sorted(distinct[at] for at in places))
            notes.append(Note(form, name, int(counts[places].sum()), shown, detail))
    return replaced, notes, unread


def _as_share(replaced: list[str], distinct: Sequence[str], numbers: Sequence[int], places: Sequence[int]) -> str:
    """Divide percentages by 100 where the plain numbers beside them are shares from 0 to 1."""
    plain = [abs(float(distinct[at])) for at in numbers]
    if not plain or max(plain) > 1 or max(abs(float(replaced[at])) for at in places) <= 1:
        return ""
    for at in places:
        text = replaced[at]
        # Moving the decimal point is exact where dividing may not be.
        replaced[at] = repr(float(text) / 100 if "e" in text.lower() else float(f"{text}e-2"))
    return "share"


def _converted(
    replaced: list[str],
    counts: np.ndarray,
    *,
    numbers: Sequence[int],
    places: dict[int, Written],
) -> tuple[list[int], str]:
    """Convert to the dimension's own unit where several units occur.

    Returns the cells of other dimensions, which can't be so, and the unit.
    """
    sizes = Counter[str]()
    for at, one in places.items():
        sizes[dimension_of(one.unit)] += int(counts[at])
    # Of equally many the first by name, so that the order of rows doesn't matter.
    dimension = min(sizes, key=lambda unit: (-sizes[unit], unit))
    lost = [at for at, one in places.items() if dimension_of(one.unit) != dimension]
    kept = {at: one for at, one in places.items() if at not in lost}
    units = {one.unit for one in kept.values()}
    if len(units) == 1 and all(one.form == "unit" for one in kept.values()) and (dimension or not numbers):
        return lost, units.pop()
    for at, one in kept.items():
        value = in_base_units(one)[1]
        replaced[at] = str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(value)
    return lost, dimension


def _examples(texts: Sequence[str]) -> str:
    shown = ", ".join(f'"{text[:30]}"' for text in texts[:_MOST_EXAMPLES])
    return f"{shown}, …" if len(texts) > _MOST_EXAMPLES else shown
