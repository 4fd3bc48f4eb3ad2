"""Made sweeps of any size as snapshots: 10 searched parameters, 30 metrics, two sweeps, the same each time.

Runs have histories of three metrics in ten steps; one in twenty crashed. Files are kept in the temporary folder.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib.model.assemble import assemble
from lib.model.sweep import Declaration, Origin, Sweep
from lib.sources.snapshot.file import write_snapshot

SIZES = (480, 10_000, 100_000)
OBJECTIVE = "val_score"
STEPS = 10
# Raised whenever other sweeps are made, so that an old file is never taken for a new one.
VERSION = 1

PARAMETERS: dict[str, dict[str, Any]] = {
    "learning_rate": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1e-1},
    "weight_decay": {"distribution": "log_uniform_values", "min": 1e-6, "max": 1e-2},
    "dropout": {"distribution": "uniform", "min": 0.0, "max": 0.6},
    "momentum": {"distribution": "uniform", "min": 0.5, "max": 0.99},
    "label_smoothing": {"distribution": "uniform", "min": 0.0, "max": 0.2},
    "layers": {"distribution": "int_uniform", "min": 2, "max": 16},
    "batch_size": {"values": [8, 16, 32, 64, 128]},
    "width": {"values": [32, 64, 128, 256]},
    "optimizer": {"values": ["adam", "rmsprop", "sgd"]},
    "activation": {"values": ["gelu", "relu", "silu", "tanh"]},
}


def made_snapshot(runs: int) -> Path:
    """Return the path of a made sweep of this many runs; it is written when first asked for."""
    folder = Path(tempfile.gettempdir()) / "sweep-report-bench"
    folder.mkdir(exist_ok=True)
    path = folder / f"made-{VERSION}-{runs}.parquet"
    if not path.exists():
        write_snapshot(made_sweep(runs), path)
    return path


def made_sweep(runs: int, seed: int = 0) -> Sweep:
    """Make a sweep: four parameters matter, one by a peak and two together; 26 metrics follow the objective loosely."""
    random = np.random.default_rng([seed, runs])
    at = {name: random.random(runs) for name in PARAMETERS}
    config = pd.DataFrame({name: _values(spec, at[name]) for name, spec in PARAMETERS.items()})
    config["epochs"] = STEPS
    good = (
        -3 * (at["learning_rate"] - 0.4) ** 2
        + 0.4 * at["width"]
        + 0.3 * np.isin(config["optimizer"], ["adam"])
        - 0.8 * (at["dropout"] - 0.5) * (at["layers"] - 0.5)
        + 0.3 * random.standard_normal(runs)
    )
    score = 0.8 + 0.05 * good
    summary = pd.DataFrame({OBJECTIVE: score, "val_loss": 1.2 - score + 0.02 * random.standard_normal(runs)})
    summary["loss"] = summary["val_loss"] * 0.8
    summary["epoch"] = STEPS - 1
    for number in range(26):
        summary[f"metric_{number:02d}"] = good * number / 26 + random.standard_normal(runs)
    started = pd.Timestamp("2025-06-01", tz="UTC") + pd.to_timedelta(np.arange(runs) * 37, unit="s")
    seconds = np.round(600 * (0.5 + at["layers"]) * np.exp(0.2 * random.standard_normal(runs)))
    crashed = random.random(runs) < 0.05
    summary.loc[crashed, OBJECTIVE] = np.nan
    sweep = np.where(random.random(runs) < 0.6, "first001", "second01")
    tables = pd.DataFrame(
        {
            "run_id": [f"r{i:07d}" for i in range(runs)],
            "name": [f"bright-sweep-{i}" for i in range(runs)],
            "state": np.where(crashed, "crashed", "finished"),
            "created_at": started,
            "heartbeat_at": started + pd.to_timedelta(seconds, unit="s"),
            "runtime": seconds,
            "sweep": sweep,
            "url": [f"https://wandb.ai/team/made/runs/r{i:07d}" for i in range(runs)],
        }
    )
    declared = {
        "method": "random",
        "metric": {"name": OBJECTIVE, "goal": "maximize"},
        "parameters": PARAMETERS | {"epochs": {"value": STEPS}},
    }
    return assemble(
        Origin("wandb", "team/made", "2025-07-01T00:00:00Z"),
        tables,
        config,
        summary=summary,
        history=_histories(tables["run_id"], summary, random),
        declarations=tuple(Declaration(id=name, name=name, config=declared) for name in ("first001", "second01")),
    )


def _values(spec: dict[str, Any], u: np.ndarray) -> Any:
    if "values" in spec:
        levels = np.array(spec["values"])
        return levels[np.minimum((u * len(levels)).astype(int), len(levels) - 1)]
    low, high = spec["min"], spec["max"]
    if spec["distribution"] == "log_uniform_values":
        return np.exp(np.log(low) + u * np.log(high / low))
    if spec["distribution"] == "int_uniform":
        return np.floor(low + u * (high - low + 1)).astype(int)
    return low + u * (high - low)


def _histories(run_ids: pd.Series, summary: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Curves that come from 1 or 0 and end near the summary's values."""
    steps = np.tile(np.arange(STEPS), len(run_ids))
    learned = np.exp(-3.0 * steps / (STEPS - 1))
    history = pd.DataFrame({"run_id": run_ids.repeat(STEPS).to_numpy(), "_step": steps})
    for metric, start in ((OBJECTIVE, 0.2), ("val_loss", 1.0), ("loss", 1.0)):
        end = summary[metric].to_numpy().repeat(STEPS)
        history[metric] = end + (start - end) * learned + 0.01 * random.standard_normal(len(steps)) * (steps > 0)
    return history[~(history[OBJECTIVE].isna() & (history["_step"] > STEPS // 2))]
