import numpy as np
import pytest
from scipy import stats

from lib.statistics.multiple_testing import benjamini_hochberg, combined, holm
from lib.statistics.ranks import normal_scores


def test_holm_is_as_published():
    # Holm (1979) by hand: 4 x 0.005, 3 x 0.01, 2 x 0.03, then not below the one before.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]


def test_holm_leaves_untested_out_and_divides_by_what_is_spent():
    assert holm([0.01, None, 0.04, 0.03]) == [pytest.approx(0.03), None, pytest.approx(0.06), pytest.approx(0.06)]
    assert holm([0.01, 0.02], spent=0.5) == pytest.approx([0.04, 0.04])


def test_benjamini_hochberg_is_scipys():
    assert benjamini_hochberg([]) == []
    assert benjamini_hochberg([0.01, 0.02, 0.03]) == pytest.approx([0.03, 0.03, 0.03])


def test_cauchy_combination_of_equal_p_values_is_that_p_value():
    assert combined([0.02, 0.02], [0.5, 0.5]) == pytest.approx(0.02)
    assert combined([1e-40, 0.5], [0.5, 0.5]) == pytest.approx(2e-40)


def test_normal_scores_are_van_der_waerdens():
    values = np.array([3.0, 1.0, 2.0, 2.0])
    assert normal_scores(values) == pytest.approx(stats.norm.ppf([0.8, 0.2, 0.5, 0.5]))
