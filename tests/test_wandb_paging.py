"""Listings of a server that is wrong, hostile or heavy: each ends, and what is missing is said."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.model.errors import InputError, SourceUnavailable
from lib.sources import memory
from lib.sources.record import Address
from lib.sources.wandb.access import Access
from lib.sources.wandb.api import fetch
from lib.sources.wandb.listing import list_projects, list_sweeps
from lib.sources.wandb.paging import PAGE_BYTES
from lib.sources.wandb.records import RunRecords
from testing.wandb_server.fixtures import SWEEP, address_fixture, owner_fixture, server_fixture  # noqa: F401
from testing.wandb_server.made_data import OWNER_KEY, SWEEP_CONFIG, made_project
from testing.wandb_server.server import StandIn
from testing.wandb_server.store import Project, Run, StoredSweep

Read = Callable[[str], Address]
NEXT = "project.runs.pageInfo.hasNextPage"


def requests(server: StandIn, operation: str = "Runs") -> int:
    return server.operations().count(operation)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "same_page"},
        {"kind": "altered", "alter": {"project.runs.edges": [], NEXT: True}},
    ],
)
def test_a_listing_that_stands_still_ends_and_what_is_missing_is_said(
    server: StandIn, owner: Access, address: Read, fault: dict[str, Any]
) -> None:
    server.graphql.page_cap = 10
    server.fail(operation="Runs", skip=1, **fault)
    (warning,) = (sweep := fetch(address(SWEEP), access=owner)).warnings
    assert len(sweep) == 10
    assert re.search(r"counts 25 runs, but its listing came to a standstill after 10: 15 are missing", warning)
    assert requests(server) <= 4


def test_a_cursor_that_stays_ends_the_listing(server: StandIn, owner: Access, address: Read) -> None:
    """Every page brings new runs and says that it ends where the first did."""
    made, cursor = iter(range(10**6)), base64.b64encode(b"arrayconnection:1").decode()

    def edges(_: str, variables: dict[str, Any]) -> None:
        server.faults.clear()
        node = {"name": f"new{next(made)}", "config": "{}", "summaryMetrics": "{}"}
        alter = {"project.runs.edges": [{"node": node, "cursor": cursor}], NEXT: True}
        server.fail("altered", "Runs", alter=alter)

    edges("", {})
    server.before_answer = edges
    sweep = fetch(address(SWEEP), access=owner)
    assert len(sweep) == 2
    assert "23 are missing" in sweep.warnings[0]


def test_a_listing_that_stands_still_once_is_read_again(server: StandIn, owner: Access, address: Read) -> None:
    server.graphql.page_cap = 10
    server.fail("same_page", "Runs", skip=1, times=1)
    sweep = fetch(address(SWEEP), access=owner)
    assert len(sweep) == 25
    assert sweep.warnings == ()


def test_a_listing_that_stands_still_when_all_is_there_is_whole(server: StandIn, owner: Access, address: Read) -> None:
    server.fail("altered", "Runs", skip=0, times=1, alter={NEXT: True})
    server.fail("same_page", "Runs")
    sweep = fetch(address(SWEEP), access=owner)
    assert len(sweep) == 25
    assert sweep.warnings == ()


def test_runs_that_are_counted_and_never_sent_are_told(server: StandIn, owner: Access, address: Read) -> None:
    server.fail("altered", "Runs", alter={"project.runs.edges": []})
    with pytest.raises(SourceUnavailable, match="counts 25 runs in team/seg/sweep01, and sent none of them"):
        fetch(address(SWEEP), access=owner)
    assert requests(server) == 2


def test_a_refresh_over_a_listing_that_stands_still_reads_all(server: StandIn, owner: Access, address: Read) -> None:
    before = fetch(address(SWEEP), access=owner)
    server.touch("team/seg", 20)
    server.graphql.page_cap = 10
    server.fail("same_page", "Runs", skip=1, times=1)
    assert fetch(address(SWEEP), access=owner, since=before).summary["touched"].notna().sum() == 20


@pytest.mark.parametrize("count", [0, 3, 10**12])
def test_a_count_that_lies_loses_no_run(server: StandIn, owner: Access, address: Read, count: int) -> None:
    server.fail("altered", "Runs", alter={"project.runCount": count})
    told: list[tuple[int, int | None]] = []
    sweep = fetch(address(SWEEP), access=owner, progress=lambda *seen: told.append(seen))
    assert len(sweep) == 25
    assert all(total is None or done <= total for done, total in told)
    assert bool(sweep.warnings) is (count > 25)


@pytest.mark.parametrize(
    "alter",
    [
        {"project.runCount": -1},
        {"project.runCount": True},
        {"project.runCount": "25"},
        {"project.runCount": None},
        {"project.runs": None},
        {"project.runs": []},
        {"project.runs.edges": None},
        {"project.runs.edges": [None]},
        {"project.runs.edges": {"node": {}}},
        {"project.runs.edges": [{"node": None}]},
        {"project.runs.edges": [{"node": {"name": 5}}]},
        {"project.runs.edges": "text"},
        {"project.runs.pageInfo": None},
        {NEXT: "yes"},
        {"project": "text"},
        {"project": []},
    ],
)
def test_an_answer_of_another_shape_is_told(
    server: StandIn, owner: Access, address: Read, alter: dict[str, Any]
) -> None:
    server.fail("altered", "Runs", alter=alter)
    with pytest.raises(SourceUnavailable, match="not W&B's data"):
        fetch(address(SWEEP), access=owner, wait=8)
    assert requests(server) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("displayName", "state", "createdAt", "heartbeatAt", "sweepName", "group", "tags", "config", "summaryMetrics")


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), JSON), max_size=3))
def test_whatever_a_run_holds_it_is_taken(nodes: list[dict[str, Any]]) -> None:
    records = RunRecords("https://wandb.ai/team/seg")
    records.add([{**node, "name": f"run{number}"} for number, node in enumerate(nodes)])
    assert records.sweep_ids == sorted({n["sweepName"] for n in nodes if isinstance(n.get("sweepName"), str)} - {""})
    assert len(records) == len(nodes)


@pytest.mark.parametrize("depth", [70, 900, 100_000])
@pytest.mark.parametrize("part", ["config", "summary"])
def test_a_value_nested_too_deep_is_left_out_and_counted(
    server: StandIn, owner: Access, address: Read, depth: int, part: str
) -> None:
    run = server.store.projects["team/seg"].runs[0]
    shapes = (
        '{"lr": 0.5, "deep": ' + "[" * depth + "]" * depth + "}",
        '{"lr": 0.5, ' + '"d": {' * depth + "}" * depth + "}",
    )
    for text in shapes:
        setattr(run, f"{part}_text", text)
        sweep = fetch(address(SWEEP), access=owner)
        assert len(sweep) == 25
        assert len(sweep.warnings) == 1
        assert re.match("1 (values nested more than 50 levels|configs or summaries could not)", sweep.warnings[0])


def test_pages_of_heavy_runs_are_small(server: StandIn, owner: Access, address: Read) -> None:
    heavy = Project("team", "heavy", [StoredSweep("s1", SWEEP_CONFIG)])
    text = json.dumps({"notes": {"value": "x" * 1_000_000}, "lr": {"value": 0.1}})
    heavy.runs = [
        Run(f"r{number:03d}", None, sweep="s1", config_text=text, summary={"loss": 1.0}) for number in range(60)
    ]
    server.store.add(heavy)
    assert len(fetch(address("team/heavy/s1"), access=owner)) == 60
    sizes = [request.variables["perPage"] for request in server.log if request.operation == "Runs"]
    assert sizes[0] == 25
    assert set(sizes[1:]) == {PAGE_BYTES // max(len(run.node()["config"]) for run in heavy.runs)}


def test_texts_that_would_not_fit_in_memory_are_refused(
    server: StandIn, owner: Access, address: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = server.store.add(made_project(400, name="texts"))
    for run in project.runs:
        run.config = {"prompt": "x" * 20_000}
    monkeypatch.setattr(memory, "free_memory", lambda: 20_000_000)
    with pytest.raises(InputError, match="team/texts takes about"):
        fetch(address("team/texts"), access=owner)
    assert requests(server) <= 2


def test_listings_of_projects_and_sweeps_that_stand_still_end(server: StandIn, owner: Access) -> None:
    server.fail("altered", "GetSweeps", alter={"project.sweeps.pageInfo.hasNextPage": True})
    assert [entry.id for entry in list_sweeps(owner, "team", "nasty")] == ["nasty01"]
    assert requests(server, "GetSweeps") == 2
    server.fail("altered", "GetProjects", alter={"models.pageInfo.hasNextPage": True})
    assert {entry.name for entry in list_projects(owner, "team")} == {"nasty", "seg"}


PROGRAM = """
import os
from lib.sources.address import parse_address
from lib.sources.wandb.access import access_from_settings
from lib.sources.wandb.api import fetch
from lib.sources.wandb.history_requests import fetch_histories
address = parse_address("team/seg", files_allowed=False)
for _ in range(2):
    sweep = fetch(address)
    access = access_from_settings(os.environ, named=[address])
    fetch_histories(address, list(sweep.runs["run_id"]), access=access)
    print(os.environ["WANDB_DIR"])
"""


def test_folders_of_runs_are_in_one_place_that_goes_when_the_program_ends(server: StandIn, tmp_path: Path) -> None:
    environment = {**os.environ, "WANDB_API_KEY": OWNER_KEY, "WANDB_BASE_URL": server.url, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    first, second = done.stdout.split()
    assert first == second
    assert Path(first).parent == tmp_path
    assert not list(tmp_path.glob("wandb-runs-*"))
