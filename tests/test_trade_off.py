"""Two metrics at once: the Pareto front against its definition, and which parameters trade one for the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lib.analysis.another_objective import about, goal_in, other_metrics
from lib.analysis.trade_off import most_opposed, pareto_front, trade_off, why_unavailable
from lib.charts.trade_off import trade_off_chart, trades_chart
from lib.sections import trade_off as words
from testing.sweeps import populated, reported, sample_report, sweep_of


def beaten(points, at):
    """Whether another point is at least as good in both and better in one: the definition, pair by pair."""
    x, y = points[at]
    return any(a >= x and b >= y and (a > x or b > y) for a, b in points)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=40))
def test_the_front_is_the_points_that_none_beats(points):
    front = pareto_front(np.array([p[0] for p in points], dtype=float), np.array([p[1] for p in points], dtype=float))
    assert sorted(front.tolist()) == [at for at in range(len(points)) if not beaten(points, at)]
    firsts = [points[at][0] for at in front]
    assert firsts == sorted(firsts, reverse=True)


def test_a_hundred_thousand_points_have_the_front_that_a_running_maximum_gives():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 100_000))
    order = np.argsort(-first)
    running = np.maximum.accumulate(second[order])
    expected = order[second[order] == running]
    expected = expected[np.concatenate([[True], np.diff(second[expected]) > 0])]
    assert pareto_front(first, second).tolist() == expected.tolist()


def traded(runs=80, seed=0):
    """Return runs in which `width` gains the score and costs latency, and `lr` matters to the score alone."""
    rng = np.random.default_rng(seed)
    width, lr = rng.uniform(1, 10, runs), rng.uniform(size=runs)
    return sweep_of(
        {"width": width.tolist(), "lr": lr.tolist(), "idle": rng.uniform(size=runs).tolist()},
        {
            "val_score": (width + 5 * lr + rng.normal(size=runs)).tolist(),
            "latency": (width + 0.2 * rng.normal(size=runs)).tolist(),
            "val_loss": (-width - 5 * lr).tolist(),
            "epoch": (10 - width).tolist(),
        },
    )


def test_the_parameter_that_trades_is_found_and_no_other():
    population = populated(traded())
    found = trade_off(population, "latency", "minimize")
    assert [t.parameter for t in found.trades if t.trades] == ["width"]
    width = next(t for t in found.trades if t.parameter == "width")
    x = population.numbers("width")
    assert width.first == pytest.approx(stats.spearmanr(x, population.values).statistic)
    assert width.second == pytest.approx(-stats.spearmanr(x, population.metric("latency")).statistic)


def test_the_goal_of_the_second_metric_goes_by_its_name_and_can_be_turned():
    population = populated(traded())
    assert goal_in(population, "latency") == "minimize"
    assert goal_in(population, "runtime") == "minimize"
    assert goal_in(population, "val_score") == "maximize"
    turned = trade_off(population, "latency", "maximize")
    assert not any(t.trades for t in turned.trades)
    assert turned.agreement == pytest.approx(-trade_off(population, "latency", "minimize").agreement)


def test_the_metric_shown_first_is_the_one_that_goes_against_the_objective():
    population = populated(traded())
    assert "epoch" in other_metrics(population)
    assert most_opposed(population) == "latency"


def test_runs_without_the_second_metric_are_left_out_of_both():
    sweep = sweep_of({"lr": [1, 2, 3, 4]}, {"score": [1.0, 2.0, 3.0, 4.0], "size": [4.0, None, 2.0, float("nan")]})
    found = trade_off(populated(sweep, metric="score", goal="maximize"), "size", "minimize")
    assert found.runs.tolist() == [0, 2]
    assert found.front.tolist() == [1]


def test_the_same_runs_can_be_asked_about_their_runtime():
    population = sample_report().population
    timed = about(population, "runtime", "minimize")
    np.testing.assert_array_equal(timed.values, population.runs["runtime"])
    assert timed.objective.goal == "minimize"
    assert timed.best_first[0] == int(np.argmin(population.runs["runtime"]))
    assert "runtime" not in population.sweep.summary


def test_one_metric_alone_says_so():
    sweep = sweep_of({"lr": [1, 2]}, {"score": [1.0, 2.0]})
    sweep.runs["runtime"] = np.nan
    assert "only metric" in why_unavailable(populated(sweep))


def test_the_front_of_the_sample_is_in_the_table_and_the_chart_holds_few_marks():
    report = sample_report()
    found = trade_off(report.population, "runtime", "minimize")
    table = words.front_table(report, found)
    assert table[report.population.objective.metric].is_monotonic_decreasing
    assert table["runtime (s)"].is_monotonic_decreasing
    assert table["run"].iloc[0] == report.top_runs[0].name
    assert f"{len(table)} of 153 runs" in words.trade_off_headline(report, found)
    assert trade_off_chart(report.population, found).to_dict()
    assert trades_chart(found).to_dict()


def test_agreeing_metrics_have_no_trade_off_to_tell_of():
    sweep = sweep_of({"lr": [1, 2, 3]}, {"score": [1.0, 2.0, 3.0], "acc": [0.1, 0.2, 0.3]})
    report = reported(sweep, metric="score", goal="maximize")
    found = trade_off(report.population, "acc", "maximize")
    assert len(found.front) == 1
    assert "no trade-off" in words.trade_off_headline(report, found)
