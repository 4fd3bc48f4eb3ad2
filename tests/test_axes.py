import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.analysis.axes import BEYOND, LEVEL_REACH, MISSING_PLACE, axes, best_part, found_in
from lib.charts.parallel_gestures import cell_size, span_of
from lib.model.choices import Filter
from lib.model.errors import InputError
from testing.sweeps import populated, sweep_of


def axis_of(config, name, summary=None, declared=None, **more):
    count = len(next(iter(config.values())))
    sweep = sweep_of(config, summary or {"score": [float(i) for i in range(count)]}, declared=declared)
    (axis,) = axes(populated(sweep, metric="score", parameters=tuple(config)), [name], **more)
    return axis


def test_each_searched_parameter_has_an_axis_and_the_objective_is_last():
    sweep = sweep_of({"b": [1.0, 2.0, 5.0], "a": ["x", "y", "x"], "k": [1, 1, 1]}, {"score": [1.0, 2.0, 3.0]})
    assert [a.name for a in axes(populated(sweep, parameters=("a", "b")))] == ["a", "b", "score"]


@pytest.mark.parametrize(
    ("scale", "places"),
    [("linear", [0, 0.09 / 0.99, 1]), ("log", [0, 0.5, 1]), ("quantile", [0, 0.5, 1]), ("levels", [0, 0.5, 1])],
)
def test_a_value_stands_where_its_scale_puts_it(scale, places):
    axis = axis_of({"lr": [0.01, 0.1, 1.0]}, "lr", scales={"lr": scale})
    assert axis.places.tolist() == pytest.approx(places) or scale == "levels"
    assert axis.places[0] == 0
    assert axis.places[-1] == 1


def test_an_inverted_axis_runs_the_other_way_with_its_ticks():
    axis = axis_of({"lr": [1.0, 2.0, 5.0]}, "lr", inverted=["lr"], scales={"lr": "linear"})
    assert axis.places.tolist() == [1.0, 0.75, 0.0]
    assert dict((label, place) for place, label in axis.ticks) == {"1": 1.0, "2": 0.75, "5": 0.0}
    assert axis.values_between(0.5, 1.0) == (1.0, 2.0)


def test_a_log_axis_with_zero_falls_back_to_linear():
    assert axis_of({"lr": [0.0, 0.1, 1.0]}, "lr", scales={"lr": "log"}).scale == "linear"


def test_runs_without_a_value_stand_at_the_tick_missing():
    axis = axis_of({"lr": [0.1, None, 0.3, math.inf]}, "lr")
    assert axis.places.tolist() == [0.0, MISSING_PLACE, 1.0, MISSING_PLACE]
    assert axis.missing == 2
    assert axis.ticks[-1] == (MISSING_PLACE, "missing")
    levels = axis_of({"act": ["a", None, "b"]}, "act")
    assert (levels.missing, levels.ticks[-1]) == (1, (MISSING_PLACE, "missing"))


def test_an_axis_that_shows_a_part_runs_over_it_and_the_others_pass_just_past_its_ends():
    config = {"lr": [0.0, 2.0, 3.0, 6.0, 10.0, None]}
    axis = axis_of(config, "lr", scales={"lr": "linear"}, shown={"lr": (1.0, 7.0)})
    assert axis.places.tolist() == [-BEYOND, 0.0, 0.25, 1.0, 1 + BEYOND, MISSING_PLACE]
    assert (axis.shown, axis.beyond, axis.missing) == ((2.0, 6.0), 2, 1)
    assert [label for _, label in axis.ticks] == ["2", "3", "6", "missing"]
    # A brush over all that is shown is still a condition, and one that reaches past an end takes in what lies there.
    assert axis.filter_between(0.0, 1.0) == Filter("lr", 2.0, 6.0)
    assert axis.filter_between(0.5, 1.03) == Filter("lr", 6.0, None)
    turned = axis_of(config, "lr", scales={"lr": "linear"}, shown={"lr": (1.0, None)}, inverted=["lr"])
    assert turned.places.tolist() == [1 + BEYOND, 1.0, 0.875, 0.5, 0.0, MISSING_PLACE]


@pytest.mark.parametrize("ends", [(4.0, 5.0), (2.5, 3.5), (-1.0, 20.0), (11.0, None)])
def test_an_axis_shows_all_where_a_part_holds_fewer_than_two_values_or_all(ends):
    axis = axis_of({"lr": [0.0, 2.0, 3.0, 6.0, 10.0]}, "lr", shown={"lr": ends})
    assert (axis.shown, axis.beyond, axis.places.min(), axis.places.max()) == (None, 0, 0.0, 1.0)


@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=15, unique=True),
    place=st.floats(0, 1),
    upper=st.booleans(),
    inverted=st.booleans(),
)
def test_an_end_that_is_moved_leaves_exactly_the_values_on_its_other_side(values, place, upper, inverted):
    options = {"inverted": ["lr"] if inverted else []}
    axis = axis_of({"lr": values}, "lr", **options)
    shown = axis.narrowed_to(place, upper)
    sign = 1 if upper else -1
    kept = {v for v, at in zip(values, axis.places, strict=True) if sign * at <= sign * place + 1e-9}
    if shown is None:
        assert len(kept) < 2 or len(kept) == len(values)
        return
    again = axis_of({"lr": values}, "lr", shown={"lr": shown}, **options)
    assert {v for v, at in zip(values, again.places, strict=True) if 0 <= at <= 1} == kept


def test_a_click_means_the_level_it_is_near_or_the_missing_and_no_number():
    levels = axis_of({"act": ["a", None, "b", "c"]}, "act")
    assert [levels.filter_at(place) for place in (0.02, 0.47, 0.25, -0.09)] == [
        Filter("act", values=("a",)),
        Filter("act", values=("b",)),
        None,
        Filter("act", values=("",)),
    ]
    assert axis_of({"lr": [0.1, 0.2, 0.3]}, "lr").filter_at(0.5) is None


def test_levels_keep_the_declared_order_and_others_follow():
    declared = {"parameters": {"act": {"values": ["tanh", "relu", "gelu"]}}}
    sweep = sweep_of({"act": ["relu", "tanh", "selu", "relu"]}, {"score": [1.0, 2.0, 3.0, 4.0]}, declared=declared)
    (axis,) = axes(populated(sweep), ["act"])
    assert axis.levels == ("tanh", "relu", "selu")
    assert axis.places.tolist() == [0.5, 0.0, 1.0, 0.5]
    assert axis.levels_between(-0.1, 0.6) == ("tanh", "relu")
    assert axis.values_between(0, 1) is None


def test_numeric_levels_are_in_order_of_number():
    axis = axis_of({"k": [16, 4, 8, 16, 4, 8]}, "k")
    assert (axis.scale, axis.levels) == ("levels", ("4", "8", "16"))


def test_a_single_value_stands_in_the_middle():
    assert axis_of({"lr": [0.1, 0.1]}, "lr").places.tolist() == [0.5, 0.5]
    assert axis_of({"act": ["a", "a"]}, "act").places.tolist() == [0.5, 0.5]


def test_any_metric_can_be_an_axis_and_an_unknown_name_gets_a_sentence():
    sweep = sweep_of({"lr": [0.1, 0.2]}, {"score": [1.0, 2.0], "loss": [3.0, 1.0]})
    population = populated(sweep, metric="score")
    (axis,) = axes(population, ["loss"])
    assert axis.places.tolist() == [1.0, 0.0]
    with pytest.raises(InputError, match="no parameter or metric 'nothing'"):
        axes(population, ["nothing"])


@pytest.mark.parametrize("size", [1e308, 1e300, 1e-300])
def test_extreme_values_have_places_within_the_axis(size):
    axis = axis_of({"lr": [size * v for v in (-1.7, -1, -0.5, 0.1, 0.5, 1, 1.2, 1.7)]}, "lr")
    assert np.all((axis.places >= 0) & (axis.places <= 1))
    assert all(0 <= place <= 1 for place, _ in axis.ticks)
    assert not any("∞" in label or label == "–" for _, label in axis.ticks)


def test_a_span_of_places_turns_back_into_the_values_it_covers():
    axis = axis_of({"lr": [0.001, 0.01, 0.1, 1.0] * 3}, "lr", scales={"lr": "log"})
    assert axis.scale == "log"
    assert axis.values_between(0.3, 0.7) == (0.01, 0.1)
    assert axis.values_between(0.4, 0.6) is None


def test_many_levels_are_labelled_at_the_ends_alone():
    axis = axis_of({"act": [f"l{i:02d}" for i in range(40)]}, "act")
    assert [label for _, label in axis.ticks] == ["l00", "l39"]
    assert len(axis.levels) == 40


def test_a_span_of_places_becomes_the_filter_that_keeps_its_runs():
    axis = axis_of({"lr": [0.1, 0.2, 0.3, None]}, "lr")
    assert axis.filter_between(-0.05, 0.6) == Filter("lr", None, 0.2)
    assert axis.filter_between(0.4, 0.6) == Filter("lr", 0.2, 0.2)
    assert axis.filter_between(0.1, 0.4) is None
    assert axis.filter_between(-0.15, -0.06) == Filter("lr", values=("",))
    assert axis.filter_between(-0.15, 1.1) == Filter("lr", 0.1, 0.3)
    assert axis_of({"lr": [0.1, 0.2, 0.3]}, "lr").filter_between(-0.1, 1.1) is None


def test_a_span_over_levels_keeps_those_levels_also_the_unlabelled():
    axis = axis_of({"act": [f"l{i:02d}" for i in range(41)]}, "act")
    assert axis.filter_between(0.49, 0.53) == Filter("act", values=("l20", "l21"))
    missing = axis_of({"act": ["missing", "b", None]}, "act")
    assert missing.filter_between(-0.15, -0.06) == Filter("act", values=("",))
    assert missing.filter_between(0.9, 1.1) == Filter("act", values=("missing",))


def test_a_filter_is_marked_where_its_values_stand():
    axis = axis_of({"lr": [0.0, 0.5, 1.0, None]}, "lr", inverted=["lr"])
    ((low, high),) = axis.spans_of(Filter("lr", 0.4, None))
    assert (low, high) == pytest.approx((-LEVEL_REACH, 0.5 + LEVEL_REACH))
    assert axis.spans_of(Filter("lr", 2.0, 3.0)) == ()
    ((low, high),) = axis.spans_of(Filter("lr", values=("",)))
    assert (low + high) / 2 == pytest.approx(MISSING_PLACE)
    levels = axis_of({"act": ["a", "b", "c"]}, "act")
    assert [sum(span) / 2 for span in levels.spans_of(Filter("act", values=("c", "a", "z")))] == [1.0, 0.0]


def test_levels_stand_in_the_order_that_the_reader_chose():
    axis = axis_of({"act": ["a", "b", "c", "a"]}, "act", orders={"act": ["c", "z", "a"]})
    assert axis.levels == ("c", "a", "b")
    assert axis.places.tolist() == [0.5, 1.0, 0.0, 0.5]


@pytest.mark.parametrize(
    ("values", "scale", "labels"),
    [
        ([0.102, 0.2, 0.25, 0.31, 0.33, 0.4, 0.499], "linear", ["0.102", "0.2", "0.3", "0.4", "0.499"]),
        ([1.2e-5, 3e-5, 1e-3, 9.5e-3, 0.01, 0.02, 0.03], "log", ["1.2e-5", "0.0001", "0.001", "0.01", "0.03"]),
        ([3.0, 4.0, 5.5, 6.0, 7.0, 8.0, 30.0], "log", ["3", "5", "10", "20", "30"]),
        ([-7.0, -3.0, 0.0, 1.0, 2.0, 3.0, 4.0, 12.0], "linear", ["−7", "−5", "0", "5", "10", "12"]),
    ],
)
def test_ticks_are_the_ends_and_round_numbers_between(values, scale, labels):
    axis = axis_of({"p": values}, "p", scales={"p": scale})
    assert [label for _, label in axis.ticks] == labels
    on = np.log10 if scale == "log" else np.asarray
    for place, label in axis.ticks[1:-1]:
        low, high = on(values[0]), on(values[-1])
        assert place == pytest.approx((on(float(label.replace("−", "-"))) - low) / (high - low), abs=1e-6)


def test_the_best_part_is_found_again_among_all_runs():
    sweep = sweep_of({"lr": [1.0, 2.0, 3.0, 4.0, 5.0]}, {"score": [5.0, 1.0, 4.0, 2.0, 3.0]})
    everyone = populated(sweep, metric="score", goal="maximize")
    part = populated(sweep, metric="score", goal="maximize", filters=(Filter("lr", 2.0, 5.0),))
    best = best_part(part, 50)
    assert part.values[best].tolist() == [4.0, 3.0]
    kept = found_in(everyone, part, best)
    assert sorted(everyone.values[kept]) == [3.0, 4.0]
    assert found_in(everyone, part, best_part(part, 100)).sum() == 4


def test_a_drag_covers_what_it_began_and_ended_on_either_way_round():
    half = cell_size(5) / 2
    assert span_of(0.2, 0.6, 5) == span_of(0.6, 0.2, 5) == (pytest.approx(0.2 - half), pytest.approx(0.6 + half))
    # Beside values, missing ones are left out; below them they are meant.
    assert span_of(-0.1, 0.6, 5)[0] == MISSING_PLACE / 2
    assert span_of(-0.11, -0.09, 5)[0] < MISSING_PLACE
