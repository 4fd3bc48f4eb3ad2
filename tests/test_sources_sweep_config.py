from __future__ import annotations

import math

import pytest

from lib.model.declared_space import declared_parameters
from lib.model.errors import InputError
from lib.model.sweep import Declaration
from lib.sources.sweep_config import declare, parse_sweep_config, plain_config
from lib.sources.wandb.declarations import declaration_of
from testing.opening import opened
from testing.sweeps import sweep_of

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

# Merge keys unfold while mappings are made, and not before as aliases in lists do.
MERGES = "a0: &a0 {k: 1}\n" + "".join(f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}\n" for i in range(1, 9))
NESTED_ALIASES = "a0: &a0 [[[[[[x]]]]]]\n" + "".join(f"a{i}: &a{i} [[[[[[*a{i - 1}]]]]]]\n" for i in range(1, 10))


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
        ("parameters: {a: {value: !!int x}}", "can't be read as YAML"),
        ("parameters: {a: {value: !!int ''}}", "can't be read as YAML"),
        ("parameters: {a: {value: !!bool x}}", "can't be read as YAML"),
        ("parameters: {a: {value: !mine x}}", "not readable YAML .line 1.*constructor for the tag"),
        (
            "parameters: {a: {value: 1}}\n---\nparameters: {b: {value: 1}}",
            "several YAML documents",
        ),
        ("parameters:\n  a: {value: 1}\n  a: {value: 2}", "the key 'a' twice in one place .line 3"),
        ("parameters: {1: {value: 1}, '1': {value: 2}}", "the key '1' twice"),
        ("method: grid\n" + MERGES + "parameters: {a: {value: *a8}}", "unfolds into more than"),
        ("parameters: {a: {value: " + "[" * 60 + "]" * 60 + "}}", "nested too deeply"),
        ("parameters: {a: {value: " + "{b: " * 60 + "1" + "}" * 62, "nested too deeply"),
        ("parameters:\n" + "".join(" " * depth + "- \n" for depth in range(1, 70)), "nested too deeply"),
        (NESTED_ALIASES + "parameters: {a: {value: *a9}}", "nested too deeply"),
        ("parameters: {a: {min: 0, max: 0x" + "f" * 5000 + "}}", "line 1. holds a number beyond"),
        ("parameters: {a: {min: 0, max: 0b" + "1" * 5000 + "}}", "line 1. holds a number beyond"),
        ("parameters: {a: {min: 0, max: 0" + "7" * 5000 + "}}", "line 1. holds a number beyond"),
        ("parameters: {a: {min: 0, max: 1" + ":30" * 5000 + "}}", "line 1. holds a number beyond"),
        ("parameters: {a: {min: 0, max: 1" + ":30" * 5000 + ".5}}", "line 1. holds a number beyond"),
        ("parameters: {a: {min: 0, max: 0x" + "f" * 300 + "}}", "holds a number beyond"),
        ("? [a, b]\n: c", "not readable YAML"),
        ("parameters: {x: {min: 1, max: 1%s}}" % ("0" * 400), "line 1.*beyond 1e308"),
        ("parameters: 3\nscheduler: {job: a}", "names have to stand below parameters:"),
    ],
)
def test_what_is_no_sweep_config_gets_a_sentence(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as error:
        parse_sweep_config(text, "sweep.yaml")
    assert "sweep.yaml" in str(error.value)
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1e-5", 1e-5),
        ("1E+3", 1000.0),
        ("010", 8),
        ("0x10", 16),
        ("1_000", 1000),
        ("1:30:00", 5400),
        ("1:30.5", 90.5),
        (".inf", math.inf),
        ("-Infinity", -math.inf),
        ("yes", True),
        ("off", False),
        ("~", None),
        ("2020-01-01", "2020-01-01"),
        ("2020-99-99", "2020-99-99"),
        ("2020-01-01 10:00:00 +2", "2020-01-01 10:00:00 +2"),
        ("!!binary aGk=", "aGk="),
        ("!!set {b, a}", ["b", "a"]),
        ("[=, '<<']", ["=", "<<"]),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", "9223372036854775808"),
        ("0x8000000000000000", "9223372036854775808"),
        ("'99999999999999999999'", "99999999999999999999"),
        ('"\\ud83d\\ude00\\ud800"', "\U0001f600\ufffd"),
    ],
)
def test_each_trap_of_yaml_1_1_has_one_outcome(written: str, read: object) -> None:
    config = parse_sweep_config(f"parameters: {{a: {{levels: {written}}}}}", "sweep.yaml").config or {}
    assert config["parameters"]["a"]["levels"] == (pytest.approx(read) if isinstance(read, float) else read)
    assert type(config["parameters"]["a"]["levels"]) is type(read)


def test_keys_are_text_as_written() -> None:
    text = "parameters: {on: {value: 1}, 1e5: {value: 2}, ~: {value: 3}, 0x10: {value: 4}, 2020-01-01: {value: 5}}"
    config = parse_sweep_config(text, "sweep.yaml").config or {}
    assert list(config["parameters"]) == ["on", "1e5", "~", "0x10", "2020-01-01"]


def test_merge_keys_in_moderation_are_read() -> None:
    text = "a: &a {min: 0, max: 1}\nparameters: {x: {<<: *a, max: 2}, y: {<<: [*a, *a]}}"
    config = parse_sweep_config(text, "sweep.yaml").config or {}
    assert config["parameters"] == {"x": {"min": 0, "max": 2}, "y": {"min": 0, "max": 1}}


def test_an_end_of_a_range_beyond_64_bits_is_a_float() -> None:
    declaration = parse_sweep_config(f"parameters: {{a: {{min: 0, max: {10**25}}}}}", "sweep.yaml")
    assert declared_parameters((declaration,))[0].high == 1e25


def test_a_config_that_comes_from_wandb_has_the_same_bounds() -> None:
    nested: dict[str, object] = {}
    for _ in range(60):
        nested = {"a": nested}
    whole = {"parameters": {"a": {"value": 1}}}
    for config in (MERGES, "a: 0x" + "f" * 5000, {**whole, "x": nested}, {**whole, "x": 10**400}, {"x": [0] * 20_001}):
        warnings: list[str] = []
        assert declaration_of(None, "abcdefgh", "", config=config, warnings=warnings).config is None
        assert warnings == ["The config of sweep abcdefgh could not be read, so the ranges are taken from the runs."]


@pytest.mark.parametrize("config", [{"a": 2**64, "min": 2**64, "b": "1e-5", "c": (1, 2), 3: None, "d": "9" * 30}])
def test_a_plain_config_stays_as_it_is(config: dict[object, object]) -> None:
    once = plain_config(config)
    assert plain_config(once) == once


def test_dates_and_odd_keys_become_what_json_can_hold() -> None:
    assert plain_config({1: {"when": __import__("datetime").date(2025, 1, 2)}, "s": {3, 1}}) == {
        "1": {"when": "2025-01-02"},
        "s": [1, 3],
    }


def test_a_given_config_takes_the_place_of_what_the_source_declares() -> None:
    sweep = opened("sample", sweep_config=CONFIG)
    assert [d.id for d in sweep.declarations] == ["h35pny6h"]
    assert (sweep.declarations[0].config or {})["metric"]["name"] == "val_loss"


def test_a_config_declares_a_sweep_that_declared_nothing() -> None:
    sweep = sweep_of({"a": [1, 2]}, {"loss": [0.5, 0.25]})
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
