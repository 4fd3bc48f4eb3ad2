import math

import numpy as np
import pytest
from scipy import stats

from lib.statistics.change_points import pettitt


def test_the_statistic_is_pettitts_worked_out_from_signs():
    rng = np.random.default_rng(0)
    values = rng.normal(size=40) + (np.arange(40) >= 25) * 1.2
    signs = np.sign(values[None, :] - values[:, None])
    distance = [abs(signs[:t, t:].sum()) for t in range(1, 40)]
    largest = max(distance)
    place, p_value = pettitt(values)
    assert place == int(np.argmax(distance)) + 1
    assert p_value == pytest.approx(2 * math.exp(-6 * largest**2 / (40**3 + 40**2)))


def test_the_change_is_found_where_it_is_and_noise_has_none():
    rng = np.random.default_rng(1)
    place, p_value = pettitt(rng.normal(size=100) + (np.arange(100) >= 50) * 3)
    assert abs(place - 50) <= 2
    assert p_value < 1e-6
    p_values = [pettitt(rng.normal(size=60))[1] for _ in range(300)]
    assert np.mean(np.array(p_values) < 0.05) <= stats.binom.ppf(0.999, 300, 0.05) / 300


def test_no_change_in_a_constant_or_in_next_to_nothing():
    assert pettitt(np.ones(20))[1] == 1.0
    assert pettitt(np.array([1.0])) == (0, 1.0)
