from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.findings import findings_of
from lib.model.choices import Filter
from lib.model.scales import evener_scale, result_scale, zero_is_apart
from testing.sweeps import populated, reported, sweep_of

RNG = np.random.default_rng(7)
EVEN = RNG.uniform(0, 1, 60)


def scale_of(values, spec=None, **choices):
    declared = {"parameters": {"lr": spec}} if spec else None
    sweep = sweep_of({"lr": list(values)}, {"score": list(range(len(values)))}, declared=declared)
    return next(p for p in populated(sweep, **choices).parameters if p.name == "lr")


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (10 ** (-4 + 3 * EVEN), "log"),
        (10 ** (-4 + 1.2 * EVEN), "log"),
        (1e-7 + 1e-4 * EVEN, "linear"),
        (0.1 + 0.4 * EVEN, "linear"),
        ([16, 32, 64, 128], "log"),
        ([32, 64, 96, 128], "linear"),
        ([0.1, 0.2, 0.3, 0.5], "linear"),
        ([1e-4, 1e-3, 1e-2], "log"),
        ([0.001, 0.1], "log"),
        ([0.25, 0.5], "linear"),
    ],
)
def test_undeclared_values_have_the_scale_along_which_they_are_more_even(values, scale):
    assert evener_scale(np.array(values, dtype=float)) == scale


@given(st.integers(0, 10_000), st.sampled_from([1e-6, 1.0, 1e6]))
def test_the_scale_is_of_the_values_and_not_of_their_unit_or_order(seed, unit):
    values = 10 ** (-3 + 3 * np.random.default_rng(seed).uniform(0, 1, 40))
    assert evener_scale(values) == evener_scale(values[::-1] * unit)


@pytest.mark.parametrize(
    ("spec", "scale"),
    [
        ({"min": 1e-6, "max": 1e-1}, "linear"),
        ({"distribution": "uniform", "min": 1e-6, "max": 1e-1}, "linear"),
        ({"distribution": "log_uniform_values", "min": 0.1, "max": 0.9}, "log"),
        ({"distribution": "log_uniform", "min": -9.0, "max": -2.0}, "log"),
    ],
)
def test_a_declared_distribution_decides_the_scale_whatever_its_decades(spec, scale):
    assert scale_of(10 ** (-4 + 3 * EVEN), spec).scale == scale
    assert scale_of(0.2 + 0.4 * EVEN, spec).scale == scale


def test_the_readers_scale_is_the_last_word():
    spec = {"min": 1e-6, "max": 1e-1}
    assert scale_of(10 ** (-4 + 3 * EVEN), spec, scales=(("lr", "log"),)).scale == "log"
    assert scale_of(10 ** (-4 + 3 * EVEN), scales=(("lr", "linear"),)).scale == "linear"


def test_zero_beside_log_spread_values_is_a_point_of_its_own_and_said():
    spread = np.concatenate([np.zeros(12), 10 ** (-5 + 4 * EVEN)])
    assert zero_is_apart(spread)
    assert not zero_is_apart(np.concatenate([[0.0], EVEN + 0.01]))
    assert not zero_is_apart(-spread)
    found = scale_of(spread)
    assert (found.scale, found.zero_apart, found.low) == ("log", True, 0.0)
    values = [0.1] * 12 + [0.5 + x for x in RNG.normal(0, 0.01, 60)]
    report = reported(sweep_of({"alpha": spread.tolist()}, {"score": values}))
    (said,) = [f for f in findings_of(report) if f.id == "data_quality:zero:alpha"]
    assert (said.evidence["runs"], said.evidence["mean_zero"]) == (12, pytest.approx(0.1))
    assert said.evidence["mean_above"] == pytest.approx(np.mean(values[12:]))


def test_results_over_decades_have_a_log_axis_and_no_others():
    loss = 10 ** (-6 + 7 * EVEN)
    assert result_scale(loss) == "log"
    assert result_scale(np.append(loss, np.nan)) == "log"
    # An accuracy of which some runs collapsed, a loss of which few diverged, and numbers that have no logarithm.
    assert result_scale(np.append(0.7 + 0.2 * EVEN, [1e-4, 2e-4, 1e-3])) == "linear"
    assert result_scale(np.append(0.1 + EVEN, [1e4])) == "linear"
    assert result_scale(np.append(loss, 0.0)) == result_scale(-loss) == "linear"
    assert result_scale(np.array([])) == result_scale(np.array([0.5])) == "linear"


def test_filters_leave_the_scale_of_the_objective_as_it_is():
    sweep = sweep_of({"lr": EVEN.tolist()}, {"loss": (10 ** (-6 + 7 * EVEN)).tolist()})
    whole, few = populated(sweep), populated(sweep, filters=(Filter("lr", 0.4, 0.5),))
    assert len(few.rows) < len(whole.rows)
    assert whole.objective_scale == few.objective_scale == "log"
