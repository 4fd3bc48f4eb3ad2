"""Axes end where far values would squeeze the others, and these are marked, not lost."""

import numpy as np
import pytest

from lib.charts.impact import off_axis_note
from lib.charts.robust import beyond, robust_ends, share_of
from testing.sweeps import populated, sweep_of


def test_an_axis_covers_all_values_that_lie_near_each_other():
    values = np.linspace(2.0, 3.0, 101)
    assert robust_ends(values) == (pytest.approx(2.0), pytest.approx(3.0))
    assert not beyond(values, robust_ends(values)).any()


@pytest.mark.parametrize("sign", [1, -1])
def test_a_diverged_run_is_beyond_the_axis(sign):
    values = np.append(np.linspace(2.0, 3.0, 400), sign * 1e6)
    ends = robust_ends(values)
    assert ends[1] - ends[0] < 1.2
    assert beyond(values, ends).tolist() == [0] * 400 + [sign]


def test_ends_of_extreme_values_are_finite():
    for values in ([1.7e308, -1.7e308, 0.0], [5e-324, 0.0], [1.0], [np.nan], []):
        assert np.isfinite(robust_ends(np.array(values, dtype=float))).all()


def test_a_log_axis_is_measured_in_powers_of_ten():
    assert robust_ends(np.geomspace(1e-5, 1e-1, 200), log=True) == (pytest.approx(1e-5), pytest.approx(1e-1))
    assert share_of(1e-3, (1e-5, 1e-1), log=True) == pytest.approx(0.5)


def test_runs_beyond_a_log_axis_are_found_at_both_of_its_ends():
    values = np.concatenate([[1e-40], np.geomspace(1e-9, 10.0, 300), [1e30]])
    ends = robust_ends(values, log=True)
    assert ends[0] > 1e-12
    assert ends[1] < 1e4
    assert beyond(values, ends).tolist() == [-1, *[0] * 300, 1]


def test_runs_at_the_edge_are_counted():
    score = [*np.linspace(0.5, 0.6, 300), -1e4, 1e5]
    x = np.linspace(0, 1, 302).tolist()
    assert off_axis_note(populated(sweep_of({"x": x}, {"score": score})), "x") == (
        "2 runs far off the others stand at the edge of the chart."
    )
    assert off_axis_note(populated(sweep_of({"x": x[:300]}, {"score": score[:300]})), "x") is None
