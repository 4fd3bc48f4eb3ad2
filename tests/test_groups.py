from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lib.analysis.groups import discrete_impacts, mean_interval
from lib.statistics.multiple_testing import holm
from testing.sweeps import populated, sample_report, search, sweep_of


def impact_of(sweep, parameter, **choices):
    return next(i for i in discrete_impacts(populated(sweep, **choices)) if i.parameter == parameter)


def test_the_batch_sizes_of_the_sample_have_the_figures_that_pandas_gives():
    (batch,) = sample_report().discrete
    assert batch.parameter == "batch_size"
    found = [(g.value, g.count, round(g.mean, 6), round(g.std, 6), round(g.max, 6)) for g in batch.groups]
    assert found == [
        (4, 36, 0.789731, 0.034955, 0.836083),
        (8, 68, 0.796101, 0.034940, 0.839713),
        (16, 49, 0.779549, 0.046368, 0.835298),
    ]


def test_levels_are_described_as_pandas_and_tested_as_scipy_do():
    sweep = search(80)
    impact = impact_of(sweep, "batch")
    frame = pd.DataFrame({"level": sweep.config["batch"].astype(int), "y": sweep.summary["val_score"]})
    grouped = frame.groupby("level")["y"]
    expected = grouped.agg(["count", "mean", "std", "max", "min", "median"])
    assert [g.value for g in impact.groups] == [4, 8, 16]
    for level in impact.groups:
        row = expected.loc[level.value]
        assert level.count == row["count"]
        for name in ("mean", "std", "max", "min", "median"):
            assert getattr(level, name) == pytest.approx(row[name], rel=1e-12), name
        low, high = stats.t.interval(0.95, row["count"] - 1, row["mean"], row["std"] / np.sqrt(row["count"]))
        assert (level.ci_low, level.ci_high) == pytest.approx((low, high), rel=1e-12)
    samples = [group.to_numpy() for _, group in grouped]
    reference = stats.kruskal(*samples)
    assert impact.test.statistic == pytest.approx(reference.statistic)
    assert impact.test.p_value == pytest.approx(reference.pvalue)
    assert impact.test.effect_size == pytest.approx(reference.statistic / 79)


def test_pairs_follow_a_clear_omnibus_test_with_holms_correction():
    sweep = search(300)
    impact = impact_of(sweep, "batch")
    frame = pd.DataFrame({"level": sweep.config["batch"].astype(int), "y": sweep.summary["val_score"]})
    samples = {level: group.to_numpy() for level, group in frame.groupby("level")["y"]}
    raw = [
        float(stats.mannwhitneyu(samples[a], samples[b], alternative="two-sided").pvalue)
        for a, b in ((4, 8), (4, 16), (8, 16))
    ]
    assert [(p.first, p.second) for p in impact.pairs] == [(4, 8), (4, 16), (8, 16)]
    assert [p.p_value for p in impact.pairs] == pytest.approx(raw)
    assert [p.p_adjusted for p in impact.pairs] == pytest.approx(holm(raw))
    assert impact_of(sweep, "act").pairs == ()


def test_p_values_are_adjusted_over_all_discrete_parameters():
    impacts = discrete_impacts(populated(search(80)))
    assert [i.parameter for i in impacts] == ["act", "batch"]
    raw = [i.test.p_value for i in impacts]
    assert [i.test.p_adjusted for i in impacts] == pytest.approx(stats.false_discovery_control(raw).tolist())


def test_a_level_of_under_three_runs_is_shown_and_not_tested():
    y = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 100.0, 200.0]
    level = ["a", "a", "a", "b", "b", "b", "c", "c"]
    impact = impact_of(sweep_of({"act": level}, {"score": y}), "act")
    assert [(g.value, g.count) for g in impact.groups] == [("a", 3), ("b", 3), ("c", 2)]
    assert impact.test.levels == 2
    assert impact.test.p_value == pytest.approx(stats.kruskal(y[:3], y[3:6]).pvalue)
    assert (impact.best.value, impact.worst.value) == ("b", "a")


def test_what_can_not_be_known_is_none():
    impact = impact_of(
        sweep_of({"act": ["a", "b", "b", None]}, {"score": [1.0, 2.0, 2.0, 3.0]}), "act", parameters=("act",)
    )
    one, two = impact.groups
    assert (one.std, one.ci_low, one.ci_high) == (None, None, None)
    assert (two.std, two.ci_low, two.ci_high) == (0.0, 2.0, 2.0)
    assert impact.test is None
    assert impact.missing == 1


def test_a_constant_objective_is_not_tested():
    impact = impact_of(sweep_of({"act": ["a", "b"] * 5}, {"score": [0.5] * 10}), "act")
    assert impact.test is None


def test_booleans_and_numbers_keep_their_own_values():
    sweep = sweep_of({"aug": [True, False] * 4, "k": [10, 10, 9, 9] * 2}, {"score": [float(i) for i in range(8)]})
    assert [g.value for g in impact_of(sweep, "aug").groups] == [False, True]
    assert [g.value for g in impact_of(sweep, "k").groups] == [9, 10]


def test_the_interval_of_a_mean_is_students():
    low, high = mean_interval(np.array([1.0, 2.0, 3.0, 4.0]))
    # t(0.975, 3) = 3.182446; standard deviation 1.290994 over 2.
    assert (low, high) == pytest.approx((2.5 - 3.182446 * 0.645497, 2.5 + 3.182446 * 0.645497), rel=1e-5)
    assert mean_interval(np.array([1.0])) == (None, None)


def grouped(runs):
    """Return rows that are means of that many runs each, of two levels, one range and a metric."""
    rows = len(runs)
    config = {"act": ["relu", "gelu"] * (rows // 2), "lr": np.linspace(0.1, 1.0, rows)}
    summary = {"score": np.random.default_rng(3).normal(size=rows), "n_runs": runs}
    return replace(
        sweep_of(config, summary, declared={"metric": {"name": "score", "goal": "maximize"}}), counted_by="n_runs"
    )


def test_levels_of_a_grouped_table_count_and_weigh_runs():
    runs = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    sweep = grouped(runs)
    impact = impact_of(sweep, "act")
    for level in impact.groups:
        of_it = (sweep.config["act"] == level.value).to_numpy()
        values, behind = sweep.summary["score"][of_it].to_numpy(), sweep.summary["n_runs"][of_it].to_numpy()
        repeated = np.repeat(values, behind)
        assert (level.count, level.median) == (len(repeated), np.median(repeated))
        assert level.mean == pytest.approx(repeated.mean())
        middle = (level.ci_low + level.ci_high) / 2
        assert middle == pytest.approx(level.mean)
    samples = [sweep.summary["score"][sweep.config["act"] == level.value] for level in impact.groups]
    assert impact.test.p_value == pytest.approx(stats.kruskal(*samples).pvalue)


def test_means_of_equally_many_runs_are_described_as_runs_are():
    weighed, plain = impact_of(grouped([4] * 10), "act"), impact_of(replace(grouped([4] * 10), counted_by=None), "act")
    for one, other in zip(weighed.groups, plain.groups, strict=True):
        assert one.count == 4 * other.count
        for name in ("mean", "std", "median", "ci_low", "ci_high"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-12), name


def test_repeats_of_a_configuration_are_one_observation_of_the_test_and_runs_of_the_table():
    draw = np.random.default_rng(5)
    width = np.repeat(draw.uniform(1, 9, 18), 4)
    act = np.repeat(["a", "b", "c"] * 6, 4)
    score = np.repeat(draw.normal(size=18), 4) + draw.normal(scale=0.1, size=72)
    config = {"act": act.tolist(), "width": width.tolist(), "seed": [1, 2, 3, 4] * 18}
    impact = impact_of(sweep_of(config, {"score": score.tolist()}), "act")
    assert [group.count for group in impact.groups] == [24, 24, 24]
    means = score.reshape(18, 4).mean(axis=1)
    reference = stats.kruskal(*(means[at::3] for at in range(3)))
    assert impact.test.configurations == 18
    assert impact.test.p_value == pytest.approx(reference.pvalue)
