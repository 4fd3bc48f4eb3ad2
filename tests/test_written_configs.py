"""Whatever names and values a config has, what is written of it reads back as the same."""

from __future__ import annotations

import json
import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lib.analysis.sweep_yaml import written
from lib.model.columns import restored
from lib.sections.config_text import as_python, as_yaml
from lib.sources.sweep_config import parse_sweep_config, plain_config

ODD = (
    *("prompt\nb", "", " ", " x ", "null", "~", "yes", "on", "NO", "true", "1e5", "1.5", "0x10", "0o17", "010", "1:30"),
    *("1_000", ".nan", "NaN", "2020-01-01", "=", "<<", "- a", "-", "? b", "?", ": c", "a: b", "a:", "#", "a #b", "# c"),
    *("*a", "&a", "!t", "!!str x", "%x", "@x", "`x", "|", ">", "{", "}", "[a]", ",", "a, b", "'", '"', "it's", '"x"'),
    *("\\", "\\n", "a\tb", "\t", "\r", "\r\n", "a\x85b", "a\u2028b", "\u2029", "\ufeff", "\ufffe", "\x00", "\x1b[0m"),
    *(
        "\U0001f600",
        "é",
        "日本",
        "\ud800",
        "\udfff",
        "x" * 200,
        "é" * 1100,
        "x" * 1500,
        "a\n" * 400,
        "---",
        "...",
        "...",
    ),
    *("--- a", "\n", "\n\n", "a\n\n", " a\n b", "[", '{"a": 1}', "${x}", "a\u202eb", "\xa0", "parameters", "İ", "\x7f"),
)
TEXTS = st.one_of(st.sampled_from(ODD), st.text(st.characters(), max_size=30))
SCALARS = st.one_of(
    TEXTS,
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-(10**50), 10**50),
    st.floats(),
    st.booleans(),
    st.none(),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)
SPECS = st.one_of(
    VALUES,
    st.fixed_dictionaries({"values": st.lists(VALUES, max_size=5)}),
    st.fixed_dictionaries({"parameters": st.dictionaries(TEXTS, VALUES, max_size=3)}, optional={"x": VALUES}),
)


def same(one: object, other: object) -> bool:
    """Equal, of the same type at every depth, in the same order, and NaN where the other is."""
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.dictionaries(TEXTS, SPECS, max_size=4), TEXTS)
def test_any_config_with_any_comments_reads_back_as_it_is(
    config: dict[str, object], parameters: dict[str, object], note: str
) -> None:
    whole = {**config, "parameters": parameters}
    text = written(whole, [note, "A sentence."], dict.fromkeys(parameters, note), dict.fromkeys(config, note))
    text.encode()
    assert same(yaml.safe_load(text), whole)


@pytest.mark.parametrize("name", ODD)
def test_any_name_reads_back_in_every_place(name: str) -> None:
    config = {
        name: name,
        "parameters": {name: {"value": name}, "nested": {"parameters": {name: {name: [{name: name}]}}}},
    }
    text = written(config, [name], {name: name, f"nested.{name}": name}, {name: name})
    assert same(yaml.safe_load(text), config)
    if not "\ud7ff" < name < "\ue000":
        # libyaml knows no half characters; neither does any table.
        assert same(yaml.load(text, Loader=yaml.CSafeLoader), config)


@given(st.dictionaries(TEXTS, SPECS, min_size=1, max_size=4))
def test_any_config_that_is_read_is_written_so_that_it_reads_as_the_same(parameters: dict[str, object]) -> None:
    config = plain_config({"method": "grid", "parameters": parameters})
    again = parse_sweep_config(written(config, [], {}), "next-sweep.yaml").config
    assert same(again, config)


@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.dictionaries(TEXTS, VALUES, max_size=4))
def test_the_copies_of_a_runs_config_read_back_as_it_is(
    parameters: dict[str, object], fixed: dict[str, object]
) -> None:
    def held(values: dict[str, object]) -> dict[str, object]:
        # As tables hold them: lists and mappings as JSON text.
        return {name: json.dumps(v) if isinstance(v, (list, dict)) else v for name, v in values.items()}

    parameters, fixed = held(parameters), {name: v for name, v in held(fixed).items() if name not in parameters}
    whole = {name: restored(value) for name, value in {**parameters, **fixed}.items()}
    assert same(yaml.safe_load(as_yaml(parameters, fixed)) or {}, whole)
    assert same(eval(as_python(parameters, fixed), {"float": float}), whole)
