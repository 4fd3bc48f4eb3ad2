import numpy as np
import pytest

from lib.analysis.best import another_is_better, best_run
from lib.analysis.overview import overview, progress
from lib.analysis.winner import winner
from lib.report import Report
from lib.sections.settle_words import use_sentence
from testing.planted_runs import runs_of
from testing.sweeps import populated, sample_report, search, sweep_of


def best_of(sweep, **choices):
    population = populated(sweep, **choices)
    return best_run(population, None, winner(population, None))


def test_the_best_run_of_the_sample():
    best = sample_report().best_run
    assert (best.name, round(best.value, 6)) == ("young-robin-sweep-45", 0.839713)
    assert set(best.parameters) == {"batch_size", "dropout", "l2_reg", "learning_rate"}
    assert best.expected < best.value


def test_the_best_run_is_described_whole():
    sweep = sweep_of(
        {"lr": [0.1, 0.2, 0.3], "epochs": [40, 40, 40], "shape": [[1, 2]] * 3},
        {"score": [0.5, 0.9, 0.7], "loss": [0.5, None, 0.3]},
        urls=["", "https://wandb.ai/e/p/runs/b", ""],
    )
    best = best_of(sweep, parameters=("lr",))
    assert (best.run_id, best.value, best.url) == ("r0001", 0.9, "https://wandb.ai/e/p/runs/b")
    assert best.parameters == {"lr": 0.2}
    assert best.fixed == {"epochs": 40, "shape": "[1,2]"}
    assert best.metrics == {"runtime": 60.0, "score": 0.9}
    assert best.created_at == "2025-03-01T00:01:00Z"
    assert (best.mean, best.median) == (pytest.approx(0.7), 0.7)


def test_the_goal_decides_which_end_is_best():
    sweep = sweep_of({"lr": [0.1, 0.2, 0.3]}, {"score": [0.5, 0.9, 0.7]})
    best = best_of(sweep, goal="minimize")
    assert (best.run_id, best.value) == ("r0000", 0.5)


def test_one_run_alone_is_the_best_and_nothing_more_is_said():
    best = best_of(sweep_of({"lr": [0.1]}, {"score": [0.5]}))
    assert (best.value, best.noise, best.expected) == (0.5, None, None)
    assert best.tied_run_ids == ()
    assert best.url is None


def test_without_a_usable_run_there_is_no_best():
    assert best_of(sweep_of({"lr": [0.1]}, {"score": [0.5]}, states=["crashed"])) is None


def test_progress_follows_creation_and_keeps_the_best_so_far():
    sweep = sweep_of(
        {"lr": [0.1, 0.2, 0.3, 0.4]},
        {"loss": [0.5, 0.2, 0.4, 0.1]},
        created=["2025-03-03T00:00:00Z", "2025-03-01T00:00:00Z", "", "2025-03-02T00:00:00Z"],
    )
    table = progress(populated(sweep))
    assert table["value"].tolist() == [0.2, 0.1, 0.5, 0.4]
    assert table["best_so_far"].tolist() == [0.2, 0.1, 0.1, 0.1]
    assert table["order"].tolist() == [1, 2, 3, 4]


def test_the_overview_adds_up_time_and_counts_what_is_missing():
    sweep = sweep_of(
        {"lr": [0.1, None, 0.3, 0.4], "act": ["a", "b", "a", None]},
        {"score": [1.0, 2.0, 3.0, 4.0]},
        states=["finished", "finished", "crashed", "finished"],
        declared={
            "method": "bayes",
            "metric": {"name": "score", "goal": "maximize"},
            "parameters": {"lr": {"min": 0, "max": 1.0}, "act": {"values": ["a", "b"]}},
            "early_terminate": {"type": "hyperband", "min_iter": 3},
        },
    )
    found = overview(populated(sweep))
    assert (found.methods, found.early_terminate) == (("bayes",), "hyperband")
    assert found.compute_seconds == 240.0
    assert found.missing == (("act", 1), ("lr", 1))


def test_the_overview_of_an_undeclared_search_claims_no_method():
    found = overview(populated(search(10)))
    assert (found.methods, found.early_terminate, found.missing) == ((), None, ())


def test_a_lucky_run_is_the_best_and_another_configuration_is_the_one_to_use():
    random = np.random.default_rng(4)
    x = np.linspace(0, 1, 40)
    good = -4 * (x - 0.6) ** 2 + 0.1 * random.standard_normal(40)
    good[2] = good.max() + 0.05
    report = Report(runs_of({"x": x}, good, declared={"x": {"min": 0.0, "max": 1.0}}))
    best = report.best_run
    assert best.parameters["x"] == x[2]
    assert 0.4 < best.recommended.parameters["x"] < 0.8
    assert best.recommended.low < best.recommended.expected < best.recommended.high
    assert another_is_better(best)
    assert f"use that of {best.recommended.name}" in use_sentence(report)
    assert report.to_dict()["answers"]["use"]["run_id"] == best.recommended.run_id
