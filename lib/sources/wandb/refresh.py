"""What can still change in a sweep that was read from W&B, and since when."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd

from lib.model.sweep import Sweep

# A heartbeat can reach the server's index after the run was read, so a refresh looks back a little.
OVERLAP = timedelta(minutes=5)
FINAL_STATES = {"finished", "crashed", "failed", "killed"}
FINAL_SWEEP_STATES = {"finished", "canceled", "cancelled", "stopped", "crashed", "failed"}


def is_final(sweep: Sweep) -> bool:
    """Whether nothing will change by itself: it is of sweeps that have all ended, and so have all runs."""
    ended = all(declaration.state in FINAL_SWEEP_STATES for declaration in sweep.declarations)
    return bool(sweep.declarations) and ended and set(sweep.runs["state"]) <= FINAL_STATES


def changed_since(since: Sweep) -> datetime | None:
    """Return from when on heartbeats matter to a refresh; None where only reading all runs will do.

    A run that had not ended can end without another heartbeat (it crashed), so the oldest heartbeat of these counts,
    and one that never had a heartbeat can't be asked for in this way.
    """
    beats = since.runs["heartbeat_at"]
    going = beats[~since.runs["state"].isin(FINAL_STATES)]
    if beats.isna().all() or going.isna().any():
        return None
    moment = min(beats.max(), going.min()) if len(going) else beats.max()
    return pd.Timestamp(moment).to_pydatetime() - OVERLAP
