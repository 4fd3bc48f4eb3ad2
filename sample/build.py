"""Turns the `sweeps.json.gz` that `train_sweep.py export` wrote into the three snapshots that the program ships.

Run as `python -m sample.build sweeps.json.gz`.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from lib.model.assemble import assemble
from lib.model.columns import flatten, table_of
from lib.model.sweep import ColumnReading, Declaration, Origin, Sweep
from lib.sources.snapshot.file import write_snapshot
from lib.sources.sweep_config import plain_config

HERE = Path(__file__).resolve().parent
FILES = ("sweep", "followup")


def sweep_of(runs: Sequence[Mapping[str, Any]], name: str, declaration: Declaration | None) -> Sweep:
    """Build the Sweep of exported training runs: lists as JSON text, histories as logged, dates as they were."""
    config, _, config_types = table_of(flatten(run["config"]) for run in runs)
    summary, logged_nan, summary_types = table_of(flatten(run["summary"]) for run in runs)
    return assemble(
        Origin("sample", f"sample: {name}", max(run["heartbeat_at"] for run in runs)),
        _run_columns(runs, declaration.id if declaration and declaration.id else ""),
        config,
        summary=summary,
        history=_history(runs),
        logged_nan=logged_nan,
        declarations=() if declaration is None else (declaration,),
        readings=(
            *_readings("config", config_types, "a key of the runs' config"),
            *_readings("summary", summary_types, "a key of the runs' summary"),
        ),
    )


def _run_columns(runs: Sequence[Mapping[str, Any]], sweep_id: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run_id": [run["id"] for run in runs],
            "name": [run["name"] for run in runs],
            "state": [run["state"] for run in runs],
            "created_at": pd.to_datetime([run["created_at"] for run in runs], utc=True),
            "heartbeat_at": pd.to_datetime([run["heartbeat_at"] for run in runs], utc=True),
            "runtime": [float(run["runtime"]) for run in runs],
            "sweep": [sweep_id for _ in runs],
            "tags": [", ".join(run["tags"]) for run in runs],
        }
    )


def _history(runs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    rows = pd.DataFrame([{"run_id": run["id"], **row} for run in runs for row in run["history"]])
    metrics = [name for name in rows.columns if name not in ("run_id", "_step")]
    return rows.astype({"run_id": "str", "_step": "int64"} | {name: "float64" for name in metrics})


def _readings(part: str, types: Mapping[str, str], why: str) -> Iterable[ColumnReading]:
    return (ColumnReading(name, part, type_, why) for name, type_ in types.items())


def main() -> None:
    """Read the training script's export and write the three files beside this script."""
    parser = argparse.ArgumentParser(description="Make the bundled sample from a training script's export.")
    parser.add_argument("export", type=Path, help="the sweeps.json.gz that train_sweep.py wrote")
    parser.add_argument("--output", type=Path, default=HERE, help="folder to write to (default: beside this script)")
    arguments = parser.parse_args()
    exported = json.loads(gzip.decompress(arguments.export.read_bytes()))
    for file, one in zip(FILES, exported["sweeps"], strict=True):
        declaration = Declaration(one["id"], one["name"], one["state"].lower(), None, plain_config(one["config"]))
        write_snapshot(sweep_of(one["runs"], one["name"], declaration), arguments.output / f"{file}.parquet")
    # They were run outside a sweep, for the objective that the sweeps declare.
    objective = Declaration(config={"metric": exported["sweeps"][0]["config"]["metric"]})
    write_snapshot(sweep_of(exported["runs"], "repeats", objective), arguments.output / "repeats.parquet")


if __name__ == "__main__":
    main()
