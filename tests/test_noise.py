import math

import numpy as np
import pytest
from scipy import stats

from lib.analysis.configurations import configurations_of
from lib.analysis.noise import noise
from lib.analysis.repeat_means import repeat_means
from lib.analysis.repeats import repeat_groups
from lib.analysis.surrogate import Surrogate
from lib.analysis.winner import selection_reach, tied_with_best
from lib.findings import findings_of
from lib.sections.best_run import best_run_evidence, noise_sentence
from lib.sources.join import join
from lib.sources.sample import read_sample
from testing.sweeps import columns_of_a_search, populated, reported, search, sweep_of

NAN = math.nan


def untrusted(runs):
    return Surrogate("none", None, False, (), np.full(runs, NAN))


def trusted(predictions):
    return Surrogate("given", 0.5, True, (), np.array(predictions))


def test_repeats_are_pooled_within_configurations():
    y = [1.0, 2.0, 3.0, 10.0, 12.0, 50.0]
    population = populated(sweep_of({"lr": [0.1] * 3 + [0.2] * 2 + [0.3]}, {"score": y}))
    found = noise(population, untrusted(6))
    # Squares within: 2 in the first group (2 degrees), 2 in the second (1 degree).
    assert found.sd == pytest.approx(math.sqrt(4 / 3))
    assert (found.source, found.groups, found.runs) == ("repeats", 2, 5)


def test_repeats_count_near_the_best_only_as_far_down_as_they_vary_alike():
    found = reported(read_sample("sample/repeats"), metric="val_dice_coefficient", goal="maximize").noise
    # Five runs at the best with 0.015, five with 0.036, five with 0.087: an F test keeps the first apart.
    assert (found.source, found.groups, found.runs) == ("repeats", 1, 5)
    assert round(found.sd, 4) == 0.0148


def test_the_first_sweep_and_its_repeats_give_a_noise_within_the_repeats_own_interval():
    found = reported(join([read_sample(), read_sample("sample/repeats")])).noise
    low, high = np.sqrt(4 * 0.0148**2 / stats.chi2.ppf([0.975, 0.025], 4))
    assert found.source == "repeats"
    assert low < found.sd < high


def test_too_few_repeats_do_not_count():
    y = [1.0, 2.0, 10.0, 12.0, 50.0]
    population = populated(sweep_of({"lr": [0.1, 0.1, 0.2, 0.2, 0.3]}, {"score": y}))
    found = noise(population, untrusted(5))
    assert (found.source, found.sd) == ("spread", pytest.approx(np.std(y, ddof=1)))
    held_out = noise(population, trusted([2.0, 2.0, 11.0, NAN, 49.0]))
    assert (held_out.source, held_out.sd, held_out.runs) == ("surrogate", pytest.approx(math.sqrt(3 / 4)), 4)


def test_runs_that_lack_a_searched_value_repeat_nothing():
    sweep = sweep_of({"lr": [0.1, 0.1, None, None, 0.2], "k": [1, 1, 2, 2, 3]}, {"score": [1.0, 2.0, 3.0, 4.0, 5.0]})
    groups = repeat_groups(populated(sweep, parameters=("lr", "k")))
    assert groups.isna().tolist() == [False, False, True, True, False]
    assert groups[0] == groups[1] != groups[4]
    nothing = populated(sweep_of({"lr": [0.1] * 3}, {"score": [1.0, 2.0, 3.0]}))
    assert repeat_groups(nothing).isna().all()


def test_the_noise_of_two_runs_is_not_known():
    assert noise(populated(sweep_of({"lr": [1, 2]}, {"score": [1.0, 2.0]})), untrusted(2)) is None


def test_the_reach_of_the_tie_set_is_guptas():
    # Of two runs: the 95% point of the difference, sqrt(2) standard deviations wide.
    assert selection_reach(2) == pytest.approx(math.sqrt(2) * stats.norm.ppf(0.95), rel=1e-6)
    # Of three: both differences below d, which correlate by a half.
    d = selection_reach(3)
    both = stats.multivariate_normal.cdf([d, d], cov=[[2, 1], [1, 2]])
    assert both == pytest.approx(0.95, abs=1e-6)
    assert selection_reach(1) == 0.0
    reaches = [selection_reach(n) for n in (2, 3, 10, 100, 10_000)]
    assert reaches == sorted(reaches)


@pytest.mark.parametrize("goal", ["maximize", "minimize"])
def test_runs_within_reach_of_the_best_are_tied_with_it_best_first(goal):
    sign = 1 if goal == "maximize" else -1
    y = [sign * v for v in (10.0, 9.9, 3.0, 9.95, 2.0, 3.1, 2.9)]
    lr = [0.1, 0.2, 0.5, 0.3, 0.4, 0.5, 0.5]
    population = populated(sweep_of({"lr": lr, "k": [1] * 4 + [1, 1, 1]}, {"score": y}), goal=goal, parameters=("lr",))
    found = noise(population, trusted([0.0] * 7))
    assert found.source == "surrogate"
    near = type(found)(0.05, "repeats", 1, 3)
    assert population.rows[tied_with_best(population, near)].tolist() == [0, 3, 1]
    assert tied_with_best(population, None).tolist() == [0]


def test_the_tie_set_of_a_clear_winner_is_itself():
    sweep = search(40)
    config, y = sweep.config, sweep.summary["val_score"].tolist()
    best = int(np.argmax(y))
    y[best] += 100
    again = sweep_of({c: config[c].tolist() for c in config}, {"val_score": y})
    population = populated(again)
    sharp = type(noise(population, untrusted(40)))(0.05, "repeats", 2, 8)
    assert tied_with_best(population, sharp).tolist() == [best]


def test_too_few_runs_for_a_model_leave_a_bound_of_the_noise_and_no_forecast():
    report = reported(search(7))
    assert (report.noise.source, report.best_run.expected) == ("bound", None)
    assert report.noise.sd == pytest.approx(np.std(report.population.values, ddof=1))
    assert "upper bound" in noise_sentence(report)
    assert "predict none" not in noise_sentence(report)
    tie = next(finding for finding in findings_of(report) if finding.kind == "tie")
    assert tie.strength == "weak"
    assert "is known to be at most" in tie.text
    assert "as good as the best" not in tie.text
    assert "too few runs" in best_run_evidence(report)


def test_without_repeats_the_noise_is_what_a_model_leaves_unexplained():
    # The noise of these runs is 0.05 by construction; all they vary by is 0.6.
    report = reported(search(150))
    assert report.noise.source == "surrogate"
    assert 0.8 * 0.05 < report.noise.sd < 1.25 * 0.05
    assert "bound" not in noise_sentence(report)


def test_noise_is_called_the_spread_only_where_it_is_nearly_that():
    """A model may fail to predict single runs and still explain half of their spread."""
    explained = populated(search(30))
    found = noise(explained, untrusted(30))
    assert found.source == "surrogate"
    assert found.sd < 0.5 * np.std(explained.values, ddof=1)
    random = np.random.default_rng(5)
    nothing = populated(sweep_of({"x": random.uniform(size=40).tolist()}, {"score": random.normal(size=40).tolist()}))
    found = noise(nothing, untrusted(40))
    assert found.source == "spread"
    assert found.sd > 0.9 * np.std(nothing.values, ddof=1)


def test_copies_tell_nothing_of_noise():
    columns = {name: values * 3 for name, values in columns_of_a_search(30)[0].items()}
    score = columns_of_a_search(30)[1]["val_score"]
    copied = populated(sweep_of(columns, {"score": score * 3}))
    found = repeat_means(copied)
    assert (len(found.first), found.counts.sum(), found.degrees) == (30, 30, 0)
    assert noise(copied, untrusted(90)).source != "repeats"
    repeated = sweep_of(columns, {"score": [v + shift for shift in (0.0, 0.01, 0.02) for v in score]})
    again = repeat_means(populated(repeated))
    assert (len(again.first), again.counts.sum(), again.degrees) == (30, 90, 60)
    assert noise(populated(repeated), untrusted(90)).sd == pytest.approx(0.01)


def test_a_copy_counts_once_beside_repeats_that_differ_for_tests_and_for_models_alike():
    score = [0.1, 0.1, 0.4, 0.7, 0.9, 0.9]
    sweep = populated(sweep_of({"lr": [1.0, 1.0, 1.0, 2.0, 3.0, 3.0]}, {"score": score}))
    found = repeat_means(sweep)
    assert found.counts.tolist() == [2, 1, 1]
    assert (found.good * found.unit).tolist() == pytest.approx([0.25, 0.7, 0.9])
    assert configurations_of(sweep).copy.tolist() == [False, True, False, False, False, True]


def test_noise_among_runs_that_succeeded_is_not_made_smaller_by_a_forest_that_predicts_failures():
    random = np.random.default_rng(6)
    lr = 10 ** random.uniform(-5, -1, 80)
    failed = lr > 0.01
    values = np.where(failed, 0.1, 0.85 + 0.01 * (np.log10(lr) + 5)) + random.normal(0, 0.006, 80)
    report = reported(sweep_of({"lr": lr.tolist(), "width": random.random(80).tolist()}, {"acc": values.tolist()}))
    assert 0.8 * 0.006 <= report.noise.sd <= 1.25 * 0.006
