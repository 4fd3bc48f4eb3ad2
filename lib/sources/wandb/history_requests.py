"""Reads what runs logged step by step (their histories) from W&B, several runs at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from itertools import islice
from typing import Any

import pandas as pd

from lib.model.columns import as_number
from lib.model.errors import InputError
from lib.sources.record import Address
from lib.sources.wandb.access import Access, permit
from lib.sources.wandb.api import Progress
from lib.sources.wandb.paging import PAGE
from lib.sources.wandb.session import WAIT, Session

SAMPLES = 500
# The SDK's helper process sends at most ten requests at once.
_AT_ONCE = 8


def fetch_histories(
    address: Address,
    run_ids: Sequence[str],
    keys: Sequence[str] | None = None,
    *,
    access: Access,
    samples: int = SAMPLES,
    progress: Progress | None = None,
    wait: float = WAIT,
) -> pd.DataFrame:
    """Read the histories of some runs of a project: one request a run, and one for every 1,000 runs.

    Returns a DataFrame with `run_id`, `_step` and one float64 column a metric, in order of run id and step; `keys`
    narrows the metrics. W&B thins out a run with more than `samples` steps. What is no number is dropped.

    Raises InputError where the address isn't permitted or a key is blank, and SourceUnavailable where W&B refuses or
    can't be reached.
    """
    permit(access, address)
    if keys is not None and not all(keys):
        raise InputError("A metric to read the history of has no name. Name it.")
    session = Session(access, address, wait)
    frames: list[pd.DataFrame] = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        waiting = [pool.submit(_history, session, run, keys, samples) for run in _runs(session, run_ids)]
        try:
            for done, future in enumerate(as_completed(waiting), 1):
                frames.append(future.result())
                if progress is not None:
                    progress(done, len(waiting))
        finally:
            for future in waiting:
                future.cancel()
    return _joined(frames)


def _runs(session: Session, run_ids: Sequence[str]) -> list[Any]:
    path = f"{session.address.entity}/{session.address.project}"
    runs: list[Any] = []
    for start in range(0, len(run_ids), PAGE):
        runs += session.ask(partial(_listed, path=path, names=run_ids[start : start + PAGE]))
    return runs


def _listed(api: Any, path: str, names: Sequence[str]) -> list[Any]:
    api.flush()
    filters = {"name": {"$in": list(names)}}
    runs = api.runs(path, filters=filters, per_page=PAGE, lazy=True, include_sweeps=False)
    # No more than were asked for, however often the server sends one of them.
    by_name = {run.id: run for run in islice(runs, len(names))}
    return [by_name[name] for name in names if name in by_name]


def _history(session: Session, run: Any, keys: Sequence[str] | None, samples: int) -> pd.DataFrame:
    # Asked for several keys at once, W&B gives only the steps that logged all of them.
    only = list(keys) if keys is not None and len(keys) == 1 else None
    rows = session.ask(lambda api: run.history(samples=samples, keys=only, pandas=False))
    # What a step logged last; pandas takes as long for one run as this for fifty.
    steps: dict[float, dict[str, float]] = {}
    for row in rows:
        numbers = _numbers(row, keys) if isinstance(row, Mapping) else {}
        step = numbers.get("_step", math.nan)
        if math.isnan(step):
            continue
        known = steps.setdefault(step, {"_step": step})
        known.update({name: value for name, value in numbers.items() if name not in known or not math.isnan(value)})
    if not steps:
        return pd.DataFrame()
    frame = pd.DataFrame([steps[step] for step in sorted(steps)], dtype="float64")
    frame.insert(0, "run_id", pd.Series([run.id] * len(frame), dtype="str"))
    return frame.astype({"_step": "int64"})


def _numbers(row: Mapping[str, Any], keys: Sequence[str] | None) -> dict[str, float]:
    wanted = row if keys is None else ["_step", *keys]
    numbers = {}
    for name in wanted:
        value = row.get(name)
        number = as_number(value) if isinstance(value, str) else value
        if isinstance(number, (int, float)) and not isinstance(number, bool):
            try:
                numbers[str(name)] = float(number)
            except OverflowError:
                numbers[str(name)] = math.copysign(math.inf, number)
    return numbers


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame({"run_id": pd.Series(dtype="str"), "_step": pd.Series(dtype="int64")})
    joined = pd.concat(frames, ignore_index=True)
    metrics = sorted(name for name in joined.columns if name not in ("run_id", "_step"))
    ordered = joined.sort_values(["run_id", "_step"], kind="stable", ignore_index=True)
    return ordered[["run_id", "_step", *metrics]]
