from dataclasses import replace

import numpy as np
import pytest

from lib.analysis.effects import effects
from lib.analysis.failures import failing_regions
from lib.analysis.interactions import interactions
from lib.analysis.not_worse import not_worse
from lib.analysis.recommended import recommendation
from testing.planted_runs import runs_of

RANGE = {"x": {"min": 1.0, "max": 2.0}, "z": {"min": 1.0, "max": 2.0}}


def advised(config, score, declared=None):
    population = runs_of(config, score, declared=declared)
    found = effects(population)
    return recommendation(population, found, interactions(population, found)), {e.parameter: e for e in found}


def test_noise_keeps_every_parameter_and_says_why():
    random = np.random.default_rng(0)
    advice, _ = advised({"x": 1 + random.random(60), "z": 1 + random.random(60)}, random.normal(size=60), RANGE)
    assert [(one.name, one.action, one.low, one.high) for one in advice.parameters] == [
        ("x", "kept", 1.0, 2.0),
        ("z", "kept", 1.0, 2.0),
    ]
    assert all(one.reasons[0].kind == "no_effect" for one in advice.parameters)


def test_ends_are_rounded_outwards_to_two_digits_and_hold_the_best_place():
    random = np.random.default_rng(1)
    x, z = 1 + random.random((2, 150))
    advice, found = advised({"x": x, "z": z}, -9 * (x - 1.4) ** 2 + 0.2 * random.normal(size=150), RANGE)
    one = advice.of("x")
    assert one.action == "narrowed"
    assert one.low < found["x"].best_low < 1.4 < found["x"].best_high < one.high
    assert all(round(end, 2) == end for end in (one.low, one.high))


def test_ends_that_nobody_declared_are_rounded_outwards_too():
    random = np.random.default_rng(2)
    x = random.uniform(0.00123, 0.0987, 50)
    advice, _ = advised({"x": x}, random.normal(size=50))
    one = advice.of("x")
    assert one.low <= x.min()
    assert one.high >= x.max()
    assert float(f"{one.low:.2g}") == one.low


def test_a_plateau_is_kept_whole():
    random = np.random.default_rng(3)
    x = 1 + random.random(200)
    score = np.minimum(x, 1.5) + 0.05 * random.normal(size=200)
    advice, found = advised({"x": x}, score, {"x": RANGE["x"]})
    assert found["x"].claimed
    assert found["x"].at_edge is None
    assert advice.of("x").high == 2.0
    assert found["x"].best_low < 1.7
    assert found["x"].best_high > 1.9


@pytest.mark.parametrize("seed", range(4))
def test_with_few_runs_what_a_parabola_allows_stays(seed):
    random = np.random.default_rng([7, seed])
    x = 1 + random.random(20)
    score = -6 * (x - 1.7) ** 2 + 0.1 * random.normal(size=20)
    advice, found = advised({"x": x}, score, {"x": RANGE["x"]})
    assert found["x"].p_adjusted is not None
    assert advice.of("x").low <= 1.7 <= advice.of("x").high


def test_the_range_is_kept_where_its_best_value_depends_on_another_parameter():
    random = np.random.default_rng(4)
    x, kind = 1 + random.random(240), random.choice(["a", "b"], 240)
    score = np.where(kind == "a", x, 3 - x) + 0.3 * (kind == "a") + 0.1 * random.normal(size=240)
    declared = {"x": RANGE["x"], "kind": {"values": ["a", "b"]}}
    advice, _ = advised({"x": x, "kind": kind}, score, declared)
    assert advice.of("x").low == 1.0 or advice.of("x").high == 2.0
    assert advice.surfaces


def test_a_range_that_lowers_the_mean_is_left_as_it_was_but_for_what_fails():
    random = np.random.default_rng(8)
    x = 1 + random.random(150)
    score = -((x - 1.4) ** 2) + 0.02 * random.normal(size=150)
    score = np.where((x > 1.8) & (random.random(150) < 0.9), -30 + random.normal(0, 0.05, 150), score)
    population = runs_of({"x": x}, score, declared={"x": RANGE["x"]})
    fails = failing_regions(population)
    advice = recommendation(population, effects(population), ())
    one = advice.of("x")
    assert one.action == "narrowed"
    worst = replace(one, low=1.6, high=fails[0].low, inside=np.array([0.6, 0.8]))
    settled = not_worse(population, replace(advice, parameters=(worst,)), fails).of("x")
    assert (settled.low, settled.high) == (1.0, fails[0].low)
    assert [reason.kind for reason in settled.reasons] == ["fails"]
    assert not_worse(population, advice, fails).of("x") is one
