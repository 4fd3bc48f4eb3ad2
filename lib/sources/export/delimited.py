"""Reads a CSV, in any encoding and with any separator that W&B or a spreadsheet writes, as text cells."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from lib.model.columns import as_number
from lib.model.errors import InputError
from lib.sources.export.latex_table import is_latex, without_latex
from lib.sources.export.open_quotes import has_lines, refuse_open_quote
from lib.sources.export.text_table import EXPORT, MOST_COLUMNS, MOST_RUNS, TextTable, table_of_text
from lib.sources.memory import refuse_without_room

_MOST_MISFITS = 20_000
_MOST_LINES_ABOVE, _MOST_TITLES = 50, 5
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}
# The lines between the rows of a table in Markdown, or drawn with signs: |---|:--:|, +----+.
_RULE = frozenset(b" \t\r|+:=-")
# Measured: what reading takes beside three times the file.
_BYTES_A_CELL = 30
_BOM = b"\xef\xbb\xbf"
_HEADER_BYTES = 4 * 1024**2
_BLOCK_BYTES = 8 * 1024**2
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13}
_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\x1f\x8b", "a compressed file"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"PAR1", "a Parquet file"),
)


def read_delimited(content: bytes, label: str) -> TextTable:
    """Read a CSV's bytes into text cells; `label` names the file in messages.

    Read: UTF-8, UTF-16 and Windows-1252; commas, semicolons, tabs and pipes, as in Markdown. Rows of the wrong length
    are kept (cut or filled with blanks) but for long ones whose cells are shifted; these, blank rows and repeats of the
    header are left out; all are counted in the warnings. Raises InputError for what is no table of text, is over 10,000
    columns, 1,000,000 rows or the memory that is free, or has no header or no row below it.
    """
    content, warnings = _as_utf8(content, label)
    if content.lstrip()[:1] in (b"\\", b"%") and is_latex(text := content.decode("utf-8")):
        content = without_latex(text).encode()
        warnings.append(f"The first table in LaTeX of {label} was read.")
    content, stated = _without_separator_line(content)
    content, above = _without_lines_above(content)
    warnings += above
    if content.lstrip().startswith((b"|", b"+-")):
        content = _without_rules(content)
    if not content.endswith((b"\n", b"\r")):
        content += b"\n"
    header, delimiter = _header(content, label, stated)
    _refuse_without_header(header, label)
    if len(header) > MOST_COLUMNS:
        raise InputError(f"{label} has {len(header):,} columns; at most {MOST_COLUMNS:,} can be read. Export fewer.")
    lines = max(content.count(b"\n"), content.count(b"\r"))
    refuse_without_room(3 * len(content) + _BYTES_A_CELL * len(header) * lines, label)
    columns, odd = _cells(content, len(header), delimiter, label)
    names = [name.strip() for name in header]
    format = "tsv" if delimiter == "\t" else "csv"
    return table_of_text(names, columns, label, delimiter=delimiter, format=format, warnings=[*warnings, *odd])


def _as_utf8(content: bytes, label: str) -> tuple[bytes, list[str]]:
    # Programs that put files together leave several marks; a reader takes one, and would have the next in a name.
    while content.startswith(_BOM):
        content = content[len(_BOM) :]
    if not content[:65536].strip() and not content.strip():
        raise InputError(f"{label} is empty. {EXPORT}")
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            raise InputError(f"{label} is {kind}, not a CSV. {EXPORT}")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            content = content.decode("utf-16").lstrip("\ufeff").encode("utf-8")
        except UnicodeError as error:
            raise InputError(f"{label} begins like UTF-16 text but isn't. Save it as CSV in UTF-8.") from error
    opening = content[:65536]
    if b"\x00" in content or any(byte in _CONTROL for byte in opening):
        raise InputError(f"{label} is not text, though it may be named so. {EXPORT}")
    start = opening.lstrip()[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<svg", b"<head", b"<body")):
        raise InputError(f"{label} is a web page, not a CSV. {EXPORT}")
    if start.startswith((b"{", b"[")):
        raise InputError(f"{label} looks like JSON, not a CSV. {EXPORT}")
    if _is_utf8(content):
        return content, []
    try:
        return content.decode("cp1252").encode("utf-8"), [f"{label} is not UTF-8; it was read as Windows-1252 text."]
    except UnicodeError as error:
        raise InputError(f"{label} is not text in UTF-8, UTF-16 or Windows-1252. Save it as CSV in UTF-8.") from error


def _is_utf8(content: bytes) -> bool:
    try:
        pa.array([content], type=pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _without_separator_line(content: bytes) -> tuple[bytes, str | None]:
    """Take off the line `sep=;` that spreadsheets read, and return the separator that it states."""
    first, _, rest = content[:16].partition(b"\n")
    line = first.strip().strip(b'"').lower()
    if line.startswith(b"sep=") and len(line) == 5 and line[4:].decode("latin-1") in _DELIMITERS:
        return content[len(first) + 1 :], line[4:].decode("latin-1")
    return content, None


def _without_lines_above(content: bytes) -> tuple[bytes, list[str]]:
    """Take off comments and a title above the header; a header behind "#", as numpy writes it, loses the sign."""
    taken = 0
    while taken < _MOST_LINES_ABOVE:
        first, newline, rest = content.partition(b"\n")
        # What follows a comment or a title may be one too: it is the table below them that they have fewer cells than.
        lines = [line for line in rest[:_HEADER_BYTES].split(b"\n", _MOST_LINES_ABOVE) if not line.startswith(b"#")]
        here, cells = _most_cells(first), [filled for line in lines[:-1] if (filled := _most_cells(line))]
        there = next((filled for filled in cells[:_MOST_TITLES] if filled > 1), 1 if cells else 0)
        if first.startswith(b"#") and here == there and here > 1:
            return content.lstrip(b"# "), []
        comment = first.startswith((b"#", b"//")) and here < max(there, 2)
        title = here == 1 and there > 1 and b'"' not in first and b" " in first.strip()
        if not newline or not rest.strip() or not (comment or title or here == 0):
            break
        content, taken = rest, taken + 1
    said = "1 line above the header was left out." if taken == 1 else f"{taken} lines above the header were left out."
    return content, [said] if taken else []


def _most_cells(line: bytes) -> int:
    """How many cells a line has that something is written in, with the separator that gives most."""
    signs = b'" \r' + "".join(_DELIMITERS).encode()
    return max(sum(bool(cell.strip(signs)) for cell in line.split(one.encode())) for one in _DELIMITERS)


def _without_rules(content: bytes) -> bytes:
    """Take the frame off a table in Markdown: the pipes around each row, and the lines of signs between them."""
    lines = [line.strip() for line in content.split(b"\n") if b"-" not in line or not _RULE.issuperset(line)]
    return b"\n".join(line.removeprefix(b"|").removesuffix(b"|") if line.startswith(b"|") else line for line in lines)


def _refuse_without_header(header: list[str], label: str) -> None:
    """Raise InputError where the first line holds a run and no names: half of it are numbers, one with a fraction."""
    numbers = [as_number(cell) for cell in header]
    known = [number for number in numbers if number is not None]
    if 2 * len(known) >= len(header) > 1 and any(isinstance(number, float) for number in known):
        shown = ", ".join(cell.strip()[:20] for cell in header[:3])
        raise InputError(
            f"{label} has no header: its first line holds values ({shown}, …). Write names of columns in a line above."
        )


def _header(content: bytes, label: str, stated: str | None) -> tuple[list[str], str]:
    opening = content[:_HEADER_BYTES].decode("utf-8", errors="replace")
    found: dict[str, list[str]] = {}
    for delimiter in [stated] if stated else _DELIMITERS:
        try:
            reader = csv.reader(io.StringIO(opening, newline=""), delimiter=delimiter)
            found[delimiter] = next((row for row in reader if row), [])
        except csv.Error:
            continue
    if not found:
        raise InputError(f"The first line of {label} can't be read as a header. {EXPORT}")
    delimiter = max(found, key=lambda one: len(found[one]))
    return found[delimiter], delimiter


def _cells(content: bytes, width: int, delimiter: str, label: str) -> tuple[list[pa.Array], list[str]]:
    """Read all rows, the header among them, as one array a column; with warnings about rows of the wrong length."""
    misfits: list[str] = []

    def set_aside(row: pa_csv.InvalidRow) -> str:
        misfits.append(row.text)
        return "skip" if len(misfits) <= _MOST_MISFITS else "error"

    names = [f"f{i}" for i in range(width)]
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(content),
            read_options=pa_csv.ReadOptions(autogenerate_column_names=True, block_size=_BLOCK_BYTES),
            parse_options=pa_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=set_aside, ignore_empty_lines=True
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid as error:
        if len(misfits) > _MOST_MISFITS:
            raise InputError(f"Most rows of {label} don't fit its header of {width:,} columns. {EXPORT}") from error
        raise InputError(
            f"{label} can't be read as a table: a quote may not be closed, or a cell is over 8 MB. {EXPORT}"
        ) from error
    if table.num_rows + len(misfits) > MOST_RUNS + 1:
        raise InputError(
            f"{label} has more than {MOST_RUNS:,} rows, which is more than can be read. Export fewer runs."
        )
    if table.column_names != names:
        raise InputError(f"The first line of {label} can't be read as a header. {EXPORT}")
    if misfits or any(map(has_lines, table.columns)):
        refuse_open_quote(content.decode("utf-8"), width, delimiter, label, most=_BLOCK_BYTES)
    numeric = [_is_numeric(column) for column in table.columns] if misfits else []
    rows, warnings = _mended(misfits, width, delimiter, numeric)
    columns: list[pa.Array] = []
    # Each column of the table is let go once it has been trimmed: both of all columns would be twice the memory.
    waiting = table.columns[::-1]
    del table
    while waiting:
        chunks, i = waiting.pop().chunks, len(columns)
        if rows:
            chunks = [*chunks, pa.array([row[i] for row in rows], type=pa.large_string())]
        columns.append(pc.utf8_trim_whitespace(pa.concat_arrays(chunks)))
    return columns, warnings


def _is_numeric(cells: pa.ChunkedArray) -> bool:
    """Whether all filled cells of a column below the header are plain numbers, and there is one."""
    below = pc.utf8_trim_whitespace(cells.slice(1))
    filled = below.filter(pc.not_equal(below, ""))
    if len(filled) == 0:
        return False
    try:
        filled.cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _mended(misfits: list[str], width: int, delimiter: str, numeric: list[bool]) -> tuple[list[list[str]], list[str]]:
    """Cut rows to the width of the header, or fill them up; one that is longer by a cell within it is left out.

    numeric : of each column, whether all rows of the right length have numbers there. A long row with words in such a
    column has its other cells in wrong columns too.
    """
    rows, short, long, shifted = [], 0, 0, 0
    for text in misfits:
        try:
            cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        except csv.Error:
            cells = text.split(delimiter)
        words = (cell.strip() for cell, of_numbers in zip(cells, numeric, strict=False) if of_numbers)
        if len(cells) > width and any(word and as_number(word) is None for word in words):
            shifted += 1
            continue
        short += len(cells) < width
        long += any(cell.strip() for cell in cells[width:])
        rows.append((cells + [""] * width)[:width])
    warnings = []
    if short:
        warnings.append(f"{_rows(short)} fewer cells than the header; the missing ones are read as blank.")
    if long:
        warnings.append(f"{_rows(long)} more cells than the header; the extra ones were ignored.")
    if shifted:
        warnings.append(
            f"{_rows(shifted)} more cells than the header, and words where all others have numbers, so cells may be "
            f"shifted; {'it was' if shifted == 1 else 'they were'} left out."
        )
    return rows, warnings


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count:,} rows have"
