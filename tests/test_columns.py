"""What `test_sources_columns.py` doesn't cover of `lib.model.columns`: flattening, JSON text and plain values."""

import math

import numpy as np
import pandas as pd
import pytest

from lib.model.columns import as_number, flatten, plain, restored, table_of, typed_column


def test_nested_keys_become_dotted_and_none_is_lost():
    record = {"optimizer": {"lr": 1, "betas": [0.9, 0.99]}, "optimizer.lr": 2, "empty": {}, "a": None}
    assert flatten(record) == {
        "optimizer.lr": 1,
        "optimizer.betas": [0.9, 0.99],
        "optimizer.lr#2": 2,
        "empty": {},
        "a": None,
    }


def test_what_is_nested_too_deeply_is_kept_as_it_is():
    record = inner = {}
    for _ in range(30):
        inner["k"] = {}
        inner = inner["k"]
    inner["value"] = 1
    (name,) = flatten(record)
    assert name == ".".join(["k"] * 21)


def test_lists_become_json_text_and_halves_of_surrogates_do_not_stop_the_table():
    table, nan, types = table_of([{"shape": [256, 256, 1], "x": "\ud800"}, {"shape": None, "x": {"a": math.nan}}])
    assert table["shape"].tolist()[0] == "[256,256,1]"
    assert table["shape"].isna().tolist() == [False, True]
    assert table["x"].tolist() == ["?", '{"a":NaN}']
    assert nan == {}
    assert types == {"shape": "text", "x": "text"}


def test_a_run_without_a_key_has_no_value_of_it_and_a_logged_nan_is_marked():
    table, nan, _ = table_of([{"a": 1.5}, {"b": True}, {"a": math.nan}])
    assert table["a"].isna().tolist() == [False, True, True]
    assert nan["a"].tolist() == [False, False, True]
    assert table["b"].dtype == "boolean"


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), (" 1e-5 ", 1e-5), ("-Infinity", -math.inf), ("1_000", None), ("abc", None), ("", None), ("+", None)],
)
def test_text_is_a_number_where_json_or_yaml_would_write_it_so(text, value):
    assert as_number(text) == value


def test_a_whole_number_stays_exact_beside_missing_values():
    column = typed_column([9007199254740993, None]).values
    assert column.dtype == "Int64"
    assert plain(column.iloc[0]) == 9007199254740993


def test_plain_values_are_pythons_own():
    values = [pd.NA, pd.NaT, None, np.nan, np.float64(0.5), np.int64(3), np.bool_(True), "x", math.inf]
    assert [plain(v) for v in values] == [None, None, None, None, 0.5, 3, True, "x", math.inf]
    assert [type(plain(v)) for v in (np.float64(0.5), np.int64(3), np.bool_(True))] == [float, int, bool]


@pytest.mark.parametrize(
    "values",
    [
        ["True", "false", "TRUE", None],
        ["true", "0", "1", "False"],
        [True, 0, 1.0, False],
    ],
)
def test_every_spelling_of_true_and_false_is_one_boolean(values):
    column = typed_column(values)
    assert column.type == "boolean"
    assert set(column.values.dropna()) == {True, False}


def test_zero_and_one_alone_stay_numbers_and_two_is_no_boolean():
    assert typed_column(["0", "1"]).type == "integer"
    assert typed_column(["True", "2"]).values.tolist() == ["true", "2"]


def test_spellings_of_a_boolean_are_one_level_beside_words():
    assert typed_column(["True", "true", "auto", "FALSE"]).values.tolist() == ["true", "true", "auto", "false"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("-2", -2), ("0.1", 0.1), ("1e-05", 1e-05), ("1E+3", 1000.0), ("true", True), ("[1,2]", [1, 2])],
        *[(text, text) for text in ("auto", "None", "007", "12e4567", "1e5", "1_000", "nan", "inf", "[1,", "9" * 25)],
    ],
)
def test_a_level_of_a_mixed_column_gets_its_own_type_back(text, value):
    back = restored(text)
    assert (type(back), back) == (type(value), value)


def test_what_a_mixed_column_holds_is_what_was_written():
    values = [0.1, "auto", -2, True, "all", 16]
    assert [restored(cell) for cell in typed_column(values).values] == values
