"""What the best run is worth, which runs are as good, and what would settle it."""

import numpy as np
import pytest

from lib.analysis.noise import noise
from lib.analysis.surrogate import surrogate
from lib.analysis.winner import winner
from lib.statistics.pooled_noise import near_the_best
from lib.statistics.selection import as_good_as_best, probability_of_best
from lib.statistics.uneven_noise import noise_at, relative_noise
from lib.statistics.warp import Warp, candidates, within_bounds
from testing.planted_runs import runs_of


def searched(runs=60, seed=0, noise=0.1, goal="maximize"):
    random = np.random.default_rng(seed)
    x, z = random.random((2, runs))
    good = -4 * (x - 0.4) ** 2
    sign = 1 if goal == "maximize" else -1
    return runs_of({"x": x, "z": z}, sign * (good + noise * random.standard_normal(runs)), goal=goal), good


def won(population):
    return winner(population, noise(population, surrogate(population)))


def test_the_expected_value_of_the_winner_holds_and_takes_most_of_its_luck_away():
    raw, left, held = [], [], []
    for seed in range(8):
        population, truth = searched(seed=seed)
        found, best = won(population), int(population.best_first[0])
        raw.append(population.values[best] - truth[best])
        left.append(found.expected - truth[best])
        held.append(found.low <= truth[best] <= found.high)
    assert np.mean(raw) > 0.1
    assert abs(np.mean(left)) < np.mean(raw) / 4
    assert sum(held) >= 7


def test_the_true_best_is_among_those_as_good_as_the_best():
    held = [int(np.argmax(truth)) in won(population).tied for population, truth in map(searched, [60] * 8, range(8))]
    assert sum(held) >= 7


def test_a_run_alone_far_above_the_rest_may_be_luck_or_as_good_as_it_looks():
    random = np.random.default_rng(0)
    config = {name: random.random(50) for name in "xabcde"}
    truth = -4 * (config["x"] - 0.4) ** 2
    values = truth + 0.1 * random.standard_normal(50)
    lucky = int(np.argsort(truth)[25])
    as_good = won(runs_of(config, values)).tied
    values[lucky] = values.max() + 2
    found = won(runs_of(config, values))
    assert found.tied[0] == lucky
    assert found.low < truth[lucky] < found.expected < values[lucky] - 0.5
    assert found.high > values[lucky] - 0.5
    assert found.probability < 0.7
    assert set(as_good[:5]) <= set(found.tied)


def test_the_goal_changes_the_sign_and_nothing_else():
    up, down = (won(searched(goal=goal)[0]) for goal in ("maximize", "minimize"))
    assert (down.expected, down.low, down.high) == pytest.approx((-up.expected, -up.high, -up.low))
    assert down.tied.tolist() == up.tied.tolist()
    assert down.probability == up.probability


def test_a_larger_difference_allowed_holds_more_runs():
    population, _ = searched()
    found = noise(population, surrogate(population))
    few, many = (winner(population, found, within).tied for within in (0.01, 0.5))
    assert set(few) <= set(many)
    assert len(many) > len(few)


def test_a_clear_winner_stands_alone():
    population, _ = searched(noise=0.001)
    found = won(population)
    assert len(found.tied) < 6
    assert found.expected == pytest.approx(population.values[found.tied[0]], abs=0.01)


def test_those_that_hold_the_best_in_95_of_100_draws_are_kept():
    draws = np.zeros((100, 4))
    draws[:60, 0], draws[60:94, 1], draws[94:, 2] = 1, 1, 1
    assert probability_of_best(draws).tolist() == [0.6, 0.34, 0.06, 0.0]
    assert as_good_as_best(draws, 0.1).tolist() == [True, True, True, False]
    assert as_good_as_best(draws, 2.0).all()


def test_variances_within_repeats_are_pooled_downwards_until_they_differ():
    good, counts = np.array([3.0, 2.0, 1.0, 0.0]), np.array([5, 5, 5, 1])
    found = near_the_best(good, counts, np.array([4.0, 4.4, 400.0, 0.0]))
    assert (found.variance, found.degrees, found.groups) == (pytest.approx(8.4 / 8), 8, 2)
    assert (found.down_to, found.others) == (1.5, 100.0)
    assert near_the_best(good, np.array([3, 1, 1, 1]), np.array([1.0, 0, 0, 0])) is None
    assert near_the_best(good, counts, np.zeros(4)) is None


def test_uneven_noise_is_found_where_it_is_and_nowhere_else():
    random = np.random.default_rng(3)
    along, beside = random.random((2, 200, 1))
    even = random.standard_normal(200) ** 2
    columns = {"along": along, "beside": beside}
    assert relative_noise(even, np.ones(200), columns) == ({}, ())
    slopes, names = relative_noise(even * np.exp(4 * along[:, 0]), np.ones(200), columns)
    assert names == ("along",)
    assert slopes["along"][0] == pytest.approx(4, abs=1)
    assert np.log(noise_at(slopes, columns)).mean() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("warp", [Warp("linear"), Warp("log"), Warp("logit"), Warp("logit", 100.0)])
def test_a_scale_and_its_inverse_cancel_and_moments_are_those_of_many_draws(warp):
    values = np.array([0.2, 0.5, 0.9])
    assert warp.back(warp(values)) == pytest.approx(values)
    mean, sd = warp.mean_and_sd(warp(values), np.full(3, 0.1))
    many = warp.back(warp(values)[:, None] + 0.1 * np.random.default_rng(0).standard_normal((3, 20_000)))
    assert mean == pytest.approx(many.mean(axis=1), rel=0.01)
    assert sd == pytest.approx(many.std(axis=1), rel=0.03)


@pytest.mark.parametrize(("values", "sign", "end"), [([0.01, 3.0], -1, 0.0), ([0.6, 0.97], 1, 1.0), ([60, 97], 1, 100)])
def test_what_lies_far_from_a_middle_stays_within_the_end_that_values_have(values, sign, end):
    middle, size = values[-1 if sign > 0 else 0], abs(end - values[-1 if sign > 0 else 0])
    better = sign * size * np.array([1e-6, 1.0, 5.0])
    found = within_bounds(middle, better, np.array(values), sign)
    assert found[0] == pytest.approx(middle + better[0], rel=1e-9)
    assert (sign * np.diff(found) > 0).all()
    assert (sign * (end - found) > 0).all()
    assert within_bounds(middle, -better, np.array(values), sign).tolist() == (middle - better).tolist()


def test_what_has_no_end_where_it_is_better_has_none():
    away = np.array([-9.0, 9.0])
    assert within_bounds(2.0, away, np.array([1.0, 3.0]), 1).tolist() == [-7.0, 11.0]
    assert within_bounds(-2.0, away, np.array([-3.0, -1.0]), -1).tolist() == [-11.0, 7.0]


def test_only_scales_that_hold_the_values_are_tried():
    assert [w.name for w in candidates(np.array([-1.0, 2.0]))] == ["linear"]
    assert [w.name for w in candidates(np.array([0.5, 2.0]))] == ["linear", "log"]
    assert [w.name for w in candidates(np.array([0.0, 1.0]))] == ["linear", "logit"]
