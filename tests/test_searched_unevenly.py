"""What an adaptive search crowded without a clear effect makes the mean of even draws less sure."""

import numpy as np
import pytest
from scipy import stats

from lib.analysis import searched_unevenly
from lib.analysis.effects import effects
from lib.analysis.next_sweep import next_sweep
from lib.analysis.recommended import recommendation
from testing.planted_runs import runs_of

EVEN = {"x": {"min": 0.0, "max": 1.0}, "z": {"min": 0.0, "max": 1.0}}


def crowded(z, seed=0, slope=0.0):
    random = np.random.default_rng(seed)
    x = random.random(len(z))
    runs = runs_of({"x": x, "z": z}, slope * z + random.normal(size=len(z)), declared=EVEN)
    found = effects(runs)
    assert not any(one.claimed for one in found)
    return recommendation(runs, found, ()), next_sweep(runs, found, ())


def test_the_statistic_is_kolmogorovs():
    random = np.random.default_rng(1)
    seen = random.random(80) ** 1.5
    where = (np.arange(20_000) + 0.5) / 20_000
    found = searched_unevenly._apart(seen, where, np.full(len(where), 1 / len(where)))
    assert found == pytest.approx(stats.kstest(seen, "uniform").statistic * np.sqrt(80), rel=1e-3)


def test_even_draws_leave_the_expectation_to_the_mean_so_far():
    advice, following = crowded(np.random.default_rng(2).random(60))
    assert advice.unclaimed == {}
    assert following.expected_mean == following.so_far


def test_where_the_search_crowded_the_interval_of_even_draws_is_wider():
    """By hand: runs crowd the upper half of a slope too weak to be clear, and even draws are as much worse."""
    random = np.random.default_rng(3)
    even, upper = random.random(60), 0.6 + 0.4 * random.random(60)
    upper[:6] = random.random(6)
    advice, following = crowded(upper, slope=0.8)
    _, evenly = crowded(even)
    assert set(advice.unclaimed) == {"z"}
    assert following.expected_high - following.expected_low > 1.2 * (evenly.expected_high - evenly.expected_low)
    assert following.expected_low < 0.8 * 0.5 < following.expected_high
