"""The curve drawn over the runs is the one that the claim rests on, at the height of the runs."""

import numpy as np
import pytest

from lib.analysis.fitted_effect import fitted_effect
from testing.sweeps import reported, sweep_of


def made(goal, runs=120):
    rng = np.random.default_rng(3)
    x = rng.uniform(1, 2, runs)
    level = rng.choice(["a", "b"], runs)
    sign = 1 if goal == "maximize" else -1
    score = 5 + sign * (-4 * (x - 1.3) ** 2 + 0.5 * (level == "b")) + rng.normal(0, 0.02, runs)
    return reported(sweep_of({"x": x.tolist(), "level": level.tolist()}, {"score": score.tolist()}), goal=goal)


@pytest.mark.parametrize("goal", ["maximize", "minimize"])
def test_the_curve_follows_the_truth_within_its_band(goal):
    report = made(goal)
    sign = report.population.objective.sign
    effects = {effect.parameter: effect for effect in report.effects}
    along = fitted_effect(report.population, effects["x"])
    places = np.asarray(along.places, dtype=float)
    share_b = float(np.mean(report.population.levels("level") == "b"))
    truth = 5 + sign * (-4 * (places - 1.3) ** 2 + 0.5 * share_b)
    np.testing.assert_allclose(along.mean, truth, atol=0.05)
    assert (along.low <= along.mean).all()
    assert (along.mean <= along.high).all()
    between = fitted_effect(report.population, effects["level"])
    assert between.places == ("a", "b")
    assert between.at("b") - between.at("a") == pytest.approx(sign * 0.5, abs=0.05)
    assert between.at("c") is None
    assert along.at(1.3) == pytest.approx(float(truth[np.argmin(np.abs(places - 1.3))]), abs=0.05)


def test_too_few_runs_have_no_curve():
    report = reported(sweep_of({"x": [0.1, 0.2, 0.3]}, {"score": [1.0, 2.0, 3.0]}))
    assert fitted_effect(report.population, report.effects[0]) is None


def test_the_curve_of_a_loss_over_decades_runs_through_its_runs():
    rng = np.random.default_rng(6)
    x = np.linspace(0, 1, 80)
    mean = 10 ** (-6 + 20 * (x - 0.5) ** 2)
    loss = mean * np.exp(rng.normal(0, 0.3, 80))
    report = reported(sweep_of({"x": x.tolist()}, {"loss": loss.tolist()}), metric="loss", goal="minimize")
    (effect,) = report.effects
    along = fitted_effect(report.population, effect)
    expected = 10 ** (-6 + 20 * (np.array(along.places) - 0.5) ** 2)
    # Of five decades, off by less than a third of one.
    assert (along.mean > 0).all()
    assert np.abs(np.log10(along.mean / expected)).max() < 1 / 3
    assert (along.low <= along.mean).all()
    assert (along.mean <= along.high).all()
