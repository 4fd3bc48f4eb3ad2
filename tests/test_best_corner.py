import numpy as np
import pytest
from scipy import stats

from lib.analysis.best_corner import best_corner
from lib.analysis.effects import effects
from lib.analysis.effects_within import effects_within
from lib.analysis.interactions import heat_map, interactions
from lib.sections.interactions import corner_sentence
from testing.planted_runs import runs_of

DECLARED = {"rate": {"min": 0.0001, "max": 0.01}, "size": {"values": [4, 8, 16]}}


def crossed(seed=0, n=240):
    """Small rates are better at size 16, larger ones at size 4."""
    random = np.random.default_rng(seed)
    rate, size = random.uniform(0.0001, 0.01, n), random.choice([4, 8, 16], n)
    slope = np.select([size == 4, size == 16], [1.0, -1.0], 0.0)
    score = slope * (rate - 0.005) / 0.003 + (size == 16) * (rate < 0.0008) * 2.0 + 0.3 * random.normal(size=n)
    return {"rate": rate, "size": size}, score


def pair_of(population):
    found = effects(population)
    return next(pair for pair in interactions(population, found) if {pair.first, pair.second} == {"rate", "size"})


def test_the_corner_is_where_both_are_best_with_counts_that_can_be_checked():
    config, score = crossed()
    corner = pair_of(runs_of(config, score, declared=DECLARED)).best_corner
    assert corner.second.value == 16
    assert corner.first.low is None
    inside = (config["size"] == 16) & (config["rate"] < corner.first.high)
    assert corner.first.high <= 0.001
    assert corner.runs == inside.sum()
    assert corner.mean == pytest.approx(score[inside].mean())
    assert corner.mean_elsewhere == pytest.approx(score[~inside].mean())
    ranks = stats.rankdata(-score)[inside]
    assert list(corner.ranks) == sorted(int(r) for r in ranks if r <= 10)
    assert corner.text == f"rate below {corner.first.high:g} with size = 16"


def test_the_corner_is_the_mirror_image_where_the_objective_is_minimized():
    config, score = crossed()
    up = pair_of(runs_of(config, score, declared=DECLARED)).best_corner
    down = pair_of(runs_of(config, -score, goal="minimize", declared=DECLARED)).best_corner
    assert (up.first, up.second, up.ranks) == (down.first, down.second, down.ranks)


def test_chance_of_the_best_runs_in_a_corner_is_hypergeometric_times_the_corners_looked_at():
    config = {"rate": [0.001, 0.009] * 20, "size": [4] * 20 + [16] * 20}
    population = runs_of(config, np.arange(40.0), declared=DECLARED)
    corner = best_corner(population, "rate", "size")
    # The two rates are levels here; four corners of ten runs, of which the best holds five of the ten best.
    assert (corner.runs, len(corner.ranks)) == (10, 5)
    assert corner.p_value == pytest.approx(min(1.0, 4 * stats.hypergeom.sf(4, 40, 10, 10)))


def test_no_corner_is_named_where_none_has_five_runs():
    config = {"rate": [0.001, 0.009] * 3, "size": [4, 4, 8, 8, 16, 16]}
    population = runs_of(config, np.arange(6.0), declared=DECLARED)
    assert best_corner(population, "rate", "size") is None


def test_effects_are_told_level_by_level_where_a_pair_interacts():
    config, score = crossed()
    population = runs_of(config, score, declared=DECLARED)
    found = effects(population)
    within = {one.within: one for one in effects_within(population, found, interactions(population, found))}
    assert list(within) == ["size = 4", "size = 8", "size = 16"]
    assert [one.parameter for one in within.values()] == ["rate"] * 3
    assert [one.n for one in within.values()] == [int((config["size"] == s).sum()) for s in (4, 8, 16)]
    assert within["size = 4"].shape == "rising"
    assert within["size = 4"].direction_clear
    assert within["size = 16"].better < 0.002
    assert not within["size = 8"].claimed


def test_a_pair_of_numbers_is_told_in_both_halves_of_the_partner():
    random = np.random.default_rng(3)
    a, b = random.random((2, 200))
    population = runs_of({"a": a, "b": b}, 4 * (a - 0.5) * (b - 0.5) + 0.2 * random.normal(size=200))
    found = effects(population)
    low, high = effects_within(population, found, interactions(population, found))
    assert (low.parameter, low.within.split()[:2]) == ("a", ["b", "<"])
    assert (low.shape, high.shape) == ("falling", "rising")
    assert low.n + high.n == 200


def test_without_a_claimed_pair_nothing_is_told_within():
    random = np.random.default_rng(4)
    population = runs_of({"a": random.random(60), "b": random.random(60)}, random.normal(size=60))
    found = effects(population)
    assert effects_within(population, found, interactions(population, found)) == ()


def test_holms_correction_of_a_pair_can_be_recomputed():
    config, score = crossed()
    population = runs_of(config, score, declared=DECLARED)
    pair = pair_of(population)
    assert pair.p_adjusted == pytest.approx(pair.p_value * pair.pairs_left / 0.05)


def test_a_range_too_narrow_to_have_parts_has_no_corner():
    draw = np.random.default_rng(1)
    narrow = draw.uniform(1.00001, 1.000012, 60)
    population = runs_of({"a": narrow, "b": draw.choice([1, 2], 60)}, draw.normal(size=60))
    found = best_corner(population, "a", "b")
    assert found is None or found.runs >= 5


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_the_corner_is_the_same_where_sums_of_the_objective_are_beyond_all_floats():
    config, score = crossed()
    plain = best_corner(runs_of(config, score, declared=DECLARED), "rate", "size")
    huge = best_corner(runs_of(config, score * 2.0**1020, declared=DECLARED), "rate", "size")
    assert (huge.first, huge.second, huge.ranks) == (plain.first, plain.second, plain.ranks)


def test_on_a_log_scale_the_means_are_geometric_and_one_bad_run_costs_a_corner_little():
    random = np.random.default_rng(3)
    rate, size = random.uniform(0.0001, 0.01, 200), random.choice([4, 8, 16], 200)
    good = (size == 16) & (rate < 0.002)
    loss = 10 ** (random.uniform(-3, 2, 200) - 3 * good)
    loss[np.flatnonzero(good)[0]] = 90.0
    population = runs_of({"rate": rate, "size": size}, loss, goal="minimize", declared=DECLARED)
    assert population.objective_scale == "log"
    corner = best_corner(population, "rate", "size")
    assert corner.second.value == 16
    inside = (size == 16) & (rate < corner.first.high) & (rate >= (corner.first.low or 0))
    assert corner.mean == pytest.approx(stats.gmean(loss[inside]))
    assert corner.mean_elsewhere == pytest.approx(stats.gmean(loss[~inside]))
    assert "geometric mean" in corner_sentence(corner, population.objective_scale)
    cells = heat_map(population, "rate", "size", corner)
    at = cells.cell_of_run == cells.cell_of_run[np.flatnonzero(inside)[-1]]
    assert cells.mean.ravel()[cells.cell_of_run[at][0]] == pytest.approx(stats.gmean(loss[at]))
