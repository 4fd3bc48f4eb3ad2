import numpy as np
import pytest

from lib.analysis.effects import effects
from lib.analysis.even_scale import EvenScale, even_scale, on_average
from lib.statistics.regression import orthonormal
from lib.statistics.warp import LINEAR, Warp
from testing.planted_runs import runs_of

EVEN = {"x": {"min": 0.0, "max": 1.0}}


def scale_of(good, x):
    return even_scale(good, np.ones(len(x)), orthonormal(np.column_stack([np.ones(len(x)), x])))


def made(seed, n=120):
    random = np.random.default_rng(seed)
    return random.random(n), random.normal(size=n)


def test_a_loss_whose_logarithm_is_even_is_fitted_there_whichever_way_is_better():
    x, noise = made(1)
    loss = np.exp(-1 - 2 * x + 0.4 * noise)
    assert scale_of(-loss, x) == EvenScale(Warp("log"), -1)
    assert scale_of(loss, x) == EvenScale(Warp("log"), 1)


def test_an_even_objective_stays_as_it_is():
    x, noise = made(2)
    assert scale_of(0.5 + 0.1 * x + 0.02 * noise, x).linear
    assert scale_of(x + noise, x).linear


def test_diverged_runs_do_not_choose_the_scale():
    x, noise = made(3)
    even = 0.5 + 0.1 * x + 0.02 * noise
    even[:3] = 1e-9
    assert scale_of(even, x).linear
    loss = np.exp(-1 - 2 * x + 0.4 * noise)
    loss[:3] = 1e9
    assert scale_of(-loss, x).warp == Warp("log")


def test_a_scale_and_back_keeps_values_and_their_order():
    good = -np.array([0.1, 0.4, 2.0])
    scale = EvenScale(Warp("log"), -1)
    assert scale.back(scale(good)) == pytest.approx(good)
    assert (np.diff(scale(good)) < 0).all()


def test_on_average_is_the_mean_of_what_is_brought_back():
    """By hand: of a normal logarithm with standard deviation s, the mean is exp(m + s² / 2)."""
    random = np.random.default_rng(4)
    noise = random.normal(size=100_000)
    at = on_average(EvenScale(Warp("log"), 1), np.exp(1 + 0.5 * noise), np.zeros(len(noise)))
    assert at(np.array([0.0, 1.0])) == pytest.approx(np.exp([1.125, 2.125]), rel=0.01)
    places = np.array([0.3, 0.7])
    assert on_average(EvenScale(LINEAR, 1), noise, noise)(places) is places


def test_gain_of_a_skewed_loss_is_that_of_its_mean():
    """Its mean, of a normal logarithm with slope -2 and standard deviation 0.5, is known at every place."""
    held, parts = [], []
    for seed in range(8):
        x, noise = made(seed)
        loss = np.exp(-1 - 2 * x + 0.5 * noise)
        (found,) = effects(runs_of({"x": x}, loss, goal="minimize", declared=EVEN))
        better, worse = np.exp(-1 - 2 * np.array([found.better, found.worse]) + 0.125)
        held.append(found.gain_low <= worse - better <= found.gain_high)
        parts.append(found.gain / (worse - better))
    assert sum(held) >= 7
    assert np.median(parts) == pytest.approx(1, abs=0.15)


def test_one_run_that_diverged_does_not_hide_the_scale_of_a_loss_over_decades():
    random = np.random.default_rng(5)
    x = random.random(78)
    loss = 10 ** (-4 + 8 * np.abs(x - 0.5) + 0.5 * random.normal(size=78))
    loss[12] = 1e9
    assert scale_of(-loss, np.abs(x - 0.5)).warp == Warp("log")


def test_rounding_of_floats_is_no_size():
    random = np.random.default_rng(6)
    x, y = random.random(50), np.full(50, 0.9)
    y[17] = 0.95
    (found,) = effects(runs_of({"x": x}, y, declared=EVEN))
    assert not found.claimed
    assert (found.gain, found.ruled_out_above) == (None, None)
