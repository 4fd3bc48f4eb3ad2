from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lib.__main__ import main
from lib.findings import findings_of
from lib.model.choices import Choices
from lib.model.config_lint import lint
from lib.report import report_of
from lib.sources.config_check import check_config, line_of
from lib.sources.sweep_config import declare, parse_sweep_config
from testing.sweeps import reported, sweep_of

GOOD = """name: rates
program: train.py
method: random
run_cap: 60
metric: {name: val_acc, goal: maximize}
parameters:
  lr: {distribution: log_uniform_values, min: 1.0e-5, max: 0.1}
  batch: {values: [16, 32]}
"""


CHANCES, FROM = "parameters.batch.probabilities", "parameters.batch.min"


def found(text):
    return {(one.issue.severity, one.issue.rule, one.issue.where) for one in check_config(text, "sweep.yaml")}


def test_a_good_config_has_nothing_to_fix():
    assert found(GOOD) == set()


@pytest.mark.parametrize(
    ("old", "new", "issue"),
    [
        ("method: random\n", "", ("error", "method", "method")),
        ("method: random", "method: byes", ("error", "method", "method")),
        ("parameters:", "paramters:", ("error", "unknown_key", "paramters")),
        ("run_cap: 60", "colour: red", ("warning", "unknown_key", "colour")),
        ("{values: [16, 32]}", "{values: [1, 2], probabilities: [0.5, 0.6]}", ("warning", "probabilities", CHANCES)),
        ("goal: maximize", "goal: max", ("error", "goal", "metric.goal")),
        (", goal: maximize", "", ("warning", "goal", "metric")),
        ("goal: maximize", "goal: minimize", ("warning", "goal", "metric.goal")),
        ("metric: {name: val_acc, goal: maximize}\n", "", ("warning", "metric", "metric")),
        ("run_cap", "metrics: [{name: a, goal: minimize}]\nrun_cap", ("error", "metric_and_metrics", "metrics")),
        ("run_cap: 60", "run_cap: -1", ("error", "run_cap", "run_cap")),
        ("run_cap: 60", "early_terminate: {type: hyperband}", ("error", "early_terminate", "early_terminate")),
        ("method: random", "method: grid", ("error", "grid_of_ranges", "parameters.lr")),
        ("log_uniform_values", "log_uniform", ("warning", "exponents", "parameters.lr")),
        ("log_uniform_values", "uniform", ("warning", "uniform_over_decades", "parameters.lr")),
        ("log_uniform_values", "q_log_uniform_values, q: 0.5", ("warning", "step", "parameters.lr.q")),
        ("log_uniform_values, min: 1.0e-5, max: 0.1", "normal, mu: 0.1", ("note", "sigma", "parameters.lr")),
        ("log_uniform_values", "log_unifrom", ("error", "unknown_distribution", "parameters.lr.distribution")),
        ("min: 1.0e-5", "min: 1e-5", ("error", "text_number", "parameters.lr.min")),
        ("min: 1.0e-5", "min: 5", ("error", "min_above_max", "parameters.lr")),
        ("min: 1.0e-5", "min: -5", ("error", "values_not_positive", "parameters.lr.min")),
        ("min: 1.0e-5, ", "", ("error", "no_range", "parameters.lr")),
        ("[16, 32]", "[16, 32, 16]", ("warning", "repeated_values", "parameters.batch.values")),
        ("[16, 32]", "['16', 32]", ("warning", "text_number", "parameters.batch.values")),
        ("[16, 32]", "[16]", ("note", "single_value", "parameters.batch.values")),
        ("[16, 32]", "[]", ("error", "values", "parameters.batch.values")),
        ("{values: [16, 32]}", "[16, 32]", ("error", "no_spec", "parameters.batch")),
        ("{values: [16, 32]}", "16", ("error", "no_spec", "parameters.batch")),
        ("{values: [16, 32]}", "{vlaues: [16]}", ("error", "unknown_key", "parameters.batch.vlaues")),
        ("{values: [16, 32]}", "{min: 0, max: 1}", ("warning", "two_integers", "parameters.batch")),
        ("{values: [16, 32]}", "{distribution: int_uniform, min: 8.5, max: 64}", ("error", "whole_ends", FROM)),
        ("name: val_acc", "name: lr", ("warning", "metric", "metric.name")),
        (
            "{values: [16, 32]}",
            "{distribution: q_uniform, min: 0.0, max: 1.0}",
            ("warning", "step", "parameters.batch"),
        ),
    ],
)
def test_each_mistake_is_found_where_it_stands_and_no_other(old, new, issue):
    assert old in GOOD
    ours = {one for one in found(GOOD.replace(old, new)) if one[1] not in ("program", "run_cap", "name")}
    assert issue in found(GOOD.replace(old, new))
    assert ours - {issue} == set()


def test_a_seed_is_nothing_for_a_bayes_search_to_optimize():
    seeds = GOOD.replace("batch: {values: [16, 32]}", "seed: {values: [1, 2, 3]}")
    assert found(seeds) == set()
    assert found(seeds.replace("random", "bayes")) == {("warning", "optimized_seed", "parameters.seed")}
    assert found(seeds.replace("random", "bayes").replace("values: [1, 2, 3]", "value: 1")) == set()


@pytest.mark.parametrize(
    ("stop", "epochs", "look"),
    [
        ("min_iter: 30", "epochs: {values: [10, 20, 30]}", 30),
        ("min_iter: 27", "max_epochs: {value: 20}", 27),
        ("min_iter: 27", "trainer: {parameters: {num_epochs: {min: 5, max: 20}}}", 27),
        ("max_iter: 270, s: 2", "epochs: {value: 30}", 30),
        ("max_iter: 240, s: 3, eta: 2", "epochs: {value: 30}", 30),
        ("min_iter: 10", "epochs: {values: [10, 20]}", None),
        ("min_iter: 27", "warmup_epochs: {value: 5}", None),
        ("min_iter: 27", "epochs: {distribution: normal, mu: 9, sigma: 2}", None),
        ("max_iter: 270, s: true", "epochs: {value: 1}", None),
    ],
)
def test_hyperband_that_looks_after_the_last_epoch_of_every_run_stops_none(stop, epochs, look):
    text = GOOD.replace("batch: {values: [16, 32]}", epochs) + f"early_terminate: {{type: hyperband, {stop}}}\n"
    issues = [one for one in lint(yaml.safe_load(text)) if one.rule == "stops_nothing"]
    assert [one.quoted[0] for one in issues] == ([] if look is None else [look])
    assert all(one.where == "early_terminate" for one in issues)


def test_a_cap_below_the_grid_and_a_large_grid_are_said_with_their_cells():
    grid = "method: grid\nparameters:\n  a: {values: [1, 2, 3]}\n  b: {min: 1, max: 4}\n"
    (issue,) = [i for i in lint(yaml.safe_load(grid + "run_cap: 5")) if i.rule == "run_cap_below_grid"]
    assert issue.quoted == (5, 12)
    large = grid + "  c: {min: 1, max: 100}\n"
    assert "1,200 cells" in next(i for i in lint(yaml.safe_load(large)) if i.rule == "large_grid").what


def test_exponents_that_are_meant_are_only_noted():
    spec = {"distribution": "log_uniform", "min": -9.2, "max": -2.3}
    (issue,) = [i for i in lint({"parameters": {"lr": spec}}) if i.rule == "exponents"]
    assert issue.severity == "note"
    assert "between 0.000101 and 0.1003" in issue.what


def test_each_issue_is_a_line_with_file_and_line_number(tmp_path, capsys):
    path = tmp_path / "sweep.yaml"
    path.write_text(GOOD)
    assert main(["check", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: nothing to fix.\n"
    path.write_text(GOOD.replace("min: 1.0e-5", "min: 1e-5").replace("run_cap: 60\n", ""))
    assert main(["check", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == (
        f"{path}:6: error: parameters.lr.min: '1e-5' is text, not a number, in YAML 1.1. Write 1.0e-05."
    )
    assert out.splitlines()[1].startswith(f"{path}: note: run_cap: ")
    assert "has 1 error" in err
    path.write_text("- 1\n")
    assert main(["check", str(path)]) == 2
    assert "is not a sweep config" in capsys.readouterr().err
    assert main(["check", str(tmp_path / "nothing.yaml")]) == 2


LEAF = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
KEY = st.sampled_from(
    ["method", "metric", "metrics", "parameters", "values", "value", "min", "max", "q", "distribution"]
)
TREE = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=4))


@given(st.dictionaries(KEY, TREE, max_size=6))
def test_no_config_breaks_the_check(config):
    for issue in lint(config):
        assert issue.what
        assert issue.fix


def test_every_line_is_one_line():
    config = "method: random\nparameters:\n  'a\\nb': {value: 1}\n  \"c\\nd\": [1]\n"
    assert all("\n" not in line_of(one, "x.yaml") for one in check_config(config, "x.yaml"))


def test_what_a_config_did_to_its_runs_is_a_finding():
    spec = {"distribution": "log_uniform", "min": 1e-5, "max": 0.1}
    declared = {"metric": {"name": "val_acc", "goal": "maximize"}, "parameters": {"lr": spec}}
    lr = [1 + 0.105 * at / 30 for at in range(30)]
    report = reported(sweep_of({"lr": lr}, {"val_acc": [0.5] * 29 + [0.6]}, declared=declared))
    (said,) = [f for f in findings_of(report) if f.id.startswith("data_quality:config:")]
    assert (said.parameter, said.id) == ("lr", "data_quality:config:exponents:parameters.lr")
    assert "takes exponents of e" in said.text


def test_a_config_of_constants_alone_searches_nothing():
    constant = GOOD.replace("{distribution: log_uniform_values, min: 1.0e-5, max: 0.1}", "{value: 0.1}")
    assert ("note", "nothing_searched", "parameters") not in found(constant)
    assert ("note", "nothing_searched", "parameters") in found(constant.replace("values: [16, 32]", "value: 16"))
    assert not found(GOOD.replace("{values: [16, 32]}", "{values: [1, 2], probabilities: [0.25, 0.75]}"))


@pytest.mark.parametrize(
    "spec",
    [
        "{values: [1, 2, 3], probabilities: [1.0e+308, 1.0e+308, .nan]}",
        "{distribution: q_uniform, min: 0, max: 1.0e+308, q: 5.0e-324}",
        "{distribution: q_uniform, min: 0, max: 1.0e+300, q: 1}",
        "{distribution: log_uniform, min: -1.0e+300, max: 1.0e+300}",
        "{distribution: [a], min: {a: 1}, max: [1]}",
        "{distribution: beta, a: 0, b: -1}",
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("method", ["grid", "bayes"])
def test_numbers_at_the_end_of_what_floats_hold_are_checked_and_reported(spec, method):
    names = "".join(f"  p{number}: {spec}\n" for number in range(30))
    text = f"method: {method}\nmetric: {{name: score, goal: maximize}}\nparameters:\n{names}"
    issues = check_config(text, "c.yaml")
    assert all(len(line_of(one, "c.yaml")) < 400 for one in issues)
    config = {f"p{number}": [0.5, 1.0, 2.0, 3.0, 4.0, 5.0] for number in range(3)}
    sweep = sweep_of(config, {"score": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]})
    report_of(declare(sweep, parse_sweep_config(text, "c.yaml")), Choices()).to_dict()
