"""The Gaussian process against scikit-learn's, its draws against what they claim, and what it makes of repeats."""

import math

import numpy as np
import pytest

from lib.statistics.gaussian_process import GaussianProcess, Observations, fit, posterior


def observed(n=40, noise=0.3, seed=0, **more):
    random = np.random.default_rng(seed)
    x = random.random((n, 2))
    y = np.sin(4 * x[:, 0]) + noise * random.standard_normal(n)
    centre, scale = y.mean(), y.std()
    ones = np.ones(n)
    data = Observations(x, np.arange(2), (y - centre) / scale, ones, ones, **more)
    return data, (np.sin(4 * x[:, 0]) - centre) / scale, scale


def test_predictions_are_scikit_learns_at_the_same_hyperparameters():
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    data, _, _ = observed()
    process = GaussianProcess(data, np.log([0.4, 1.5, 2.0, 0.1]))
    kernel = ConstantKernel(2.0) * Matern([0.4, 1.5], nu=2.5) + ConstantKernel(1.0) + WhiteKernel(0.1)
    theirs = GaussianProcessRegressor(kernel, optimizer=None, alpha=0.0).fit(data.x, data.y)
    asked = np.random.default_rng(1).random((7, 2))
    assert process.predict(asked) == pytest.approx(theirs.predict(asked), abs=1e-5)


def test_the_closed_form_of_leaving_one_out_is_that_of_fitting_without_it():
    data, _, _ = observed(12)
    process = GaussianProcess(data, np.log([0.4, 1.5, 2.0, 0.1]))
    predicted, _ = process.held_out()
    for at in range(12):
        others = process.without(np.flatnonzero(np.arange(12) != at))
        assert predicted[at] == pytest.approx(others.predict(data.x[[at]])[0], abs=1e-5)


def test_the_noise_and_the_input_that_matters_are_found():
    data, _, scale = observed(120)
    process = fit(data)
    assert math.sqrt(process.noise) * scale == pytest.approx(0.3, rel=0.2)
    first, second = process.theta[:2]
    assert first < second


def test_the_mean_of_repeats_counts_by_their_number_and_their_spread_is_the_noise():
    random = np.random.default_rng(2)
    within = 0.05 * random.standard_normal((20, 5))
    x = random.random((20, 1))
    y = np.sin(20 * x[:, 0]) + within.mean(axis=1)
    scale = y.std()
    squares = float(np.sum((within - within.mean(axis=1, keepdims=True)) ** 2)) / scale**2
    data = Observations(x, np.zeros(1, dtype=int), (y - y.mean()) / scale, np.full(20, 5.0), np.ones(20), squares, 80)
    assert math.sqrt(fit(data).noise) * scale == pytest.approx(0.05, rel=0.2)


def test_draws_hold_the_truth_as_often_as_they_say():
    held = []
    for seed in range(6):
        data, truth, _ = observed(50, seed=seed)
        draws = posterior(fit(data), np.arange(50)).draws
        low, high = np.quantile(draws, [0.025, 0.975], axis=0)
        held.append(np.mean((low <= truth) & (truth <= high)))
    assert np.mean(held) > 0.88


def test_the_same_observations_give_the_same_draws():
    data, _, _ = observed()
    one, two = (posterior(fit(data), np.arange(5)).draws for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_of_many_inputs_none_seem_to_matter_by_chance():
    held, noise = [], []
    for seed in range(5):
        random = np.random.default_rng(seed)
        x, y = random.random((60, 30)), random.standard_normal(60)
        ones, centre, scale = np.ones(60), y.mean(), y.std()
        process = fit(Observations(x, np.arange(30), (y - centre) / scale, ones, ones))
        draws = centre + scale * posterior(process, np.array([int(np.argmax(y))])).draws
        low, high = np.quantile(draws, [0.025, 0.975])
        held.append(low <= 0 <= high)
        noise.append(scale * math.sqrt(process.noise))
    assert all(held)
    assert 0.9 < np.mean(noise) < 1.1
