"""What runs logged step by step, read several runs at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lib.model.errors import InputError, SourceUnavailable
from lib.sources.record import Address
from lib.sources.wandb.access import Access
from lib.sources.wandb.history_requests import fetch_histories
from testing.wandb_server.fixtures import (  # noqa: F401
    SWEEP,
    address_fixture,
    owner_fixture,
    server_fixture,
)
from testing.wandb_server.made_data import OWNER_KEY
from testing.wandb_server.server import StandIn

Read = Callable[[str], Address]


def ids_of(server: StandIn) -> list[str]:
    return [run.id for run in server.store.projects["team/seg"].runs]


def test_histories_cost_a_request_a_run(server: StandIn, owner: Access, address: Read) -> None:
    history = fetch_histories(address(SWEEP), ids_of(server), access=owner)
    assert list(history.columns) == ["run_id", "_step", "loss", "val_score"]
    assert len(history) == 25 * 5
    assert server.data_operations() == ["Runs"] + ["RunFullHistory"] * 25


def test_values_are_those_that_were_logged(server: StandIn, owner: Access, address: Read) -> None:
    run = server.store.projects["team/seg"].runs[7]
    history = fetch_histories(address(SWEEP), [run.id], access=owner)
    assert history["run_id"].unique().tolist() == [run.id]
    assert history["_step"].tolist() == [0, 1, 2, 3, 4]
    assert history["val_score"].tolist() == [row["val_score"] for row in run.history]


@pytest.mark.parametrize("keys", [["val_score"], ["val_score", "loss"]])
def test_only_the_metrics_asked_for_come(server: StandIn, owner: Access, address: Read, keys: list[str]) -> None:
    history = fetch_histories(address(SWEEP), ids_of(server)[:2], keys, access=owner)
    assert list(history.columns) == ["run_id", "_step", *sorted(keys)]
    assert len(history) == 10


def test_metrics_that_are_logged_at_different_steps_all_come(server: StandIn, owner: Access, address: Read) -> None:
    server.store.projects["team/seg"].runs[0].history = [
        {"_step": 0, "loss": 1.0}, {"_step": 1, "val_score": "NaN", "note": "x"}, {"_step": 2, "val_score": 0.5},
    ]  # fmt: skip
    history = fetch_histories(address(SWEEP), ids_of(server)[:1], ["loss", "val_score"], access=owner)
    assert history["loss"].tolist()[0] == 1.0
    assert history["val_score"].isna().tolist() == [True, True, False]


def test_a_step_that_was_logged_twice_has_of_each_metric_what_it_logged_last(
    server: StandIn, owner: Access, address: Read
) -> None:
    server.store.projects["team/seg"].runs[0].history = [
        {"_step": 2, "loss": 1.0}, {"_step": 1, "loss": 3.0}, {"_step": 2, "loss": 0.5, "val_score": 0.7},
        {"_step": 2, "loss": "NaN"}, {"loss": 9.0},
    ]  # fmt: skip
    history = fetch_histories(address(SWEEP), ids_of(server)[:1], ["loss", "val_score"], access=owner)
    assert history["_step"].tolist() == [1, 2]
    assert history["loss"].tolist() == [3.0, 0.5]
    assert history["val_score"].isna().tolist() == [True, False]
    assert history["val_score"].tolist()[1] == 0.7


def test_runs_without_a_history_give_no_rows(server: StandIn, owner: Access, address: Read) -> None:
    for run in server.store.projects["team/seg"].runs:
        run.history = []
    history = fetch_histories(address(SWEEP), ids_of(server), access=owner)
    assert list(history.columns) == ["run_id", "_step"]
    assert len(history) == 0


def test_progress_counts_runs(server: StandIn, owner: Access, address: Read) -> None:
    seen: list[tuple[int, int | None]] = []
    fetch_histories(address(SWEEP), ids_of(server)[:3], access=owner, progress=lambda *told: seen.append(told))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_what_is_not_allowed_is_not_read(server: StandIn, address: Read) -> None:
    with pytest.raises(InputError, match="may not open team/seg"):
        fetch_histories(address(SWEEP), ["run000000"], access=Access(OWNER_KEY, True, server.url, ("other/private",)))
    assert server.log == []


def test_a_failure_is_told(server: StandIn, owner: Access, address: Read) -> None:
    server.fail("status", "RunFullHistory", status=403)
    with pytest.raises(SourceUnavailable, match="does not let"):
        fetch_histories(address(SWEEP), ids_of(server), access=owner)


def test_no_folders_are_left(server: StandIn, owner: Access, address: Read, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    fetch_histories(address(SWEEP), ids_of(server), access=owner)
    assert list(tmp_path.iterdir()) == []
