from __future__ import annotations

import pytest

from lib.model.errors import InputError
from lib.model.search_space import declared_parameters
from lib.model.sweep import Declaration
from lib.sources import open_sources
from lib.sources.sweep_config import declare, parse_sweep_config, plain_config

CONFIG = """
program: train.py
method: bayes
name: '123'
metric: {name: val_loss, goal: minimize}
parameters:
  learning_rate: {distribution: log_uniform_values, min: 1e-5, max: 1e-2}
  batch_size: {values: [4, 8, 16]}
  optimizer:
    parameters:
      name: {values: [adam, sgd]}
      decay: {min: 0, max: 1e-3}
  epochs: {value: 40}
"""


def test_a_sweep_config_is_read_with_text_numbers_as_numbers() -> None:
    declaration = parse_sweep_config(CONFIG, "sweep.yaml")
    assert declaration.name == "123"
    assert declaration.method == "bayes"
    config = declaration.config or {}
    assert config["parameters"]["learning_rate"] == {"distribution": "log_uniform_values", "min": 1e-5, "max": 0.01}
    parameters = {p.name: p for p in declared_parameters((declaration,))}
    assert sorted(parameters) == ["batch_size", "epochs", "learning_rate", "optimizer.decay", "optimizer.name"]
    assert (parameters["learning_rate"].low, parameters["optimizer.decay"].high) == (1e-5, 0.001)


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no keys"),
        ("just text", "holds no keys"),
        ("- a\n- b", "holds no keys"),
        ("method: bayes", "no parameters"),
        ("parameters: [a, b]", "no parameters"),
        ("parameters: {}", "no parameters"),
        ("parameters: {a: {value: 1}}\nmetric: loss", "has no name"),
        ("parameters: {a: [", "not readable YAML"),
        ("a: b: c", "not readable YAML .line 1"),
        ("!!python/object/apply:os.system ['echo']", "not readable YAML"),
        ("parameters: {a: {value: 1}}\n" + BOMB, "unfolds into more than"),
        ("parameters: &p\n  a: *p\n", "nested too deeply"),
        ("[" * 5000, "nested too deeply"),
        ("x" * 100_001, "over 100 kB"),
        ("Name,State\nrun,finished\n", "holds no keys"),
        ("\x00\x01", "not readable YAML"),
        ("parameters: {a: {value: 2020-99-99}}", "can't be read as YAML"),
        ("? [a, b]\n: c", "not readable YAML"),
    ],
)
def test_what_is_no_sweep_config_gets_a_sentence(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        parse_sweep_config(text, "sweep.yaml")
    assert "sweep.yaml" in str(error.value)


def test_dates_and_odd_keys_become_what_json_can_hold() -> None:
    assert plain_config({1: {"when": __import__("datetime").date(2025, 1, 2)}, "s": {3, 1}}) == {
        "1": {"when": "2025-01-02"},
        "s": [1, 3],
    }


def test_a_given_config_takes_the_place_of_what_the_source_declares() -> None:
    sweep = open_sources(["sample"], sweep_config_text=CONFIG)
    assert [d.id for d in sweep.declarations] == ["h35pny6h"]
    assert (sweep.declarations[0].config or {})["metric"]["name"] == "val_loss"


def test_a_config_declares_a_sweep_that_declared_nothing() -> None:
    sweep = open_sources(["sample/repeats"])
    assert sweep.declarations == ()
    declared = declare(sweep, Declaration(name="mine", config={"parameters": {"a": {"value": 1}}}))
    assert declared.declarations == (Declaration(name="mine", config={"parameters": {"a": {"value": 1}}}),)


def test_a_config_whose_scheduler_holds_the_space_needs_no_parameters() -> None:
    text = "method: custom\nscheduler: {engine: optuna}\nmetrics:\n  - {name: latency, goal: minimize}\n"
    declaration = parse_sweep_config(text, "sweep.yaml")
    assert declaration.config is not None
    assert declaration.config["metrics"] == [{"name": "latency", "goal": "minimize"}]
    with pytest.raises(InputError, match="has no parameters"):
        parse_sweep_config(text.replace("scheduler: {engine: optuna}", ""), "sweep.yaml")


@pytest.mark.parametrize("metrics", ["loss", "[]", "[loss]", "[{goal: minimize}]", "{name: loss}"])
def test_metrics_that_are_no_list_of_names_get_a_sentence(metrics: str) -> None:
    with pytest.raises(InputError, match="The metrics in sweep.yaml are no list of names and goals"):
        parse_sweep_config(f"parameters: {{lr: {{min: 0, max: 1}}}}\nmetrics: {metrics}\n", "sweep.yaml")
