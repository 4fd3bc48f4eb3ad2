"""A change over time is found where there is one, and not taken for an effect of what changed with it."""

import numpy as np

from lib.analysis.drift import drift
from lib.analysis.effects import effects
from lib.findings import findings_of
from lib.results.report import Report
from testing.planted_runs import runs_of


def drifting(seed, shift=1.5, n=100):
    """Return runs whose values are higher from run 50 on while the learning rate narrows, and nothing else matters."""
    random = np.random.default_rng(seed)
    narrow = np.where(np.arange(n) < n // 2, 1.0, 0.3)
    lr = 10 ** (-3 + 2 * narrow * (2 * random.random(n) - 1))
    config = {"lr": lr, "drop": random.random(n), "opt": random.choice(["adam", "sgd"], n)}
    return runs_of(config, random.normal(size=n) + shift * (np.arange(n) >= n // 2))


def test_a_change_over_time_is_found_at_its_place_and_no_parameter_is_claimed_for_it():
    found = [drift(drifting(seed)) for seed in range(20)]
    known = [one for one in found if one is not None]
    assert len(known) >= 16
    assert np.median([abs(one.from_run - 51) for one in known]) <= 3
    assert 1.0 < np.median([one.shift for one in known]) < 2.0
    false = sum(any(e.claimed for e in effects(drifting(seed))) for seed in range(20))
    assert false <= 3


def test_nothing_changes_in_noise():
    assert sum(drift(drifting(seed, shift=0.0)) is not None for seed in range(40)) <= 2


def test_a_parameter_that_changed_at_the_same_time_is_named_and_not_claimed():
    random = np.random.default_rng(0)
    late = np.arange(80) >= 40
    opt = np.where(late, "adam", "sgd")
    opt[[5, 60]] = ["adam", "sgd"]
    population = runs_of({"opt": opt, "lr": random.random(80)}, random.normal(size=80) * 0.3 + late)
    found = drift(population)
    assert found.from_run == 41
    if found.changed:
        assert found.changed == ("opt",)
    assert not [e for e in effects(population) if e.claimed]


def test_the_outer_loop_of_a_grid_is_claimed_though_it_goes_with_time():
    random = np.random.default_rng(0)
    outer, middle = np.repeat([1, 2, 4, 8], 12), np.tile(np.repeat([16, 32, 64], 4), 4)
    inner = np.tile(["a", "b", "c", "d"], 12)
    score = 0.2 * np.log2(outer) + random.normal(0, 0.1, 48)
    population = runs_of({"outer": outer, "middle": middle, "inner": inner}, score)
    assert {e.parameter for e in effects(population) if e.claimed} == {"outer"}
    assert drift(population) is None


def test_the_report_says_when_it_changed_and_by_how_much():
    population = next(p for p in map(drifting, range(9)) if drift(p) is not None)
    said = next(f for f in findings_of(Report(population)) if f.kind == "drift")
    assert "no hyperparameter explains it" in said.text
    assert f"From run {drift(population).from_run}" in said.text


def test_one_block_after_another_is_no_drift_and_hides_no_effect():
    """Two seeds, one after the other, tried different learning rates, as two sweeps that are joined do."""
    random = np.random.default_rng(77)
    rate = np.concatenate([random.uniform(-5, -3, 60), random.uniform(-3, -1, 60)])
    score = 0.03 * rate + 0.02 * random.normal(size=120) + 0.1 * (np.arange(120) >= 60)
    population = runs_of({"lr": 10**rate, "drop": random.random(120), "seed": [0] * 60 + [1] * 60}, score)
    assert drift(population) is None
    assert [one.parameter for one in effects(population) if one.claimed] == ["lr"]
