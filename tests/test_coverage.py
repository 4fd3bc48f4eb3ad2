import math

import pytest

from lib.analysis.coverage import coverage
from lib.sections.search_space import search_space_table
from testing.sweeps import populated, reported, sweep_of

DECLARED = {
    "parameters": {
        "batch": {"values": [4, 8, 16]},
        "act": {"values": ["relu", "gelu"]},
        "lr": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1e-1},
        "drop": {"min": 0.0, "max": 0.5},
    }
}


def searched(**config):
    count = len(next(iter(config.values())))
    return sweep_of(config, {"score": [float(i) for i in range(count)]}, declared=DECLARED)


SWEEP = {
    "batch": [4, 8, 4, 4, 7],
    "act": ["relu", "relu", "relu", "gelu", "gelu"],
    "lr": [1e-4, 2e-3, 5e-3, 1e-2, 1e-1],
    "drop": [0.1, 0.2, None, 0.5, 0.4],
}


def test_levels_and_combinations_are_counted_and_what_was_never_declared_is_not():
    found = coverage(populated(searched(**SWEEP), metric="score"))
    tried = {t.parameter: t for t in found.parameters}
    assert (tried["batch"].levels, tried["batch"].of) == (2, 3)
    assert (tried["act"].levels, tried["act"].of) == (2, 2)
    assert (found.combinations, found.of) == (3, 6)


def test_the_widest_gap_is_measured_along_the_scale_and_counts_the_ends_of_the_range():
    found = {t.parameter: t for t in coverage(populated(searched(**SWEEP), metric="score")).parameters}
    assert (found["lr"].gap_low, found["lr"].gap_high) == (1e-4, 2e-3)
    assert found["lr"].gap == pytest.approx(math.log10(20) / 3)
    assert (found["drop"].gap_low, found["drop"].gap_high) == (0.2, 0.4)
    assert found["drop"].gap == pytest.approx(0.4)
    edge = {
        t.parameter: t for t in coverage(populated(searched(**SWEEP | {"drop": [0.4] * 5}), metric="score")).parameters
    }
    assert (edge["drop"].gap_low, edge["drop"].gap_high) == (0.0, 0.4)


def test_a_range_that_no_run_has_a_value_of_has_no_gap():
    found = {
        t.parameter: t for t in coverage(populated(searched(**SWEEP | {"drop": [None] * 5}), metric="score")).parameters
    }
    assert found["drop"].gap is None


def test_the_search_space_says_what_was_tried():
    table = search_space_table(reported(searched(**SWEEP), metric="score"), "searched").set_index("parameter")
    assert table.loc["batch", "tried"] == "2 of 3 levels"
    assert table.loc["drop", "tried"] == "largest untested gap: 40% of the range (0.2 to 0.4)"
