"""The snapshot: everything known of a sweep in one Parquet file, opened later without an account or a network.

One row a run. Columns are `run.<name>`, `config.<key>`, `summary.<key>` and, as lists in step order, `history.<key>`;
what is no table (origin, sweep configs, how columns were read) is JSON in the file's metadata. A missing value is null
and a logged NaN is NaN. Nothing in it is ever unpickled.

Over 300 lines: writing and reading of one format, side by side, so that they agree.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lib.installed import PROGRAM
from lib.model.assemble import assemble
from lib.model.errors import InputError
from lib.model.nesting import read_json
from lib.model.notes import notes_as_dict, notes_from_dict
from lib.model.sweep import RUN_COLUMNS, ColumnReading, Declaration, Origin, Sweep
from lib.model.text import with_whole_characters
from lib.sources.atomic_file import atomic_file
from lib.sources.memory import refuse_without_room
from lib.sources.snapshot.parquet_pages import unpacked_bytes
from lib.sources.sweep_config import plain_config

FORMAT_VERSION = 1
METADATA_KEY = b"sweep_report"
MOST_COLUMNS = 30_000
MOST_RUNS = 1_000_000
MOST_CELLS = 100_000_000
MOST_BYTES = 1_000_000_000
MOST_GROUPS = 100
MOST_WARNINGS = 1_000
# Measured: what reading takes for each cell, and times the bytes of the unpacked pages.
_BYTES_A_CELL = 45

_TOO_LARGE = f"{{label}} would unpack to more than {MOST_BYTES // 10**9} GB, so it was not opened."
_KINDS = ("sample", "csv", "snapshot", "wandb")
_TIME = pa.timestamp("ms", tz="UTC")
_Record = TypeVar("_Record")
_SMALL = {"compression": "zstd", "compression_level": 9}


def write_snapshot(sweep: Sweep, target: str | Path | BinaryIO) -> None:
    """Write a sweep as a snapshot to a path, whole or not at all, or to an open binary file.

    The same sweep gives the same bytes. Raises InputError where the file can't be written.
    """
    if not isinstance(target, (str, Path)):
        _write(sweep, target)
        return
    try:
        with atomic_file(Path(target)) as file:
            _write(sweep, file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(f"{target} could not be written: {reason}. Name another file with --output.") from error


def snapshot_bytes(sweep: Sweep) -> bytes:
    """Return the snapshot of a sweep as bytes, for a download."""
    buffer = BytesIO()
    write_snapshot(sweep, buffer)
    return buffer.getvalue()


def packed_sweep(sweep: Sweep) -> memoryview:
    """Return a snapshot that is quick to write and large: for another process, not for keeping."""
    buffer = BytesIO()
    _write(sweep, buffer, packing={"compression": "none"})
    return buffer.getbuffer()


def read_snapshot(source: bytes | Path, label: str) -> Sweep:
    """Read a snapshot; the sweep keeps the origin that it was taken from. `label` names the file in messages.

    Raises InputError for what is no snapshot, is damaged, was written by a newer version, would unpack to more than
    1 GB, 100,000,000 cells (those of histories too), 30,000 columns or 1,000,000 runs, or to more than there is memory.
    """
    try:
        content = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise InputError(f"The file {label} can't be opened: {error.strerror or error}.") from error
    try:
        return _read(content, label)
    except MemoryError as error:
        raise InputError(f"{label} takes more memory to read than there is. Give fewer runs or columns.") from error
    except (pa.ArrowException, OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise InputError(f"{label} is damaged or is no snapshot of this program. Fetch it again.") from error
    except RecursionError as error:
        raise InputError(f"{label} is damaged or is no snapshot of this program. Fetch it again.") from error


def _write(sweep: Sweep, sink: BinaryIO, packing: Mapping[str, Any] = _SMALL) -> None:
    table = _table(sweep)
    about = json.dumps(_about(sweep), ensure_ascii=True, separators=(",", ":"), default=str)
    leaves = {f.name: f"{f.name}.list.element" if pa.types.is_list(f.type) else f.name for f in table.schema}
    with pq.ParquetWriter(
        sink,
        table.schema,
        **packing,
        use_dictionary=[leaves[f.name] for f in table.schema if pa.types.is_large_string(f.type)],
        write_page_checksum=True,
        store_schema=False,
    ) as writer:
        writer.write_table(table, row_group_size=max(table.num_rows, 1))
        writer.add_key_value_metadata({METADATA_KEY.decode(): about})


def _table(sweep: Sweep) -> pa.Table:
    names: list[str] = []
    arrays: list[pa.Array] = []
    for part, frame in (("run", sweep.runs), ("config", sweep.config), ("summary", sweep.summary)):
        logged = sweep.logged_nan if part == "summary" else {}
        for name in frame.columns:
            names.append(f"{part}.{name}")
            arrays.append(_array(frame[name], logged.get(name)))
    for name, lists in _history_lists(sweep):
        names.append(f"history.{name}")
        arrays.append(lists)
    return pa.table(arrays, schema=pa.schema(zip(names, (a.type for a in arrays), strict=True)))


def _array(column: pd.Series, logged_nan: np.ndarray | None) -> pa.Array:
    if pd.api.types.is_datetime64_any_dtype(column):
        return pa.array(column, type=_TIME)
    if pd.api.types.is_bool_dtype(column):
        return pa.array(column, type=pa.bool_(), from_pandas=True)
    if pd.api.types.is_integer_dtype(column):
        return pa.array(column, type=pa.int64(), from_pandas=True)
    if pd.api.types.is_float_dtype(column):
        numbers = column.to_numpy(dtype=float, na_value=np.nan)
        missing = np.isnan(numbers) if logged_nan is None else np.isnan(numbers) & ~logged_nan
        return pa.array(numbers, type=pa.float64(), mask=missing)
    if column.dtype != "str":
        column = column.map(str, na_action="ignore").astype("str")
    return pa.array(column.array, type=pa.large_string(), from_pandas=True)


def _history_lists(sweep: Sweep) -> Iterator[tuple[str, pa.Array]]:
    history = sweep.history
    if history.empty:
        return
    position = pd.Series(np.arange(len(sweep)), index=sweep.runs["run_id"]).reindex(history["run_id"]).to_numpy()
    known = ~np.isnan(position.astype(float))
    rows = np.flatnonzero(known)[np.argsort(position[known], kind="stable")]
    counts = np.bincount(position[rows].astype(int), minlength=len(sweep))
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]), type=pa.int32())
    for name in history.columns:
        if name != "run_id":
            column = history[name].iloc[rows]
            integer = pd.api.types.is_integer_dtype(column)
            values = column.to_numpy(dtype="int64" if integer else "float64")
            yield name, pa.ListArray.from_arrays(offsets, pa.array(values))


def _about(sweep: Sweep) -> dict[str, Any]:
    return {
        "format": FORMAT_VERSION,
        "origin": asdict(sweep.origin),
        "declarations": [asdict(d) for d in sweep.declarations],
        "readings": [{name: one for name, one in asdict(r).items() if one is not None} for r in sweep.readings],
        "warnings": list(sweep.warnings),
        "thinned": sweep.thinned,
        **({"notes": notes_as_dict(sweep.notes)} if sweep.notes else {}),
        "counted_by": sweep.counted_by,
    }


def _read(content: bytes, label: str) -> Sweep:
    file = pa.BufferReader(content)
    parquet = pq.ParquetFile(file, page_checksum_verification=True)
    about = _about_of(parquet, label)
    _refuse_too_large(content, parquet.metadata, label)
    schema = parquet.schema_arrow
    texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
    # Text is read as codes and a dictionary first: a file of some kB can claim millions of copies of one long text.
    parquet = pq.ParquetFile(file, read_dictionary=texts, page_checksum_verification=True)
    table = parquet.read()
    # Text that is no UTF-8 is found here, and not by whoever shows it.
    table.validate(full=True)
    _refuse_long_texts(table, label)
    parts: dict[str, dict[str, pd.Series]] = {"run": {}, "config": {}, "summary": {}}
    logged: dict[str, np.ndarray] = {}
    lists: dict[str, pa.Array] = {}
    for field, column in zip(table.schema, table.columns, strict=True):
        part, _, name = field.name.partition(".")
        if part == "history":
            lists[name] = column
        elif part in parts:
            parts[part][name], nan = _series(column)
            if part == "summary" and nan is not None:
                logged[name] = nan
        else:
            raise ValueError(f"column {field.name}")
    index = pd.RangeIndex(table.num_rows)
    runs = pd.DataFrame(parts["run"], index=index)
    if not {"run_id", "name", "state"} <= set(runs.columns) <= set(RUN_COLUMNS):
        raise ValueError("run columns")
    if "url" in runs:
        runs["url"] = runs["url"].where(runs["url"].str.match(r"https?://"), "")
    sweep = assemble(
        _record(Origin, about["origin"]),
        runs,
        pd.DataFrame(parts["config"], index=index),
        summary=pd.DataFrame(parts["summary"], index=index),
        history=_history(runs["run_id"], lists),
        logged_nan=logged,
        declarations=tuple(_record(Declaration, one) for one in about["declarations"]),
        readings=tuple(_record(ColumnReading, one) for one in about["readings"]),
        warnings=tuple(str(one) for one in about["warnings"]),
        # Snapshots that were written earlier don't say.
        thinned=about.get("thinned") is True,
        counted_by=counted if isinstance(counted := about.get("counted_by"), str) else None,
    )
    return replace(sweep, notes=notes_from_dict(about.get("notes")))


def _record(kind: Callable[..., _Record], values: Mapping[str, Any]) -> _Record:
    """Build a dataclass of texts, and of mappings under "config"; raises where the file holds anything else."""
    for name, value in values.items():
        if value is not None and not isinstance(value, dict if name == "config" else str):
            raise ValueError(name)
    config = values.get("config")
    return kind(**values) if config is None else kind(**{**values, "config": plain_config(config)})


def _about_of(parquet: pq.ParquetFile, label: str) -> Mapping[str, Any]:
    metadata = parquet.metadata.metadata or {}
    if METADATA_KEY not in metadata:
        raise InputError(
            f"{label} is a Parquet file, but no snapshot of this program. "
            f"Give a file that `{PROGRAM} fetch` or the Data page wrote, or a W&B run-table export (.csv)."
        )
    # JSON can name halves of characters, which neither a page nor a file takes.
    about = with_whole_characters(read_json(metadata[METADATA_KEY]))
    version = about["format"]
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise InputError(f"{label} was written by a newer version of this program. Update it, or fetch the runs again.")
    if about["origin"]["kind"] not in _KINDS:
        raise ValueError("origin")
    if len(about["warnings"]) > MOST_WARNINGS:
        raise ValueError("warnings")
    return about


def _refuse_too_large(content: bytes, metadata: pq.FileMetaData, label: str) -> None:
    if metadata.num_columns > MOST_COLUMNS:
        raise InputError(f"{label} has {metadata.num_columns:,} columns; at most {MOST_COLUMNS:,} can be read.")
    if metadata.num_rows > MOST_RUNS:
        raise InputError(f"{label} says it holds {metadata.num_rows:,} runs; at most {MOST_RUNS:,} can be read.")
    if metadata.num_row_groups > MOST_GROUPS:
        raise ValueError("row groups")
    cells = 0
    for group in (metadata.row_group(i) for i in range(metadata.num_row_groups)):
        cells += sum(max(group.column(i).num_values, group.num_rows) for i in range(group.num_columns))
    if cells > MOST_CELLS:
        raise InputError(f"{label} says it holds {cells:,} cells; at most {MOST_CELLS:,} can be read.")
    unpacked = unpacked_bytes(content, metadata, MOST_BYTES)
    if unpacked > MOST_BYTES:
        raise InputError(_TOO_LARGE.format(label=label))
    refuse_without_room(2 * unpacked + _BYTES_A_CELL * cells, label)


def _refuse_long_texts(table: pa.Table, label: str) -> None:
    total = 0
    for column in table.columns:
        for chunk in column.chunks:
            if pa.types.is_dictionary(chunk.type):
                lengths = pc.binary_length(chunk.dictionary).take(chunk.indices)
                total += pc.sum(lengths).as_py() or 0
    if total > MOST_BYTES:
        raise InputError(_TOO_LARGE.format(label=label))
    refuse_without_room(2 * total, label)


def _series(column: pa.ChunkedArray) -> tuple[pd.Series, np.ndarray | None]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        if not (pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type)):
            raise ValueError(f"type {kind}")
        return pd.Series(pd.array(column.cast(pa.large_string()), dtype="str")), None
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.Series(pd.array(column.cast(pa.large_string()), dtype="str")), None
    valid = column.is_valid().to_numpy()
    if pa.types.is_timestamp(kind):
        return pd.Series(column.cast(_TIME).to_pandas()), None
    if pa.types.is_boolean(kind):
        values = column.fill_null(False).to_numpy()
        return pd.Series(pd.arrays.BooleanArray(values, ~valid)), None
    if pa.types.is_integer(kind):
        values = column.cast(pa.int64()).fill_null(0).to_numpy().copy()
        return pd.Series(pd.arrays.IntegerArray(values, ~valid)), None
    if pa.types.is_floating(kind):
        values = column.cast(pa.float64()).to_numpy().copy()
        logged = np.isnan(values) & valid
        return pd.Series(values), logged if logged.any() else None
    raise ValueError(f"type {kind}")


def _history(run_ids: pd.Series, lists: Mapping[str, pa.ChunkedArray]) -> pd.DataFrame | None:
    if not lists:
        return None
    first = next(iter(lists.values()))
    counts = pc.fill_null(pc.list_value_length(first), 0).to_numpy()
    columns: dict[str, Any] = {"run_id": run_ids.repeat(counts).to_numpy()}
    for name, column in lists.items():
        if not np.array_equal(pc.fill_null(pc.list_value_length(column), 0).to_numpy(), counts):
            raise ValueError(f"history of {name}")
        values = pc.list_flatten(column)
        whole = pa.types.is_integer(values.type) and values.null_count == 0
        columns[name] = values.cast(pa.int64() if whole else pa.float64()).to_numpy()
    frame = pd.DataFrame(columns)
    return frame.astype({"run_id": "str"})
