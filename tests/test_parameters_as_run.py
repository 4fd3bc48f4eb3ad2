"""What a parameter is in the runs there are: a factor of several names, conditional, with null as a level, a misfit."""

from __future__ import annotations

import numpy as np
import pytest

from lib.analysis.conditionals import conditionals
from lib.findings import findings_of
from testing.sweeps import populated, reported, sweep_of

N = 60


def rng():
    return np.random.default_rng(11)


def roles(population):
    return {p.name: p.role for p in population.parameters}


def texts(report, kind):
    return {f.id: f.text for f in findings_of(report) if f.kind == kind}


def twins(declared=None):
    draw = rng()
    batch, lr = draw.choice([16, 32, 64], N), 10 ** draw.uniform(-4, -1, N)
    score = 0.01 * np.log2(batch) - 0.05 * (np.log10(lr) + 2.5) ** 2 + draw.normal(0, 0.005, N)
    config = {"batch-size": batch, "batch_size": batch, "lr": lr, "learning_rate": lr}
    return sweep_of(
        {name: values.tolist() for name, values in config.items()}, {"score": score.tolist()}, declared=declared
    )


def test_names_of_one_factor_are_analysed_once_and_claimed():
    report = reported(twins())
    assert roles(report.population) == {
        "batch-size": "searched",
        "learning_rate": "searched",
        "batch_size": "alias",
        "lr": "alias",
    }
    assert {e.parameter for e in report.effects if e.claimed} == {"batch-size", "learning_rate"}
    found = report.to_dict()
    assert found["aliases"] == [["batch-size", "batch_size"], ["learning_rate", "lr"]]
    assert "lr holds the same values as learning_rate" in texts(report, "alias")["alias:learning_rate"]
    assert "batch_size" not in report.next_sweep.config["parameters"]


def test_of_the_names_of_one_factor_the_declared_one_is_kept():
    declared = {"parameters": {"batch_size": {"values": [16, 32, 64]}, "lr": {"min": 1e-4, "max": 1e-1}}}
    population = populated(twins(declared))
    assert roles(population)["batch_size"] == "searched"
    assert {p.alias_of for p in population.parameters if p.role == "alias"} == {"batch_size", "lr"}


def test_a_conditional_parameter_is_said_once_and_not_held_against_its_parent():
    draw = rng()
    opt = draw.choice(["adam", "sgd"], N)
    momentum = [float(draw.uniform(0.5, 0.99)) if one == "sgd" else None for one in opt]
    score = np.where(opt == "sgd", 0.8, 0.9) + draw.normal(0, 0.01, N)
    config = {"opt.name": opt.tolist(), "opt.momentum": momentum, "lr": draw.uniform(0, 1, N).tolist()}
    report = reported(sweep_of(config, {"score": score.tolist()}))
    (one,) = conditionals(report.population)
    assert (one.parameter, one.parent, one.levels, one.within) == (
        "opt.momentum",
        "opt.name",
        ("sgd",),
        "opt.name = sgd",
    )
    assert one.runs + one.runs_without == N
    assert "exists only where opt.name is sgd" in texts(report, "conditional")["conditional:opt.momentum"]
    assert not any("missing" in key for key in texts(report, "data_quality"))
    assert "opt.name" in {e.parameter for e in report.effects if e.claimed}


@pytest.mark.parametrize("declared", [None, {"parameters": {"noise": {"values": [None, 0.05, 0.25]}}}])
def test_null_is_a_level_beside_numbers_and_null_again_in_the_next_sweep(declared):
    draw = rng()
    noise = [[None, 0.05, 0.25][at % 3] for at in range(N)]
    score = [(0.9 if one is None else 0.8) + float(draw.normal(0, 0.01)) for one in noise]
    config = {"noise": noise, "lr": draw.uniform(0, 1, N).tolist()}
    report = reported(sweep_of(config, {"score": score}, declared=declared))
    found = report.to_dict()
    groups = next(d for d in found["discrete"] if d["parameter"] == "noise")["groups"]
    assert {g["value"]: g["count"] for g in groups} == {0.05: 20, 0.25: 20, None: 20}
    effect = next(e for e in report.effects if e.parameter == "noise")
    assert (effect.claimed, effect.at_edge, effect.better) == (True, None, "None")
    written = report.next_sweep.config["parameters"]["noise"]
    assert written == {"value": None} or None in written["values"]


def test_a_value_missing_in_few_runs_is_missing():
    noise = [[0.05, 0.25][at % 2] for at in range(N)]
    noise[3] = noise[4] = None
    report = reported(sweep_of({"noise": noise}, {"score": rng().normal(size=N).tolist()}))
    assert not report.population.searched[0].null_level
    assert "data_quality:missing:noise" in texts(report, "data_quality")


def test_none_is_a_level_of_a_small_grid_and_the_report_says_so():
    depth, trees = [None, None, 4, 4, 8, 8], [50, 100] * 3
    report = reported(sweep_of({"depth": depth, "trees": trees}, {"score": [0.9, 0.92, 0.8, 0.81, 0.7, 0.73]}))
    assert [one.name for one in report.population.searched if one.null_level] == ["depth"]
    said = texts(report, "data_quality")["data_quality:none:depth"]
    assert said == "2 runs have no value for depth, which is compared with the others as a level of its own, None."


def test_levels_of_numbers_and_words_keep_their_types():
    declared = {"parameters": {"freeze": {"values": ["none", "all", -1, -2]}}}
    freeze = [["none", "all", "-1", "-2"][at % 4] for at in range(N)]
    score = [(0.4 if one == "-2" else 0.5) + 0.001 * (at % 7) for at, one in enumerate(freeze)]
    report = reported(sweep_of({"freeze": freeze}, {"val_loss": score}, declared=declared))
    assert set(report.population.levels("freeze")) == {"none", "all", -1, -2}
    assert report.next_sweep.config["parameters"]["freeze"] == {"value": -2}


def test_numeric_parameters_that_went_together_are_a_block():
    draw = rng()
    lr = 10 ** draw.uniform(-5, -1, N)
    config = {"lr": lr, "wd": 10 ** (np.log10(lr) + draw.normal(0, 0.2, N)), "drop": draw.uniform(0, 0.6, N)}
    sweep = sweep_of({name: v.tolist() for name, v in config.items()}, {"score": draw.normal(size=N).tolist()})
    report = reported(sweep)
    (block,) = report.joint_effects
    assert (block.parameters, block.n) == (("lr", "wd"), N)
    expected = np.corrcoef(np.log(config["lr"]), np.log(config["wd"]))[0, 1]
    assert block.correlation == pytest.approx(expected)
    assert "lr and wd went together" in " ".join(texts(report, "confounded").values())
    assert set(texts(report, "no_effect")) <= {"no_effect:drop"}


def test_a_config_that_does_not_fit_the_runs_is_said_parameter_by_parameter():
    declared = {
        "parameters": {
            "model": {"values": ["mlp"]},
            "lr": {"min": 0.0, "max": 0.5},
            "act": {"values": ["relu", "gelu", "swish"]},
            "beam": {"values": [1, 2]},
            "epochs": {"value": 10},
        }
    }
    config = {
        "model": [["mlp", "forest", "boost"][at % 3] for at in range(N)],
        "lr": [at / N for at in range(N)],
        "act": [["relu", "gelu"][at % 2] for at in range(N)],
        "epochs": [20] * N,
    }
    report = reported(sweep_of(config, {"score": rng().normal(size=N).tolist()}, declared=declared))
    said = texts(report, "data_quality")
    assert roles(report.population)["model"] == "searched"
    assert "is mlp in the sweep config, but boost, forest and mlp" in said["data_quality:misfit:constant_varies:model"]
    assert "lr is" in said["data_quality:misfit:outside:lr"]
    assert "(0 to 0.5)" in said["data_quality:misfit:outside:lr"]
    assert "at swish" in said["data_quality:misfit:unused_levels:act"]
    assert "none of the 60 used runs" in said["data_quality:misfit:absent:beam"]
    assert "epochs is 10 in the sweep config, but 20 in 60 runs" in said["data_quality:misfit:other_constant:epochs"]
    assert "data_quality:missing:beam" not in said


def test_a_config_that_fits_is_not_mentioned():
    declared = {"parameters": {"lr": {"min": 0.0, "max": 1.0}, "act": {"values": ["relu", "gelu"]}, "k": {"value": 3}}}
    config = {"lr": [at / N for at in range(N)], "act": ["relu", "gelu"] * (N // 2), "k": [3] * N}
    report = reported(sweep_of(config, {"score": rng().normal(size=N).tolist()}, declared=declared))
    assert report.misfits == ()


def test_what_only_left_out_runs_varied_is_said_with_what_they_hold():
    act = ["relu"] * 40 + ["swish"] * 20
    states = ["finished"] * 40 + ["killed"] * 20
    sweep = sweep_of(
        {"act": act, "lr": rng().uniform(size=N).tolist()}, {"score": rng().normal(size=N).tolist()}, states=states
    )
    report = reported(sweep)
    said = texts(report, "data_quality")["data_quality:constant:act"]
    assert "relu in each of the 40 used runs" in said
    assert "swish in 20 runs" in said
    assert "act" not in {p.name for p in report.population.searched}
