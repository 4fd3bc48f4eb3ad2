import numpy as np
import pytest

from lib.analysis import models as module
from lib.analysis.models import drawn_in
from lib.analysis.surrogate import partial_dependence, surrogate
from testing.sweeps import columns_of_a_search, populated, sample_report, search, sweep_of


@pytest.fixture
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grow small forests: what is tested is not how well they predict."""
    monkeypatch.setattr(module, "TREES", 15)


def test_what_decides_the_objective_ranks_first_and_what_does_not_is_near_zero():
    found = surrogate(populated(search(100)))
    assert found.trusted
    assert 0.7 < found.r2 < 1
    by_name = {i.parameter: i for i in found.parameters}
    assert [i.parameter for i in found.parameters[:2]] == ["lr", "batch"]
    assert by_name["lr"].ci_low > 0.5
    for name in ("depth", "act"):
        assert by_name[name].ci_low <= 0.02
        assert abs(by_name[name].importance) < 0.05


def test_r2_is_that_of_predictions_on_held_out_runs(few_trees):
    population = populated(search(60))
    found = surrogate(population)
    # The mean of two predictions predicts at least as well as the two do on average.
    errors = np.sum((population.values - found.predictions) ** 2)
    together = 1 - errors / np.sum((population.values - population.values.mean()) ** 2)
    assert found.r2 <= together < found.r2 + 0.2


def test_noise_is_not_predicted_and_no_importance_is_trusted(few_trees):
    rng = np.random.default_rng(3)
    config = {"a": rng.uniform(size=60).tolist(), "b": rng.uniform(size=60).tolist()}
    found = surrogate(populated(sweep_of(config, {"score": rng.normal(size=60).tolist()})))
    assert found.r2 < 0
    assert not found.trusted
    assert "don't predict the objective" in found.why_not


@pytest.mark.parametrize(
    ("sweep", "why"),
    [
        (search(19), "at least 20 runs"),
        (sweep_of({"lr": [0.1] * 30}, {"score": [float(i) for i in range(30)]}), "no searched parameter varies"),
        (sweep_of({"lr": [float(i) for i in range(30)]}, {"score": [0.5] * 30}), "the same value of the objective"),
    ],
)
def test_where_there_is_no_surrogate_it_says_why(sweep, why):
    found = surrogate(populated(sweep))
    assert (found.r2, found.trusted, found.parameters) == (None, False, ())
    assert why in found.why_not
    assert np.isnan(found.predictions).all()


def test_the_order_of_rows_and_a_second_fit_change_nothing(few_trees):
    columns = columns_of_a_search(50)
    order = np.random.default_rng(0).permutation(50).tolist()
    one, two, again = (
        surrogate(populated(sweep)) for sweep in (sweep_of(*columns), sweep_of(*columns, order=order), search(50))
    )
    assert one.parameters == two.parameters == again.parameters
    np.testing.assert_array_equal(one.predictions, two.predictions)


def test_gaps_infinities_and_sizes_beyond_32_bits_are_no_obstacle(few_trees):
    rng = np.random.default_rng(5)
    x = rng.uniform(1, 2, 40)
    config = {
        "huge": (x * 1e300).tolist(),
        "tiny": (rng.uniform(1, 2, 40) * 1e-300).tolist(),
        "gaps": [None if i % 3 else float(i) for i in range(40)],
        "act": [None if i % 4 == 0 else "ab"[i % 2] for i in range(40)],
    }
    found = surrogate(populated(sweep_of(config, {"score": (x + rng.normal(0, 0.05, 40)).tolist()})))
    assert found.trusted
    assert found.parameters[0].parameter == "huge"


def test_diverged_runs_are_drawn_in_and_others_left():
    values = np.array([0.0, 1.0, 2.0, 3.0, 1e9])
    assert drawn_in(values).tolist() == [0.0, 1.0, 2.0, 3.0, 3.0 + 5 * 2.0]
    assert drawn_in(np.zeros(4)).tolist() == [0.0] * 4


def test_partial_dependence_follows_a_rise_and_names_levels(few_trees):
    rng = np.random.default_rng(7)
    x, act = rng.uniform(0, 1, 80), rng.choice(["relu", "gelu"], 80)
    y = x + (act == "relu") * 0.5 + rng.normal(0, 0.02, 80)
    population = populated(sweep_of({"x": x.tolist(), "act": act.tolist()}, {"score": y.tolist()}))
    along = partial_dependence(population, "x", points=8)
    assert len(along.x) == 8
    assert along.mean[-1] - along.mean[0] == pytest.approx(0.9, abs=0.2)
    assert np.all(along.low <= along.mean)
    assert np.all(along.mean <= along.high)
    levels = partial_dependence(population, "act")
    assert levels.x == ("gelu", "relu")
    assert levels.mean[1] - levels.mean[0] == pytest.approx(0.5, abs=0.15)


def test_the_samples_most_important_parameter_is_the_learning_rate():
    found = sample_report().surrogate
    assert found.trusted
    assert found.parameters[0].parameter == "learning_rate"
