"""Joins several sweeps into one set of runs, with the sweep as one more column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd

from lib.model.assemble import assemble
from lib.model.sweep import RUN_COLUMNS, Origin, Sweep

_ROW = "\x00row"
_Item = TypeVar("_Item")


def join(sweeps: Sequence[Sweep]) -> Sweep:
    """Join sweeps: columns are united, and the sweep column says which is which. One sweep is returned as it is.

    A run that two sources hold alike is kept once, and counted in the warnings; runs that share an id and differ are
    all kept, with "#2" after the id. A column that is whole numbers in one source and fractions in another becomes
    fractions; one that is text in any becomes text.
    """
    if len(sweeps) == 1:
        return sweeps[0]
    own = pd.concat([sweep.runs for sweep in sweeps], ignore_index=True)
    names = [[name] * len(sweep) for name, sweep in zip(_names(sweeps), sweeps, strict=True)]
    runs = own.assign(sweep=own["sweep"].where(own["sweep"] != "", np.concatenate(names)))
    config = _united([sweep.config for sweep in sweeps])
    summary = _united([sweep.summary for sweep in sweeps])
    logged = _united_masks(sweeps, [str(name) for name in summary.columns])
    source = np.repeat(np.arange(len(sweeps)), [len(sweep) for sweep in sweeps])
    kept, twice, clashing = _distinguished(own, config, summary, source=source, with_history=_has_history(sweeps))
    warnings = [w for sweep in sweeps for w in sweep.warnings]
    if twice:
        warnings.append(f"{_count(twice, 'run is', 'runs are')} in more than one source, and counted once.")
    if clashing:
        warnings.append(
            f"{_count(clashing, 'run has', 'runs have')} the id of a different run of another source; all were kept."
        )
    assembled = assemble(
        _origin(sweeps),
        runs[kept].reset_index(drop=True),
        config[kept].reset_index(drop=True),
        summary=summary[kept].assign(**{_ROW: np.flatnonzero(kept)}).reset_index(drop=True),
        logged_nan={name: mask[kept] for name, mask in logged.items() if mask[kept].any()},
        declarations=_distinct([d for sweep in sweeps for d in sweep.declarations]),
        readings=_distinct([r for sweep in sweeps for r in sweep.readings]),
        warnings=tuple(dict.fromkeys(warnings)),
        thinned=any(sweep.thinned for sweep in sweeps),
        # Rows of sources without it are runs, and so are those of two sources that count under two names.
        counted_by=counts.pop() if len(counts := {s.counted_by for s in sweeps if s.counted_by}) == 1 else None,
    )
    rows = assembled.summary[_ROW].to_numpy()
    ids = pd.Series(assembled.runs["run_id"].to_numpy(), index=rows)
    return replace(
        assembled,
        summary=assembled.summary.drop(columns=_ROW),
        history=_united_history(sweeps, ids),
    )


def _names(sweeps: Sequence[Sweep]) -> list[str]:
    """Return what runs without a sweep are of: the one sweep that is declared, else the source, by its own label."""
    known = [[d.id or d.name for d in sweep.declarations] for sweep in sweeps]
    labels = distinct_names([sweep.origin.label for sweep in sweeps])
    return [(ids[0] if len(ids) == 1 else None) or label for ids, label in zip(known, labels, strict=True)]


def distinct_names(names: Sequence[str]) -> list[str]:
    """Return the names, those that came before with a number behind: "runs.csv", "runs.csv (2)"."""
    taken: set[str] = set()
    distinct = []
    for name in names:
        number, made = 1, name
        while made in taken or (number > 1 and made in names):
            number += 1
            made = f"{name} ({number})"
        taken.add(made)
        distinct.append(made)
    return distinct


def _united(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    names = sorted({str(name) for table in tables for name in table.columns})
    columns = {name: _stacked([table[name] if name in table else len(table) for table in tables]) for name in names}
    return pd.DataFrame(columns, index=pd.RangeIndex(sum(map(len, tables))))


def _stacked(pieces: Sequence[pd.Series | int]) -> pd.Series:
    """Stack one column of all sources; a number in place of a column stands for this many missing values."""
    held = [piece for piece in pieces if isinstance(piece, pd.Series) and piece.notna().any()]
    dtype = _common_dtype(held)
    return pd.concat([_as_dtype(piece, dtype) for piece in pieces], ignore_index=True)


def _common_dtype(held: Sequence[pd.Series]) -> str:
    kinds = {_dtype(column) for column in held}
    if not kinds:
        return "float64"
    if len(kinds) == 1:
        return kinds.pop()
    return "float64" if kinds == {"Int64", "float64"} else "str"


def _dtype(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column):
        return "boolean"
    if pd.api.types.is_integer_dtype(column):
        return "Int64"
    return "float64" if pd.api.types.is_float_dtype(column) else "str"


def _as_dtype(piece: pd.Series | int, dtype: str) -> pd.Series:
    if isinstance(piece, int) or not piece.notna().any():
        size = piece if isinstance(piece, int) else len(piece)
        missing = np.nan if dtype in ("float64", "str") else pd.NA
        return pd.Series([missing] * size, dtype=dtype)
    if dtype == "str" and _dtype(piece) != "str":
        return pd.Series([_text(value) for value in piece], dtype="str")
    if dtype == "float64" and _dtype(piece) == "Int64":
        return pd.Series(piece.to_numpy(dtype=float, na_value=np.nan))
    return piece.astype(dtype).reset_index(drop=True)  # ty: ignore[no-matching-overload]


def _text(value: object) -> str | None:
    if value is pd.NA or value != value:
        return None
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    return repr(value.item()) if isinstance(value, np.generic) else repr(value)


def _united_masks(sweeps: Sequence[Sweep], names: Sequence[str]) -> dict[str, np.ndarray]:
    none = [np.zeros(len(sweep), dtype=bool) for sweep in sweeps]
    return {
        name: np.concatenate([s.logged_nan.get(name, blank) for s, blank in zip(sweeps, none, strict=True)])
        for name in names
        if any(name in sweep.logged_nan for sweep in sweeps)
    }


def _has_history(sweeps: Sequence[Sweep]) -> np.ndarray:
    return np.concatenate([s.runs["run_id"].isin(s.history["run_id"]).to_numpy(dtype=bool) for s in sweeps])


def _distinguished(
    runs: pd.DataFrame, config: pd.DataFrame, summary: pd.DataFrame, *, source: np.ndarray, with_history: np.ndarray
) -> tuple[np.ndarray, int, int]:
    """Return which rows to keep, how many were the same run again, and how many share an id and differ."""
    kept = np.ones(len(runs), dtype=bool)
    shared = np.flatnonzero(runs["run_id"].duplicated(keep=False).to_numpy())
    if not shared.size:
        return kept, 0, 0
    tables = (runs[list(RUN_COLUMNS)].iloc[shared], config.iloc[shared], summary.iloc[shared])
    contents = [repr(row) for row in zip(*(t.itertuples(index=False, name=None) for t in tables), strict=True)]
    first: dict[str, int] = {}
    for row, content in zip(shared, contents, strict=True):
        at = first.setdefault(content, int(row))
        if at == row or source[at] == source[row]:
            continue
        # Of two equal rows the one with a history is kept: a run table has none, W&B and snapshots do.
        loser = at if with_history[row] and not with_history[at] else int(row)
        kept[loser] = False
        first[content] = int(row) if loser == at else at
    clashing = int(runs["run_id"][kept].duplicated().sum())
    return kept, int((~kept).sum()), clashing


def _united_history(sweeps: Sequence[Sweep], ids: pd.Series) -> pd.DataFrame:
    frames, start = [], 0
    for sweep in sweeps:
        own = pd.Series(np.arange(start, start + len(sweep)), index=sweep.runs["run_id"].to_numpy()).map(ids)
        start += len(sweep)
        if not sweep.history.empty:
            renamed = sweep.history.assign(run_id=sweep.history["run_id"].map(own))
            frames.append(renamed[renamed["run_id"].notna()])
    if not frames:
        return sweeps[0].history.iloc[0:0][["run_id", "_step"]]
    united = pd.concat(frames, ignore_index=True).astype({"run_id": "str"})
    return united.sort_values(["run_id", "_step"], kind="stable").reset_index(drop=True)


def _origin(sweeps: Sequence[Sweep]) -> Origin:
    origins = [sweep.origin for sweep in sweeps]
    known = [origin.fetched_at for origin in origins if origin.fetched_at]
    formats = {origin.format for origin in origins}
    return Origin(
        origins[0].kind,
        " + ".join(origin.label for origin in origins),
        min(known) if known else None,
        format=formats.pop() if len(formats) == 1 else None,
    )


def _distinct(items: Sequence[_Item]) -> tuple[_Item, ...]:
    return tuple({repr(item): item for item in items}.values())


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
