from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lib.model.columns import flatten, table_of, typed_column
from lib.sources.export.text_columns import typed_text


@pytest.mark.parametrize(
    ("cells", "type_", "dtype", "values"),
    [
        (["1", "2", ""], "integer", "Int64", [1, 2, pd.NA]),
        (["1.0", "2"], "integer", "Int64", [1, 2]),
        (["1.5", "2"], "number", "float64", [1.5, 2.0]),
        (["1e-5", ""], "number", "float64", [1e-5, math.nan]),
        (["Infinity", "1"], "number", "float64", [math.inf, 1.0]),
        (["true", "False", ""], "boolean", "boolean", [True, False, pd.NA]),
        (["adam", "None", "null", ""], "text", "str", ["adam", "None", math.nan, math.nan]),
        (["None", "1"], "integer", "Int64", [pd.NA, 1]),
        (["12e4567", "ab12cd3"], "text", "str", ["12e4567", "ab12cd3"]),
        (["4e567890", "12345678", ""], "text", "str", ["4e567890", "12345678", math.nan]),
        (["007", "12"], "text", "str", ["007", "12"]),
        (["0", "0.5"], "number", "float64", [0.0, 0.5]),
        (["9007199254740993", "0.5"], "text", "str", ["9007199254740993", "0.5"]),
        (["9007199254740993"], "integer", "Int64", [9007199254740993]),
        (["18446744073709551616", ""], "text", "str", ["18446744073709551616", math.nan]),
        (["auto", "16"], "mixed", "str", ["auto", "16"]),
        (["", "null", "none"], "empty", "float64", [math.nan] * 3),
        (["1_000"], "text", "str", ["1_000"]),
        (["0x10"], "text", "str", ["0x10"]),
    ],
)
def test_text_is_typed_without_loss(cells: list[str], type_: str, dtype: str, values: list[object]) -> None:
    for column in (typed_column(cells), typed_text(pa.array(cells, pa.large_string()))):
        assert column.type == type_
        pd.testing.assert_series_equal(column.values, pd.Series(values, dtype=dtype))


def test_a_logged_nan_is_told_from_a_blank() -> None:
    column = typed_text(pa.array(["NaN", "", "1.5"], pa.large_string()))
    assert column.logged_nan is not None
    assert column.logged_nan.tolist() == [True, False, False]


CELLS = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(repr),
    st.floats().map(str),
    st.sampled_from(["", "true", "False", "null", "None", "NaN", "-Infinity", "1e400", ".5", "5.", "+1", "-0", "1E5"]),
    st.text(max_size=5).map(str.strip),
)


@given(st.lists(CELLS, max_size=8))
@example(["-0.0", "1"])
@example(["1e20", "5"])
def test_whole_columns_are_typed_as_cell_by_cell(cells: list[str]) -> None:
    one, other = typed_column(cells), typed_text(pa.array(cells, pa.large_string()))
    assert one.type == other.type
    pd.testing.assert_series_equal(one.values, other.values)
    assert (one.logged_nan is None) == (other.logged_nan is None)
    if one.logged_nan is not None and other.logged_nan is not None:
        np.testing.assert_array_equal(one.logged_nan, other.logged_nan)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(st.characters(), max_size=4), JSON, max_size=4), min_size=1, max_size=4))
def test_any_config_that_json_can_hold_becomes_typed_columns(records: list[dict[str, object]]) -> None:
    table, logged_nan, types = table_of(flatten(record) for record in records)
    assert len(table) == len(records)
    assert list(table.columns) == list(types)
    assert set(logged_nan) <= set(table.columns)
    for name in table.columns:
        assert str(table[name].dtype) in ("Int64", "float64", "boolean", "str")


def test_nested_keys_are_joined_by_dots_and_none_is_lost() -> None:
    assert flatten({"a": {"b": {"c": 1}}, "a.b.c": 2, "d": {}}) == {"a.b.c": 1, "a.b.c#2": 2, "d": {}}
    deep: dict[str, object] = {"x": 1}
    for _ in range(500):
        deep = {"x": deep}
    assert list(flatten(deep)) == [".".join("x" * 21)]
