import numpy as np
import pytest
from scipy import optimize, special, stats

from lib.statistics.firth import firth


def table(failed_low, low, failed_high, high):
    x = np.repeat([0.0, 1.0], [low, high])
    failed = np.zeros(low + high, dtype=bool)
    failed[:failed_low] = True
    failed[low : low + failed_high] = True
    return x, failed


@pytest.mark.parametrize("counts", [(0, 76, 12, 24), (3, 10, 4, 9), (0, 5, 5, 5)])
def test_of_two_by_two_tables_it_is_the_log_odds_ratio_with_half_a_run_added_to_each_cell(counts):
    failed_low, low, failed_high, high = counts
    found = firth(*table(*counts))
    odds_low = (failed_low + 0.5) / (low - failed_low + 0.5)
    odds_high = (failed_high + 0.5) / (high - failed_high + 0.5)
    assert found.slope == pytest.approx(np.log(odds_high / odds_low), rel=1e-5)


def test_slope_and_p_are_those_of_the_penalized_likelihood_maximized_by_scipy():
    rng = np.random.default_rng(0)
    x = rng.normal(size=40)
    failed = rng.random(40) < special.expit(1.5 * x - 1)
    design = np.column_stack([np.ones(40), x])

    def lost(beta):
        chance = special.expit(design @ beta)
        information = design.T @ (design * (chance * (1 - chance))[:, None])
        return -(np.sum(np.log(np.where(failed, chance, 1 - chance))) + 0.5 * np.log(np.linalg.det(information)))

    best = optimize.minimize(lost, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    flat = optimize.minimize_scalar(lambda b: lost([b, 0.0]))
    found = firth(x, failed)
    # The penalty is of x as it is here and of x standardized there: the difference is a constant of both fits.
    assert found.slope == pytest.approx(best.x[1], rel=1e-4)
    assert found.p_value == pytest.approx(stats.chi2.sf(2 * (flat.fun - best.fun), 1), rel=1e-3)


def test_complete_separation_has_a_finite_slope_and_one_value_none():
    found = firth(np.arange(20.0), np.arange(20) >= 10)
    assert 0 < found.slope < 10
    assert found.p_value < 1e-4
    assert firth(np.ones(10), np.arange(10) < 3).p_value == 1.0
