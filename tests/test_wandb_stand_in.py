"""The stand-in server behaves as W&B's is reported to, where the fetch relies on it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from testing.wandb_server.fixtures import server_fixture  # noqa: F401
from testing.wandb_server.made_data import OWNER_KEY, VISITOR_KEY, stamp
from testing.wandb_server.server import StandIn


def listed(server: StandIn, filters: Any = None, key: str = OWNER_KEY, project: str = "seg", **options: Any) -> Any:
    import wandb

    api = wandb.Api(api_key=key, overrides={"base_url": server.url, "entity": "team"}, timeout=5)
    return [run.id for run in api.runs(f"team/{project}", filters=filters, **options)]


@pytest.mark.parametrize(("filters", "count"), [
    ({"sweep": "sweep01"}, 25),
    ({"sweep": "other"}, 0),
    ({"heartbeatAt": {"$gte": stamp(30)}}, 5),
    ({"heartbeatAt": {"$gte": stamp(30).removesuffix("Z")}}, 0),
    ({"$and": [{"sweep": "sweep01"}, {"heartbeatAt": {"$gte": stamp(34)}}]}, 1),
    ({"$or": [{"name": "run000003"}, {"name": {"$in": ["run000004", "none"]}}]}, 2),
    ({"display_name": {"$regex": "^fair-sweep-1"}}, 11),
    ({"config.optimizer": "rmsprop"}, 0),
    ({"tags": "baseline"}, 3),
    ({"state": {"$ne": "finished"}}, 0),
])  # fmt: skip
def test_filters(server: StandIn, filters: dict[str, Any], count: int) -> None:
    for run in server.store.projects["team/seg"].runs:
        run.state = "finished"
    assert len(listed(server, filters)) == count


def test_pages_are_in_order_of_creation_and_whole(server: StandIn) -> None:
    ids = listed(server, per_page=10)
    assert ids == [f"run{index:06d}" for index in range(25)]
    assert server.operations().count("Runs") == 3


def test_a_server_may_give_smaller_pages_than_were_asked_for(server: StandIn) -> None:
    server.graphql.page_cap = 4
    assert len(listed(server, per_page=1000)) == 25


def test_a_project_that_the_key_may_not_see_does_not_exist(server: StandIn) -> None:
    with pytest.raises(ValueError, match="Could not find project"):
        listed(server, key=VISITOR_KEY)


def test_the_log_holds_no_keys(server: StandIn) -> None:
    listed(server)
    assert "canary" not in json.dumps([vars(request) for request in server.log])
