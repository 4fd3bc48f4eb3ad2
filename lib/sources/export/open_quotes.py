"""A quote that isn't closed, which makes the rows below it the text of one cell."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pyarrow.compute as pc

from lib.model.errors import InputError


def has_lines(cells: pa.ChunkedArray) -> bool:
    """Whether a cell holds a line break."""
    return any(pc.any(pc.match_substring(cells, end)).as_py() for end in "\r\n")


def refuse_open_quote(text: str, width: int, delimiter: str, label: str, *, most: int) -> None:
    """Raise InputError where a quote that isn't closed makes rows the text of one cell, so that their runs are lost.

    Such a quote ends with the text, or at the next one, which no separator follows: strict reading finds either. That
    what it swallowed is rows, and not a note over several lines, is said by a line with as many cells as the header.
    """
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
    before = csv.field_size_limit(most)
    try:
        first = 0
        while first < len(lines):
            try:
                next(reader)
            except StopIteration:
                break
            except csv.Error:
                if any(line.count(delimiter) == width - 1 for line in lines[first + 1 : reader.line_num]):
                    raise InputError(
                        f"{label} has a quote that isn't closed in the row that begins in line {first + 1:,}, so the "
                        "rows below it would be lost. Close or remove the quote, or export the table again."
                    ) from None
            first = reader.line_num
    finally:
        csv.field_size_limit(before)
