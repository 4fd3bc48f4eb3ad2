"""Adds what runs logged step by step to a sweep that was read from W&B, which gives it run by run and on demand."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import pandas as pd

from lib.model.sweep import Sweep
from lib.sources.memory import refuse_without_room
from lib.sources.record import Address
from lib.sources.wandb.access import Access, granted
from lib.sources.wandb.api import Progress
from lib.sources.wandb.history_requests import SAMPLES, fetch_histories
from lib.sources.wandb.refresh import FINAL_STATES
from lib.sources.wandb.session import WAIT

# Runs asked for in one go: what has arrived is kept when a later one fails.
CHUNK = 200
# However many the runs, no more rows than this are asked for, down to the fewest steps that still show a curve.
MOST_ROWS = 2_000_000
FEWEST_SAMPLES = 50
# Of all histories of one project that are kept for the next time; those beyond it are asked for again.
MOST_BYTES = 40_000_000


@dataclass(eq=False, slots=True)
class HistoryCache:
    """Histories by run id, each with the run's last change and how many steps were asked for; at most MOST_BYTES."""

    held: dict[str, tuple[tuple[str, str, int], pd.DataFrame]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def with_histories(
    sweep: Sweep,
    address: Address,
    *,
    access: Access | None = None,
    cache: HistoryCache | None = None,
    progress: Progress | None = None,
    wait: float = WAIT,
) -> Sweep:
    """Return the sweep with the histories of its runs, read from W&B several at a time.

    cache : runs held there that haven't changed since aren't asked for again; it keeps what arrived before a failure.
    W&B thins out the history of a run that logged more steps than are asked for (500, fewer with over 4,000 runs);
    a warning then says so.

    Raises InputError where the address isn't permitted, and SourceUnavailable where W&B refuses or can't be reached.
    """
    access = granted(access, address)
    cache = cache or HistoryCache()
    samples = max(FEWEST_SAMPLES, min(SAMPLES, MOST_ROWS // max(len(sweep), 1)))
    with cache.lock:
        changes = _last_changes(sweep, samples)
        waiting = [run for run, change in changes.items() if cache.held.get(run, (None,))[0] != change]
        arrived = len(changes) - len(waiting)
        try:
            for start in range(0, len(waiting), CHUNK):
                chunk = waiting[start : start + CHUNK]
                before = arrived + start

                def shown(done: int, total: int | None, before: int = before) -> None:
                    if progress is not None:
                        progress(before + done, len(changes))

                frame = fetch_histories(address, chunk, access=access, samples=samples, progress=shown, wait=wait)
                size = int(frame.memory_usage(index=False).sum())
                # What is still to come, and all of it once more when it is joined.
                refuse_without_room(
                    size * (len(waiting) - start) / len(chunk) + size * len(changes) / len(chunk),
                    f"The histories of {address.text}",
                )
                by_run = dict(iter(frame.groupby("run_id", sort=False)))
                for run in chunk:
                    history = by_run.get(run, frame.iloc[:0])
                    cache.held[run] = (changes[run], history.dropna(axis="columns", how="all"))
            frames = [frame for run in changes if len(frame := cache.held[run][1])]
        finally:
            _keep_within_bounds(cache, changes)
    return _with_history(sweep, frames, samples)


def _keep_within_bounds(cache: HistoryCache, wanted: Collection[str]) -> None:
    """Let go of what is held beyond MOST_BYTES: first the runs of other sweeps, then of this one, oldest first."""
    sizes = {run: int(frame.memory_usage().sum()) for run, (_, frame) in cache.held.items()}
    beyond = sum(sizes.values()) - MOST_BYTES
    for run in sorted(sizes, key=lambda run: run in wanted):
        if beyond <= 0:
            return
        del cache.held[run]
        beyond -= sizes[run]


def _last_changes(sweep: Sweep, samples: int) -> dict[str, tuple[str, str, int]]:
    """Return what tells a run's history from an older one; a run that goes on without a heartbeat is always new."""
    changes = {}
    for run, state, beat in zip(sweep.runs["run_id"], sweep.runs["state"], sweep.runs["heartbeat_at"], strict=True):
        moment = beat.isoformat() if not pd.isna(beat) else "over" if state in FINAL_STATES else sweep.origin.fetched_at
        changes[str(run)] = (str(moment), str(state), samples)
    return changes


def _with_history(sweep: Sweep, frames: list[pd.DataFrame], samples: int) -> Sweep:
    if not frames:
        return sweep
    joined = pd.concat(frames, ignore_index=True)
    metrics = sorted(name for name in joined.columns if name not in ("run_id", "_step"))
    history = joined.sort_values(["run_id", "_step"], kind="stable", ignore_index=True)
    thinned = sum(len(frame) >= samples for frame in frames)
    warnings = sweep.warnings
    if thinned:
        warnings = (
            *warnings,
            f"{thinned:,} run{'s' if thinned > 1 else ''} logged more steps than the {samples} that were read of each: "
            "W&B thinned their histories out, so a value between two steps may be missed.",
        )
    return replace(
        sweep,
        history=history[["run_id", "_step", *metrics]].astype({"run_id": "str"}),
        warnings=warnings,
        thinned=thinned > 0,
    )
