"""Which settings fail: found with counts, distinguished from effects, and left out of what is measured."""

import numpy as np
import pytest
from scipy import stats

from lib.analysis.failures import better_left_out, collapsed, failing_regions, failures
from lib.findings import findings_of
from lib.report import Report
from lib.statistics.low_mode import high_mode_above_zero, low_mode
from testing.failing_sweep import failing_sweep_report
from testing.planted_runs import runs_of
from testing.sweeps import populated, reported, sweep_of


def collapsing(seed, failing=True):
    random = np.random.default_rng(seed)
    lr = 10 ** random.uniform(-5, -1, 100)
    drop = random.uniform(0, 0.6, 100)
    score = 0.85 + 0.03 * np.log10(lr / 1e-3) + random.normal(0, 0.02, 100)
    fails = (lr > 0.01) & (random.random(100) < 0.6) if failing else random.random(100) < 0.1
    score[fails] = 0.1
    return sweep_of({"lr": lr.tolist(), "drop": drop.tolist()}, {"val_acc": score.tolist()}), lr, fails


def test_collapsed_runs_are_found_with_the_setting_that_fails_and_its_counts():
    sweep, lr, fails = collapsing(0)
    population = populated(sweep)
    assert (collapsed(population) == fails).all()
    (one,) = failing_regions(population)
    assert one.parameter == "lr"
    assert 0.003 < one.low < lr[fails].min()
    assert one.high is None
    assert (one.failed, one.of) == (fails.sum(), (lr > one.low).sum())
    assert (one.else_failed, one.else_of) == (0, (lr <= one.low).sum())


def test_failures_whatever_the_settings_are_no_region():
    false = sum(bool(failing_regions(populated(collapsing(seed, failing=False)[0]))) for seed in range(40))
    assert false <= 5


def test_a_level_that_fails_is_tested_by_fisher():
    act = ["relu"] * 30 + ["swish"] * 10
    states = ["finished"] * 28 + ["crashed"] * 2 + ["crashed"] * 7 + ["finished"] * 3
    score = np.random.default_rng(0).normal(size=40).tolist()
    population = populated(sweep_of({"act": act}, {"score": score}, states=states))
    (one,) = failing_regions(population)
    assert (one.where, one.failed, one.of, one.else_failed, one.else_of) == ("act = swish", 7, 10, 2, 30)
    exact = stats.fisher_exact(np.array([[7, 3], [2, 28]]), alternative="greater").pvalue
    assert one.p_adjusted == pytest.approx(2 * exact)


def test_runs_without_a_finite_value_failed_and_runs_that_still_run_did_not():
    score = [1.0, 2.0, 1.5, 1.2, 1.7, 1.1, float("inf"), float("inf"), float("nan"), None]
    states = ["finished"] * 9 + ["running"]
    config = {"lr": [0.1, 0.11, 0.12, 0.13, 0.14, 0.15, 0.5, 0.6, 0.7, 0.8]}
    found = failures(populated(sweep_of(config, {"score": score}, states=states), metric="score", goal="maximize"))
    assert found.counts == (("no finite value", 3),)
    assert found.runs == 9


def test_a_level_that_is_low_as_a_whole_is_an_effect_and_no_failure():
    random = np.random.default_rng(0)
    model = np.arange(60) % 4 == 0
    score = 0.9 - 0.6 * model + random.normal(0, 0.01, 60)
    config = {"model": np.where(model, "small", "large").tolist(), "lr": random.random(60).tolist()}
    report = reported(sweep_of(config, {"val_acc": score.tolist()}))
    assert not collapsed(report.population).any()
    assert {e.parameter for e in report.effects if e.claimed} == {"model"}


def test_a_left_out_run_that_beats_the_best_is_named():
    states = ["finished"] * 8 + ["crashed", "crashed"]
    score = [0.1 * i for i in range(8)] + [0.9, 0.3]
    sweep = sweep_of({"lr": [0.1 * i for i in range(10)]}, {"val_acc": score}, states=states)
    better = better_left_out(populated(sweep))
    assert (better.name, better.value, better.state, better.count) == ("r0008", 0.9, "crashed", 1)
    said = next(f for f in findings_of(reported(sweep)) if f.id == "data_quality:better_left_out")
    assert "r0008 is crashed" in said.text


def test_the_report_says_what_fails_and_no_edge_where_it_does():
    report = failing_sweep_report()
    said = next(f for f in findings_of(report) if f.kind == "failures")
    assert said.parameter == "lr"
    assert "collapsed, 0 of" in said.text
    low, high = said.evidence["collapsed_best"], said.evidence["others_worst"]
    values = np.sort(report.population.values)
    assert (low, high) == (values[11], values[12])
    assert said.text.count("none lies between") == 1
    assert not [f for f in findings_of(report) if f.kind == "edge" and f.parameter == "lr"]
    assert report.to_dict()["failures"][0]["failed"] == 12


def test_no_low_mode_in_skewed_values_or_in_few_outliers():
    random = np.random.default_rng(0)
    assert not low_mode(-random.exponential(size=200)).any()
    assert not low_mode(random.normal(size=50)).any()
    values = random.normal(size=50)
    values[:2] = -100
    assert not low_mode(values).any()
    values[:5] = -100
    assert low_mode(values).tolist() == [True] * 5 + [False] * 45
    assert not low_mode(np.ones(10)).any()


def test_a_loss_that_varies_by_factors_has_no_runs_that_collapsed():
    random = np.random.default_rng(0)
    losses = np.exp(2.3 * random.normal(size=(100, 60)))
    assert sum(low_mode(-one).any() for one in losses) > 30
    assert sum(high_mode_above_zero(one).any() for one in losses) <= 5
    population = runs_of({"lr": np.geomspace(1e-4, 1e-1, 60)}, losses[4], goal="minimize")
    assert not collapsed(population).any()


def test_a_loss_that_stayed_at_chance_or_diverged_collapsed():
    random = np.random.default_rng(1)
    losses = np.exp(-3 + 0.7 * random.normal(size=60))
    at_chance = np.where(np.arange(60) < 12, np.log(10) + 0.01 * random.normal(size=60), losses)
    assert high_mode_above_zero(at_chance).tolist() == [True] * 12 + [False] * 48
    diverged = np.where(np.arange(60) < 12, 10 ** random.uniform(6, 12, 60), losses)
    assert high_mode_above_zero(diverged).tolist() == [True] * 12 + [False] * 48


def test_a_list_does_not_go_on_beyond_a_level_that_fails():
    random = np.random.default_rng(7)
    size = np.tile([8, 16, 32, 64], 30)
    score = 0.1 * np.log2(size) + 0.05 * random.normal(size=120)
    score[(size == 64) & (np.arange(120) % 3 == 0)] = -np.inf
    population = runs_of({"size": size}, score, declared={"size": {"values": [8, 16, 32, 64]}})
    assert [one.level for one in failing_regions(population)] == [64]
    (effect,) = (one for one in Report(population).effects if one.parameter == "size")
    assert effect.claimed
    assert effect.at_edge is None
    assert 128 not in (Report(population).to_dict()["next_sweep"]["parameters"]["size"].get("values") or [])


@pytest.mark.parametrize(("worst", "fail"), [(0.5, False), (0.1, True)])
def test_what_is_low_where_one_setting_was_changed_is_an_effect_of_it_and_not_what_collapsed(worst, fail):
    """One setting at a time: of eight other learning rates six are far below the usual one, or three are."""
    noise = 0.004 * np.sin(np.arange(25))
    others = np.array([1e-5, 3e-5, 1e-4, 3e-4, 3e-3, 1e-2, 3e-2, 1e-1])
    lr = np.append(np.full(17, 1e-3), others)
    drop = np.array([0.2] * 9 + [0.0, 0.1, 0.3, 0.4, 0.5, 0.6, 0.25, 0.35] + [0.2] * 8)
    far = others > 5e-3 if fail else np.abs(np.log10(others / 1e-3)) > 0.6
    score = 0.9 + noise
    score[17:] -= np.where(far, 0.9 - worst, 0.0)
    population = runs_of({"lr": lr, "drop": drop}, score, goal="maximize")
    assert low_mode(score).sum() == far.sum()
    assert collapsed(population).sum() == (3 if fail else 0)
