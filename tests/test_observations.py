"""What one observation is: configurations, copies, blocks; and that what isn't one isn't counted as one."""

import numpy as np
import pytest

from lib.analysis.configurations import configurations_of
from lib.analysis.effects import effects
from lib.analysis.observations import observations
from lib.findings import findings_of
from testing.planted_runs import runs_of
from testing.sweeps import reported, sweep_of


def claimed(population):
    return {effect.parameter for effect in effects(population) if effect.claimed}


def configured(random, configurations=33, repeats=5):
    """Return columns of a sweep of two parameters, each configuration repeated, and its number for each run."""
    lr = np.repeat(10 ** random.uniform(-4, -1, configurations), repeats)
    width = np.repeat(random.choice([5, 10, 20, 50], configurations), repeats)
    seed = np.tile(np.arange(repeats), configurations)
    return {"lr": lr, "width": width, "seed": seed}, np.repeat(np.arange(configurations), repeats)


def test_runs_that_are_equal_in_all_searched_parameters_are_one_observation():
    config = {"lr": [0.1, 0.2, 0.1, 0.3], "width": [5, 5, 5, 5], "act": ["a", "b", "a", "b"]}
    found = observations(runs_of(config, [1.0, 2.0, 4.0, 8.0]))
    assert found.rows.tolist() == [0, 1, 3]
    assert found.good == pytest.approx([2.5, 2.0, 8.0])
    assert found.counts.tolist() == [2, 1, 1]


def test_the_goal_turns_the_sign():
    found = observations(runs_of({"lr": [0.1, 0.1, 0.2], "width": [5, 5, 6]}, [1.0, 2.0, 5.0], goal="minimize"))
    assert found.good == pytest.approx([-1.5, -5.0])


def test_exact_copies_count_once():
    config = {"lr": np.repeat([0.1, 0.2, 0.3], 3), "width": np.repeat([5, 6, 5], 3)}
    found = observations(runs_of(config, [0.11234567, 0.11234567, 0.3, 0.5, 0.6, 0.7, 0.8, 0.8, 0.8]))
    assert found.good == pytest.approx([(0.11234567 + 0.3) / 2, 0.6, 0.8])
    assert found.counts.tolist() == [2, 3, 1]
    assert found.weights.mean() == pytest.approx(1)
    assert found.weights[1] > found.weights[0] > found.weights[2]


def test_equal_values_of_a_coarse_metric_are_no_copies():
    config = {"lr": np.repeat([0.1, 0.2, 0.3, 0.4], 3)}
    found = configurations_of(runs_of(config, [0.5, 0.5, 0.6, 0.5, 0.6, 0.6, 0.4, 0.5, 0.6, 0.7, 0.7, 0.5]))
    assert np.bincount(found.of_run[~found.copy]).tolist() == [3, 3, 3, 3]
    # But repeats that are all equal are copies, though configurations share values.
    found = configurations_of(runs_of(config, [0.5] * 3 + [0.6] * 3 + [0.5] * 3 + [0.7] * 3))
    assert np.bincount(found.of_run[~found.copy]).tolist() == [1, 1, 1, 1]


def test_what_is_peculiar_to_a_configuration_is_not_taken_for_an_effect_of_its_parameters():
    false = 0
    for seed in range(24):
        random = np.random.default_rng(seed)
        config, of = configured(random)
        score = random.normal(0, 0.03, 33)[of] + random.normal(0, 0.01, len(of))
        false += bool(claimed(runs_of(config, score)))
    assert false <= 3


def test_pure_noise_copied_four_times_claims_nothing():
    false = 0
    for seed in range(24):
        random = np.random.default_rng(seed)
        cells = [(lr, batch, opt) for lr in (1e-4, 3e-4, 1e-3) for batch in (64, 128) for opt in ("adam", "sgd")]
        lr, batch, opt = (np.repeat(column, 4) for column in zip(*cells, strict=True))
        false += bool(claimed(runs_of({"lr": lr, "batch": batch, "opt": opt}, np.repeat(random.normal(size=12), 4))))
    assert false <= 3


def test_folds_are_compared_within_though_configurations_were_tried_in_different_ones():
    found = []
    for seed in range(10):
        random = np.random.default_rng(seed)
        lr = 10 ** random.uniform(-4, -1, 30)
        of = np.repeat(np.arange(30), 3)
        # Each configuration was tried in three of five folds, which differ by far more than configurations do.
        fold = np.concatenate([random.choice(5, 3, replace=False) for _ in range(30)])
        score = 0.02 * np.log10(lr)[of] + 0.3 * fold + random.normal(0, 0.005, 90)
        population = runs_of({"lr": lr[of], "fold": fold}, score)
        assert [p.name for p in population.searched] == ["lr"]
        found.append("lr" in claimed(population))
    assert all(found)


def test_a_seed_that_each_configuration_has_one_of_is_adjusted_for():
    random = np.random.default_rng(0)
    lr, seed = 10 ** random.uniform(-4, -1, 80), np.arange(80) % 4
    score = 0.02 * np.log10(lr) + 0.3 * seed + random.normal(0, 0.005, 80)
    population = runs_of({"lr": lr, "seed": seed}, score)
    assert observations(population).nuisance.shape == (80, 3)
    assert claimed(population) == {"lr"}


def test_two_levels_alone_are_compared_by_their_runs():
    random = np.random.default_rng(0)
    act = np.repeat(["gelu", "relu"], 10)
    score = (act == "gelu") * 0.1 + random.normal(0, 0.03, 20)
    assert len(observations(runs_of({"act": act}, score))) == 20
    assert claimed(runs_of({"act": act}, score)) == {"act"}


def test_without_repeats_every_run_is_an_observation_of_weight_one():
    random = np.random.default_rng(0)
    found = observations(runs_of({"lr": random.random(50)}, random.random(50)))
    assert len(found) == 50
    assert found.weights.tolist() == [1.0] * 50
    assert found.nuisance.shape == (50, 0)


def test_in_a_small_design_that_was_repeated_whole_runs_count_and_it_is_said():
    random = np.random.default_rng(3)
    cells = np.array([(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)] * 3)
    config = {name: cells[:, at] for at, name in enumerate(("aug", "ema", "bn"))}
    report = reported(sweep_of(config, {"acc": 0.8 + 0.05 * cells[:, 0] + random.normal(0, 0.01, len(cells))}))
    # Of eight configurations, half of them of each level, no order of values is rarer than 1 in 70.
    assert len(report.observations) == 24
    assert {e.parameter for e in report.effects if e.claimed} == {"aug"}
    (said,) = [one for one in findings_of(report) if one.kind == "repeats"]
    assert "claims count runs" in said.text


def test_the_inner_loop_of_a_grid_is_told_from_time_whatever_the_outer_loop_has():
    random = np.random.default_rng(2)
    batch, layers = np.repeat([16, 32, 64], 8), np.tile(np.arange(1, 9), 3)
    values = 0.8 + 0.005 * layers + 0.02 * (batch == 32) + random.normal(0, 0.004, 24)
    (inner,) = [
        e
        for e in effects(runs_of({"layers": layers.tolist(), "batch": batch.tolist()}, values))
        if e.n and e.parameter == "layers"
    ]
    assert inner.claimed
    assert inner.direction_clear
    assert inner.gain_low < 0.035 < inner.gain_high
