"""Values as W&B's server sends them, through the real SDK: each way in which they are not what one expects."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from lib.model.columns import plain, typed_column
from lib.model.sweep import Origin, Sweep
from lib.sources.record import Address
from lib.sources.wandb.access import Access
from lib.sources.wandb.api import fetch
from lib.sources.wandb.records import RunRecords, flat_config, flat_summary
from testing.wandb_server.fixtures import (  # noqa: F401
    address_fixture,
    owner_fixture,
    server_fixture,
    visitor_fixture,
)
from testing.wandb_server.made_data import OWNER_KEY
from testing.wandb_server.server import StandIn
from testing.wandb_server.store import Run


@pytest.fixture
def nasty(server: StandIn, owner: Access, address: Callable[[str], Address]) -> Sweep:
    return fetch(address("team/nasty/nasty01"), access=owner)


def cell(sweep: Sweep, run_id: str, part: str, key: str) -> object:
    position = int(np.flatnonzero(sweep.runs["run_id"] == run_id)[0])
    return plain(getattr(sweep, part)[key].iloc[position])


def test_every_run_arrives(nasty: Sweep) -> None:
    assert len(nasty) == 14
    assert nasty.warnings == ()


def test_nan_is_known_as_logged_whether_number_or_text(nasty: Sweep) -> None:
    logged = set(nasty.runs["run_id"][nasty.logged_nan["loss"]])
    assert logged == {"nan-number", "nan-text"}


def test_infinity_is_a_number_whether_number_or_text(nasty: Sweep) -> None:
    assert cell(nasty, "nan-number", "summary", "acc") == math.inf
    assert cell(nasty, "nan-text", "summary", "acc") == -math.inf


def test_a_metric_with_aggregates_gives_its_last_value_and_each_aggregate(nasty: Sweep) -> None:
    values = [cell(nasty, "min-max", "summary", key) for key in ("acc", "acc.last", "acc.min", "acc.max")]
    assert values == [0.7, 0.7, 0.1, 0.9]


def test_a_metric_that_kept_only_its_maximum_has_no_last_value(nasty: Sweep) -> None:
    assert cell(nasty, "max-only", "summary", "acc.max") == 0.8
    assert cell(nasty, "max-only", "summary", "acc") is None


def test_a_nested_value_with_a_key_called_last_is_no_aggregate() -> None:
    assert flat_summary({"batch": {"last": 3, "size": 4}}) == {"batch.last": 3, "batch.size": 4}


def test_aggregates_of_nested_metrics_give_their_last_value() -> None:
    flat = flat_summary({"val": {"acc": {"last": 0.5, "max": 0.6}}})
    assert flat == {"val.acc.last": 0.5, "val.acc.max": 0.6, "val.acc": 0.5}


def test_a_config_with_keys_name_and_value_stays_whole(nasty: Sweep) -> None:
    assert cell(nasty, "name-value", "config", "sched.name") == "cos"
    assert cell(nasty, "name-value", "config", "sched.value") == 0.1


def test_the_sdk_itself_unwraps_such_a_config_twice(server: StandIn) -> None:
    """Why the config is read from what the server sent: if this fails, the SDK was fixed."""
    import wandb

    api = wandb.Api(api_key=OWNER_KEY, overrides={"base_url": server.url, "entity": "team"})
    run = next(run for run in api.runs("team/nasty", lazy=False) if run.id == "name-value")
    assert run.config == {"sched": 0.1}


def test_config_and_summary_keys_of_one_name_stay_apart(nasty: Sweep) -> None:
    assert cell(nasty, "plain", "config", "epoch") == 40
    assert cell(nasty, "plain", "summary", "epoch") == 39


def test_a_number_that_yaml_reads_as_text_is_a_number(nasty: Sweep) -> None:
    config = nasty.declarations[0].config
    assert config is not None
    assert config["parameters"]["learning_rate"]["min"] == 1e-5


@pytest.mark.parametrize("run_id", ["null-both", "empty-both", "waiting"])
def test_null_and_empty_summaries_are_runs_without_metrics(nasty: Sweep, run_id: str) -> None:
    assert all(cell(nasty, run_id, "summary", key) is None for key in nasty.summary.columns)


def test_display_names_may_repeat_or_be_missing(nasty: Sweep) -> None:
    names = dict(zip(nasty.runs["run_id"], nasty.runs["name"], strict=True))
    assert names["nan-number"] == names["nan-text"] == "twin"
    assert names["min-max"] == "min-max"
    assert names["max-only"] == "max-only"


def test_keys_with_dots_and_nested_keys_become_one_kind_of_name(nasty: Sweep) -> None:
    assert cell(nasty, "dotted", "config", "optimizer.lr") == 0.6
    assert cell(nasty, "dotted", "config", "optimizer.beta") == 0.9
    assert cell(nasty, "dotted", "summary", "val.loss") == 0.3


def test_keys_that_differ_in_blanks_alone_stay_apart(nasty: Sweep) -> None:
    assert cell(nasty, "odd-values", "summary", "loss ") == 1
    assert cell(nasty, "odd-values", "summary", " loss") == 2


def test_lists_booleans_text_and_null_are_typed(nasty: Sweep) -> None:
    values = [cell(nasty, "odd-values", "config", key) for key in ("flag", "layers", "none", "text")]
    assert values == [True, "[1,2]", None, "a"]


def test_references_to_files_are_no_metrics(nasty: Sweep) -> None:
    assert not [name for name in nasty.summary.columns if name.startswith("table")]


def test_wandbs_own_entries_are_left_out(nasty: Sweep) -> None:
    names = [*nasty.config.columns, *nasty.summary.columns]
    assert not [name for name in names if name.startswith("_wandb")]


def test_control_characters_in_logged_text_are_kept(nasty: Sweep) -> None:
    assert cell(nasty, "control", "summary", "note") == "a\tb"


def test_a_config_that_was_stored_without_wrapping_is_read(nasty: Sweep) -> None:
    assert cell(nasty, "unwrapped", "config", "lr") == 0.8
    assert cell(nasty, "unwrapped", "config", "plain.a") == 1


def test_integers_are_never_rounded(nasty: Sweep) -> None:
    assert cell(nasty, "big", "config", "seed") == 2**60 + 1
    assert cell(nasty, "big", "config", "huge") == str(2**70)


def test_a_run_without_a_heartbeat_has_none(nasty: Sweep) -> None:
    assert nasty.runs.set_index("run_id").loc["waiting", "heartbeat_at"] is not None
    assert nasty.runs["heartbeat_at"].isna().sum() == 2


def records_of(*runs: Run) -> Sweep:
    records = RunRecords("https://wandb.example.org/team/seg")
    records.add([run.node() for run in runs])
    return records.sweep(Origin("wandb", "team/seg"), ())


def test_a_dotted_key_wins_over_a_nested_one_of_the_same_name_and_the_reader_is_told() -> None:
    sweep = records_of(Run("a", "a", config={"opt.lr": 1, "opt": {"lr": 2}}))
    assert sweep.config["opt.lr"].tolist() == [1]
    assert "opt.lr" in sweep.warnings[0]


@pytest.mark.parametrize("text", ["{", "[1, 2]", '"text"', "1" * 5000, "[" * 100_000, "NaN"])
def test_text_that_is_no_json_object_counts_as_empty(text: str) -> None:
    sweep = records_of(Run("a", "a", config_text=text, summary_text=text))
    assert len(sweep) == 1
    assert list(sweep.config.columns) == list(sweep.summary.columns) == []


def test_unreadable_json_is_told() -> None:
    assert "2 configs or summaries" in records_of(Run("a", "a", config_text="{", summary_text="{")).warnings[0]


def test_half_characters_become_writable_text() -> None:
    sweep = records_of(Run("a", "a", config_text='{"k": {"value": "a\\ud800b"}}'))
    assert sweep.config["k"].iloc[0].encode()


def test_a_wrapped_value_is_unwrapped_once() -> None:
    config = {"sched": {"value": {"value": {"value": 1}}, "desc": None}, "_wandb": {"value": {}}}
    assert flat_config(config) == {"sched.value.value": 1}


@pytest.mark.parametrize(("summary", "seconds"), [
    ({"_runtime": 12.5}, 12.5), ({"_wandb": {"runtime": 785}, "_runtime": 785.4}, 785.0), ({"_runtime": "soon"}, None),
    ({}, None),
])  # fmt: skip
def test_runtime_is_the_one_that_the_website_shows(summary: dict, seconds: float | None) -> None:
    assert plain(records_of(Run("a", "a", summary=summary)).runs["runtime"].iloc[0]) == seconds


@pytest.mark.parametrize("values", [
    [0.5, 1.5], [1.0, 2.0], [1, 2], [2**63 - 1, -(2**63) + 1], [2**63, 1], [-(2**63), 1], [1, 2.5], [True, False],
    [1, None], [0.5, None], [0.5, math.nan], [0.5, math.inf], ["a", 1], ["1", "2"], [[1], [2]], [1, True],
    [2**53 + 1, 0.5],
])  # fmt: skip
def test_columns_are_typed_as_from_any_other_source(values: list) -> None:
    sweep = records_of(*(Run(f"run{index}", "", summary={"m": value}) for index, value in enumerate(values)))
    expected = typed_column(values)
    pd.testing.assert_series_equal(sweep.summary["m"], expected.values, check_names=False)
    assert next(reading.type for reading in sweep.readings if reading.column == "m") == expected.type
