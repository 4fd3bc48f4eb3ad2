"""The sources of runs: whatever a person names becomes one Sweep.

What only one kind of source needs (Parquet, YAML, wandb) is imported when a source of that kind is read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from lib.model.errors import InputError
from lib.model.sweep import Declaration, Sweep
from lib.sources.address import Address, parse_address
from lib.sources.export.read import read_export
from lib.sources.join import join
from lib.sources.known_links import with_known_links
from lib.sources.sweep_config import declare, parse_sweep_config

# Of a file that is named. How large an upload may be is the owner's setting (server.maxUploadSize).
LARGEST_FILE = 512 * 1024**2
_PARQUET = b"PAR1"


def open_sources(
    texts: Sequence[str],
    *,
    sweep_config_text: str | None = None,
    sweep_config_name: str = "The sweep config",
    declaration: Declaration | None = None,
    files_allowed: bool = True,
    base_url: str | None = None,
    progress: Any = None,
    fetch_wandb: Callable[..., Sweep] | None = None,
    parameters: Collection[str] = (),
    metric: str | None = None,
) -> Sweep:
    """Read every source and join them into one Sweep.

    sweep_config_text : a W&B sweep config that takes the place of what the sources declare. It is read in this process:
        a visitor's is handed in as the `declaration` that a reading process made of it.
    files_allowed : False for whatever a visitor typed; a path is then refused and the disk not touched.
    progress, fetch_wandb : handed to, and taken in place of, `lib.sources.wandb.api.fetch`.
    parameters, metric : what the reader chose; in a run table they settle which columns are config and summary.

    Raises InputError, or SourceUnavailable where W&B can't be reached.
    """
    addresses = [parse_address(text, base_url=base_url, files_allowed=files_allowed) for text in texts]
    if not addresses:
        raise InputError("No source was given. Give sample, a file, or ENTITY/PROJECT/SWEEP_ID.")
    if sweep_config_text is not None:
        declaration = parse_sweep_config(sweep_config_text, sweep_config_name)
    distinct = list({address.key: address for address in addresses}.values())
    sweeps = [_open(address, declaration, progress, fetch_wandb, parameters, metric) for address in distinct]
    return with_known_links(_declared(join(sweeps), declaration), base_url)


def open_upload(
    name: str,
    content: bytes,
    *,
    declaration: Declaration | None = None,
    parameters: Collection[str] = (),
    metric: str | None = None,
) -> Sweep:
    """Read a file that came by upload: a run table or a snapshot, recognised by its content, not by its name.

    It is read in this process; the app has a process of its own do that (`lib.sources.child`).
    """
    return _declared(_read(content, name, declaration, parameters, metric), declaration)


def _open(
    address: Address,
    declaration: Declaration | None,
    progress: Any,
    fetch_wandb: Callable[..., Sweep] | None,
    parameters: Collection[str],
    metric: str | None,
) -> Sweep:
    if address.kind == "sample":
        from lib.sources.sample import read_sample

        return read_sample(address.text)
    if address.kind == "file":
        assert address.path is not None
        # A name may hold bytes that are no text.
        label = os.fsencode(address.path.name).decode("utf-8", "replace")
        return _read(_content(address.path), label, declaration, parameters, metric)
    if fetch_wandb is not None:
        return fetch_wandb(address, progress=progress)
    from lib.sources.wandb.api import fetch

    return fetch(address, progress=progress)


def _read(
    content: bytes, label: str, declaration: Declaration | None, parameters: Collection[str], metric: str | None
) -> Sweep:
    if content.startswith(_PARQUET):
        from lib.sources.snapshot.file import read_snapshot

        return read_snapshot(content, label)
    summary_columns = () if metric is None else (metric,)
    return read_export(
        content, label, declaration=declaration, config_columns=parameters, summary_columns=summary_columns
    )


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path} is over {LARGEST_FILE // 1024**2} MB. Export fewer runs or columns.")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"The file {path} can't be read: {error.strerror or error}.") from error


def _declared(sweep: Sweep, declaration: Declaration | None) -> Sweep:
    return sweep if declaration is None else declare(sweep, declaration)
