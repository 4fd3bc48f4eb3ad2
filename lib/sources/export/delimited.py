"""Reads a CSV, in any encoding and with any separator that W&B or a spreadsheet writes, as text cells."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from lib.model.errors import InputError
from lib.sources.export.side_rows import side_rows
from lib.sources.memory import refuse_without_room

MOST_COLUMNS = 10_000
MOST_RUNS = 1_000_000
_MOST_MISFITS = 20_000
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
# Measured: what reading takes beside three times the file.
_BYTES_A_CELL = 30
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
_EXPORT = "Give the CSV that W&B exports from the run table."


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


def read_delimited(content: bytes, label: str) -> TextTable:
    """Read a CSV's bytes into text cells; `label` names the file in messages.

    Read: UTF-8, UTF-16 and Windows-1252; commas, semicolons and tabs. Rows of the wrong length are kept (cut or filled
    with blanks), blank rows and repeats of the header are left out; all are counted in the warnings. Raises InputError
    for what is no table of text, is over 10,000 columns, 1,000,000 rows or the memory that is free, or has no
    row under its header.
    """
    content, warnings = _as_utf8(content, label)
    content, stated = _without_separator_line(content)
    if not content.endswith((b"\n", b"\r")):
        content += b"\n"
    header, delimiter = _header(content, label, stated)
    if len(header) > MOST_COLUMNS:
        raise InputError(f"{label} has {len(header):,} columns; at most {MOST_COLUMNS:,} can be read. Export fewer.")
    lines = max(content.count(b"\n"), content.count(b"\r"))
    refuse_without_room(3 * len(content) + _BYTES_A_CELL * len(header) * lines, label)
    columns, odd = _cells(content, len(header), delimiter, label)
    names = [name.strip() for name in header]
    columns, dropped = _only_runs(columns, names)
    if len(columns[0]) == 0:
        raise InputError(f"{label} has a header but no rows. Check the filter of the run table, and export it again.")
    named = tuple(name or f"column {at}" for at, name in enumerate(names, start=1))
    return TextTable(named, tuple(columns), delimiter, (*warnings, *odd, *dropped))


def _as_utf8(content: bytes, label: str) -> tuple[bytes, list[str]]:
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content[:65536].strip() and not content.strip():
        raise InputError(f"{label} is empty. {_EXPORT}")
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            raise InputError(f"{label} is {kind}, not a CSV. {_EXPORT}")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            content = content.decode("utf-16").encode("utf-8")
        except UnicodeError as error:
            raise InputError(f"{label} begins like UTF-16 text but isn't. Save it as CSV in UTF-8.") from error
    opening = content[:65536]
    if b"\x00" in content or any(byte in _CONTROL for byte in opening):
        raise InputError(f"{label} is not text, though it may be named so. {_EXPORT}")
    start = opening.lstrip()[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<svg", b"<head", b"<body")):
        raise InputError(f"{label} is a web page, not a CSV. {_EXPORT}")
    if start.startswith((b"{", b"[")):
        raise InputError(f"{label} looks like JSON, not a CSV. {_EXPORT}")
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
        raise InputError(f"The first line of {label} can't be read as a header. {_EXPORT}")
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
            raise InputError(f"Most rows of {label} don't fit its header of {width:,} columns. {_EXPORT}") from error
        raise InputError(f"{label} can't be read as a table: a quote may not be closed. {_EXPORT}") from error
    if table.num_rows + len(misfits) > MOST_RUNS + 1:
        raise InputError(
            f"{label} has more than {MOST_RUNS:,} rows, which is more than can be read. Export fewer runs."
        )
    if table.column_names != names:
        raise InputError(f"The first line of {label} can't be read as a header. {_EXPORT}")
    rows, warnings = _mended(misfits, width, delimiter)
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


def _mended(misfits: list[str], width: int, delimiter: str) -> tuple[list[list[str]], list[str]]:
    rows, short, long = [], 0, 0
    for text in misfits:
        try:
            cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        except csv.Error:
            cells = text.split(delimiter)
        short += len(cells) < width
        long += any(cell.strip() for cell in cells[width:])
        rows.append((cells + [""] * width)[:width])
    warnings = []
    if short:
        warnings.append(f"{_rows(short)} fewer cells than the header; the missing ones are read as blank.")
    if long:
        warnings.append(f"{_rows(long)} more cells than the header; the extra ones were ignored.")
    return rows, warnings


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count:,} rows have"


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
    aside, said = side_rows(names, columns)
    if aside.any():
        columns = [column.filter(pa.array(~aside)) for column in columns]
    return columns, [*warnings, *said]


def _rows_equal_to(columns: list[pa.Array], cells: list[str]) -> np.ndarray:
    rows = np.arange(len(columns[0]))
    for column, cell in zip(columns, cells, strict=True):
        rows = rows[pc.equal(column.take(pa.array(rows)), cell).to_numpy(zero_copy_only=False)]
        if not rows.size:
            break
    return rows
