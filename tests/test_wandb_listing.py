"""What there is to choose from: in few requests, and never what isn't permitted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lib.model.errors import SourceUnavailable
from lib.sources.wandb.access import Access, visitor_access
from lib.sources.wandb.listing import SweepEntry, list_entities, list_projects, list_sweeps
from testing.wandb_server.fixtures import owner_fixture, server_fixture, visitor_fixture  # noqa: F401
from testing.wandb_server.made_data import OWNER_KEY, SWEEP_CONFIG
from testing.wandb_server.server import StandIn
from testing.wandb_server.store import Project, StoredSweep


def lent(server: StandIn, *allowed: str) -> Access:
    return Access(OWNER_KEY, owner=True, base_url=server.url, allowed=allowed)


def test_a_visitor_sees_the_entities_of_the_key(server: StandIn, visitor: Access) -> None:
    assert list_entities(visitor) == ("other",)
    assert list_entities(visitor_access(OWNER_KEY, server.url)) == ("other", "team")


def test_entities_that_the_owner_allows_cost_no_request(server: StandIn) -> None:
    assert list_entities(lent(server, "team/seg", "people/*")) == ("people", "team")
    assert server.log == []


def test_projects_come_in_one_request_newest_first(server: StandIn, owner: Access) -> None:
    server.store.add(Project("team", "newest", created_at="2026-01-01T00:00:00Z"))
    assert [entry.address for entry in list_projects(owner, "team")] == ["team/newest", "team/nasty", "team/seg"]
    assert server.data_operations() == ["GetProjects"]


def test_projects_that_are_not_allowed_are_not_listed(server: StandIn, visitor: Access) -> None:
    assert [entry.name for entry in list_projects(lent(server, "team/seg"), "team")] == ["seg"]
    assert [entry.name for entry in list_projects(lent(server, "team/seg/sweep01"), "team")] == ["seg"]
    assert list_projects(lent(server, "team/*"), "other") == ()
    assert list_projects(visitor, "team") == ()


def test_sweeps_come_in_few_requests_however_many(server: StandIn, owner: Access) -> None:
    project = server.store.projects["team/seg"]
    project.sweeps += [StoredSweep(f"more{number}", SWEEP_CONFIG) for number in range(450)]
    assert len(list_sweeps(owner, "team", "seg")) == 451
    assert server.data_operations().count("GetSweeps") == 3
    assert set(server.data_operations()) == {"ServerFeaturesQuery", "GetSweeps"}


def test_a_sweep_tells_name_state_runs_and_age(server: StandIn, owner: Access) -> None:
    created = datetime(2025, 6, 1, tzinfo=UTC)
    expected = SweepEntry("team", "seg", "sweep01", "first look", "finished", 25, created)
    assert list_sweeps(owner, "team", "seg") == (expected,)
    assert expected.address == "team/seg/sweep01"


def test_sweeps_that_are_not_allowed_are_not_listed(server: StandIn, visitor: Access) -> None:
    server.store.projects["team/seg"].sweeps.append(StoredSweep("second", SWEEP_CONFIG))
    assert [entry.id for entry in list_sweeps(lent(server, "team/seg/second"), "team", "seg")] == ["second"]
    assert list_sweeps(lent(server, "team/other"), "team", "seg") == ()
    with pytest.raises(SourceUnavailable, match="There is no team/seg"):
        list_sweeps(visitor, "team", "seg")


def test_a_listing_that_fails_is_told(server: StandIn, owner: Access) -> None:
    server.fail("status", "GetProjects", status=403)
    with pytest.raises(SourceUnavailable, match="does not let"):
        list_projects(owner, "team")
