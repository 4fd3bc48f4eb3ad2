"""Reading a sweep through the real SDK from the stand-in server: what is asked for, and that nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lib.model.errors import InputError, SourceUnavailable
from lib.sources.record import Address
from lib.sources.registry import fetching_code
from lib.sources.sample import read_sample
from lib.sources.snapshot.file import read_snapshot, write_snapshot
from lib.sources.wandb.access import Access
from lib.sources.wandb.api import fetch
from lib.sources.wandb.refresh import is_final
from testing.wandb_server.fixtures import (  # noqa: F401
    SWEEP,
    address_fixture,
    owner_fixture,
    server_fixture,
    visitor_fixture,
)
from testing.wandb_server.made_data import OWNER_KEY, SWEEP_CONFIG, made_project, project_of, stamp
from testing.wandb_server.server import StandIn
from testing.wandb_server.store import Project, StoredSweep

Read = Callable[[str], Address]


@pytest.mark.parametrize(("runs", "pages"), [(25, [25]), (480, [25, 500]), (2100, [25, 500, 1000, 1000])])
def test_pages_grow_as_long_as_runs_are_light(
    server: StandIn, owner: Access, address: Read, runs: int, pages: list[int]
) -> None:
    server.store.add(made_project(runs, name="large", parameters=2, metrics=3))
    assert len(fetch(address("team/large/sweep01"), access=owner)) == runs
    assert server.data_operations() == ["GetSweep", *["Runs"] * len(pages)]
    assert [request.variables["perPage"] for request in server.log if request.operation == "Runs"] == pages


def test_only_fields_that_are_read_are_asked_for(server: StandIn, owner: Access, address: Read) -> None:
    for run in server.store.projects["team/seg"].runs:
        run.system = {"system.gpu.0.temp": 123456789.0}
    fetch(address(SWEEP), access=owner)
    sent = next(request for request in server.log if request.operation == "Runs").bytes_sent
    runs = server.store.projects["team/seg"].runs
    assert sent < 2 * sum(len(run.config_json() or "") + len(run.summary_json() or "") for run in runs)


def test_no_mutation_and_no_telemetry_is_sent(server: StandIn, owner: Access, address: Read) -> None:
    fetch(address(SWEEP), access=owner)
    assert {request.status for request in server.log} == {200}
    assert set(server.operations()) == {"Viewer", "GetSweep", "Runs"}


def test_progress_counts_up_to_all_runs(server: StandIn, owner: Access, address: Read) -> None:
    server.graphql.page_cap = 10
    seen: list[tuple[int, int | None]] = []
    fetch(address(SWEEP), access=owner, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, None), (0, None), (10, 25), (20, 25), (25, 25)]


def test_a_fetch_that_is_cancelled_leaves_the_next_one_working(server: StandIn, owner: Access, address: Read) -> None:
    def cancel(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(address(SWEEP), access=owner, progress=cancel)
    assert len(fetch(address(SWEEP), access=owner)) == 25


def test_the_sweeps_own_record_is_read(server: StandIn, owner: Access, address: Read) -> None:
    (declared,) = fetch(address(SWEEP), access=owner).declarations
    assert (declared.id, declared.name, declared.state) == ("sweep01", "first look", "finished")
    assert declared.url == f"{server.url}/team/seg/sweeps/sweep01"
    assert declared.method == "bayes"


def test_runs_keep_their_particulars(server: StandIn, owner: Access, address: Read) -> None:
    run = server.store.projects["team/seg"].runs[0]
    row = fetch(address(SWEEP), access=owner).runs.iloc[0]
    assert (row["run_id"], row["name"], row["state"]) == (run.id, run.display_name, run.state)
    assert row["created_at"] == pd.Timestamp(run.created_at)
    assert row["heartbeat_at"] == pd.Timestamp(run.heartbeat_at)
    assert row["runtime"] == pytest.approx(run.summary["_runtime"])
    assert (row["sweep"], row["tags"], row["group"]) == ("sweep01", "baseline", "")
    assert row["url"] == f"{server.url}/team/seg/runs/{run.id}"


def test_runs_of_other_sweeps_stay_out(server: StandIn, owner: Access, address: Read) -> None:
    server.store.projects["team/seg"].runs[3].sweep = "another"
    assert len(fetch(address(SWEEP), access=owner)) == 24


def test_a_project_has_all_runs_and_the_sweeps_they_are_of(server: StandIn, owner: Access, address: Read) -> None:
    project = server.store.projects["team/seg"]
    project.sweeps += [StoredSweep("second", SWEEP_CONFIG), StoredSweep("unused", SWEEP_CONFIG)]
    project.runs[0].sweep, project.runs[1].sweep = "second", None
    sweep = fetch(address("team/seg"), access=owner)
    assert len(sweep) == 25
    assert [declared.id for declared in sweep.declarations] == ["second", "sweep01"]


def test_a_project_without_sweeps_asks_for_none(server: StandIn, owner: Access, address: Read) -> None:
    for run in server.store.projects["team/seg"].runs:
        run.sweep = None
    assert fetch(address("team/seg"), access=owner).declarations == ()
    assert server.data_operations() == ["Runs"]


def test_an_empty_project_gives_no_runs(server: StandIn, owner: Access, address: Read) -> None:
    server.store.add(Project("team", "empty"))
    sweep = fetch(address("team/empty"), access=owner)
    assert len(sweep) == 0
    assert sweep.warnings == ()


def test_projects_named_like_parts_of_an_address_are_read(server: StandIn, owner: Access, address: Read) -> None:
    server.store.add(made_project(5, name="runs"))
    assert len(fetch(Address("sweep", "team/runs/sweep01", None, "team", "runs", "sweep01"), access=owner)) == 5


def test_a_run_that_arrives_between_pages_is_not_counted_twice(server: StandIn, owner: Access, address: Read) -> None:
    server.graphql.page_cap = 10
    runs = server.store.projects["team/seg"].runs
    late = made_project(1, seed=99, sweep="sweep01").runs[0]
    late.id, late.created_at = "late", stamp(-5)

    def add_an_older_run(operation: str, variables: dict[str, Any]) -> None:
        if operation == "Runs" and variables["cursor"] and late not in runs:
            runs.append(late)

    server.before_answer = add_an_older_run
    sweep = fetch(address(SWEEP), access=owner)
    assert sweep.runs["run_id"].is_unique
    assert {run.id for run in runs} == set(sweep.runs["run_id"])


def test_a_run_that_is_deleted_between_pages_hides_no_other(server: StandIn, owner: Access, address: Read) -> None:
    server.graphql.page_cap = 10
    runs = server.store.projects["team/seg"].runs

    def delete_the_first(operation: str, variables: dict[str, Any]) -> None:
        if operation == "Runs" and variables["cursor"] and len(runs) == 25:
            del runs[0]

    server.before_answer = delete_the_first
    sweep = fetch(address(SWEEP), access=owner)
    assert list(sweep.runs["run_id"]) == [run.id for run in runs]
    assert sweep.warnings == ()


def test_the_sample_is_the_same_through_the_sdk_and_as_a_snapshot(
    server: StandIn, owner: Access, address: Read, tmp_path: Path
) -> None:
    sample = read_sample()
    server.store.add(project_of(sample))
    sweep = fetch(address(f"people/unet/{sample.declarations[0].id}"), access=owner)
    pd.testing.assert_frame_equal(sweep.config, sample.config)
    pd.testing.assert_frame_equal(sweep.summary, sample.summary)
    pd.testing.assert_frame_equal(sweep.runs.drop(columns="url"), sample.runs.drop(columns="url"))
    assert sweep.declarations[0].config == sample.declarations[0].config
    write_snapshot(sweep, tmp_path / "sweep.parquet")
    assert read_snapshot(tmp_path / "sweep.parquet", "sweep.parquet").data_sha256 == sweep.data_sha256


def test_nothing_is_left_on_disk(server: StandIn, owner: Access, address: Read, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    fetch(address(SWEEP), access=owner)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_printed(server: StandIn, owner: Access, address: Read, capfd) -> None:
    fetch(address(SWEEP), access=owner)
    with pytest.raises(SourceUnavailable):
        fetch(address("team/seg/absent"), access=owner)
    assert capfd.readouterr() == ("", "")


def test_wandb_is_not_imported_before_it_is_needed() -> None:
    modules = ", ".join(f"lib.sources.wandb.{name}" for name in ("api", "listing", "history_requests", "access"))
    program = f"import sys, {modules}; print('wandb' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_environments_key_opens_what_was_named(server: StandIn, address: Read, monkeypatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", OWNER_KEY)
    monkeypatch.setenv("WANDB_BASE_URL", server.url)
    assert len(fetch(address(SWEEP))) == 25


def test_without_a_key_the_reader_is_told_where_to_put_one(address: Read) -> None:
    assert "WANDB_API_KEY" not in os.environ
    with pytest.raises(InputError, match="needs a W&B API key. Set WANDB_API_KEY"):
        fetch(address(SWEEP))


@pytest.mark.parametrize(("state", "run_state", "final"), [
    ("FINISHED", "finished", True), ("CANCELED", "crashed", True), ("RUNNING", "finished", False),
    ("FINISHED", "running", False), ("FINISHED", "preempted", False),
])  # fmt: skip
def test_a_sweep_is_final_when_it_and_its_runs_ended(
    server: StandIn, owner: Access, address: Read, state: str, run_state: str, final: bool
) -> None:
    project = server.store.projects["team/seg"]
    project.sweeps[0].state, project.runs[4].state = state, run_state
    assert is_final(fetch(address(SWEEP), access=owner)) is final


def test_the_code_that_a_reader_is_shown_costs_one_request(
    server: StandIn, owner: Access, address: Read, tmp_path: Path
) -> None:
    code = fetching_code(fetch(address(SWEEP), access=owner))
    server.log.clear()
    environment = {**os.environ, "WANDB_API_KEY": OWNER_KEY, "WANDB_BASE_URL": server.url, "WANDB_DIR": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "finished" in done.stdout
    assert server.data_operations() == ["Runs"]


def test_the_sdks_own_loop_costs_a_request_a_run(server: StandIn, owner: Access) -> None:
    """What the fetch avoids: if a later SDK no longer does this, the fetch can be simpler."""
    import wandb

    api = wandb.Api(api_key=OWNER_KEY, overrides={"base_url": server.url})
    for run in api.runs("team/seg", filters={"sweep": "sweep01"}):
        assert {**run.summary, **run.config}
    assert server.operations().count("Run") == 25
