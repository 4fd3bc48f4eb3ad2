"""Seeded data for the stand-in: a sweep of any size, and one of nasty values."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from lib.model.columns import plain
from lib.model.sweep import Sweep
from testing.wandb_server.store import Project, Run, Store, StoredSweep

# Any 40 characters are a key to the SDK. These two open different projects; the owner's opens all.
OWNER_KEY = f"canary0owner{7:028d}"
VISITOR_KEY = f"canary1visitor{8:026d}"

SWEEP_CONFIG = """\
program: train.py
method: bayes
metric:
  goal: maximize
  name: val_score
parameters:
  learning_rate:
    distribution: log_uniform_values
    min: 1e-5
    max: 0.1
  batch_size:
    values: [16, 32, 64]
  dropout:
    min: 0.0
    max: 0.5
  epochs:
    value: 40
"""
START = datetime(2025, 6, 1, tzinfo=UTC)


def stamp(minutes: float) -> str:
    """Return a time this many minutes after the data's start, as W&B writes it."""
    return (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def made_run(index: int, seed: int, sweep: str | None, *, parameters: int = 8, metrics: int = 13) -> Run:
    """Return run number `index` of a seed: the same whatever others are made."""
    rng = random.Random(seed * 1_000_003 + index)
    config = {
        "learning_rate": 10 ** rng.uniform(-5, -1),
        "batch_size": rng.choice([16, 32, 64]),
        "dropout": rng.uniform(0, 0.5),
        "epochs": 40,
        "optimizer": rng.choice(["adam", "sgd"]),
        "nested": {"depth": rng.randint(1, 5), "sizes": [64, 64, 1]},
    }
    config |= {f"parameter_{number}": rng.random() for number in range(len(config), parameters)}
    score = 0.9 - abs(config["dropout"] - 0.2) + rng.gauss(0, 0.02)
    summary = {"val_score": score, "loss": 1 - score, "epoch": 39}
    summary |= {f"metric_{number}": rng.random() for number in range(len(summary), metrics)}
    summary |= {"_step": 39, "_runtime": rng.uniform(50, 900), "_timestamp": 1748736000.5 + index, "_wandb": {}}
    state = "crashed" if rng.random() < 0.03 else "finished"
    history = [{"_step": step, "val_score": score * step / 4, "loss": 1 - score * step / 4} for step in range(5)]
    return Run(
        id=f"run{index:06d}",
        display_name=f"fair-sweep-{index}",
        state=state,
        created_at=stamp(index),
        heartbeat_at=stamp(index + 10),
        sweep=sweep,
        config=config,
        summary=summary,
        system={
            f"system.gpu.{number}.{what}": rng.random() * 100
            for number in range(4)
            for what in ("temp", "power", "memory")
        },  # fmt: skip
        tags=["baseline"] if index % 10 == 0 else [],
        group="first" if index % 2 else None,
        history=history,
    )


def made_project(
    runs: int = 480, *, seed: int = 7, entity: str = "team", name: str = "seg", sweep: str = "sweep01", **sizes: int
) -> Project:
    """Return a project with one sweep of this many runs."""
    project = Project(entity, name, [StoredSweep(sweep, SWEEP_CONFIG, display_name="first look")])
    project.runs = [made_run(index, seed, sweep, **sizes) for index in range(runs)]
    return project


def made_store(runs: int = 480, **options: int) -> Store:
    """Return a store with `team/seg` of that size and the small `other/private`; one key for each, one for both."""
    store = Store()
    store.add(made_project(runs, **options))
    store.add(made_project(12, seed=8, entity="other", name="private", sweep="sweep02"))
    store.add(nasty_project())
    store.keys = {OWNER_KEY: ("*",), VISITOR_KEY: ("other/private",)}
    return store


def nasty_project() -> Project:
    """Return `team/nasty`: one run for each way in which values are not what one expects."""
    project = Project("team", "nasty", [StoredSweep("nasty01", SWEEP_CONFIG)])
    rows = [
        Run("plain", "plain", config={"lr": 0.1, "epoch": 40}, summary={"loss": 0.5, "epoch": 39, "_runtime": 12.5}),
        Run("nan-number", "twin", config={"lr": 0.2}, summary_text='{"loss": NaN, "acc": Infinity}'),
        Run("nan-text", "twin", config={"lr": 0.3}, summary={"loss": "NaN", "acc": "-Infinity"}),
        Run("min-max", None, config={"lr": 0.4}, summary={"acc": {"min": 0.1, "max": 0.9, "last": 0.7}}),
        Run("max-only", "", config={"lr": 0.5}, summary={"acc": {"max": 0.8}}),
        Run("name-value", "scheduler", config={"sched": {"name": "cos", "value": 0.1}}, summary={"loss": 0.4}),
        Run("null-both", "nothing", config=None, summary=None, state="failed", heartbeat_at=None),
        Run("empty-both", "empty", config={}, summary={}, state="crashed"),
        Run("dotted", "dots", config={"optimizer.lr": 0.6, "optimizer": {"beta": 0.9}}, summary={"val.loss": 0.3}),
        Run("odd-values", "<b>*x*</b>", config={"flag": True, "layers": [1, 2], "none": None, "text": "a"},
            summary={"ok": False, "note": "done", "loss ": 1.0, " loss": 2.0, "table": {"_type": "table-file"}}),
        Run("control", "control", config={"lr": 0.7}, summary_text='{"loss": 0.2, "note": "a\tb"}'),
        Run("unwrapped", "old", config_text='{"lr": 0.8, "plain": {"a": 1}}', summary={"loss": 0.1}),
        Run("waiting", "waiting", state="pending", heartbeat_at=None, config={"lr": 0.9}, summary_text="null"),
        Run("big", "big", config={"seed": 2**60 + 1, "huge": 2**70}, summary={"loss": 1e-300}),
    ]  # fmt: skip
    for index, run in enumerate(rows):
        run.created_at, run.sweep = stamp(index), "nasty01"
    project.runs = rows
    return project


def project_of(sweep: Sweep, entity: str = "people", name: str = "unet") -> Project:
    """Return the runs of a Sweep, such as the bundled sample, as a project with its sweeps and their configs."""
    project = Project(entity, name)
    for declared in sweep.declarations:
        text = json.dumps(declared.config)
        project.sweeps.append(StoredSweep(str(declared.id), text, declared.name, str(declared.state).upper()))
    for position, about in enumerate(sweep.runs.to_dict("records")):
        project.runs.append(
            Run(
                id=about["run_id"],
                display_name=about["name"],
                state=about["state"],
                created_at=about["created_at"].strftime("%Y-%m-%dT%H:%M:%SZ"),
                heartbeat_at=about["heartbeat_at"].strftime("%Y-%m-%dT%H:%M:%SZ"),
                sweep=about["sweep"] or None,
                config=_row(sweep.config, position),
                summary={**_row(sweep.summary, position), "_wandb": {"runtime": about["runtime"]}},
                tags=[tag for tag in about["tags"].split(", ") if tag],
                group=about["group"] or None,
                history=_steps(sweep, about["run_id"]),
            )
        )
    return project


def _row(frame: pd.DataFrame, position: int) -> dict[str, Any]:
    values = {name: plain(frame[name].iloc[position]) for name in frame.columns}
    known = {name: value for name, value in values.items() if value is not None}
    lists = (name for name, value in known.items() if isinstance(value, str) and value.startswith("["))
    return known | {name: json.loads(known[name]) for name in lists}


def _steps(sweep: Sweep, run_id: str) -> list[dict[str, Any]]:
    rows = sweep.history[sweep.history["run_id"] == run_id].drop(columns="run_id")
    return [{name: plain(value) for name, value in row.items()} for row in rows.to_dict("records")]
