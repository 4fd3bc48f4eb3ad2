"""The record of W&B's run-table export."""

from __future__ import annotations

from collections.abc import Collection

from lib.model.sweep import Declaration, Sweep
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


CSV = FileFormat(
    name="CSV",
    what="W&B run-table exports",
    suffixes=(".csv",),
    recognised=lambda content: True,
    read=_read,
    read_by_choices=True,
    code="""\
import pandas as pd

# On the sweep's page on W&B: the runs table, its download button, then CSV.
frame = pd.read_csv({name!r})
print(len(frame), "runs;", list(frame.columns))
""",
    where="On the sweep's page on W&B: the table, then its download button, then CSV.",
)
