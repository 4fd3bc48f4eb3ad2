"""The formats that a table of runs may have, one record each; whichever it is, it becomes one table of text.

Readers are imported where a file of their format is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lib.sources.export.text_table import TextTable

_ZIP, _BLANK, _BOM = b"PK\x03\x04", b" \t\r\n", b"\xef\xbb\xbf"
_OPENING = 65_536


@dataclass(frozen=True, slots=True)
class TableFormat:
    """One format of tables."""

    name: str
    """What people call it."""
    what: str
    """What such files are, in the plural."""
    suffixes: tuple[str, ...]
    """How their names end."""
    recognised: Callable[[bytes], bool]
    """Whether a file's content is of this format, where it is of none before it."""
    read: Callable[[bytes, str], TextTable]
    """Reads the content; the second argument names the file in messages."""
    code: str
    """Python that loads the same table; {name!r} stands for the file's name."""
    where: str = ""
    """Where such a file is found, as a sentence; "" where that is known."""


def _read_text(content: bytes, label: str) -> TextTable:
    from lib.sources.export.delimited import read_delimited

    return read_delimited(content, label)


def _read_workbook(content: bytes, label: str) -> TextTable:
    from lib.sources.export.workbook import read_workbook

    return read_workbook(content, label)


def _read_records(content: bytes, label: str) -> TextTable:
    from lib.sources.export.records import read_records

    return read_records(content, label)


def _opening(content: bytes) -> bytes:
    start = 0
    while content.startswith(_BOM, start):
        start += len(_BOM)
    return content[start : start + _OPENING].lstrip(_BLANK)


def _is_lines(content: bytes) -> bool:
    first, newline, rest = _opening(content).partition(b"\n")
    return first.startswith(b"{") and first.rstrip().endswith(b"}") and bool(newline) and rest.startswith(b"{")


def _code(call: str) -> str:
    return f"import pandas as pd\n\nframe = pd.{call}\nprint(len(frame), 'runs;', list(frame.columns))\n"


TABLE_FORMATS = (
    TableFormat(
        "Excel workbook",
        "Excel workbooks",
        (".xlsx",),
        lambda content: content.startswith(_ZIP),
        _read_workbook,
        _code("read_excel({name!r})"),
    ),
    TableFormat(
        "JSON Lines",
        "JSON Lines with one run a line",
        (".jsonl", ".ndjson"),
        _is_lines,
        _read_records,
        _code("read_json({name!r}, lines=True)"),
    ),
    TableFormat(
        "JSON",
        "JSON lists of runs",
        (".json",),
        lambda content: _opening(content).startswith((b"{", b"[")),
        _read_records,
        _code("read_json({name!r})"),
    ),
    TableFormat(
        "TSV",
        "tables with tabs",
        (".tsv",),
        lambda content: b"\t" in _opening(content).split(b"\n", 1)[0],
        _read_text,
        _code("read_csv({name!r}, sep='\\t')"),
    ),
    TableFormat(
        "CSV",
        "W&B run-table exports",
        (".csv",),
        lambda content: True,
        _read_text,
        """\
import pandas as pd

# On the sweep's page on W&B: the runs table, its download button, then CSV.
frame = pd.read_csv({name!r})
print(len(frame), "runs;", list(frame.columns))
""",
        "On the sweep's page on W&B: the table, then its download button, then CSV.",
    ),
)
"""In the order in which they are tried; the last takes the rest."""


def read_table(content: bytes, label: str) -> TextTable:
    """Read a file's bytes as a table of text, by what its content is and not by its name.

    Raises InputError for what is no table, or over the limits of columns, rows and memory.
    """
    content = _as_utf8(content)
    return next(one for one in TABLE_FORMATS if one.recognised(content)).read(content, label)


def _as_utf8(content: bytes) -> bytes:
    """Return text in UTF-16 that says so as UTF-8: PowerShell writes JSON like that. Anything else stays as it is."""
    if content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return content
    try:
        return content.decode("utf-16").encode()
    except UnicodeError:
        return content
