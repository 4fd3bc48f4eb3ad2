"""Reading a sweep again: only what moved is asked for, and the outcome is as if all had been read."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from lib.model.sweep import Sweep
from lib.sources.record import Address
from lib.sources.snapshot.file import read_snapshot, snapshot_bytes
from lib.sources.wandb.access import Access
from lib.sources.wandb.api import fetch
from testing.wandb_server.fixtures import (  # noqa: F401
    SWEEP,
    address_fixture,
    owner_fixture,
    server_fixture,
    visitor_fixture,
)
from testing.wandb_server.made_data import made_project, made_run, stamp
from testing.wandb_server.server import StandIn

Read = Callable[[str], Address]
LATER = stamp(100_000)


def assert_same(left: Sweep, right: Sweep) -> None:
    for part in ("runs", "config", "summary"):
        pd.testing.assert_frame_equal(getattr(left, part), getattr(right, part))
    assert left.logged_nan.keys() == right.logged_nan.keys()
    assert all((left.logged_nan[name] == right.logged_nan[name]).all() for name in left.logged_nan)
    assert left.declarations == right.declarations
    assert left.data_sha256 == right.data_sha256


def test_a_refresh_reads_only_runs_that_moved(server: StandIn, owner: Access, address: Read) -> None:
    server.store.add(made_project(900, name="large"))
    source = address("team/large/sweep01")
    before = fetch(source, access=owner)
    full = server.log[-1].bytes_sent
    for run in server.store.projects["team/large"].runs[100:105]:
        run.heartbeat_at, run.summary["val_score"] = LATER, 0.123
    server.log.clear()
    after = fetch(source, access=owner, since=before)
    assert server.data_operations() == ["GetSweep", "Runs", "Runs"]
    assert sum(request.bytes_sent for request in server.log) < full / 10
    assert_same(after, fetch(source, access=owner))
    assert (after.summary["val_score"] == 0.123).sum() == 5


def test_new_runs_are_added(server: StandIn, owner: Access, address: Read) -> None:
    before = fetch(address(SWEEP), access=owner)
    new = made_run(25, 7, "sweep01")
    new.heartbeat_at, new.state, new.config["only_here"] = LATER, "running", 3
    server.store.projects["team/seg"].runs.append(new)
    after = fetch(address(SWEEP), access=owner, since=before)
    assert len(after) == 26
    assert_same(after, fetch(address(SWEEP), access=owner))


def test_a_deleted_run_is_noticed_and_all_are_read_again(server: StandIn, owner: Access, address: Read) -> None:
    before = fetch(address(SWEEP), access=owner)
    runs = server.store.projects["team/seg"].runs
    del runs[3]
    runs[10].heartbeat_at = LATER
    after = fetch(address(SWEEP), access=owner, since=before)
    assert list(after.runs["run_id"]) == [run.id for run in runs]


def test_a_run_that_crashed_without_another_heartbeat_is_seen(server: StandIn, owner: Access, address: Read) -> None:
    run = server.store.projects["team/seg"].runs[0]
    run.state = "running"
    before = fetch(address(SWEEP), access=owner)
    run.state = "crashed"
    after = fetch(address(SWEEP), access=owner, since=before)
    assert after.runs.set_index("run_id").loc[run.id, "state"] == "crashed"


def test_with_a_run_that_never_beat_all_are_read(server: StandIn, owner: Access, address: Read) -> None:
    run = server.store.projects["team/seg"].runs[0]
    run.state, run.heartbeat_at = "pending", None
    before = fetch(address(SWEEP), access=owner)
    run.state = "running"
    after = fetch(address(SWEEP), access=owner, since=before)
    assert after.runs.set_index("run_id").loc[run.id, "state"] == "running"


def test_the_sweeps_new_state_is_read(server: StandIn, owner: Access, address: Read) -> None:
    project = server.store.projects["team/seg"]
    project.sweeps[0].state = "RUNNING"
    before = fetch(address(SWEEP), access=owner)
    project.sweeps[0].state = "FINISHED"
    assert fetch(address(SWEEP), access=owner, since=before).declarations[0].state == "finished"


def test_nasty_values_survive_a_refresh(server: StandIn, owner: Access, address: Read) -> None:
    source = address("team/nasty/nasty01")
    runs = server.store.projects["team/nasty"].runs
    runs[:] = [run for run in runs if run.state != "pending"]
    before = fetch(source, access=owner)
    changed = next(run for run in runs if run.id == "max-only")
    changed.heartbeat_at, changed.config["lr"], changed.config["flag"] = LATER, "NaN", "text"
    server.log.clear()
    after = fetch(source, access=owner, since=before)
    assert server.data_operations() == ["GetSweep", "Runs", "Runs"]
    assert_same(after, fetch(source, access=owner))


def test_a_snapshot_of_yesterday_can_be_refreshed(server: StandIn, owner: Access, address: Read) -> None:
    before = read_snapshot(snapshot_bytes(fetch(address(SWEEP), access=owner)), "yesterday")
    server.store.projects["team/seg"].runs[2].heartbeat_at = LATER
    assert_same(fetch(address(SWEEP), access=owner, since=before), fetch(address(SWEEP), access=owner))


def test_a_project_is_refreshed_too(server: StandIn, owner: Access, address: Read) -> None:
    before = fetch(address("team/seg"), access=owner)
    run = server.store.projects["team/seg"].runs[2]
    run.heartbeat_at, run.summary["loss"] = LATER, 9.0
    server.log.clear()
    after = fetch(address("team/seg"), access=owner, since=before)
    assert server.operations().count("Runs") == 2
    assert_same(after, fetch(address("team/seg"), access=owner))


def test_times_are_asked_for_as_the_server_reads_them(server: StandIn, owner: Access, address: Read) -> None:
    """Without the Z at its end, the server finds nothing and says nothing."""
    before = fetch(address(SWEEP), access=owner)
    server.log.clear()
    fetch(address(SWEEP), access=owner, since=before)
    filters = next(request.variables["filters"] for request in server.log if request.operation == "Runs")
    assert filters == '{"$and": [{"sweep": "sweep01"}, {"heartbeatAt": {"$gte": "2025-06-01T00:29:00Z"}}]}'
