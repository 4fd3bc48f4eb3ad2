"""Filters and axes as text for addresses, and what they keep."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.analysis.axis_choice import AxisChoice, axis_choice, readable_choices
from lib.analysis.population import LEFT_OUT, population
from lib.charts.picks import Along, ranges
from lib.model.choices import Choices, Filter
from lib.model.errors import InputError
from lib.model.filters import filter_of, range_over, readable_filters, text_of, with_filters, words_of
from lib.ui.link import unusable
from testing.sweeps import populated, sweep_of

names = st.text(min_size=1, max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("lr:0.001..0.01", Filter("lr", 0.001, 0.01)),
        ("lr:..0.01", Filter("lr", None, 0.01)),
        ("lr:5..", Filter("lr", 5.0, None)),
        ("loss=dice|bce", Filter("loss", values=("dice", "bce"))),
        ("-loss=dice", Filter("loss", values=("dice",), exclude=True)),
        ("loss=", Filter("loss", values=("",))),
        (r"a\:b\=c=x\|y", Filter("a:b=c", values=("x|y",))),
    ],
)
def test_a_filter_has_one_short_text(text, one):
    assert filter_of(text) == one
    assert text_of(one) == text


@given(column=names, levels=st.lists(st.text(max_size=8), min_size=1, max_size=4), exclude=st.booleans())
def test_any_name_and_any_level_come_back_from_the_text(column, levels, exclude):
    one = Filter(column, values=tuple(levels), exclude=exclude)
    assert filter_of(text_of(one)) == one


@given(column=names, ends=st.tuples(numbers, numbers))
def test_any_range_comes_back_from_the_text(column, ends):
    one = Filter(column, min(ends), max(ends))
    assert filter_of(text_of(one)) == one


ends = st.tuples(st.none() | numbers, st.none() | numbers)
parts = ends.filter(lambda span: span != (None, None) and (None in span or span[0] <= span[1]))


@given(
    name=names,
    scale=st.sampled_from([None, "linear", "log"]),
    inverted=st.booleans(),
    order=st.lists(names),
    shown=st.none() | parts,
)
def test_any_axis_comes_back_from_the_text(name, scale, inverted, order, shown):
    choice = AxisChoice(name, scale, inverted, tuple(order), shown)
    assert axis_choice(choice.text) == choice


@pytest.mark.parametrize("text", ["lr:..", "lr:1..2..3", "lr:nan..1", "lr:1..2,3..4", "lr:a..b"])
def test_a_part_of_an_axis_that_cannot_be_read_gets_a_sentence(text):
    with pytest.raises(InputError, match="LOW..HIGH"):
        axis_choice(text)


@pytest.mark.parametrize(
    "text", ["", "lr", "lr:", "lr:..", "lr:a..b", "lr:1", "lr:nan..1", "-", ":1..2", "=x", "lr:1..2..3"]
)
def test_what_is_no_filter_gets_a_sentence(text):
    with pytest.raises(InputError):
        filter_of(text)


@given(st.text(max_size=20))
def test_no_text_breaks_the_reading_of_filters_and_axes(text):
    sweep = sweep_of({"lr": [0.1, 0.2]}, {"score": [1.0, 2.0]})
    filters, problems = readable_filters([text], sweep)
    assert len(filters) + len(problems) == 1
    choices, problems = readable_choices([text], ["lr"])
    assert len(choices) + len(problems) == 1


def test_filters_that_can_be_used_are_and_the_others_are_named():
    sweep = sweep_of({"lr": [0.1, 0.2]}, {"score": [1.0, 2.0]})
    filters, problems = readable_filters(["lr:0.15..", "nonsense", "width:1..2"], sweep)
    assert filters == (Filter("lr", 0.15, None),)
    assert len(problems) == 2
    assert "'nonsense'" in problems[0]
    assert "'width:1..2'" in problems[1]


@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20),
    ends=st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)),
)
def test_a_shortened_range_keeps_exactly_the_values_of_the_brush(values, ends):
    low, high = min(ends), max(ends)
    inside = {v for v in values if low <= v <= high}
    one = range_over("lr", values, low, high)
    if one is None:
        assert not inside or inside == set(values)
        return
    bottom, top = (-math.inf if one.low is None else one.low), (math.inf if one.high is None else one.high)
    assert {v for v in values if bottom <= v <= top} == inside


def test_the_ends_of_a_brushed_range_are_short():
    assert range_over("lr", [0.0012345678, 0.0051, 0.0077, 0.02], 0.004, 0.008) == Filter("lr", 0.005, 0.008)
    assert range_over("lr", [1.0, 2.0, 3.0], 0, 2.5) == Filter("lr", None, 2.0)


def test_a_new_filter_takes_the_place_of_one_on_the_same_column_unless_one_leaves_out():
    texts = ["lr:0.1..0.2", "-lr:0.15..0.16", "loss=dice"]
    new = with_filters(texts, [Filter("lr", 0.3, 0.4)])
    assert new == ["-lr:0.15..0.16", "loss=dice", "lr:0.3..0.4"]
    assert with_filters(new, [Filter("lr", 0.3, 0.4)]) == new
    assert with_filters(["lr:1..2"], [Filter("lr", 1.2, 1.4, exclude=True)]) == ["lr:1..2", "-lr:1.2..1.4"]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (Filter("lr", 0.001, 0.01), "lr 0.001 to 0.01"),
        (Filter("lr", None, 0.01), "lr up to 0.01"),
        (Filter("loss", values=("a", ""), exclude=True), "not loss: a and missing"),
        (Filter("run_id", values=("a", "b", "c", "d")), "4 runs: a, b, c and 1 more"),
    ],
)
def test_a_chip_says_its_filter_in_words(one, words):
    assert words_of(one) == words


def test_a_filter_on_the_objective_is_on_the_value_that_counts():
    histories = {f"r000{i}": {"score": [best, last]} for i, (best, last) in enumerate([(9.0, 1.0), (5.0, 4.0)])}
    sweep = sweep_of({"lr": [0.1, 0.2]}, {"score": [1.0, 4.0]}, histories=histories)
    high = Choices(metric="score", goal="maximize", value="best", filters=(Filter("score", 6.0, None),))
    found = population(sweep, high)
    assert found.runs["run_id"].tolist() == ["r0000"]
    assert [(e.reason, e.count) for e in found.ledger.excluded] == [(LEFT_OUT, 1)]


def test_an_excluding_filter_keeps_the_others():
    sweep = sweep_of({"act": ["a", "b", None, "a"]}, {"score": [1.0, 2.0, 3.0, 4.0]})
    kept = populated(sweep, metric="score", filters=(Filter("act", values=("a",), exclude=True),))
    assert kept.values.tolist() == [2.0, 3.0]


def test_values_of_an_address_that_no_widget_took_are_named():
    asked = {"goal": ["upwards"], "top": ["10"], "states": ["finished", "nowhere"], "x": ["1"], "best": ["50%"]}
    held = {"goal": "automatic", "top": 10, "states": ["finished"], "best": "50%"}
    sentences = unusable(asked, held)
    assert len(sentences) == 3
    assert "goal 'upwards'" in sentences[0]
    assert "states 'nowhere'" in sentences[1]
    assert "'x'" in sentences[2]
    assert not any("finished" in s for s in sentences)


def test_a_filter_that_names_a_run_of_another_sweep_says_so():
    sweep = sweep_of({"lr": [0.1, 0.2]}, {"score": [1.0, 2.0]})
    known = str(sweep.runs["run_id"].iloc[0])
    filters, problems = readable_filters([f"run_id={known}|nobody", f"run_id={known}"], sweep)
    assert len(filters) == 2
    (problem,) = problems
    assert "names a run that isn't in" in problem
    assert problem.endswith(": nobody.")
    assert population(sweep, Choices(filters=filters[:1])).rows.tolist() == [0]
    none = population(sweep, Choices(filters=(filter_of("run_id=nobody"),)))
    assert none.why_no_run == "The filters leave no run of those that could be used"


def test_a_drag_along_one_axis_that_hardly_leaves_it_is_meant_for_that_alone():
    read = ranges(
        x=Along("lr", np.array([0.1, 0.2, 0.3, 0.4]), False), y=Along("score", np.array([0.0, 5.0, 7.0, 10.0]), False)
    )
    flat, high = {"x": [0.15, 0.35], "y": [6.9, 7.2]}, {"x": [0.15, 0.35], "y": [4.0, 7.2]}
    assert read({"pick": flat}) == [Filter("lr", 0.2, 0.3)]
    assert read({"pick": high}) == [Filter("lr", 0.2, 0.3), Filter("score", 5.0, 7.0)]
    # Straight up, to the pixel or nearly.
    assert read({"pick": {"x": [0.15, 0.21], "y": [4.0, 7.2]}}) != [Filter("score", 5.0, 7.0)]
    assert read({"pick": {"x": [0.199, 0.201], "y": [4.0, 7.2]}}) == [Filter("score", 5.0, 7.0)]
    # On a log scale a tenth of the values' span is most of the axis.
    decades = np.geomspace(1e-5, 1.0, 6)
    read = ranges(x=Along("lr", decades, True), y=Along("score", np.arange(6.0), False))
    assert read({"pick": {"x": [2e-5, 0.02], "y": [1.5, 3.5]}}) == [Filter("lr", 1e-4, 0.01), Filter("score", 2.0, 3.0)]
    # Where there is y alone, a short drag is a short range.
    short = ranges(y=Along("score", np.array([0.0, 5.0, 7.0, 10.0]), False))({"pick": {"y": [6.9, 7.2]}})
    assert short == [Filter("score", 7.0, 7.0)]
    # One straight across it chooses nothing.
    assert ranges(y=Along("score", np.array([0.0, 5.0, 7.0, 10.0]), False))({"pick": {"y": [6.98, 7.03]}}) == []
