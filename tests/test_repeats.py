"""Runs that differ only in a seed: recognised, pooled, and the best by mean distinguished from the best by luck."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from lib.analysis.repeats import repeat_groups, repeats
from lib.render.markdown import report_as_markdown
from lib.sections import best_run as words
from lib.sources.sample import read_sample
from testing.sweeps import populated, reported, sweep_of

Y = [1.0, 2.0, 3.0, 10.0, 12.0, 50.0]


def grouped(config, **choices):
    size = len(next(iter(config.values())))
    groups = repeat_groups(populated(sweep_of(config, {"score": [float(i) for i in range(size)]}), **choices))
    return ["-" if g != g or g is None else int(g) for g in groups.to_numpy(dtype=object, na_value=None)]


def same_partition(found, expected):
    return len(set(zip(found, expected, strict=True))) == len(set(found)) == len(set(expected))


@pytest.mark.parametrize(
    "seed", ["seed", "random_state", "data_seed", "trainer.seed", "repeat_of", "replicate", "RNG", "repeat_id"]
)
def test_runs_that_differ_only_in_a_seed_are_repeats(seed):
    config = {"lr": [0.1, 0.1, 0.2, 0.2, 0.3, 0.3], seed: [1, 2, 1, 2, 3, 4]}
    assert same_partition(grouped(config), [0, 0, 1, 1, 2, 2])


def test_a_seed_that_was_declared_as_searched_is_still_a_seed():
    declared = {"method": "grid", "parameters": {"lr": {"values": [0.1, 0.2]}, "seed": {"values": [1, 2, 3]}}}
    sweep = sweep_of({"lr": [0.1] * 3 + [0.2] * 3, "seed": [1, 2, 3] * 2}, {"score": Y}, declared=declared)
    found = repeats(populated(sweep))
    assert [c.count for c in found.configurations] == [3, 3]
    assert [c.parameters for c in found.configurations] == [{"lr": 0.2}, {"lr": 0.1}]
    assert found.differ_in == ("seed",)


def test_runs_that_differ_in_another_key_are_no_repeats_though_it_was_not_searched():
    config = {"lr": [0.1, 0.1, 0.2, 0.2], "depth": [1, 2, 3, 3]}
    assert same_partition(grouped(config, parameters=("lr",)), [0, 1, 2, 2])
    assert same_partition(grouped(config, parameters=("lr",), seeds=("depth",)), [0, 0, 1, 1])


@pytest.mark.parametrize("name", ["aug_repeats", "n_repeats", "num_replicas"])
def test_a_number_of_repeats_is_a_setting_and_no_seed(name):
    config = {"lr": [0.1, 0.1, 0.2, 0.2], name: [0, 3, 0, 3]}
    assert same_partition(grouped(config), [0, 1, 2, 3])


def test_text_that_names_each_run_does_not_tell_configurations_apart():
    config = {"lr": [0.1] * 6 + [0.2] * 6, "folder": [f"/out/{i}" for i in range(12)]}
    assert same_partition(grouped(config), [0] * 6 + [1] * 6)


def test_one_configuration_run_with_several_seeds_is_repeated():
    assert grouped({"lr": [0.1] * 3, "seed": [1, 2, 3]}) == [0, 0, 0]
    assert grouped({"lr": [0.1] * 3}) == ["-"] * 3


def test_each_configuration_has_count_mean_and_students_interval():
    population = populated(sweep_of({"lr": [0.1] * 3 + [0.2] * 2 + [0.3]}, {"score": Y}), goal="maximize")
    found = repeats(population)
    assert [c.count for c in found.configurations] == [2, 3]
    first, second = found.configurations
    assert (first.mean, first.best, first.run_ids) == (11.0, 12.0, ("r0004", "r0003"))
    low, high = stats.t.interval(0.95, 2, loc=2.0, scale=stats.sem([1.0, 2.0, 3.0]))
    assert (second.ci_low, second.ci_high) == pytest.approx((low, high))
    assert second.sd == pytest.approx(1.0)
    assert (found.sd, found.degrees, found.runs) == (pytest.approx(math.sqrt(4 / 3)), 3, 5)
    # The best single run, 50, is of a configuration that was run once.
    assert found.of_best is None


def test_best_by_mean_and_best_by_luck_may_differ():
    sweep = sweep_of({"lr": [0.1] * 3 + [0.2] * 3, "seed": [1, 2, 3] * 2}, {"score": [0.9, 0.1, 0.2, 0.6, 0.7, 0.65]})
    report = reported(sweep, metric="score", goal="maximize")
    found = report.repeats
    assert found.configurations[0].parameters == {"lr": 0.2}
    assert found.of_best.parameters == {"lr": 0.1}
    text = words.repeats_sentence(report)
    assert "Best by mean: 0.65 over 3 runs" in text
    assert "Best by luck: r0000, 0.90, whose configuration has the mean 0.4." in text
    assert reported(sweep, goal="minimize").repeats.configurations[0].parameters == {"lr": 0.1}


def test_without_repeats_nothing_is_said():
    report = reported(sweep_of({"lr": [0.1, 0.2, 0.3]}, {"score": [1.0, 2.0, 3.0]}))
    assert report.repeats is None
    assert words.repeats_sentence(report) is None
    assert words.repeats_table(report).empty


def test_the_samples_repeats_give_the_pooled_standard_deviation_worked_out_by_hand():
    report = reported(read_sample("sample/repeats"), metric="val_dice_coefficient", goal="maximize")
    found = report.repeats
    assert round(found.sd, 4) == 0.0557
    # Noise is that of the best configuration: the others vary more.
    assert report.noise.sd == found.configurations[0].sd
    levels = report.population.config["repeat_of"]
    within = {level: report.population.values[(levels == level).to_numpy()] for level in set(levels)}
    by_mean = sorted(within.values(), key=lambda v: -v.mean())
    assert [c.mean for c in found.configurations] == pytest.approx([v.mean() for v in by_mean])
    assert [c.sd for c in found.configurations] == pytest.approx([np.std(v, ddof=1) for v in by_mean])
    table = words.repeats_table(report)
    assert table["runs"].tolist() == [5, 5, 5]
    assert "### Repeats" in report_as_markdown(report)
