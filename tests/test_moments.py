import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.statistics.moments import deviation, error_of_mean, mean_of, median_of, quartiles

ANY = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=12).map(np.array)
LARGEST = 1.7976931348623157e308


@pytest.mark.parametrize("exponent", [-1000, 0, 1000])
def test_they_are_those_of_numpy_in_a_unit_of_any_size(exponent):
    values = np.random.default_rng(0).normal(size=31)
    unit = 2.0**exponent
    assert mean_of(values * unit) / unit == pytest.approx(values.mean(), rel=1e-15)
    assert deviation(values * unit) / unit == pytest.approx(values.std(ddof=1), rel=1e-15)
    assert median_of(values * unit) / unit == np.median(values)
    assert [q / unit for q in quartiles(values * unit)] == np.quantile(values, [0.25, 0.5, 0.75]).tolist()


def test_a_tiny_value_beside_the_largest_stays_itself():
    assert quartiles(np.array([-LARGEST, 5e-324, 5e-324, 1e-300, LARGEST])) == (5e-324, 5e-324, 1e-300)
    assert median_of(np.array([-LARGEST, LARGEST])) == 0
    assert median_of(np.array([LARGEST, LARGEST])) == LARGEST


@given(ANY)
def test_any_values_have_them_within_their_range_and_without_a_warning(values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        low, median, high = quartiles(values)
        assert values.min() <= low <= median <= high <= values.max()
        assert values.min() <= median_of(values) <= values.max()
        assert np.isfinite(mean_of(values))
        assert deviation(values) >= 0


@pytest.mark.parametrize("unit", [2.0**-1000, 1.0, 2.0**1000])
def test_weights_count_as_repeats_in_the_mean_and_median_and_equal_ones_change_nothing(unit):
    rng = np.random.default_rng(1)
    values, weights = rng.normal(size=17), rng.integers(1, 9, 17).astype(float)
    repeated = np.repeat(values, weights.astype(int))
    assert mean_of(values * unit, weights) / unit == pytest.approx(repeated.mean(), rel=1e-14)
    assert median_of(values * unit, weights) / unit == np.median(repeated)
    equal = np.full(17, 5.0)
    for function in (mean_of, median_of, deviation, error_of_mean):
        assert function(values, equal) == pytest.approx(function(values), rel=1e-14)


def test_the_error_of_a_weighted_mean_is_the_sandwich_hc1():
    values, weights = np.array([1.0, 2.0, 4.0, 8.0]), np.array([1.0, 2.0, 3.0, 4.0])
    # By hand: (X'WX)^-1 X'W diag(residuals^2) WX (X'WX)^-1 of a constant, times n / (n - 1).
    residuals = values - 49 / 10
    expected = np.sqrt((weights**2 * residuals**2).sum() / 10**2 * 4 / 3)
    assert error_of_mean(values, weights) == pytest.approx(expected, rel=1e-14)
    assert deviation(values, weights) == pytest.approx(np.sqrt((weights * residuals**2).sum() / 10 * 4 / 3), rel=1e-14)
