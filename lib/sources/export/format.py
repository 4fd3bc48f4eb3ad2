"""The records of tables of runs: W&B's run-table export, and the other formats that tables have."""

from __future__ import annotations

from collections.abc import Collection

from lib.model.sweep import Declaration, Sweep
from lib.sources.export.tables import TABLE_FORMATS
from lib.sources.record import FileFormat


def _read(
    content: bytes,
    label: str,
    *,
    declaration: Declaration | None,
    config_columns: Collection[str],
    summary_columns: Collection[str],
) -> Sweep:
    # Imported where a file of the format is read.
    from lib.sources.export.read import read_export

    return read_export(
        content, label, declaration=declaration, config_columns=config_columns, summary_columns=summary_columns
    )


TABLES: tuple[FileFormat, ...] = tuple(
    FileFormat(
        name=one.name,
        what=one.what,
        suffixes=one.suffixes,
        recognised=one.recognised,
        read=_read,
        read_by_choices=True,
        code=one.code,
        where=one.where,
    )
    for one in TABLE_FORMATS
)
CSV = TABLES[-1]
