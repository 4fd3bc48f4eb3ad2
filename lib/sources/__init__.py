"""The sources of runs: whatever a person names becomes one Sweep.

What only one kind of source needs (Parquet, YAML, wandb) is imported when a source of that kind is read.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from lib.model.errors import InputError
from lib.model.sweep import Declaration, Sweep
from lib.sources.registry import format_of

# Of a file that is named. How large an upload may be is the owner's setting (server.maxUploadSize).
LARGEST_FILE = 512 * 1024**2


def open_file(
    path: Path,
    label: str,
    *,
    declaration: Declaration | None = None,
    parameters: Collection[str] = (),
    metric: str | None = None,
) -> Sweep:
    """Read a file of this machine as `open_upload` reads an upload. Raises InputError, also where it is too large."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path} is over {LARGEST_FILE // 1024**2} MB. Export fewer runs or columns.")
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"The file {path} can't be read: {error.strerror or error}.") from error
    return open_upload(label, content, declaration=declaration, parameters=parameters, metric=metric)


def open_upload(
    name: str,
    content: bytes,
    *,
    declaration: Declaration | None = None,
    parameters: Collection[str] = (),
    metric: str | None = None,
) -> Sweep:
    """Read a file's bytes, whose format is recognised by its content, not by its name.

    It is read in this process; the app has a process of its own read uploads (`lib.sources.child`).

    declaration : the sweep config that was given beside it, which takes the place of what the file declares.
    parameters, metric : what the reader chose; in a run table they settle which columns are config and summary.
    """
    from lib.sources.sweep_config import declare

    sweep = format_of(content).read(
        content,
        name,
        declaration=declaration,
        config_columns=parameters,
        summary_columns=() if metric is None else (metric,),
    )
    return sweep if declaration is None else declare(sweep, declaration)
