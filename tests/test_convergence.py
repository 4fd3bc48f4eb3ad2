from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from lib.analysis.convergence import convergence, expected_best
from testing.planted_runs import runs_of


def test_expected_best_is_the_mean_over_all_subsets():
    values = np.array([0.1, 0.4, 0.5, 0.7, 1.0])
    for k in range(1, 6):
        mean, _, _ = expected_best(values, np.array([k]))
        assert mean[0] == pytest.approx(np.mean([max(subset) for subset in combinations(values, k)]))


def test_band_holds_95_percent_of_orders():
    values = np.arange(200.0)
    _, low, high = expected_best(values, np.array([10]))
    random = np.random.default_rng(0)
    best = np.array([random.choice(values, 10, replace=False).max() for _ in range(4000)])
    assert low[0] == pytest.approx(np.quantile(best, 0.025), abs=4)
    assert high[0] == pytest.approx(np.quantile(best, 0.975), abs=2)


def test_minimizing_mirrors_maximizing():
    y = np.random.default_rng(1).normal(size=40)
    up, down = convergence(runs_of({"x": y}, y)), convergence(runs_of({"x": y}, -y, goal="minimize"))
    assert down.expected_best == pytest.approx(-up.expected_best)
    assert down.low == pytest.approx(-up.high)
    assert down.best_so_far == pytest.approx(-up.best_so_far)
    assert down.last_quarter_gain == pytest.approx(up.last_quarter_gain)


def test_a_search_that_gets_better_is_still_improving_and_a_random_one_has_settled():
    noise = np.random.default_rng(2).normal(size=100)
    rising = convergence(runs_of({"x": noise}, np.linspace(0, 6, 100) + noise))
    assert rising.verdict == "still improving"
    assert convergence(runs_of({"x": noise}, noise)).verdict == "converged"


def test_last_quarter_gain_is_what_it_added_to_the_best():
    y = np.concatenate([np.linspace(0, 1, 30), np.full(9, 0.2), [1.5]])
    found = convergence(runs_of({"x": y}, y))
    assert found.last_quarter_runs == 10
    assert found.last_quarter_gain == pytest.approx(0.5)
    # 1 of 4 orders puts the best run in the last quarter.
    assert found.luck == pytest.approx(0.25)


def test_few_runs_are_not_judged_and_none_give_nothing():
    assert convergence(runs_of({"x": [1.0, 2.0, 3.0]}, [1.0, 2.0, 3.0])).verdict == "too few runs"
    nothing_used = replace(runs_of({"x": [1.0]}, [1.0]), rows=np.array([], dtype=int))
    assert convergence(nothing_used) is None


def test_many_runs_are_summarised_at_300_points():
    y = np.random.default_rng(3).normal(size=5000)
    found = convergence(runs_of({"x": y}, y))
    assert len(found.runs) <= 300
    assert found.runs[-1] == 5000
    assert found.expected_best[-1] == pytest.approx(y.max())


def test_without_times_of_creation_nothing_is_said_of_what_came_last():
    y = np.random.default_rng(5).normal(size=40)
    timed = runs_of({"x": y}, y)
    runs = timed.sweep.runs.assign(created_at=pd.Series(pd.NaT, index=range(40)).dt.tz_localize("UTC"))
    found = convergence(replace(timed, sweep=replace(timed.sweep, runs=runs)))
    assert (found.verdict, found.last_quarter_gain, found.trend_p) == ("order not known", None, None)
    assert found.expected_best == pytest.approx(convergence(timed).expected_best)
