"""Columns that a reader derives from others: what an expression means, what it may not hold, and where it counts."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.model.derive import derivation_of, derivations_of, derived, without_derived
from lib.model.errors import InputError
from lib.model.expression import LONGEST, parse_expression
from lib.sources.sample import read_sample
from testing.sweeps import populated, reported, search, sweep_of

NAN = math.nan


def value_of(text, **columns):
    size = len(next(iter(columns.values()))) if columns else 1
    arrays = {name: np.array(values, dtype=float) for name, values in columns.items()}
    return parse_expression(text).evaluate(arrays, size).tolist()


def same(found, expected):
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(found, expected, strict=True))


def with_derived(sweep, *texts):
    return derived(sweep, derivations_of(texts))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + y * 2", [9.0, -4.0]),
        ("(x + y) * 2", [10.0, -2.0]),
        ("-x ** 2", [-1.0, -4.0]),
        ("x ** -1", [1.0, 0.5]),
        ("y % 3", [1.0, 0.0]),
        ("-7 % 3 + 0 * x", [2.0, 2.0]),
        ("log10(x * 100)", [2.0, math.log10(200)]),
        ("log(exp(x))", [1.0, 2.0]),
        ("log2(x)", [0.0, 1.0]),
        ("max(x, y, 3)", [4.0, 3.0]),
        ("min(x, y)", [1.0, -3.0]),
        ("abs(y)", [4.0, 3.0]),
        ("sqrt(x * x)", [1.0, 2.0]),
        ("round(x / 2)", [0.0, 1.0]),
        ("floor(x / 2) + ceil(x / 2)", [1.0, 2.0]),
        ("x < y", [1.0, 0.0]),
        ("0 < x <= 1", [1.0, 0.0]),
        ("x == 1 or y == -3", [1.0, 1.0]),
        ("not x > 1 and y != 0", [1.0, 0.0]),
        ("where(x > 1, y, 10)", [10.0, -3.0]),
        ("1e-3 * x + True", [1.001, 1.002]),
    ],
)
def test_an_expression_means_what_it_means_in_python(text, expected):
    assert value_of(text, x=[1, 2], y=[4, -3]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + 1", NAN),
        ("x > 1", NAN),
        ("not x", NAN),
        ("max(x, 1)", NAN),
        ("x ** 0", 1.0),
        ("where(x > 1, 1, 2)", NAN),
        ("where(y > 0, y, x)", 1.0),
        ("where(y < 0, y, x)", NAN),
        ("coalesce(x, y * 2)", 2.0),
        ("coalesce(x, x, 7)", 7.0),
        ("isnan(x)", 1.0),
        ("isnan(x) or x > 3", 1.0),
        ("y < 0 and x > 3", 0.0),
        ("y > 0 and x > 3", NAN),
        ("y < 0 or x > 3", NAN),
    ],
)
def test_what_is_missing_stays_missing_unless_it_is_mended_or_doesnt_matter(text, expected):
    assert same(value_of(text, x=[NAN], y=[1]), [expected])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x / 0", math.inf),
        ("-x / 0", -math.inf),
        ("0 * x / 0", NAN),
        ("x % 0", NAN),
        ("log(0 * x)", -math.inf),
        ("log(-x)", NAN),
        ("(-8 * x) ** (1 / 3)", NAN),
        ("exp(1000 * x)", math.inf),
        ("9 ** 9 ** 9 ** 9 ** 9 ** 9 + x", math.inf),
        ("x ** 99999999999999999999", 1.0),
        ("x * " + "9" * 400, math.inf),
        ("2 ** (x * 10 ** 10)", math.inf),
    ],
)
def test_what_no_float_holds_is_infinite_or_nan_and_never_slow(text, expected):
    assert same(value_of(text, x=[1]), [expected])


HOSTILE = [
    ("__import__('os').system('true')", "no function"),
    ("().__class__.__bases__[0].__subclasses__()", "no function"),
    ("(1).real + x", "attributes"),
    ("x.__class__()", "no function"),
    ("log(x).real", "attributes"),
    ("x[0]", "brackets"),
    ("[x for x in (1, 2)]", "comprehensions"),
    ("(y for y in x)", "comprehensions"),
    ("lambda: x", "lambda"),
    ("x if x else 1", "where"),
    ("'text' + x", "text in quotes"),
    ("f'{x}'", "text in quotes"),
    ("b'x'", "text in quotes"),
    ("(x := 3)", "assignments"),
    ("x ^ 2", r"\*\*"),
    ("x // 2", "floor"),
    ("x & 1", "and, or, not"),
    ("x in (1, 2)", "in and is"),
    ("x is 1", "in and is"),
    ("1j * x", "isn't allowed"),
    ("None", "isn't allowed"),
    ("...", "isn't allowed"),
    ("[*x]", "brackets"),
    ("log(*x)", "brackets"),
    ("log(x=1)", "log takes 1 argument,"),
    ("log()", "log takes 1 argument,"),
    ("where(x, 1)", "where takes 3"),
    ("max(x)", "max takes 2 or more"),
    ("max(" + ",".join(["x"] * 21) + ")", "max takes"),
    ("eval(x)", "eval is no function"),
    ("getattr(x, 1)", "no function"),
    ("log.__call__(x)", "no function"),
    ("(lambda: 1)(x)", "no function"),
    ("import os", "can't be read"),
    ("x; y", "can't be read"),
    ("x = 1", "can't be read"),
    ("x\ny", "can't be read"),
    ("x\0", "can't be read"),
    ("await x", "isn't allowed|can't be read"),
    ("yield x", "can't be read"),
    ("lambda", "can't be read"),
    ("(" * 250 + "x" + ")" * 250, "characters|can't be read|nested"),
    ("-" * 400 + "x", "nested"),
    ("+".join(["x"] * 240), "nested"),
    ("x" * (LONGEST + 1), "characters"),
    ("", "empty"),
    ("   ", "empty"),
    ("1 + 2", "names no column"),
    ("`unclosed", "can't be read"),
]


@pytest.mark.parametrize(("text", "says"), HOSTILE, ids=[text[:30] for text, _ in HOSTILE])
def test_what_isnt_arithmetic_gets_one_sentence(text, says):
    with pytest.raises(InputError, match=says) as error:
        parse_expression(text)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400


@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_gets_a_sentence(text):
    try:
        parsed = parse_expression(text)
    except InputError:
        return
    assert parsed.columns


def _combined(inner):
    binary = st.tuples(st.sampled_from(["+", "-", "*", "<", ">=", "=="]), inner, inner)
    functions = st.tuples(st.sampled_from(["max", "min"]), inner, inner)
    return st.one_of(
        binary.map(lambda t: f"({t[1]} {t[0]} {t[2]})"),
        functions.map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        inner.map(lambda t: f"abs({t})"),
        inner.map(lambda t: f"-{t}"),
    )


EXPRESSIONS = st.recursive(
    st.one_of(st.sampled_from(["x", "y"]), st.integers(0, 9).map(str), st.sampled_from(["0.5", "2.25"])),
    _combined,
    max_leaves=8,
)


@given(EXPRESSIONS, st.integers(-5, 5), st.sampled_from([-1.5, 0.25, 3.0]))
def test_arithmetic_agrees_with_pythons(text, x, y):
    names = {"x": float(x), "y": y, "max": max, "min": min, "abs": abs}
    expected = float(eval(text, {"__builtins__": {}}, names))
    # Adding nothing of x makes sure that there is a column.
    assert value_of(f"{text} + 0 * x", x=[x], y=[y]) == pytest.approx([expected], rel=1e-12)


@given(st.floats(allow_nan=False, width=32), st.floats(min_value=0.125, max_value=64, width=32))
def test_division_and_remainder_agree_with_pythons(x, y):
    if math.isinf(x):
        return
    assert value_of("x / y", x=[x], y=[y]) == [x / y]
    assert value_of("x % y", x=[x], y=[y]) == [x % y]


def test_names_with_dots_signs_and_spaces_are_columns():
    columns = {"optimizer.lr": [0.1], "val/loss": [2.0], "my metric": [3.0], "class": [4.0]}
    assert value_of("optimizer.lr * `val/loss` + `my metric` - `class`", **columns) == pytest.approx([-0.8])
    parsed = parse_expression("`optimizer`.lr + summary.`val/loss`")
    assert parsed.columns == ("optimizer.lr", "summary.val/loss")


@pytest.mark.parametrize("text", ["lr", "=lr", " = lr", "a,b=lr", "a`b=lr", "a\nb=lr", "x" * 101 + "=lr", "lr=="])
def test_what_isnt_a_name_and_an_expression_gets_a_sentence(text):
    with pytest.raises(InputError):
        derivation_of(text)


def test_a_name_given_twice_and_too_many_get_a_sentence():
    with pytest.raises(InputError, match="twice"):
        derivations_of(["a=lr", "a=lr*2"])
    with pytest.raises(InputError, match="at most 20"):
        derivations_of([f"a{i}=lr" for i in range(21)])


def test_a_column_of_config_alone_is_a_parameter_and_any_other_a_metric():
    sweep = sweep_of({"lr": [0.1, 0.2], "m": [2, 3]}, {"loss": [1.5, 0.5], "acc": [0.5, 0.75]})
    made = with_derived(sweep, "lr2=lr*m", "gap=acc-loss", "scaled=acc*lr", "rate=acc/runtime")
    assert made.config["lr2"].tolist() == pytest.approx([0.2, 0.6])
    assert made.summary["gap"].tolist() == [-1.0, 0.25]
    assert made.summary["scaled"].tolist() == pytest.approx([0.05, 0.15])
    assert made.summary["rate"].tolist() == [0.5 / 60, 0.75 / 60]
    assert [(r.column, r.part) for r in made.readings if r.why.startswith("derived")] == [
        ("lr2", "config"), ("gap", "summary"), ("scaled", "summary"), ("rate", "summary")
    ]  # fmt: skip


def test_a_later_column_may_use_an_earlier_one_and_not_the_other_way_round():
    sweep = sweep_of({"lr": [0.1, 0.2]}, {"score": [1.0, 2.0]})
    assert with_derived(sweep, "a=lr*2", "b=a*2").config["b"].tolist() == [0.4, 0.8]
    with pytest.raises(InputError, match="no column 'a'"):
        with_derived(sweep, "b=a*2", "a=lr*2")


def test_config_goes_before_summary_and_a_prefix_chooses():
    sweep = sweep_of({"loss": [1.0, 2.0]}, {"loss": [10.0, 20.0], "score": [1.0, 2.0]})
    made = with_derived(sweep, "plain=loss*1", "c=config.loss*1", "s=summary.loss*1")
    assert made.config["plain"].tolist() == made.config["c"].tolist() == [1, 2]
    assert made.summary["s"].tolist() == [10, 20]


@pytest.mark.parametrize("name", ["lr", "score", "state", "run_id"])
def test_a_name_that_is_taken_gets_a_sentence(name):
    with pytest.raises(InputError, match="already has a column"):
        with_derived(sweep_of({"lr": [1, 2]}, {"score": [1.0, 2.0]}), f"{name}=lr*2")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a=lrr*2", "Did you mean: lr"),
        ("a=lr.__class__", "not attributes"),
        ("a=act*2", "holds text"),
        ("a=run_id*2", "no column"),
    ],
)
def test_what_is_no_column_of_numbers_gets_a_sentence(text, says):
    sweep = sweep_of({"lr": [1, 2], "act": ["relu", "gelu"]}, {"score": [1.0, 2.0]})
    with pytest.raises(InputError, match=says):
        with_derived(sweep, text)


def test_a_derived_column_has_the_type_of_its_values():
    sweep = sweep_of({"lr": [0.5, None, 1.5], "k": [1, 2, 3], "on": [True, False, True]}, {"score": [1.0, 2.0, 3.0]})
    config = with_derived(sweep, "a=k*2", "b=lr*1", "c=lr>1", "d=on*2", "e=where(on, k, lr)").config
    assert config["a"].dtype == "Int64"
    assert config["b"].dtype == "float64"
    assert config["c"].dtype == "boolean"
    assert config["c"].tolist() == [False, pd.NA, True]
    assert config["d"].tolist() == [2, 0, 2]
    assert config["e"].isna().tolist() == [False, True, False]


def test_a_column_of_numbers_and_text_counts_where_it_holds_numbers():
    sweep = sweep_of({"lr": [0.5, "auto", 1.5]}, {"score": [1.0, 2.0, 3.0]})
    assert same(with_derived(sweep, "a=lr/1").config["a"].tolist(), [0.5, NAN, 1.5])


def test_what_was_logged_as_nan_is_told_from_what_was_not_logged():
    sweep = sweep_of({"lr": [1.0, 2.0, 3.0, 4.0]}, {"loss": [0.5, NAN, None, -1.0]})
    population = populated(with_derived(sweep, "a=log(loss)"), metric="a")
    assert population.fate.tolist() == ["used", "a is NaN or infinite", "no value of a", "a is NaN or infinite"]


def test_a_derived_metric_has_a_history_where_its_metrics_have():
    sweep = sweep_of(
        {"w": [1.0, 10.0]},
        {"a": [3.0, 4.0], "b": [1.0, 1.0], "c": [0.0, 0.0]},
        histories={"r0000": {"a": [5.0, 3.0], "b": [1.0, 1.0]}, "r0001": {"a": [2.0, 4.0], "b": [0.0, 1.0]}},
    )
    made = with_derived(sweep, "d=(a-b)*w", "e=a-c", "f=d*2")
    assert made.history["d"].tolist() == [4.0, 2.0, 20.0, 30.0]
    assert made.history["f"].tolist() == [8.0, 4.0, 40.0, 60.0]
    assert "e" not in made.history
    population = populated(made, metric="d", goal="maximize", value="best")
    assert population.values.tolist() == [4.0, 30.0]


def test_derived_columns_are_a_choice_and_no_part_of_the_data():
    sweep = read_sample("sample")
    made = with_derived(sweep, "gap=val_loss-loss", "lr10=log10(learning_rate)")
    assert made.data_sha256 == sweep.data_sha256
    assert "gap" not in sweep.summary
    back = without_derived(made)
    for part in ("config", "summary", "history"):
        pd.testing.assert_frame_equal(getattr(back, part), getattr(sweep, part))
    assert (back.readings, back.derived) == (sweep.readings, ())
    assert without_derived(sweep) is sweep
    assert derived(made, made.derived) is made


def test_a_derived_objective_and_parameter_go_through_the_whole_report():
    derive = derivations_of(["lr10=log10(lr)", "gap=val_score-train_loss"])
    report = reported(search(18), metric="gap", goal="maximize", parameters=("lr10", "batch"), derive=derive)
    assert report.best_run.value == max(report.population.metric("gap"))
    assert [p.name for p in report.population.searched] == ["batch", "lr10"]
    written = report.to_dict()
    assert written["sweep"]["objective"]["metric"] == "gap"
    assert written["sweep"]["derived"] == [
        {"name": "lr10", "expression": "log10(lr)"}, {"name": "gap", "expression": "val_score-train_loss"}
    ]  # fmt: skip
    assert "lr10" in {c["parameter"] for c in written["correlations"]}
    assert report.next_sweep is None or "lr10" not in report.next_sweep.config["parameters"]


def test_a_derived_metric_is_never_taken_for_the_objective_unasked():
    sweep = sweep_of({"lr": [1, 2]}, {"score": [1.0, 2.0]})
    made = with_derived(sweep, "val_accuracy=score*2")
    assert populated(made).objective.metric == "score"
    assert populated(made, metric="val_accuracy").objective.metric == "val_accuracy"
