"""The recommended next sweep: a config that W&B takes, changed only where the runs say so, with its reasons."""

import math
import re
import warnings

import numpy as np
import pytest
import yaml

from lib.analysis.effects import effects
from lib.analysis.interactions import interactions
from lib.analysis.next_draws import drawn
from lib.analysis.next_sweep import next_sweep
from lib.analysis.population import population
from lib.model.sweep import Declaration
from lib.report import Report
from lib.sections.findings import next_sweep_sentence
from testing.planted_runs import runs_of
from testing.sweeps import sample_report

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from sweeps import schema_violations_from_proposed_config
    from sweeps.params import HyperParameter

RUNS = 160


def recommended(population):
    found = effects(population)
    return next_sweep(population, found, interactions(population, found))


def violations(config):
    """What W&B's package finds wrong; the release that goes with this NumPy doesn't know all keys that 0.3.0 does."""
    known = {key: value for key, value in config.items() if key != "run_cap"}
    if "early_terminate" in known:
        known["early_terminate"] = {key: v for key, v in known["early_terminate"].items() if key != "strict"}
    return schema_violations_from_proposed_config(known)


def searched(spec, values, along, *, goal="maximize", best=0.3, noise=0.05, others=None, name="x"):
    """The recommendation after a search of one parameter that peaks at `best` of the way `along`."""
    good = -((np.asarray(along, dtype=float) - best) ** 2)
    good = good + noise * np.random.default_rng(1).normal(size=len(good))
    sign = 1 if goal == "maximize" else -1
    declared = {name: spec, **{other: {"min": 0.0, "max": 1.0} for other in others or {}}}
    return recommended(runs_of({name: values, **(others or {})}, sign * good, goal=goal, declared=declared))


def evenly(runs=RUNS):
    """Places 0..1 in no order, evenly spread."""
    return (np.arange(runs) * 0.6180339887) % 1


def spread(low, high):
    return low + (high - low) * evenly()


def log_spread(low, high):
    return np.exp(spread(math.log(low), math.log(high)))


U = evenly()
WHOLE = np.floor(spread(1, 65)).astype(int)
EIGHTS = 8 * np.round(spread(1, 32)).astype(int)
NORMAL = np.sort(np.random.default_rng(3).normal(size=RUNS))[np.argsort(np.argsort(U))]
LIST = np.array([8, 16, 32, 64])[np.floor(U * 4).astype(int)]
NAMES = np.array(["adam", "lion", "sgd"])[np.floor(U * 3).astype(int)]
FORMS = {
    "uniform": ({"distribution": "uniform", "min": 0.0, "max": 1.0}, U, U),
    "no distribution": ({"min": 0.0, "max": 2.0}, 2 * U, U),
    "log_uniform_values": ({"distribution": "log_uniform_values", "min": 1e-5, "max": 0.1}, log_spread(1e-5, 0.1), U),
    "log_uniform": ({"distribution": "log_uniform", "min": -9.0, "max": -2.0}, np.exp(spread(-9, -2)), U),
    "inv_log_uniform": ({"distribution": "inv_log_uniform", "min": 2.0, "max": 9.0}, np.exp(spread(-9, -2)), U),
    "int_uniform": ({"distribution": "int_uniform", "min": 1, "max": 64}, WHOLE, U),
    "whole ends": ({"min": 1, "max": 64}, WHOLE, U),
    "q_uniform": ({"distribution": "q_uniform", "q": 8, "min": 8, "max": 256}, EIGHTS, U),
    "q_log_uniform_values": (
        {"distribution": "q_log_uniform_values", "q": 2, "min": 2, "max": 512},
        2 * np.maximum(1, np.round(log_spread(2, 512) / 2)).astype(int),
        U,
    ),
    "normal": ({"distribution": "normal", "mu": 0.0, "sigma": 1.0}, NORMAL, U),
    "log_normal": ({"distribution": "log_normal", "mu": 0.0, "sigma": 1.0}, np.exp(NORMAL), U),
    "beta": ({"distribution": "beta", "a": 2.0, "b": 2.0}, U, U),
    "list of numbers": ({"values": [8, 16, 32, 64]}, LIST, U),
    "list of names": ({"values": ["adam", "lion", "sgd"]}, NAMES, U),
    "list with chances": ({"values": ["adam", "lion", "sgd"], "probabilities": [0.2, 0.3, 0.5]}, NAMES, U),
    "categorical": ({"distribution": "categorical", "values": ["adam", "lion", "sgd"]}, NAMES, U),
}
# W&B's package advises against ranges of exponents: they come back as the ranges of values that they mean.
OVER_VALUES = {"log_uniform": "log_uniform_values", "inv_log_uniform": "inv_log_uniform_values"}


def test_the_check_by_wandbs_package_tells_good_from_bad():
    good = {
        "method": "random",
        "metric": {"name": "a", "goal": "maximize"},
        "parameters": {"x": {"min": 0.0, "max": 1.0}},
    }
    assert schema_violations_from_proposed_config(good) == []
    assert schema_violations_from_proposed_config({**good, "method": "guess"})
    assert schema_violations_from_proposed_config({**good, "parameters": {"x": {"min": 0.0}}})


@pytest.mark.parametrize("best", [0.05, 0.3, 1.2], ids=["low", "inside", "beyond"])
@pytest.mark.parametrize("form", FORMS)
def test_any_form_of_parameter_becomes_a_config_that_wandb_takes(form, best):
    spec, values, along = FORMS[form]
    found = searched(dict(spec), values, along, best=best)
    assert violations(found.config) == []
    new = found.config["parameters"]["x"]
    if "values" not in spec:
        assert new.get("distribution") == OVER_VALUES.get(spec.get("distribution"), spec.get("distribution"))
        assert new.get("q") == spec.get("q")
    assert yaml.safe_load(found.to_yaml()) == found.config
    assert [change.parameter for change in found.changes] == ["x"]
    assert found.volume_ratio > 0


def test_the_sample_gets_a_config_that_wandb_takes_with_the_best_runs_as_prior_runs():
    report = sample_report()
    found = report.next_sweep
    assert violations(found.config) == []
    prior = re.findall(r"--prior_run (\w+)", found.command)
    assert found.command.endswith("next-sweep.yaml")
    # The best runs that lie in the new space, best first.
    new = {name: spec for name, spec in found.config["parameters"].items() if "min" in spec}
    population = report.population
    inside = [
        run
        for run, config in zip(
            population.runs["run_id"].iloc[population.best_first],
            population.config.iloc[population.best_first].to_dict("records"),
            strict=True,
        )
        if all(spec["min"] <= config[name] <= spec["max"] for name, spec in new.items())
    ]
    assert prior == inside[: len(prior)]
    assert len(prior) == 5


def test_a_range_is_narrowed_round_its_peak_and_useless_ones_stay():
    useless = np.random.default_rng(9).random(RUNS)
    found = searched({"min": 0.0, "max": 1.0}, U, U, others={"z": useless})
    changes = {change.parameter: change for change in found.changes}
    new = found.config["parameters"]
    assert changes["x"].action == "narrowed"
    assert 0.0 <= new["x"]["min"] < 0.3 < new["x"]["max"] < 1.0
    assert (changes["z"].action, new["z"]) == ("kept", {"min": 0.0, "max": 1.0})
    assert found.volume_ratio == pytest.approx(new["x"]["max"] - new["x"]["min"])
    assert found.expected_low < found.expected_high


def test_noise_alone_changes_nothing():
    random = np.random.default_rng(12)
    declared = {"x": {"min": 0.0, "max": 1.0}, "kind": {"values": ["a", "b", "c"]}}
    runs = runs_of({"x": U, "kind": random.choice(["a", "b", "c"], RUNS)}, random.normal(size=RUNS), declared=declared)
    found = recommended(runs)
    assert found.config["parameters"] == declared
    assert found.volume_ratio == 1
    assert {change.action for change in found.changes} == {"kept"}


@pytest.mark.parametrize(
    ("form", "best", "reached"),
    [
        ("log_uniform_values", 1.3, lambda new: new["max"] > 0.1),
        ("log_uniform_values", -0.3, lambda new: 0 < new["min"] < 1e-5),
        ("int_uniform", 1.3, lambda new: new["max"] > 64),
        ("list of numbers", 1.3, lambda new: new["values"][-1] == 128),
        ("list of numbers", -0.3, lambda new: new["values"][0] == 4),
        ("no distribution", 1.3, lambda new: new["max"] > 2),
    ],
)
def test_where_the_best_lies_at_an_end_the_range_goes_on(form, best, reached):
    spec, values, along = FORMS[form]
    found = searched(dict(spec), values, along, best=best, noise=0.02)
    assert "extended" in found.changes[0].action
    assert reached(found.config["parameters"]["x"])
    assert "Nothing is known yet beyond the searched ranges" in found.expected


def test_a_rate_stays_within_0_and_1_and_a_count_stays_positive():
    rate = searched({"min": 0.0, "max": 0.9}, 0.9 * U, U, best=1.3, noise=0.02, name="dropout")
    assert 0.9 < rate.config["parameters"]["dropout"]["max"] < 1
    count = searched({"distribution": "int_uniform", "min": 1, "max": 64}, WHOLE, U, best=-0.3, noise=0.02)
    assert count.config["parameters"]["x"]["min"] == 1


def test_only_levels_that_a_test_finds_worse_are_dropped_and_chances_still_add_up_to_1():
    spec, values, along = FORMS["list with chances"]
    found = searched(dict(spec), values, along, best=0.0, noise=0.02)
    new = found.config["parameters"]["x"]
    assert "adam" in new.get("values", [new.get("value")])
    assert "sgd" not in new.get("values", [])
    if "probabilities" in new:
        assert sum(new["probabilities"]) == pytest.approx(1)


def test_nested_parameters_stay_nested_and_other_keys_of_the_config_stand():
    along = evenly()
    good = -((along - 0.3) ** 2) + 0.05 * np.random.default_rng(1).normal(size=RUNS)
    declared = {"optimizer": {"parameters": {"lr": {"min": 0.0, "max": 1.0}}}, "epochs": {"value": 40}}
    found = recommended(runs_of({"optimizer.lr": along, "epochs": 40}, good, declared=declared))
    assert violations(found.config) == []
    assert found.config["method"] == "random"
    assert found.config["parameters"]["epochs"] == {"value": 40}
    assert found.config["parameters"]["optimizer"]["parameters"]["lr"]["max"] < 1


def test_an_undeclared_search_gets_a_whole_config():
    along = evenly()
    good = -((along - 0.3) ** 2) + 0.05 * np.random.default_rng(1).normal(size=RUNS)
    config = {"lr": 10 ** (-5 + 4 * along), "units": WHOLE, "act": NAMES, "epochs": 40}
    found = recommended(runs_of(config, good))
    assert violations(found.config) == []
    assert set(found.config["parameters"]) == {"lr", "units", "act", "epochs"}
    assert found.config["parameters"]["lr"]["distribution"] == "log_uniform_values"
    assert found.config["metric"] == {"name": "score", "goal": "maximize"}


def test_few_runs_get_no_recommendation():
    assert recommended(runs_of({"x": [0.1, 0.2, 0.3]}, [1.0, 2.0, 3.0])) is None


def test_what_is_said_beside_the_recommendation_agrees_with_it():
    rng = np.random.default_rng(0)
    act = np.array(["adam", "sgd"])[np.arange(60) % 2]
    score = (act == "adam") * 1.0 + rng.normal(0, 0.1, 60)
    report = Report(runs_of({"optimizer": act}, score, declared={"optimizer": {"values": ["adam", "sgd"]}}))
    assert report.next_sweep.config["parameters"]["optimizer"] == {"value": "adam"}
    assert "optimizer changes" in next_sweep_sentence(report)
    declared = {"batch": {"values": [1, 2, 3, 4, 5]}, "act": {"values": ["relu", "gelu"]}}
    config = {"batch": [1, 2, 3, 4] * 9 + [5] * 2, "act": ["relu", "gelu"] * 19}
    even = Report(runs_of(config, rng.normal(0, 0.1, 38), declared=declared)).next_sweep
    assert "10 combinations" in even.runs_why
    assert "No parameter shows a clear effect" in even.expected


def test_seeds_are_never_recommended_and_stand_in_the_next_sweep_as_they_were():
    random = np.random.default_rng(0)
    of, seed = np.repeat(np.arange(30), 4), np.tile([42, 7, 1994, 8], 30)
    lr = 10 ** random.uniform(-4, -1, 30)[of]
    score = -((np.log10(lr) + 2.5) ** 2) + (seed == 7) * 3.0 + random.normal(0, 0.05, 120)
    declared = {"lr": {"distribution": "log_uniform_values", "min": 1e-4, "max": 0.1}}
    for space, levels in (
        (None, [7, 8, 42, 1994]),
        (declared | {"seed": {"values": [42, 7, 1994, 8]}}, [42, 7, 1994, 8]),
    ):
        found = recommended(runs_of({"lr": lr, "seed": seed}, score, declared=space))
        assert found.config["parameters"]["seed"] == {"values": levels}
        assert "seed" not in {change.parameter for change in found.changes}


def test_what_to_expect_comes_from_the_config_and_holds_for_runs_drawn_by_it():
    found = searched({"min": 0.0, "max": 1.0}, U, U)
    new = found.config["parameters"]["x"]
    drawn = np.random.default_rng(5).uniform(new["min"], new["max"], 100_000)
    assert found.expected_low < np.mean(-((drawn - 0.3) ** 2)) < found.expected_high
    assert found.so_far < found.expected_low
    assert found.volume_ratio == pytest.approx(new["max"] - new["min"])
    assert found.config["run_cap"] == found.runs
    assert found.config["name"] == "score · next"


def test_no_mean_is_expected_beyond_the_best_value_that_was_seen():
    # Nearly all runs reach the ceiling: a symmetric interval about their mean would go beyond it.
    good = np.where(U < 0.25, 0.6 + U, 1.0) - 0.001 * np.random.default_rng(2).random(RUNS)
    found = recommended(runs_of({"x": U}, good, declared={"x": {"min": 0.0, "max": 1.0}}))
    assert found.expected_mean <= found.expected_high <= good.max()
    down = recommended(runs_of({"x": U}, 1 - good, goal="minimize", declared={"x": {"min": 0.0, "max": 1.0}}))
    assert (1 - good).min() <= down.expected_low <= down.expected_mean
    assert down.expected_mean == pytest.approx(1 - found.expected_mean)


def test_more_runs_bring_no_loss_below_0():
    random = np.random.default_rng(4)
    rate = 10 ** random.uniform(-5, -1, 60)
    loss = 10 ** (-3 + 0.5 * (np.log10(rate) + 3) ** 2 + 0.2 * random.standard_normal(60))
    found = recommended(runs_of({"lr": rate}, loss, goal="minimize"))
    assert found.more_runs[-1].gain < loss.min()


def test_a_search_that_went_where_it_is_good_is_narrowed_though_even_draws_are_worse_than_its_runs():
    random = np.random.default_rng(8)
    x = np.concatenate([random.uniform(0, 1, 12), random.normal(0.3, 0.01, 60)])
    good = -((x - 0.3) ** 2) + random.normal(0, 0.005, 72)
    found = recommended(runs_of({"x": x}, good, declared={"x": {"min": 0.0, "max": 1.0}}))
    new = found.config["parameters"]["x"]
    assert new["min"] <= 0.3 <= new["max"]
    assert found.volume_ratio < 1
    assert found.expected_mean < found.so_far


def test_a_grid_is_given_as_many_runs_as_it_has_cells():
    random = np.random.default_rng(3)
    config = {"lr": np.tile([0.1, 0.01, 0.001], 20), "act": np.repeat(["relu", "gelu"], 30)}
    declared = {"lr": {"values": [0.1, 0.01, 0.001]}, "act": {"values": ["relu", "gelu"]}, "seed": {"values": [1, 2]}}
    runs = runs_of(config, random.normal(size=60), declared=declared)
    grid = {**runs.sweep.declarations[0].config, "method": "grid", "name": "first"}
    found = recommended(population(runs.sweep.with_declarations((Declaration(id="s", config=grid),)), runs.choices))
    assert (found.runs, found.config["run_cap"], found.config["name"]) == (12, 12, "first · next")


def test_the_next_sweep_keeps_away_from_where_runs_fail_even_if_the_best_run_lies_there():
    random = np.random.default_rng(4)
    lr = 10 ** (-4 + 3 * evenly(120))
    good = np.log10(lr) + random.normal(0, 0.05, 120)
    fails = (lr > 0.02) & (random.random(120) < 0.6)
    good = np.where(fails, -30 + random.normal(0, 0.05, 120), good)
    declared = {"lr": {"distribution": "log_uniform_values", "min": 1e-4, "max": 0.1}}
    found = recommended(runs_of({"lr": lr}, good, declared=declared))
    assert found.config["parameters"]["lr"]["max"] <= 0.025
    assert "failed" in found.changes[0].why
    assert found.config["parameters"]["lr"]["min"] < found.config["parameters"]["lr"]["max"]


def test_the_next_sweep_is_the_same_whatever_the_order_of_the_rows():
    random = np.random.default_rng(6)
    x, kind = random.random(60), random.choice(["a", "b"], 60)
    good = -((x - 0.4) ** 2) + 0.02 * random.normal(size=60)
    declared = {"x": {"min": 0.0, "max": 1.0}, "kind": {"values": ["a", "b"]}}
    texts = {
        recommended(runs_of({"x": x, "kind": kind}, good, declared=declared, order=order)).to_yaml()
        for order in (None, random.permutation(60))
    }
    assert len(texts) == 1


@pytest.mark.parametrize("form", [form for form in FORMS if form not in ("log_uniform", "inv_log_uniform")])
def test_what_a_config_draws_is_what_wandbs_package_draws(form):
    spec = FORMS[form][0]
    ours = drawn(spec, 9)
    if "values" in spec:
        assert dict(zip(ours.values, ours.chances.tolist(), strict=True)) == pytest.approx(
            dict(zip(spec["values"], spec.get("probabilities", [1 / len(spec["values"])] * 9), strict=False))
        )
        return
    theirs = HyperParameter(
        "x",
        {"distribution": "uniform" if isinstance(spec["min"], float) else "int_uniform", **spec}
        if "min" in spec
        else spec,
    )
    at = (np.arange(9) + 0.5) / 9
    np.testing.assert_allclose(ours.values, [theirs.ppf(float(u)) for u in at], rtol=1e-9, atol=1e-12)


def test_a_range_searched_evenly_whose_best_is_at_its_low_end_goes_on_along_a_log_scale():
    found = searched({"min": 1e-4, "max": 1e-2}, spread(1e-4, 1e-2), U, best=-0.3, noise=0.02)
    new = found.config["parameters"]["x"]
    assert (new["distribution"], violations(found.config)) == ("log_uniform_values", [])
    assert new["min"] < 1e-4
    assert "log_uniform_values" in found.changes[0].why


def test_a_parameter_that_few_runs_have_improves_those_alone():
    random = np.random.default_rng(11)
    n = 240
    opt = random.choice(["adam", "rmsprop", "sgd"], n)
    momentum = np.where(opt == "sgd", random.uniform(0, 1, n), np.nan)
    # The mean over momentum is that of the other optimizers, so that all of them stay.
    good = np.where(opt == "sgd", 2 * (np.nan_to_num(momentum) - 0.5), 0.0) + 0.3 * random.normal(size=n)
    declared = {"opt": {"values": ["adam", "rmsprop", "sgd"]}, "momentum": {"min": 0.0, "max": 1.0}}
    found = recommended(runs_of({"opt": opt, "momentum": momentum}, good, declared=declared))
    new = found.config["parameters"]
    assert set(new["opt"]["values"]) == {"adam", "rmsprop", "sgd"}
    among = 2 * ((new["momentum"]["min"] + min(new["momentum"]["max"], 1.0)) / 2 - 0.5)
    assert among > 0.3
    assert found.expected_low < among / 3 < found.expected_high


def test_effects_that_multiply_are_not_expected_to_add_up():
    random = np.random.default_rng(5)
    x, z = random.uniform(size=(2, 300))
    loss = np.exp(2 * (x - 1)) * np.exp(2 * (z - 1)) * np.exp(0.2 * random.normal(size=300))
    declared = {"x": {"min": 0.0, "max": 1.0}, "z": {"min": 0.0, "max": 1.0}}
    found = recommended(runs_of({"x": x, "z": z}, loss, goal="minimize", declared=declared))
    draws = {
        name: random.uniform(*(found.config["parameters"][name][end] for end in ("min", "max")), 20_000)
        for name in ("x", "z")
    }
    inside = np.clip(draws["x"], 0, 1), np.clip(draws["z"], 0, 1)
    true = float(np.mean(np.exp(2 * (inside[0] - 1)) * np.exp(2 * (inside[1] - 1)))) * np.exp(0.02)
    assert found.volume_ratio < 1
    assert abs(found.expected_mean - true) < 0.05


def test_a_list_that_goes_on_counts_beyond_its_end_as_much_as_the_end_and_its_interval_allows_for_a_turn():
    random = np.random.default_rng(3)
    size = random.choice([8, 16, 32, 64], 160)
    score = np.log2(size) + random.normal(0, 1.0, 160)
    population = runs_of({"size": size}, score, declared={"size": {"values": [8, 16, 32, 64]}})
    found = next_sweep(population, effects(population), ())
    assert found.config["parameters"]["size"]["values"] == [64, 128]
    best = score[size == 64].mean()
    assert found.expected_mean == pytest.approx(best, abs=0.3)
    # At the last step but one, the same on both sides of the end, and at one step more.
    assert found.expected_low < (best + best - 1) / 2
    assert found.expected_high > (best + best + 1) / 2


def test_levels_of_too_few_runs_widen_the_interval_of_the_expected_mean():
    random = np.random.default_rng(4)
    kinds = np.repeat([f"k{i}" for i in range(6)], 20)
    score = np.repeat([0.0, 0.0, 0.0, 2.0, 2.0, 2.0], 20) + random.normal(0, 0.2, 120)

    def width(levels):
        population = runs_of({"kind": kinds}, score, declared={"kind": {"values": levels}})
        found = next_sweep(population, effects(population), ())
        assert set(found.config["parameters"]["kind"]["values"]) == set(levels) - {"k0", "k1", "k2"}
        return found.expected_high - found.expected_low

    known = [f"k{i}" for i in range(6)]
    # Of four levels one is open: it may be as far from the mean as levels are from each other, one in four.
    assert width([*known, "new"]) > width(known) + 2 * 1.0 / 4


def test_the_mean_so_far_says_that_it_leaves_out_runs_that_collapsed():
    random = np.random.default_rng(3)
    lr = (10 ** random.uniform(-5, -1, 60)).tolist()
    values = np.where(random.random(60) < 0.25, 0.1, 0.9) + random.normal(0, 0.01, 60)
    found = recommended(runs_of({"lr": lr}, values))
    collapsed = int((values < 0.5).sum())
    assert f"without the {collapsed} of 60 runs that collapsed" in found.expected
    assert found.so_far == pytest.approx(values[values > 0.5].mean(), abs=0.005)
