import numpy as np
import pytest

from lib.analysis.effects import effects
from lib.analysis.joint_effects import joint_effects
from lib.analysis.near_best import near_best
from testing.planted_runs import runs_of


def test_what_only_matters_among_the_good_runs_is_found_near_the_best():
    random = np.random.default_rng(0)
    broad, fine, idle = 1 + random.random((3, 400))
    score = 4 * (broad < 1.3) + np.where(broad < 1.3, -6 * (fine - 1.5) ** 2, 0.0) + 0.1 * random.normal(size=400)
    found = {one.parameter: one for one in near_best(runs_of({"broad": broad, "fine": fine, "idle": idle}, score))}
    assert found["fine"].clear
    assert found["fine"].importance > 0.5 > found["fine"].overall
    assert found["broad"].overall > 0.5
    assert not found["idle"].clear
    assert sum(one.importance for one in found.values()) == pytest.approx(1)


def test_noise_matters_nowhere_near_the_best_and_few_runs_say_nothing():
    clear = 0
    for seed in range(20):
        random = np.random.default_rng([1, seed])
        found = near_best(runs_of({"a": random.random(120), "b": random.random(120)}, random.normal(size=120)))
        clear += any(one.clear for one in found)
    # 1 in 20 is allowed: 5 or more of 20 would come about by chance in 1 of 400 such tests.
    assert clear < 5
    assert near_best(runs_of({"a": random.random(90)}, random.normal(size=90))) == ()


def test_parameters_that_went_together_are_tested_as_a_group():
    random = np.random.default_rng(2)
    rate = 1 + random.random(120)
    decay = rate + 0.05 * random.normal(size=120)
    config = {"rate": rate, "decay": decay, "alone": 1 + random.random(120)}
    population = runs_of(config, rate + decay + 0.5 * random.normal(size=120))
    (group,) = joint_effects(population, effects(population))
    assert group.parameters == ("decay", "rate")
    assert group.correlation == pytest.approx(np.corrcoef(rate, decay)[0, 1], abs=1e-6)
    assert group.claimed
    # Three parameters tested, two of them in the group, and four fifths of the level.
    assert group.p_adjusted == pytest.approx(group.p_value * 3 / 2 / 0.8)


def test_a_group_without_an_effect_is_not_claimed():
    random = np.random.default_rng(3)
    rate = 1 + random.random(120)
    population = runs_of({"rate": rate, "decay": rate + 0.05 * random.normal(size=120)}, random.normal(size=120))
    (group,) = joint_effects(population, effects(population))
    assert not group.claimed
