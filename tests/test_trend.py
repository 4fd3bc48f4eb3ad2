import numpy as np
import pytest

from lib.analysis.effects import effects
from lib.analysis.groups import mean_interval
from lib.analysis.interactions import interactions
from lib.analysis.recommended import recommendation
from lib.analysis.trend import continuous_impacts, equal_count_bins
from testing.sweeps import columns_of_a_search, populated, search, sweep_of


def test_bins_hold_equal_counts_and_their_own_means():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 1, 80), rng.normal(size=80)
    bins = equal_count_bins(x, y)
    assert [b.count for b in bins] == [10] * 8
    order = np.argsort(x)
    for number, b in enumerate(bins):
        inside = order[number * 10 : number * 10 + 10]
        assert (b.x_low, b.x_high) == (x[inside].min(), x[inside].max())
        assert b.mean == pytest.approx(y[inside].mean())
        assert (b.ci_low, b.ci_high) == pytest.approx(mean_interval(y[inside]))


@pytest.mark.parametrize(("runs", "bins"), [(0, 0), (1, 1), (19, 1), (20, 2), (59, 5), (5000, 8)])
def test_a_bin_is_of_about_ten_runs_and_there_are_eight_at_most(runs, bins):
    found = equal_count_bins(np.linspace(0, 1, runs), np.zeros(runs))
    assert len(found) == bins
    assert sum(b.count for b in found) == runs


def test_equal_values_of_the_parameter_stay_in_one_bin():
    x = np.repeat([1.0, 2.0, 3.0], [25, 5, 30])
    bins = equal_count_bins(x, np.arange(60.0))
    assert [(b.x_low, b.x_high, b.count) for b in bins] == [(1, 1, 25), (2, 2, 5), (3, 3, 30)]


def advised(population):
    found = effects(population)
    return recommendation(population, found, interactions(population, found))


def test_a_sweet_spot_is_the_recommended_range_where_that_is_narrower():
    population = populated(search(150))
    advice = advised(population)
    impacts = {i.parameter: i for i in continuous_impacts(population, advice)}
    assert list(impacts) == ["depth", "lr"]
    assert impacts["depth"].sweet_spot is None
    spot = impacts["lr"].sweet_spot
    assert spot.low < 1e-3 < spot.high
    assert (spot.low, spot.high) == (advice.of("lr").low, advice.of("lr").high)
    assert all(i.sweet_spot is None for i in continuous_impacts(population))


def test_minimizing_the_negative_mirrors_maximizing():
    config, summary = columns_of_a_search(100)
    negative = {"val_score": [-y for y in summary["val_score"]]}
    up = populated(sweep_of(config, {"val_score": summary["val_score"]}), goal="maximize")
    down = populated(sweep_of(config, negative), goal="minimize")
    for one, other in zip(continuous_impacts(up, advised(up)), continuous_impacts(down, advised(down)), strict=True):
        assert one.sweet_spot == other.sweet_spot
        assert [b.mean for b in one.trend] == pytest.approx([-b.mean for b in other.trend])


def test_runs_without_a_value_are_counted():
    sweep = sweep_of({"lr": [0.1, None, 0.2, float("inf")]}, {"score": [1.0, 2.0, 3.0, 4.0]})
    (impact,) = continuous_impacts(populated(sweep))
    assert (impact.n, impact.missing) == (2, 2)


def test_bins_of_a_grouped_table_hold_equal_counts_of_runs_and_weigh_them():
    x, y = np.arange(40.0), np.random.default_rng(0).normal(size=40)
    runs = np.where(np.arange(40) < 8, 20.0, 5.0)
    bins = equal_count_bins(x, y, runs)
    assert [b.count for b in bins] == [80] * 4
    for b in bins:
        inside = (x >= b.x_low) & (x <= b.x_high)
        assert b.mean == pytest.approx(np.average(y[inside], weights=runs[inside]))
    same = equal_count_bins(x, y, np.full(40, 3.0))
    assert [(b.x_low, b.x_high, b.count) for b in same] == [
        (b.x_low, b.x_high, 3 * b.count) for b in equal_count_bins(x, y)
    ]
