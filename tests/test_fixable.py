"""What can be fixed: at which value, and what that loses at most."""

import numpy as np
import pytest

from lib.analysis.effects import effects
from lib.analysis.fixable import fixable
from lib.report import report_of
from lib.sections.findings import fixable_sentence
from testing.planted_runs import runs_of


def planted(noise):
    random = np.random.default_rng(1)
    kind, x = np.array(["a", "b", "c"])[np.arange(150) % 3], random.random(150)
    good = (kind == "b") * 0.5 - (x - 0.4) ** 2 + noise * random.normal(size=150)
    declared = {"kind": {"values": ["a", "b", "c"]}, "x": {"min": 0.0, "max": 1.0}, "z": {"min": 0.0, "max": 1.0}}
    return runs_of({"kind": kind, "x": x, "z": random.random(150)}, good, declared=declared)


def test_a_parameter_is_fixed_where_it_is_best_and_what_it_loses_lies_within_the_bound():
    runs = planted(0.05)
    found = {one.parameter: one for one in fixable(runs, effects(runs))}
    assert found["kind"].value == "b"
    assert found["kind"].loss_high == pytest.approx(0.0, abs=0.01)
    assert (found["x"].value - 0.4) ** 2 <= found["x"].loss_high
    assert 0 <= found["z"].loss_high < 0.1


def test_what_loses_more_than_asked_isnt_named():
    runs = planted(0.05)
    every = fixable(runs, effects(runs))
    most = every[-1].loss_high / 2
    assert {one.parameter for one in fixable(runs, effects(runs), most)} < {one.parameter for one in every}
    assert [one.loss_high for one in every] == sorted(one.loss_high for one in every)


def test_the_sentence_names_the_value_and_the_loss():
    runs = planted(0.05)
    said = fixable_sentence(report_of(runs.sweep, runs.choices))
    assert "kind at b (at most" in said


def test_what_the_next_sweep_tries_beyond_its_searched_values_is_not_to_be_fixed():
    random = np.random.default_rng(3)
    size = np.array([32, 64, 128])[np.arange(90) % 3]
    good = 0.05 * np.log2(size) + 0.05 * random.normal(size=90)
    declared = {"size": {"values": [32, 64, 128]}, "z": {"min": 0.0, "max": 1.0}}
    runs = runs_of({"size": size, "z": random.random(90)}, good, declared=declared)
    report = report_of(runs.sweep, runs.choices)
    assert report.recommendation.of("size").extended
    assert {one.parameter for one in fixable(runs, effects(runs), report.noise.sd)} == {"size", "z"}
    assert {one.parameter for one in report.fixable} == {"z"}
    assert "size" not in fixable_sentence(report)
