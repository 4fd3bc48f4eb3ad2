import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lib.analysis.top_runs import shared_by_top, top_runs
from lib.statistics.multiple_testing import holm
from testing.sweeps import populated, sample_report, search, sweep_of


def test_the_top_of_the_sample_is_its_best_runs_in_order():
    found = sample_report().top_runs
    values = np.sort(sample_report().population.values)[::-1]
    assert [t.rank for t in found] == list(range(1, 11))
    assert [t.value for t in found] == values[:10].tolist()
    assert found[0].name == "young-robin-sweep-45"


@pytest.mark.parametrize(("top", "count"), [(1, 1), (3, 3), (50, 8)])
def test_as_many_are_listed_as_were_asked_for_or_are_there(top, count):
    assert len(top_runs(populated(search(8), top=top))) == count


def test_a_top_run_holds_its_parameters_and_metrics_as_plain_values():
    sweep = sweep_of({"lr": [0.1, 0.2], "k": [4, 8], "e": [1, 1]}, {"score": [1.0, 2.0], "m": [None, True]})
    first, second = top_runs(populated(sweep, metric="score", parameters=("lr", "k")))
    assert (first.run_id, first.parameters) == ("r0001", {"lr": 0.2, "k": 8})
    assert first.metrics == {"score": 2.0, "m": True, "runtime": 60.0}
    assert second.metrics["m"] is None
    assert type(first.parameters["k"]) is int


def test_what_the_top_shares_is_tested_against_the_rest():
    sweep = search(100)
    population = populated(sweep)
    found = {s.parameter: s for s in shared_by_top(population)}
    top = np.isin(np.arange(100), population.best_first[:10])
    raw = {}
    for name in ("depth", "lr"):
        x = population.numbers(name)
        raw[name] = float(stats.mannwhitneyu(x[top], x[~top]).pvalue)
        s = found[name]
        assert (s.top_low, s.top_high) == (x[top].min(), x[top].max())
        assert (s.top_median, s.rest_median) == (np.median(x[top]), np.median(x[~top]))
    for name in ("act", "batch"):
        s = found[name]
        inside = sweep.config[name].astype(str) == s.level
        table = pd.crosstab(inside.to_numpy(), ~top)
        raw[name] = float(stats.fisher_exact(table.to_numpy()).pvalue)
        assert (s.top_share, s.rest_share) == pytest.approx((inside[top].mean(), inside[~top].mean()))
    expected = dict(zip(sorted(raw), holm([raw[n] for n in sorted(raw)]), strict=True))
    assert {n: s.p_adjusted for n, s in found.items()} == pytest.approx(expected)
    assert found["batch"].level == "16"


@pytest.mark.parametrize("runs", [1, 2, 11])
def test_without_two_runs_on_either_side_nothing_is_compared(runs):
    assert shared_by_top(populated(search(runs))) == ()


def test_a_parameter_that_one_side_lacks_is_not_tested():
    y = [float(i) for i in range(20)]
    lr = [None] * 10 + [float(i) for i in range(10)]
    (shared,) = shared_by_top(populated(sweep_of({"lr": lr}, {"score": y}), parameters=("lr",)))
    assert (shared.top_low, shared.p_adjusted) == (None, None)
