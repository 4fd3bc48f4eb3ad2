"""The repeats that settle the winner: a config that W&B takes, and how sure it makes."""

import warnings

import numpy as np
import pytest
import yaml

from lib.report import Report
from lib.statistics.allocation import allocation, power
from testing.planted_runs import runs_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from sweeps import RunState, next_run, schema_violations_from_proposed_config


def report_of_a_search(*, declared=None, noise=0.1, runs=60, names=("x", "z"), **config):
    random = np.random.default_rng(5)
    columns = dict(zip(names, random.random((2, runs)), strict=True))
    y = -4 * (columns[names[0]] - 0.4) ** 2 + noise * random.standard_normal(runs)
    return Report(runs_of({**columns, **config}, y, declared=declared))


def cells_of(config):
    """All runs that W&B's grid search starts for a config."""
    runs = []
    while (run := next_run(config, runs)) is not None and len(runs) < 100:
        run.state = RunState.finished
        runs.append(run)
    return [{name: spec["value"] for name, spec in run.config.items()} for run in runs]


def test_wandb_takes_the_config_and_its_grid_runs_each_configuration_as_often_as_stated():
    report = report_of_a_search(epochs=40)
    found = report.replication
    assert schema_violations_from_proposed_config(found.config) == []
    cells = cells_of(found.config)
    assert len(cells) == found.runs == sum(one.times for one in found.repeats)
    assert 2 <= len(found.repeats) <= 5
    for one in found.repeats:
        of_it = [c["configuration"] for c in cells if one.parameters.items() <= c["configuration"].items()]
        assert sorted(c["repeat"] for c in of_it) == list(range(1, one.times + 1))
    assert {c["epochs"] for c in cells} == {40}
    assert report.best_run.run_id in {one.run_id for one in found.repeats}
    assert yaml.safe_load(found.to_yaml()) == found.config
    assert "wandb.config.update" in found.to_yaml()


def test_each_configuration_alone_is_a_plain_grid():
    found = report_of_a_search().replication
    assert len(found.alone) == len(found.repeats)
    for config, one in zip(found.alone, found.repeats, strict=True):
        assert schema_violations_from_proposed_config(config) == []
        cells = cells_of(config)
        assert len(cells) == one.times
        assert all(one.parameters.items() <= cell.items() for cell in cells)


def test_declared_seeds_are_copied_and_every_configuration_goes_through_them():
    declared = {"x": {"min": 0.0, "max": 1.0}, "z": {"min": 0.0, "max": 1.0}, "seed": {"values": [7, 8, 9, 10]}}
    seeds = np.array([7, 8, 9, 10])[np.arange(60) % 4]
    found = report_of_a_search(declared=declared, seed=seeds).replication
    assert found.config["parameters"]["seed"] == declared["seed"]
    assert {one.times for one in found.repeats} == {4}
    assert len(cells_of(found.config)) == found.runs


def test_nested_parameters_stay_nested():
    declared = {"opt": {"parameters": {"lr": {"min": 0.0, "max": 1.0}}}, "z": {"min": 0.0, "max": 1.0}}
    found = report_of_a_search(declared=declared, names=("opt.lr", "z")).replication
    assert schema_violations_from_proposed_config(found.config) == []
    assert set(found.config["parameters"]["configuration"]["values"][0]["opt"]) == {"lr"}
    assert schema_violations_from_proposed_config(found.alone[0]) == []
    assert set(found.alone[0]["parameters"]["opt"]["parameters"]) == {"lr"}


def test_few_runs_get_their_best_three_repeated_three_times():
    found = report_of_a_search(runs=5).replication
    assert [one.times for one in found.repeats] == [3, 3, 3]
    assert found.power is None


def test_more_runs_go_where_candidates_are_close_and_noisy():
    times = allocation(np.array([1.0, 0.9, 0.5]), np.array([0.2, 0.2, 0.2]), 30, 0.01)
    assert times.sum() == 30
    # By Chen's ratio: (0.2 / 0.1)^2 to (0.2 / 0.5)^2 is 25 to 1.
    assert times[1] > 10 * times[2] / 2
    assert times.min() >= 2
    assert allocation(np.array([1.0]), np.array([0.2]), 3, 0.01).tolist() == [3]


def test_power_is_that_of_a_comparison_of_two_means():
    random = np.random.default_rng(0)
    draws = random.standard_normal((20_000, 2))
    # Two unknown means of variance 1, each seen with error variance v: the difference's sign is right with
    # probability 1/2 + asin(sqrt(1 / (1 + v))) / pi.
    found = power(draws, np.array([1.0, 1.0]), np.array([4, 4]), 0.0)
    assert found == pytest.approx(0.5 + np.arcsin(np.sqrt(1 / 1.25)) / np.pi, abs=0.01)
    assert power(draws, np.array([1.0, 1.0]), np.array([4, 4]), 100.0) == 1.0
