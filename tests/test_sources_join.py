from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from lib.model.assemble import assemble
from lib.model.sweep import Declaration, Origin, Sweep
from lib.sources.export.read import read_export
from lib.sources.join import distinct_names, join
from lib.sources.sample import read_sample
from lib.sources.snapshot.file import read_snapshot, snapshot_bytes
from testing.exports import to_csv, unet_export
from testing.opening import opened


def small(label: str, ids: list[str], config: dict[str, object], summary: dict[str, object], **more: object) -> Sweep:
    runs = pd.DataFrame({"run_id": ids, "sweep": [""] * len(ids)})
    origin = Origin("csv", label)
    return assemble(origin, runs, pd.DataFrame(config), summary=pd.DataFrame(summary), **more)  # type: ignore[arg-type]


def test_one_sweep_passes_through() -> None:
    sweep = read_sample()
    assert join([sweep]) is sweep


def test_columns_are_united_and_types_widened() -> None:
    one = small(
        "one",
        ["a", "b"],
        {"x": pd.array([1, None], dtype="Int64"), "kind": pd.array([1, 2], dtype="Int64"), "only": [0.5, 1.5]},
        {"loss": [1.0, 2.0], "flag": pd.array([True, None], dtype="boolean")},
    )
    two = small(
        "two",
        ["c"],
        {"x": [0.5], "kind": pd.array(["big"], dtype="str"), "empty": [math.nan]},
        {"loss": [3.0], "flag": pd.array([7], dtype="Int64")},
    )
    joined = join([one, two])
    assert joined.runs["run_id"].tolist() == ["a", "b", "c"]
    assert joined.runs["sweep"].tolist() == ["one", "one", "two"]
    expected = {
        "empty": pd.Series([math.nan] * 3),
        "kind": pd.Series(["1", "2", "big"], dtype="str"),
        "only": pd.Series([0.5, 1.5, math.nan]),
        "x": pd.Series([1.0, math.nan, 0.5]),
    }
    pd.testing.assert_frame_equal(joined.config, pd.DataFrame(expected))
    assert joined.summary["flag"].tolist() == ["true", math.nan, "7"] or joined.summary["flag"][2] == "7"
    assert (joined.origin.kind, joined.origin.label) == ("csv", "one + two")


def test_the_sweep_column_takes_the_declared_id_where_it_was_blank() -> None:
    one = small("one", ["a"], {"x": [1.0]}, {"y": [1.0]}, declarations=(Declaration(id="abcd1234"),))
    two = small("two", ["b"], {"x": [1.0]}, {"y": [1.0]}, declarations=(Declaration(name="mine"),))
    assert join([one, two]).runs["sweep"].tolist() == ["abcd1234", "mine"]


def test_the_same_run_twice_is_counted_once() -> None:
    text = unet_export(runs=20)
    whole = read_export(text.encode(), "whole.csv")
    part = read_export("\n".join(text.splitlines()[:6]).encode(), "part.csv")
    joined = join([whole, part])
    assert len(joined) == 20
    assert "5 runs are in more than one source, and counted once." in joined.warnings
    assert len(join([part, whole])) == 20


def test_of_the_same_run_twice_the_one_with_a_history_is_kept() -> None:
    bare = small("bare", ["a"], {"x": [1.0]}, {"y": [1.0]}, declarations=(Declaration(id="s"),))
    history = pd.DataFrame({"run_id": ["a", "a"], "_step": [0, 1], "y": [2.0, 1.0]})
    full = small("full", ["a"], {"x": [1.0]}, {"y": [1.0]}, history=history, declarations=(Declaration(id="s"),))
    for pair in ([bare, full], [full, bare]):
        joined = join(pair)
        assert len(joined) == 1
        assert joined.history["y"].tolist() == [2.0, 1.0]


def test_sources_of_one_name_are_told_apart_and_a_run_in_both_is_counted_once() -> None:
    one = small("runs.csv", ["a", "b"], {"x": [1.0, 2.0]}, {"loss": [0.1, 0.2]})
    two = small("runs.csv", ["b", "c"], {"x": [2.0, 3.0]}, {"loss": [0.2, 0.3]})
    joined = join([one, two])
    assert dict(zip(joined.runs["run_id"], joined.runs["sweep"], strict=True)) == {
        "a": "runs.csv",
        "b": "runs.csv",
        "c": "runs.csv (2)",
    }


def test_names_that_are_taken_get_a_number_that_no_other_has() -> None:
    assert distinct_names(["a", "a", "a (2)", "b", "a"]) == ["a", "a (3)", "a (2)", "b", "a (4)"]


def test_different_runs_of_one_id_are_all_kept_with_their_own_histories() -> None:
    sweeps = [
        small(
            label,
            ["a"],
            {"x": [value]},
            {"y": [value]},
            history=pd.DataFrame({"run_id": ["a"], "_step": [0], "y": [value]}),
            logged_nan={"y": np.array([math.isnan(value)])},
        )
        for label, value in (("one", 2.0), ("two", math.nan), ("three", 1.0))
    ]
    for order in ([0, 1, 2], [2, 1, 0]):
        joined = join([sweeps[at] for at in order])
        assert joined.runs["run_id"].tolist() == ["a", "a#2", "a#3"]
        assert "2 runs have the id of a different run of another source; all were kept." in joined.warnings
        own = joined.history.set_index("run_id")["y"].reindex(joined.runs["run_id"]).to_numpy()
        np.testing.assert_array_equal(own, joined.summary["y"].to_numpy())
        np.testing.assert_array_equal(joined.logged_nan["y"], np.isnan(joined.summary["y"]))


def test_twins_within_one_source_stay() -> None:
    text = to_csv(["Name", "lr", "loss"], [["a", 1, 2]] * 3)
    one = read_export(text.encode(), "one.csv")
    two = read_export(to_csv(["Name", "lr", "loss"], [["b", 1, 2]]).encode(), "two.csv")
    assert len(join([one, two])) == 4


def test_a_joined_sweep_makes_a_snapshot_that_gives_it_back() -> None:
    joined = join([read_sample(), read_sample("sample/repeats")])
    assert read_snapshot(snapshot_bytes(joined), "x").data_sha256 == joined.data_sha256


def test_the_order_of_sources_changes_no_run() -> None:
    one = opened("sample", "sample/followup")
    other = opened("sample/followup", "sample")
    for part in ("runs", "config", "summary", "history"):
        left, right = getattr(one, part), getattr(other, part)
        pd.testing.assert_frame_equal(left, right[left.columns])


@pytest.mark.parametrize("given", [None, "parameters: {batch_size: {values: [4, 8]}}"])
def test_declarations_are_kept_once_each(given: str | None) -> None:
    sweep = opened("sample", "sample/followup", sweep_config=given)
    assert [d.id for d in sweep.declarations] == ["h35pny6h", "rdqgnqa3"]
