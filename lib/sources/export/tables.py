"""The formats that a table of runs may have, as data; whichever it is, it becomes one table of text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lib.sources.export.delimited import read_delimited
from lib.sources.export.text_table import TextTable

_ZIP, _BLANK = b"PK\x03\x04", b" \t\r\n"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class TableFormat:
    """One format: what people call it, how its names end, and how it is recognised by content and read."""

    name: str
    suffixes: tuple[str, ...]
    recognised: Callable[[bytes], bool]
    read: Callable[[bytes, str], TextTable]


def _read_workbook(content: bytes, label: str) -> TextTable:
    # Imported where a workbook is read: few are.
    from lib.sources.export.workbook import read_workbook

    return read_workbook(content, label)


def _read_records(content: bytes, label: str) -> TextTable:
    from lib.sources.export.records import read_records

    return read_records(content, label)


def _is_json(content: bytes) -> bool:
    return content.removeprefix(_BOM)[:65536].lstrip(_BLANK).startswith((b"{", b"["))


TABLE_FORMATS = (
    TableFormat("Excel workbook", (".xlsx",), lambda content: content.startswith(_ZIP), _read_workbook),
    TableFormat("JSON", (".json", ".jsonl", ".ndjson"), _is_json, _read_records),
    TableFormat("CSV", (".csv", ".tsv"), lambda content: True, read_delimited),
)
"""In the order in which they are tried; the last takes the rest."""


def read_table(content: bytes, label: str) -> TextTable:
    """Read a file's bytes as a table of text, by what its content is and not by its name.

    Raises InputError for what is no table, or over the limits of columns, rows and memory.
    """
    return next(one for one in TABLE_FORMATS if one.recognised(content)).read(content, label)
