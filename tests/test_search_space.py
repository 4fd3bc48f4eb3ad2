import math

import numpy as np
import pytest

from lib.model.choices import Choices
from lib.model.declared_space import declared_parameter
from lib.model.errors import InputError
from lib.model.parameter import Parameter
from lib.model.search_space import parameters_of
from lib.model.sweep import Declaration
from testing.sweeps import sweep_of


def parameters(sweep, **choices):
    return {p.name: p for p in parameters_of(sweep, Choices(**choices))}


@pytest.mark.parametrize(
    ("spec", "kind", "scale", "low", "high", "values"),
    [
        ({"min": 0.1, "max": 0.5}, "continuous", "linear", 0.1, 0.5, None),
        ({"min": 1, "max": 8}, "integer", "linear", 1, 8, None),
        ({"min": 1, "max": 8, "distribution": "uniform"}, "continuous", "linear", 1, 8, None),
        ({"min": "1e-5", "max": "1e-3", "distribution": "log_uniform_values"}, "continuous", "log", 1e-5, 1e-3, None),
        ({"min": -5, "max": 0, "distribution": "log_uniform"}, "continuous", "log", math.exp(-5), 1.0, None),
        (
            {"min": 2, "max": 9, "distribution": "inv_log_uniform"},
            "continuous",
            "log",
            math.exp(-9),
            math.exp(-2),
            None,
        ),
        ({"min": 0, "max": 64, "q": 8, "distribution": "q_uniform"}, "integer", "linear", 0, 64, None),
        ({"min": 0, "max": 1, "q": 0.25, "distribution": "q_uniform"}, "continuous", "linear", 0, 1, None),
        ({"mu": 0, "sigma": 1, "distribution": "normal"}, "continuous", "linear", None, None, None),
        ({"mu": 0, "sigma": 1, "distribution": "log_normal"}, "continuous", "log", None, None, None),
        ({"min": 0, "max": 1, "distribution": "beta"}, "continuous", "linear", 0, 1, None),
        ({"values": [16, 4, 8, 4]}, "discrete", "linear", 4, 16, (4, 8, 16)),
        ({"values": ["1e-3", 0.1]}, "discrete", "linear", 1e-3, 0.1, (1e-3, 0.1)),
        ({"values": ["sgd", "adam"]}, "categorical", "linear", None, None, ("sgd", "adam")),
        ({"values": [True, False]}, "categorical", "linear", None, None, (True, False)),
        ({"values": [[1, 2], [3]]}, "categorical", "linear", None, None, ("[1,2]", "[3]")),
        ({"values": ["auto", 16]}, "categorical", "linear", None, None, ("auto", 16)),
    ],
)
def test_each_form_of_a_declared_parameter_is_read(spec, kind, scale, low, high, values):
    found = declared_parameter("p", spec)
    assert (found.role, found.kind, found.scale, found.values) == ("searched", kind, scale, values)
    assert (found.low, found.high) == (pytest.approx(low) if low else low, pytest.approx(high) if high else high)
    assert found.declared
    assert found.distribution == spec.get("distribution", found.distribution)


def test_one_declared_value_is_fixed():
    assert declared_parameter("p", {"value": 40}).role == "fixed"
    assert declared_parameter("p", {"values": [7]}).values == (7,)
    assert declared_parameter("p", {"values": [7]}).role == "fixed"


def test_nested_parameters_are_named_by_their_path():
    config = {"parameters": {"optimizer": {"parameters": {"lr": {"min": 0.1, "max": 0.2}, "name": {"value": "adam"}}}}}
    sweep = sweep_of({"optimizer.lr": [0.1, 0.2]}, {"score": [1.0, 2.0]}, declared=config)
    assert {n: p.role for n, p in parameters(sweep).items()} == {"optimizer.lr": "searched", "optimizer.name": "fixed"}


def test_joined_sweeps_search_the_union_of_their_spaces():
    sweep = sweep_of({"lr": [0.1, 0.2], "batch": [4, 32]}, {"score": [1.0, 2.0]})
    configs = (
        {"parameters": {"lr": {"min": 0.1, "max": 0.2}, "batch": {"values": [4, 8]}, "act": {"value": "relu"}}},
        {"parameters": {"lr": {"min": 0.05, "max": 0.15}, "batch": {"values": [8, 32]}, "act": {"value": "gelu"}}},
    )
    found = parameters(sweep.with_declarations(tuple(Declaration(config=c) for c in configs)))
    assert (found["lr"].low, found["lr"].high) == (0.05, 0.2)
    assert found["batch"].values == (4, 8, 32)
    assert (found["act"].role, found["act"].values) == ("searched", ("relu", "gelu"))


def test_what_varies_is_searched_and_what_does_not_is_fixed():
    rng = np.random.default_rng(0)
    n = 40
    sweep = sweep_of(
        {
            "lr": rng.uniform(1e-3, 1e-2, n).tolist(),
            "layers": rng.integers(1, 40, n).tolist(),
            "batch": rng.choice([4, 8], n).tolist(),
            "act": rng.choice(["relu", "gelu"], n).tolist(),
            "augment": [i % 2 == 0 for i in range(n)],
            "epochs": [40] * n,
            "seed": list(range(n)),
            "model.random_state": list(range(n)),
            "run_folder": [f"runs/{i}" for i in range(n)],
            "nothing": [None] * n,
        },
        {"score": rng.normal(size=n).tolist()},
    )
    found = parameters(sweep)
    assert {name: p.kind for name, p in found.items() if p.role == "searched"} == {
        "lr": "continuous",
        "layers": "integer",
        "batch": "discrete",
        "act": "categorical",
        "augment": "categorical",
    }
    assert [name for name, p in found.items() if p.role == "fixed"] == ["epochs"]
    assert found["batch"].values == (4, 8)
    assert found["epochs"].values == (40,)
    assert list(found) == ["act", "augment", "batch", "layers", "lr", "model.random_state", "seed", "epochs"]


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([1e-4, 1e-2, 5e-3, 2e-3, 3e-4], "log"),
        ([1e-3, 5e-3, 4e-3, 2e-3, 3e-3], "linear"),
        ([0.0, 1e-4, 1e-2, 5e-3, 1.0], "linear"),
        ([-1.0, 1e-4, 1e-2, 5e-3, 1.0], "linear"),
    ],
)
def test_two_decades_of_positive_values_are_drawn_on_a_log_scale(values, scale):
    sweep = sweep_of({"lr": values * 4}, {"score": list(range(20))})
    assert parameters(sweep, parameters=("lr",))["lr"].scale == scale


def test_a_log_distribution_whose_runs_hold_zero_is_drawn_linear():
    config = {"parameters": {"lr": {"distribution": "log_uniform_values", "min": 1e-5, "max": 1e-1}}}
    ranged = sweep_of({"lr": [1e-5, 1e-3]}, {"score": [1.0, 2.0]}, declared=config)
    assert parameters(ranged)["lr"].scale == "log"
    unbounded = {"parameters": {"lr": {"distribution": "log_normal", "mu": 0, "sigma": 1}}}
    zero = sweep_of({"lr": [0.0, 1e-3]}, {"score": [1.0, 2.0]}, declared=unbounded)
    assert parameters(zero)["lr"].scale == "linear"


def test_the_reader_may_choose_parameters_and_scales():
    sweep = sweep_of({"lr": [1e-4, 1e-2] * 10, "seed": [1, 2, 3, 4] * 5, "k": [1] * 20}, {"score": list(range(20))})
    found = parameters(sweep, parameters=("seed", "lr"), scales=(("lr", "linear"),))
    assert [n for n, p in found.items() if p.role == "searched"] == ["lr", "seed"]
    assert found["lr"].scale == "linear"
    with pytest.raises(InputError, match="no config key 'nothing'. Choose parameters from: k, lr, seed"):
        parameters(sweep, parameters=("nothing",))


@pytest.mark.parametrize(
    "spec",
    [
        {"min": 1, "max": math.inf},
        {"min": 0, "max": 1e308, "distribution": "log_uniform"},
        {"min": 2, "max": 1},
        {"min": 0, "max": 10**400},
        {"values": [10**400, 1]},
        {"values": []},
        {},
        {"min": None, "max": None, "values": None},
        {"distribution": 7},
        {"parameters": "not a mapping"},
        {"min": "a", "max": "b"},
    ],
)
def test_a_declaration_that_makes_no_sense_breaks_nothing(spec):
    sweep = sweep_of({"lr": [0.1, 0.2]}, {"score": [1.0, 2.0]}, declared={"parameters": {"lr": spec}})
    assert isinstance(parameters(sweep)["lr"], Parameter)


def test_what_makes_repeats_is_not_searched_by_its_name_or_by_the_readers_word():
    config = {
        "lr": [1e-4, 1e-2] * 10,
        "data_seed": [1, 2, 3, 4] * 5,
        "fold": [1, 2] * 10,
        "aug_repeats": [0, 0, 3, 3] * 5,
    }
    found = parameters(sweep_of(config, {"score": list(range(20))}), seeds=("fold",))
    assert [n for n, p in found.items() if p.role == "searched"] == ["aug_repeats", "lr"]


def test_the_range_of_undeclared_values_is_of_the_finite_ones():
    values = [0.5, math.inf, 0.25, -math.inf, *(0.3 + i / 100 for i in range(12))]
    found = parameters(sweep_of({"x": values}, {"y": [float(i) for i in range(16)]}))["x"]
    assert (found.low, found.high) == (0.25, 0.5)


def test_text_that_says_where_each_run_is_kept_is_not_searched():
    config = {"output_dir": list("abcdefgh"), "logPath": list("stuvwxyz"), "data_dir": list("xxyyxxyy")}
    assert list(parameters(sweep_of(config, {"acc": list(range(8))}))) == ["data_dir"]
