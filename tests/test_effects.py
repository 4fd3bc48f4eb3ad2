import numpy as np
import pytest
from scipy import stats

from lib.analysis import effect_tests
from lib.analysis.effect_sizes import shape_of, turns
from lib.analysis.effects import effects
from lib.analysis.interactions import interactions
from lib.analysis.observations import observations
from lib.analysis.positions import dimensions
from lib.statistics.regression import added
from testing.browser.nightly import by_day
from testing.planted_runs import runs_of

EVEN = {"x": {"min": 0.0, "max": 1.0}, "z": {"min": 0.0, "max": 1.0}}


def by_name(population):
    return {effect.parameter: effect for effect in effects(population)}


def test_extra_sum_of_squares_f_is_that_of_one_way_anova():
    random = np.random.default_rng(0)
    groups = random.integers(0, 3, 60)
    values = random.normal(size=60) + 0.5 * groups
    held = np.full((60, 1), 1 / np.sqrt(60))
    columns = (groups[:, None] == np.array([1, 2])).astype(float)
    statistic, p_value = added(values, held, columns, columns)
    expected = stats.f_oneway(*(values[groups == g] for g in range(3)))
    assert statistic == pytest.approx(expected.statistic)
    assert p_value >= expected.pvalue * (1 - 1e-9)


def test_peak_inside_the_range_is_found_where_a_correlation_sees_nothing():
    random = np.random.default_rng(1)
    x, z = random.random((2, 120))
    y = -8 * (x - 0.5) ** 2 + 0.5 * random.normal(size=120)
    found = by_name(runs_of({"x": x, "z": z}, y, declared=EVEN))
    assert abs(stats.spearmanr(x, y).statistic) < 0.2
    assert found["x"].claimed
    assert found["x"].shape == "peak"
    assert found["x"].best_low < 0.5 < found["x"].best_high
    assert found["x"].at_edge is None
    assert not found["z"].claimed


def test_parameter_that_only_follows_another_is_not_claimed():
    random = np.random.default_rng(2)
    x = random.random(200)
    follower = np.where(x + 0.2 * random.normal(size=200) > 0.5, 16, 8)
    y = 2 * x + 0.4 * random.normal(size=200)
    declared = {"x": EVEN["x"], "follower": {"values": [8, 16]}}
    found = by_name(runs_of({"x": x, "follower": follower}, y, declared=declared))
    assert stats.spearmanr(follower, y).pvalue < 1e-10
    assert found["x"].claimed
    assert not found["follower"].claimed
    assert found["follower"].adjusted_for == ("x",)


def test_gain_is_in_the_units_of_the_objective_and_diverged_runs_do_not_move_it():
    random = np.random.default_rng(3)
    x = random.random(150)
    y = 0.5 + 0.2 * x + 0.02 * random.normal(size=150)
    y[random.choice(150, 15, replace=False)] = 0.0
    found = by_name(runs_of({"x": x}, y, declared=EVEN))["x"]
    assert found.claimed
    assert found.gain == pytest.approx(0.2 * (found.better - found.worse), abs=0.025)
    assert found.gain_low < found.gain < found.gain_high
    assert (found.shape, found.at_edge) == ("rising", "high")
    assert found.better > found.worse


def test_minimizing_the_negated_objective_gives_the_mirror_image():
    random = np.random.default_rng(4)
    x = random.random(100)
    y = x + 0.5 * random.normal(size=100)
    up = by_name(runs_of({"x": x}, y, declared=EVEN))["x"]
    down = by_name(runs_of({"x": x}, -y, goal="minimize", declared=EVEN))["x"]
    assert (up.gain, up.p_value, up.better) == (down.gain, down.p_value, down.better)
    assert (up.shape, down.shape) == ("rising", "falling")


def test_same_runs_in_another_order_give_the_same_effects():
    random = np.random.default_rng(5)
    config = {
        "x": random.random(80),
        "kind": random.choice(["a", "b", "c"], 80),
        "size": random.choice([8, 16, 32], 80),
    }
    y = config["x"] + random.normal(size=80)
    first, again = runs_of(config, y), runs_of(config, y, order=random.permutation(80))
    assert effects(first) == effects(again)
    assert interactions(first, effects(first)) == interactions(again, effects(again))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7])
def test_too_few_runs_make_no_claim(n):
    random = np.random.default_rng(6)
    population = runs_of({"x": np.arange(max(n, 1))[:n] * 0.7, "y": random.random(n)}, np.arange(n)) if n else None
    if population is None:
        whole = runs_of({"x": [0.1, 0.2]}, [np.nan, np.inf])
        population = whole
    found = effects(population)
    assert all(effect.p_value is None and not effect.claimed for effect in found)
    assert interactions(population, found) == ()


def test_constant_objective_makes_no_claim():
    random = np.random.default_rng(7)
    found = effects(runs_of({"x": random.random(50), "k": random.choice(["a", "b"], 50)}, np.full(50, 0.5)))
    assert [effect.p_value for effect in found] == [None, None]


def test_a_level_a_run_and_missing_values_are_not_tested():
    random = np.random.default_rng(8)
    declared = {
        "tag": {"values": [f"t{i}" for i in range(40)]},
        "gone": {"min": 0.0, "max": 1.0},
        "x": {"min": 0.0, "max": 1.0},
    }
    config = {"tag": [f"t{i}" for i in range(40)], "gone": [None] * 40, "x": random.random(40)}
    found = by_name(runs_of(config, random.normal(size=40), declared=declared))
    assert found["tag"].p_value is None
    assert found["gone"].p_value is None
    assert found["gone"].n == 0
    assert found["x"].p_value is not None


def test_parameter_that_only_some_runs_have_is_tested_on_those():
    random = np.random.default_rng(9)
    kind = random.choice(["adam", "sgd"], 200)
    momentum = np.where(kind == "sgd", random.random(200), np.nan)
    y = np.where(kind == "sgd", 3 * np.nan_to_num(momentum), 0.0) + random.normal(size=200)
    found = by_name(runs_of({"kind": kind, "momentum": momentum}, y))
    assert found["momentum"].n == int((kind == "sgd").sum())
    assert found["momentum"].claimed


@pytest.mark.parametrize("number", by_day([500, 100], [100]))
def test_hundreds_of_parameters_of_noise_make_no_claim(number):
    random = np.random.default_rng(10)
    config = {f"p{i:03d}": random.random(40) for i in range(number)}
    found = effects(runs_of(config, random.normal(size=40)))
    assert len(found) == number
    assert not any(effect.claimed for effect in found)


def test_many_runs_are_thinned_and_still_answered():
    random = np.random.default_rng(11)
    x, z = random.random((2, 12_000))
    found = by_name(runs_of({"x": x, "z": z}, x + 3 * random.normal(size=12_000), declared=EVEN))
    assert found["x"].claimed
    assert found["x"].n == 10_000
    assert not found["z"].claimed


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ([0, 1, 2], "rising"),
        ([2, 1, 0], "falling"),
        ([0, 2, 1], "peak"),
        ([2, 0, 1], "valley"),
        ([0, 10, 9.5], "rising"),
    ],
)
def test_shapes_are_named_by_their_larger_bend(values, shape):
    assert shape_of(np.array(values, dtype=float)) == shape


def test_of_few_observations_p_is_that_of_all_permutations():
    random = np.random.default_rng(3)
    x, y = random.normal(size=8), random.normal(size=8)
    x[0], y[0] = 3.0, 4.0
    held = np.full((8, 1), 1 / np.sqrt(8))
    _, p_value = added(y, held, x[:, None], np.ones((8, 1)))

    def correlated(a, axis):
        parts = (a - a.mean(axis, keepdims=True)) * (y - y.mean())
        return np.abs(parts.mean(axis) / a.std(axis) / y.std())

    exact = stats.permutation_test(
        (x,), correlated, vectorized=True, permutation_type="pairings", n_resamples=np.inf, alternative="greater"
    )
    assert exact.statistic == pytest.approx(abs(stats.pearsonr(x, y).statistic))
    assert p_value == pytest.approx(exact.pvalue, abs=0.01)


def test_the_inner_loop_of_a_grid_keeps_its_effect_beside_the_outer_one():
    # What time is beside the outer loop is the inner one: adjusted for both, nothing of it is left.
    outer, inner = np.repeat([1, 2, 3, 4], 9), np.tile(np.repeat([0.0, 0.2, 0.4], 3), 4)
    seed = np.tile([16, 32, 64], 12)
    y = 1.5 * outer + 4.0 * inner + np.random.default_rng(7).normal(0, 0.5, 36)
    declared = {"a": {"values": [1, 2, 3, 4]}, "b": {"values": [0.0, 0.2, 0.4]}, "c": {"values": [16, 32, 64]}}
    found = by_name(runs_of({"a": outer, "b": inner, "c": seed}, y, declared=declared))
    assert {name for name, one in found.items() if one.claimed} == {"a", "b"}


def test_a_few_configurations_that_lie_far_apart_are_claimed_though_ranks_say_little():
    # Three of fifteen are far better: by ranks alone that might be chance.
    level = np.tile(["a", "b", "c", "d", "e"], 3)
    y = np.where(level == "d", 0.9, 0.5) + np.random.default_rng(2).normal(0, 0.01, 15)
    (found,) = effects(runs_of({"layer": level}, y, declared={"layer": {"values": ["a", "b", "c", "d", "e"]}}))
    assert found.claimed
    assert found.better == "d"


def test_two_strong_effects_that_hide_each_other_in_few_runs_are_found_together():
    random = np.random.default_rng(36)
    x, z, *rest = random.random((6, 24))
    population = runs_of(
        {"x": x, "z": z} | {f"u{i}": one for i, one in enumerate(rest)},
        (x - 0.5) - (z - 0.5) + 0.05 * random.normal(size=24),
    )
    seen = observations(population)
    alone = [effect_tests.tested(axis, [], seen).p_value for axis in dimensions(population, seen.rows, seen.counts)]
    assert min(alone) * len(alone) > 0.05
    assert {effect.parameter for effect in effects(population) if effect.claimed} == {"x", "z"}


def test_an_end_where_the_other_may_be_as_good_is_no_edge():
    random = np.random.default_rng(11)
    x = random.random(100)
    y = 4 * (x - 0.5) ** 2 + 0.02 * x + 0.2 * random.normal(size=100)
    found = by_name(runs_of({"x": x}, y, declared=EVEN))["x"]
    assert found.claimed
    assert (found.best_low, found.best_high) == (0.0, 1.0)
    assert found.at_edge is None


@pytest.mark.parametrize("repeats", [1, 4])
def test_what_no_curve_follows_is_found_level_by_level(repeats):
    random = np.random.default_rng(8)
    layers = np.tile(np.arange(1, 9), 3 * repeats)
    batch = np.repeat([16, 32, 64], 8 * repeats)
    values = 0.8 + 0.05 * (layers % 2) + random.normal(0, 0.008, len(layers))
    found = by_name(runs_of({"layers": layers.tolist(), "batch": batch.tolist()}, values))
    one = found["layers"]
    assert one.claimed
    assert one.shape == "levels"
    assert one.at_edge is None
    assert one.better % 2 == 1
    assert one.worse % 2 == 0
    assert one.gain_low < 0.05 < one.gain_high
    assert not found["batch"].claimed


def test_directions_are_counted_where_they_change():
    assert turns(np.array([0.0, 1, 0, 1, 0])) == 3
    assert turns(np.array([0.0, 1, 2, 1, 0])) == 1
    assert turns(np.array([0.0, 1, 0.95, 2, 3])) == 0
    assert turns(np.array([1.0, 1.0])) == 0
