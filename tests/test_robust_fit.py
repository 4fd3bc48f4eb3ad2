import warnings

import numpy as np
import pytest
from scipy import optimize

from lib.statistics.robust_fit import pseudo_values


def design_of(*columns):
    return np.linalg.qr(np.column_stack([np.ones(len(columns[0])), *columns]))[0]


def test_least_squares_on_pseudo_values_is_hubers_fit():
    random = np.random.default_rng(1)
    x = random.uniform(size=200)
    answer = 2 * x + random.standard_t(2, 200)
    design = design_of(x)
    pseudo = pseudo_values(design, answer)
    fitted = design @ (design.T @ pseudo)
    # Where the pseudo-value isn't the run's own, the run was clipped: at 1.345 times the noise.
    clip = np.abs(pseudo - fitted).max()
    whole = optimize.least_squares(lambda b: design @ b - answer, [0.0, 0.0], loss="huber", f_scale=clip).x
    assert fitted == pytest.approx(design @ whole, abs=0.01)


def test_runs_too_far_off_to_have_a_weight_leave_the_others_their_fit():
    """Two runs alone tell of their level, and cancel each other at 1e300: nothing can be said of it, and is."""
    random = np.random.default_rng(0)
    answer = random.normal(size=12)
    answer[:2] = 1e300, -1e300
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pseudo = pseudo_values(design_of(np.arange(12) < 2), answer)
    assert np.abs(pseudo[:2]).max() < 20
    assert pseudo[2:] == pytest.approx(answer[2:])
