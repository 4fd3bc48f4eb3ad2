"""Reads one sheet of an Excel workbook (.xlsx) as a table of text, within bounds that no packed file can lift."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from lib.model.errors import InputError
from lib.sources.export.text_table import EXPORT, MOST_COLUMNS, MOST_RUNS, TextTable, table_of_text
from lib.sources.memory import refuse_without_room

# A workbook of 5,000,000 cells unpacks to about 200 MB, and reading it takes a minute.
_MOST_UNPACKED = 256 * 1024**2
_MOST_PARTS = 2_000
_MOST_CELLS = 5_000_000
# Sheets may claim a million formatted rows of which none holds anything.
_BLANK_ROWS = 1_000
_LOOKED_AT = 10_000
# The value that a program left to Excel.
_UNSAVED = re.compile(r"</f>(?:<v ?/>|<v></v>)?</c>")
# Measured: what openpyxl and the cells take for each unpacked byte.
_BYTES_A_BYTE = 6


def read_workbook(content: bytes, label: str) -> TextTable:
    """Read the first sheet that holds a table; which one, and what others there are, is said.

    Formulas count by the values that were saved with them. Raises InputError for any other archive, and for a
    workbook that is encrypted, without a table, or over the limits.
    """
    _refuse_unbounded(content, label)
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = book.worksheets
        found = None
        for sheet in sheets:
            rows, below = _rows(sheet, label)
            if len(rows) > 1 and max(map(len, rows)) > 1:
                found = sheet.title, rows, below, _unsaved_formulas(content, sheet)
                break
    except InputError:
        raise
    except Exception as error:
        # openpyxl raises whatever its parts do for files that are damaged.
        raise InputError(f"{label} can't be read as an Excel workbook. Save it again, or as CSV.") from error
    if found is None:
        raise InputError(f"{label} holds no sheet with a table of runs. {EXPORT}")
    title, rows, below, formulas = found
    warnings = []
    if below:
        warnings.append(f"{label} has more below {_BLANK_ROWS:,} blank rows of the sheet, which was not read.")
    if formulas:
        what, counts = ("1 formula has", "counts") if formulas == 1 else (f"{formulas:,} formulas have", "count")
        warnings.append(f"{what} no saved value and {counts} as missing. Open the workbook in Excel, and save it.")
    if len(sheets) > 1:
        warnings.append(f"{label} has {len(sheets)} sheets; {title!r} was read, the first that holds a table.")
    above = next(at for at, row in enumerate(rows) if sum(map(bool, row)) > 1)
    if above:
        warnings.append(f"{above} {'row' if above == 1 else 'rows'} above the header left out.")
    header, *rows = rows[above:]
    width = max([len(header), *map(len, rows)])
    header += [""] * (width - len(header))
    columns = [pa.array([row[at] if at < len(row) else "" for row in rows], pa.large_string()) for at in range(width)]
    if not rows:
        raise InputError(f"{label} has a header but no rows. {EXPORT}")
    # The header's own row is what repeats of it are compared with.
    columns = [
        pa.concat_arrays([pa.array([name], pa.large_string()), c]) for name, c in zip(header, columns, strict=True)
    ]
    return table_of_text(header, columns, label, format="xlsx", warnings=warnings)


def _refuse_unbounded(content: bytes, label: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if not any(name.startswith("xl/") for name in names):
                raise InputError(f"{label} is a zip archive, not an Excel workbook. Unpack it. {EXPORT}")
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
                raise InputError(f"{label} unpacks to more than can be read. Save the sheet as CSV.")
            if any(part.flag_bits & 1 for part in parts):
                raise InputError(f"{label} is encrypted. Save it without a password, or as CSV.")
            for part in parts:
                # Workbooks define no entities; those who do want them to multiply.
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as opened:
                        if b"<!" in opened.read(2_000).replace(b"<!--", b""):
                            raise InputError(f"{label} is no workbook that Excel wrote. Save the sheet as CSV.")
            refuse_without_room(_BYTES_A_BYTE * sum(part.file_size for part in parts), label)
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, RuntimeError, EOFError) as error:
        raise InputError(
            f"{label} is an Excel workbook or zip archive that can't be opened. Save it as CSV."
        ) from error


def _unsaved_formulas(content: bytes, sheet: Any) -> int:
    """Count the formulas of a sheet that a program wrote without working them out."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return len(_UNSAVED.findall(archive.read(sheet._worksheet_path).decode("latin-1")))


def _rows(sheet: Any, label: str) -> tuple[list[list[str]], bool]:
    """Return the rows of a sheet up to its last filled one, each up to its last filled cell.

    What is below many blank rows is not read; the second value says whether there is anything soon below them.
    """
    sheet.reset_dimensions()
    rows: list[list[str]] = []
    cells = blank = 0
    below = False
    every = _values(sheet)
    for row in every:
        text = [_text(value) for value in row]
        while text and not text[-1]:
            text.pop()
        blank = 0 if text else blank + 1
        if blank > _BLANK_ROWS:
            below = any(value not in (None, "") for row in itertools.islice(every, _LOOKED_AT) for value in row)
            break
        cells += len(text)
        if cells > _MOST_CELLS or len(rows) > MOST_RUNS:
            raise InputError(f"{label} holds more cells than can be read from a workbook. Save the sheet as CSV.")
        if len(text) > MOST_COLUMNS:
            raise InputError(f"{label} has {len(text):,} columns; at most {MOST_COLUMNS:,} can be read. Export fewer.")
        rows.append(text)
    while rows and not rows[-1]:
        rows.pop()
    first = next((at for at, row in enumerate(rows) if row), 0)
    return rows[first:], below


def _values(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # Charts on sheets of their own have no rows.
    return sheet.iter_rows(values_only=True) if hasattr(sheet, "iter_rows") else iter(())


def _text(value: Any) -> str:
    """Write one value of a sheet as a cell of text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return repr(value.total_seconds())
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return value.strip() if isinstance(value, str) else repr(value)
