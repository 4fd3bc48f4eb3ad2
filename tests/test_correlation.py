import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lib.analysis.correlation import correlation_matrix, correlations, spearman_interval
from lib.sections.correlation import correlation_headline
from testing.sweeps import columns_of_a_search, populated, reported, sample_report, search, sweep_of


def test_the_correlations_of_the_sample_are_scipys():
    found = {(c.parameter, c.method): c for c in sample_report().correlations}
    rounded = {key: round(c.coefficient, 6) for key, c in found.items()}
    assert rounded == {
        ("batch_size", "pearson"): -0.139116,
        ("batch_size", "spearman"): -0.095770,
        ("dropout", "pearson"): -0.227879,
        ("dropout", "spearman"): -0.277499,
        ("l2_reg", "pearson"): -0.190071,
        ("l2_reg", "spearman"): -0.152892,
        ("learning_rate", "pearson"): -0.436214,
        ("learning_rate", "spearman"): -0.424356,
    }
    assert {c.n for c in found.values()} == {153}


def test_the_headline_calls_no_correlation_the_strongest_where_none_is_clear():
    random = np.random.default_rng(3)
    noise = sweep_of({"lr": random.random(40).tolist()}, {"score": random.random(40).tolist()})
    told = correlation_headline(reported(noise, metric="score", goal="maximize"))
    assert told.startswith("No hyperparameter clearly correlates with score; the strongest is lr: ")
    assert correlation_headline(sample_report()).startswith("learning_rate correlates most with ")


def test_coefficients_intervals_and_p_values_are_scipys():
    sweep = search(50)
    y = sweep.summary["val_score"].to_numpy()
    for c in correlations(populated(sweep)):
        x = sweep.config[c.parameter].to_numpy(dtype=float)
        result = stats.pearsonr(x, y) if c.method == "pearson" else stats.spearmanr(x, y)
        assert c.coefficient == pytest.approx(result.statistic, rel=1e-12)
        assert c.p_value == pytest.approx(result.pvalue, rel=1e-9)
        if c.method == "pearson":
            assert (c.ci_low, c.ci_high) == pytest.approx(tuple(result.confidence_interval(0.95)), rel=1e-9)
        else:
            assert (c.ci_low, c.ci_high) == spearman_interval(result.statistic, 50)


def test_p_values_are_adjusted_over_every_coefficient_that_is_shown():
    found = correlations(populated(search(50)))
    assert [(c.parameter, c.method) for c in found] == [
        (name, method) for name in ("batch", "depth", "lr") for method in ("pearson", "spearman")
    ]
    expected = stats.false_discovery_control([c.p_value for c in found])
    assert [c.p_adjusted for c in found] == pytest.approx(expected.tolist())


def test_the_spearman_interval_is_bonett_and_wrights():
    # By hand: r 0.5, n 28: z 0.549306, standard error sqrt(1.125 / 25) = 0.212132.
    low, high = spearman_interval(0.5, 28)
    reach = 1.959964 * math.sqrt(1.125 / 25)
    assert (low, high) == pytest.approx((math.tanh(0.549306 - reach), math.tanh(0.549306 + reach)), rel=1e-5)
    assert spearman_interval(0.5, 3) is None
    assert spearman_interval(1.0, 10) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1.0, 2.0], [1.0, 2.0]),
        ([1.0, 1.0, 1.0, 1.0], [1.0, 2.0, 3.0, 4.0]),
        ([1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0, 1.0]),
        ([1.0, None, float("nan"), 2.0], [1.0, 2.0, 3.0, 4.0]),
    ],
)
def test_what_is_not_defined_is_none_with_its_n(x, y):
    for c in correlations(populated(sweep_of({"lr": x}, {"score": y}), parameters=("lr",))):
        assert c.n == sum(v is not None and v == v for v in x)
        assert (c.coefficient, c.p_value, c.p_adjusted, c.ci_low, c.ci_high) == (None,) * 5


def test_runs_without_a_finite_value_are_left_out_of_their_own_pair_only():
    x = [0.3, 0.1, float("inf"), None, 0.5, 0.2, 0.7]
    y = [3.0, 1.0, 9.0, 9.0, 4.0, 2.5, 5.0]
    pearson, spearman = correlations(populated(sweep_of({"lr": x}, {"score": y})))
    keep = [0, 1, 4, 5, 6]
    reference = stats.pearsonr([x[i] for i in keep], [y[i] for i in keep])
    assert (pearson.n, spearman.n) == (5, 5)
    assert pearson.coefficient == pytest.approx(reference.statistic)


@pytest.mark.parametrize("size", [1e300, 1e-300, 1e-12, 1e12])
def test_very_large_and_small_values_correlate_as_others_do(size):
    x, y = [1.0, 2.0, 3.0, 4.0, 6.0], [2.0, 1.0, 4.0, 3.0, 7.0]
    small = correlations(populated(sweep_of({"lr": x}, {"score": y})))
    scaled = correlations(populated(sweep_of({"lr": [v * size for v in x]}, {"score": [v * size for v in y]})))
    assert [c.coefficient for c in scaled] == pytest.approx([c.coefficient for c in small])
    assert [c.p_value for c in scaled] == pytest.approx([c.p_value for c in small])


@settings(max_examples=20)
@given(st.floats(1e-6, 1e6), st.integers(5, 25), st.integers(0, 10**6))
def test_scaling_the_objective_changes_no_correlation(factor, runs, seed):
    config, summary = columns_of_a_search(runs, seed)
    one = correlations(populated(sweep_of(config, {"s": summary["val_score"]})))
    other = correlations(populated(sweep_of(config, {"s": [y * factor for y in summary["val_score"]]})))
    assert [c.coefficient for c in one] == pytest.approx([c.coefficient for c in other], rel=1e-9, abs=1e-12)


def test_the_goal_changes_no_correlation():
    up, down = (correlations(populated(search(30), goal=goal)) for goal in ("maximize", "minimize"))
    assert up == down


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_the_matrix_is_pandas_corr(method):
    sweep = search(40)
    matrix = correlation_matrix(populated(sweep), method)
    assert matrix.names == ("batch", "depth", "lr", "val_score", "train_loss")
    frame = pd.concat([sweep.config[["batch", "depth", "lr"]], sweep.summary[["val_score", "train_loss"]]], axis=1)
    np.testing.assert_allclose(matrix.coefficients, frame.astype(float).corr(method=method).to_numpy(), rtol=1e-10)
    assert matrix.left_out == 0


def test_the_matrix_takes_gaps_pairwise_and_names_of_both_kinds_apart():
    sweep = sweep_of(
        {"lr": [1.0, 2.0, None, 4.0, 5.0, 7.0]},
        {"lr": [1.0, 3.0, 2.0, 5.0, 4.0, 6.0], "flat": [1.0] * 6, "m": [1.0, None, 2.0, 3.0, 5.0, 4.0]},
    )
    matrix = correlation_matrix(populated(sweep, metric="lr", parameters=("lr",)), "spearman")
    assert matrix.names == ("lr", "lr (metric)", "m")
    expected = stats.spearmanr([1, 4, 5, 7], [1, 3, 5, 4]).statistic
    assert matrix.coefficients[0, 2] == pytest.approx(expected)


def test_a_wide_matrix_is_cut_and_says_so():
    rng = np.random.default_rng(0)
    sweep = sweep_of(
        {"lr": rng.uniform(size=12).tolist()}, {f"m{i:02d}": rng.normal(size=12).tolist() for i in range(40)}
    )
    matrix = correlation_matrix(populated(sweep), "pearson")
    assert (len(matrix.names), matrix.left_out) == (24, 17)
