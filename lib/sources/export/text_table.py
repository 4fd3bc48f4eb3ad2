"""A table of text as a file held it, and how its rows are sorted into headings, runs and what is neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.model.columns import as_number
from lib.model.errors import InputError
from lib.model.numbers import listing
from lib.sources.export.merged_cells import without_merges
from lib.sources.export.side_rows import side_rows
from lib.sources.export.units_row import without_units

_FEWEST_NAMES = 3
_FEWEST_BELOW, _FEWEST_UNTITLED = 3, 2
MOST_COLUMNS = 10_000
MOST_RUNS = 1_000_000
EXPORT = "Give the CSV that W&B exports from the run table."


@dataclass(frozen=True, eq=False, slots=True)
class TextTable:
    """A table of text as a file held it: one name and one array of trimmed text a column, "" where a cell is blank.

    A column without a heading is named "column 3" by its place.
    """

    names: tuple[str, ...]
    columns: tuple[pa.Array, ...]
    delimiter: str
    warnings: tuple[str, ...]
    format: str = "csv"
    """What the file was: "csv", "tsv", "xlsx", "json" or "jsonl"."""

    def __len__(self) -> int:
        return len(self.columns[0])


def table_of_text(
    names: Sequence[str],
    columns: Sequence[pa.Array],
    label: str,
    *,
    delimiter: str = ",",
    format: str = "csv",
    warnings: Sequence[str] = (),
) -> TextTable:
    """Make a table of trimmed cells, without rows that are no runs.

    Those are blank rows, repeats of the header, units, notes and rows that sum up others; they are counted in the
    warnings. Raises InputError where no row is left.
    """
    _refuse_several_tables(list(columns), list(names), label)
    columns, dropped = _only_runs(list(columns), list(names))
    names, columns, merged = _with_second_header(list(names), columns)
    columns, units = without_units(columns) if len(columns[0]) else (columns, [])
    if len(columns[0]) == 0:
        raise InputError(f"{label} has a header but no rows. Check the filter of the run table, and export it again.")
    aside, said = side_rows(columns)
    if aside.any() and not aside.all():
        columns = [column.filter(pa.array(~aside)) for column in columns]
    else:
        said = []
    columns, filled = without_merges(names, columns)
    said = [*said, *filled]
    named = tuple(name or f"column {at}" for at, name in enumerate(names, start=1))
    return TextTable(named, tuple(columns), delimiter, (*warnings, *dropped, *merged, *units, *said), format)


def _with_second_header(names: list[str], columns: list[pa.Array]) -> tuple[list[str], list[pa.Array], list[str]]:
    """Join two rows of headings, as pandas writes columns of two levels: params over lr becomes params_lr.

    They are two where a heading is repeated and the row below parts the repeats by text, over columns of numbers. Where
    blanks follow a heading, as cells that a spreadsheet merges, it is that of a section, and what stands below counts.
    """
    if (below_sections := _below_sections(names, columns)) is not None:
        return below_sections
    repeated = {name for name, count in Counter(names).items() if count > 1 and name}
    if not repeated or len(columns[0]) < 2:
        return names, columns, []
    below = [column[0].as_py() for column in columns]
    joined = [f"{name}_{more}" if name and more else name or more for name, more in zip(names, below, strict=True)]
    parted = all(below[at] for at, name in enumerate(names) if name in repeated)
    if not parted or len(set(joined)) < len(joined) or any(as_number(text) is not None for text in below):
        return names, columns, []
    rows = 1
    third = [column[1].as_py() for column in columns]
    if sum(map(bool, third)) and not any(text and joined[at] for at, text in enumerate(third)):
        # The names of the index stand in a row of their own.
        joined = [name or text for name, text in zip(joined, third, strict=True)]
        rows = 2
    said = "The headings stand in two rows; they were joined (as in " + f'"{joined[-1]}").'
    return joined, [column.slice(rows) for column in columns], [said]


def _below_sections(names: list[str], columns: list[pa.Array]) -> tuple[list[str], list[pa.Array], list[str]] | None:
    """Take the headings from the row below titles of sections; None where the first row isn't one of these."""
    if len(columns[0]) < _FEWEST_BELOW or not any(names) or sum(not name for name in names) < _FEWEST_UNTITLED:
        return None
    below = [column[0].as_py() for column in columns]
    under_blanks = [text for name, text in zip(names, below, strict=True) if not name]
    once = all(pc.sum(pc.equal(column, text)).as_py() == 1 for column, text in zip(columns, below, strict=True) if text)
    if not all(under_blanks) or any(as_number(text) is not None for text in below) or not once:
        return None
    sections: list[str] = []
    for name in names:
        sections.append(name or (sections[-1] if sections else ""))
    own = [text or name for name, text in zip(names, below, strict=True)]
    if len(set(own)) < len(own):
        own = [f"{s} {text}".strip() if text else s for s, text in zip(sections, below, strict=True)]
    if len(set(own)) < len(own):
        return None
    titles = listing([f'"{name}"' for name in names if name], most=4)
    said = f"The headings stand below titles of sections ({titles}), which were left out."
    return own, [column.slice(1) for column in columns], [said]


def _only_runs(columns: list[pa.Array], names: list[str]) -> tuple[list[pa.Array], list[str]]:
    """Leave out the header, its repeats, and rows without any content."""
    headers, blanks = _rows_equal_to(columns, names), _rows_equal_to(columns, [""] * len(names))
    dropped = np.union1d(headers, blanks)
    warnings = []
    if len(headers) > 1:
        warnings.append(
            f"The header was repeated {len(headers) - 1:,} times among the rows; the repeats were left out."
        )
    if len(blanks):
        warnings.append(f"{len(blanks):,} blank {'row was' if len(blanks) == 1 else 'rows were'} left out.")
    kept = np.ones(len(columns[0]), dtype=bool)
    kept[dropped] = False
    columns = [column.slice(1) if len(dropped) == 1 else column.filter(pa.array(kept)) for column in columns]
    return columns, warnings


def _refuse_several_tables(columns: list[pa.Array], names: list[str], label: str) -> None:
    """Raise InputError where a later row is another header: it holds half of the names, and not all in their places."""
    known = pa.array([name for name in names if name], type=pa.large_string())
    if len(known) < _FEWEST_NAMES:
        return
    beginning = [pc.is_in(column, value_set=known).to_numpy(zero_copy_only=False) for column in columns[:2]]
    rows = np.flatnonzero(np.logical_or.reduce(beginning))
    held, placed = np.zeros(len(rows)), np.zeros(len(rows))
    for column, name in zip(columns, names, strict=True):
        cells = column.take(pa.array(rows))
        held += pc.is_in(cells, value_set=known).to_numpy(zero_copy_only=False)
        placed += pc.equal(cells, name).to_numpy(zero_copy_only=False)
    others = rows[(held >= len(known) / 2) & (placed < len(known)) & (rows > 0)]
    if len(others):
        raise InputError(
            f"{label} holds several tables, one below the other: row {int(others[0]) + 1} is another header. Save each "
            "as a file of its own; several files may be opened together."
        )


def _rows_equal_to(columns: list[pa.Array], cells: list[str]) -> np.ndarray:
    rows = np.arange(len(columns[0]))
    for column, cell in zip(columns, cells, strict=True):
        rows = rows[pc.equal(column.take(pa.array(rows)), cell).to_numpy(zero_copy_only=False)]
        if not rows.size:
            break
    return rows
