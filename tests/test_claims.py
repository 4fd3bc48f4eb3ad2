"""Claims against planted truth: a subset of `bench/claims.py`, with fixed seeds.

Each figure is a share of simulated sweeps; the bounds leave room for chance at this number of sweeps.
"""

from functools import cache

import pytest

from bench.claims import simulate
from testing.planted import CELLS

SWEEPS = 30
pytestmark = pytest.mark.nightly


@cache
def simulated(name):
    cell = next(cell for cell in CELLS if cell.name == name)
    return [simulate(cell, seed) for seed in range(1000, 1000 + SWEEPS)]


def share(name, key):
    values = [
        v for r in simulated(name) if r.get(key) is not None for v in (r[key] if isinstance(r[key], list) else [r[key]])
    ]
    return sum(values) / len(values)


@pytest.mark.parametrize("name", ["noise", "noise, 30 runs", "noise, heavy tails", "noise, unequal", "noise, adaptive"])
def test_noise_alone_is_claimed_to_be_nothing(name):
    # 1 in 20 is allowed: 5 or more of 30 would come about by chance in 1 of 64 such tests.
    assert share(name, "any") < 5 / SWEEPS
    assert share(name, "changed") < 5 / SWEEPS


@pytest.mark.parametrize("name", ["line, R2 0.3", "peak, R2 0.3", "levels, R2 0.3", "two peaks", "interaction"])
def test_a_plain_effect_is_found_and_useless_parameters_are_not_claimed(name):
    assert share(name, "found") >= 0.95
    assert share(name, "false_effect") < 5 / SWEEPS


@pytest.mark.parametrize("name", ["peak, R2 0.3", "two peaks", "peak and line", "line and levels"])
def test_the_next_space_keeps_the_best_place(name):
    assert share(name, "holds") >= 0.9


@pytest.mark.parametrize("name", ["line, R2 0.3", "edge of whole numbers", "edge of a list, R2 0.3"])
def test_a_range_goes_on_in_half_of_the_sweeps_whose_best_lies_at_its_end(name):
    # A parabola's slope at the end of an even range has 16 times the variance of a line's: of 100 runs with R2 0.3, the
    # test at 95 % finds it in 3 of 5 sweeps. More of them would be claimed at ends that aren't the best.
    assert share(name, "extended") >= 0.4


@pytest.mark.parametrize("name", ["peak near an end, R2 0.3", "plateau, R2 0.3", "peak, R2 0.3"])
def test_an_end_is_seldom_taken_for_the_best_place_where_it_is_not(name):
    assert share(name, "false_edge") < 5 / SWEEPS


def test_two_strong_parameters_leave_a_third_of_the_space():
    # Every place that may be as good as the best stays in: the best place does in all 30, and this is what it costs.
    volumes = sorted(r["volume"] for r in simulated("two peaks") if r["volume"] is not None)
    assert volumes[len(volumes) // 2] <= 1 / 3


def test_intervals_of_gains_hold_the_truth():
    held = [
        v
        for name in ("line, R2 0.3", "peak, R2 0.3", "two peaks", "levels, R2 0.3")
        for r in simulated(name)
        for v in r["gain"]
    ]
    assert sum(held) / len(held) >= 0.85
