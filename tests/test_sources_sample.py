from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lib.analysis.population import population
from lib.model.choices import Choices
from lib.model.errors import InputError
from lib.sources.registry import fetching_code
from lib.sources.sample import read_sample
from testing.opening import opened

SAMPLE = Path(__file__).parents[1] / "sample"


# Counts, best values and runs as the training script's own export reports them.
@pytest.mark.parametrize(
    ("name", "runs", "finished", "epochs", "best", "best_run"),
    [
        ("sample", 160, 153, 6056, 0.839713, "young-robin-sweep-45"),
        ("sample/followup", 60, 60, 2352, 0.847233, "icy-mesa-sweep-19"),
        ("sample/repeats", 15, 15, 600, 0.831516, "sunny-heron-1"),
    ],
)
def test_the_sample_is_as_it_was_trained(
    name: str, runs: int, finished: int, epochs: int, best: float, best_run: str
) -> None:
    sweep = read_sample(name)
    assert len(sweep) == runs
    assert (sweep.runs["state"] == "finished").sum() == finished
    assert len(sweep.history) == epochs
    chosen = population(sweep, Choices(metric="val_dice_coefficient", goal="maximize"))
    assert chosen.values[chosen.best_first[0]] == best
    assert chosen.runs["name"][chosen.best_first[0]] == best_run


def test_the_sample_says_what_it_is_and_when_it_was_trained() -> None:
    sweep = read_sample()
    assert (sweep.origin.kind, sweep.origin.label) == ("sample", "sample: unet-phantom-1")
    assert sweep.origin.fetched_at == "2026-11-23T17:01:37Z"
    assert [(d.id, d.method) for d in sweep.declarations] == [("h35pny6h", "bayes")]
    assert set(sweep.runs["url"]) == {""}


def test_the_last_row_of_a_history_is_the_summary() -> None:
    sweep = read_sample()
    last = sweep.history.groupby("run_id")["val_loss"].last()
    summary = sweep.summary["val_loss"].set_axis(sweep.runs["run_id"]).dropna()
    assert last.to_dict() == summary.to_dict()


def test_the_sample_stays_small() -> None:
    assert sum(file.stat().st_size for file in SAMPLE.iterdir() if file.is_file()) < 1_000_000


def test_both_sweeps_and_the_repeats_join() -> None:
    sweep = opened("sample", "sample/followup", "sample/repeats")
    assert sweep.runs["sweep"].value_counts().to_dict() == {"h35pny6h": 160, "rdqgnqa3": 60, "sample: repeats": 15}
    assert len(sweep.history) == 6056 + 2352 + 600


def test_another_sample_gets_a_sentence() -> None:
    with pytest.raises(InputError, match="There is no sample 'other'"):
        read_sample("other")


def test_a_sample_opens_by_the_name_of_its_file() -> None:
    assert opened("sample/followup.parquet").data_sha256 == opened("sample/followup").data_sha256


@pytest.mark.parametrize("names", [["sample"], ["sample/followup"], ["sample/repeats"], ["sample", "sample/followup"]])
def test_the_code_of_the_data_page_loads_the_runs_that_are_shown(
    names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = opened(*names)
    monkeypatch.chdir(SAMPLE.parent)
    held: dict[str, pd.DataFrame] = {}
    exec(fetching_code(sweep), held)
    assert sorted(held["frame"]["run.run_id"]) == sorted(sweep.runs["run_id"])
