"""Histories come from W&B on demand: with progress, once a run and its last change, and what has arrived is kept."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from lib.__main__ import main
from lib.model.choices import Choices
from lib.model.errors import InputError, SourceUnavailable
from lib.report import report_of
from lib.sources import memory as room
from lib.sources.record import Address
from lib.sources.snapshot.file import read_snapshot
from lib.sources.wandb import histories
from lib.sources.wandb.access import Access
from lib.sources.wandb.api import fetch
from lib.sources.wandb.histories import HistoryCache, with_histories
from testing.wandb_server.fixtures import (  # noqa: F401
    SWEEP,
    address_fixture,
    owner_fixture,
    server_fixture,
)
from testing.wandb_server.made_data import OWNER_KEY
from testing.wandb_server.server import StandIn

Read = Callable[[str], Address]


def test_a_run_is_asked_for_once_until_it_changes(server: StandIn, owner: Access, address: Read) -> None:
    cache, seen = HistoryCache(), []
    sweep = fetch(address(SWEEP), access=owner)
    first = with_histories(sweep, address(SWEEP), access=owner, cache=cache, progress=lambda *told: seen.append(told))
    assert seen[-1] == (25, 25)
    assert first.history["run_id"].nunique() == 25
    server.log.clear()
    again = with_histories(sweep, address(SWEEP), access=owner, cache=cache)
    assert server.log == []
    assert again.data_sha256 == first.data_sha256
    server.touch("team/seg", 3)
    moved = fetch(address(SWEEP), access=owner, since=sweep)
    server.log.clear()
    with_histories(moved, address(SWEEP), access=owner, cache=cache)
    assert server.data_operations().count("RunFullHistory") == 3


def test_what_arrived_before_a_failure_is_not_asked_for_again(
    server: StandIn, owner: Access, address: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "CHUNK", 10)
    cache = HistoryCache()
    sweep = fetch(address(SWEEP), access=owner)
    sweep_of_ten = replace(sweep, runs=sweep.runs.iloc[:10])
    with_histories(sweep_of_ten, address(SWEEP), access=owner, cache=cache)
    server.fail("status", "RunFullHistory", status=403)
    with pytest.raises(SourceUnavailable):
        with_histories(sweep, address(SWEEP), access=owner, cache=cache)
    assert len(cache.held) == 10
    server.faults.clear()
    server.log.clear()
    done = with_histories(sweep, address(SWEEP), access=owner, cache=cache)
    assert done.history["run_id"].nunique() == 25
    assert server.data_operations().count("RunFullHistory") == 15


def test_thinned_histories_are_said(
    server: StandIn, owner: Access, address: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "SAMPLES", 3)
    monkeypatch.setattr(histories, "FEWEST_SAMPLES", 3)
    read = with_histories(fetch(address(SWEEP), access=owner), address(SWEEP), access=owner)
    assert "thinned" in read.warnings[-1]


def test_without_a_key_there_is_a_sentence(server: StandIn, owner: Access, address: Read) -> None:
    sweep = fetch(address(SWEEP), access=owner)
    with pytest.raises(InputError, match="needs a W&B API key"):
        with_histories(sweep, address(SWEEP))


def test_the_best_value_of_a_run_on_wandb_is_that_of_its_history(server: StandIn, owner: Access, address: Read) -> None:
    for run in server.store.projects["team/seg"].runs:
        run.history[2]["val_score"] = 2.0 + float(run.history[-1]["val_score"])
    sweep = with_histories(fetch(address(SWEEP), access=owner), address(SWEEP), access=owner)
    population = report_of(sweep, Choices(value="best", metric="val_score", goal="maximize")).population
    logged = {run.id: run.history for run in server.store.projects["team/seg"].runs}
    for run, value in zip(population.runs["run_id"], population.values, strict=True):
        assert math.isclose(value, max(float(row["val_score"]) for row in logged[run]))


def test_the_command_line_asks_for_histories_where_the_rule_needs_them(
    server: StandIn, tmp_path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("WANDB_API_KEY", OWNER_KEY)
    monkeypatch.setenv("WANDB_BASE_URL", server.url)
    common = [SWEEP, "--quiet", "--metric", "val_score", "--goal", "maximize"]
    assert main(["report", *common, "--format", "json"]) == 0
    assert "RunFullHistory" not in server.data_operations()
    assert main(["report", *common, "--format", "json", "--value", "mean:2"]) == 0
    assert server.data_operations().count("RunFullHistory") == 25
    assert '"value": "mean:2"' in capsys.readouterr().out
    path = tmp_path / "with.parquet"
    assert main(["fetch", SWEEP, "--histories", "--quiet", "--output", str(path)]) == 0
    assert read_snapshot(path.read_bytes(), "with.parquet").history["run_id"].nunique() == 25
    capsys.readouterr()
    assert main(["report", str(path), *common[1:], "--format", "json", "--value", "mean:2"]) == 0
    assert json.loads(capsys.readouterr().out)["best_run"] is not None


def test_histories_and_runs_for_which_there_is_no_memory_are_refused(
    server: StandIn, owner: Access, address: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = fetch(address(SWEEP), access=owner)
    monkeypatch.setattr(room, "free_memory", lambda: 1_000)
    with pytest.raises(InputError, match="takes about .* of memory to read"):
        with_histories(sweep, address(SWEEP), access=owner)
    with pytest.raises(InputError, match="takes about .* of memory to read"):
        fetch(address(SWEEP), access=owner)


def test_histories_beyond_the_bound_are_let_go_those_of_other_sweeps_first(
    server: StandIn, owner: Access, address: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = HistoryCache()
    sweep = fetch(address(SWEEP), access=owner)
    whole = with_histories(sweep, address(SWEEP), access=owner, cache=cache)
    ids = sweep.runs["run_id"].tolist()
    size = max(int(frame.memory_usage().sum()) for _, frame in cache.held.values())
    monkeypatch.setattr(histories, "MOST_BYTES", size)
    first = replace(sweep, runs=sweep.runs.head(1), config=sweep.config.head(1), summary=sweep.summary.head(1))
    with_histories(first, address(SWEEP), access=owner, cache=cache)
    assert list(cache.held) == ids[:1]
    # A sweep whose histories are larger than the bound is read all the same; some are asked for again next time.
    again = with_histories(sweep, address(SWEEP), access=owner, cache=cache)
    assert again.data_sha256 == whole.data_sha256
    assert sum(int(frame.memory_usage().sum()) for _, frame in cache.held.values()) <= size
