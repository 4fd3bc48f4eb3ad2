"""The record of the snapshot, the program's own format."""

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
    # Imported where a snapshot is read. It says itself what is config: nothing else has anything to settle.
    from lib.sources.snapshot.file import read_snapshot

    return read_snapshot(content, label)


SNAPSHOT = FileFormat(
    name="Parquet",
    what="snapshots",
    suffixes=(".parquet",),
    recognised=lambda content: content.startswith(b"PAR1"),
    read=_read,
    read_by_choices=False,
    code="""\
import pandas as pd

# A snapshot that Sweep Report wrote: one row a run.
frame = pd.read_parquet({name!r})
print(len(frame), "runs;", list(frame.columns))
""",
)
