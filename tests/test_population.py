import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.analysis.levels import text_of_level
from lib.model.choices import Choices, Filter
from lib.model.errors import InputError
from testing.sweeps import populated, reported, sweep_of

NAN, INF = math.nan, math.inf


def ledger_of(population):
    ledger = population.ledger
    return ledger.total, ledger.used, {e.reason: e.count for e in ledger.excluded}


def test_every_run_is_used_or_left_out_for_the_first_reason_that_holds():
    sweep = sweep_of(
        {"lr": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]},
        {"score": [1.0, 2.0, None, NAN, INF, 6.0, None]},
        states=["finished", "crashed", "finished", "finished", "finished", "", "killed"],
    )
    population = populated(sweep)
    assert ledger_of(population) == (
        7,
        2,
        {"no value of score": 1, "score is NaN or infinite": 2, "state crashed": 1, "state killed": 1},
    )
    assert population.values.tolist() == [1.0, 6.0]
    assert population.ledger.by_state == (("crashed", 1), ("finished", 4), ("killed", 1), ("unknown", 1))


def test_states_that_the_reader_names_take_the_place_of_finished():
    sweep = sweep_of({"lr": [1, 2, 3]}, {"score": [1.0, 2.0, 3.0]}, states=["finished", "crashed", "running"])
    assert populated(sweep, states=("crashed", "running")).values.tolist() == [2.0, 3.0]


def test_no_usable_run_is_no_error_but_no_run_at_all_is():
    assert ledger_of(populated(sweep_of({"lr": [1, 2]}, {"score": [1.0, 2.0]}, states=["failed"] * 2))) == (
        2,
        0,
        {"state failed": 2},
    )
    with pytest.raises(InputError, match=r"runs\.csv holds no runs"):
        populated(sweep_of({"lr": []}, {"score": []}))


@pytest.mark.parametrize(
    ("one", "kept"),
    [
        (Filter("lr", low=0.2, high=0.3), [0.2, 0.3]),
        (Filter("lr", low=0.2, exclude=True), [0.1]),
        (Filter("act", values=("relu",)), [0.1, 0.3]),
        (Filter("act", values=("",)), [0.4]),
        (Filter("act", values=("relu",), exclude=True), [0.2, 0.4]),
        (Filter("score", high=2), [0.1, 0.2]),
        (Filter("name", values=("r0003",)), [0.4]),
    ],
)
def test_a_filter_keeps_what_it_says_and_the_rest_is_counted(one, kept):
    sweep = sweep_of(
        {"lr": [0.1, 0.2, 0.3, 0.4], "act": ["relu", "gelu", "relu", None]}, {"score": [1.0, 2.0, 3.0, 4.0]}
    )
    population = populated(sweep, filters=(one,))
    assert population.numbers("lr").tolist() == kept
    assert ledger_of(population) == (4, len(kept), {"left out by the reader": 4 - len(kept)})


def test_a_filter_of_nothing_that_exists_gets_a_sentence():
    with pytest.raises(InputError, match="neither a parameter nor a metric"):
        populated(sweep_of({"lr": [1, 2]}, {"score": [1.0, 2.0]}), filters=(Filter("nothing", low=1),))


@pytest.mark.parametrize(("goal", "best"), [("maximize", [0.9, 0.7]), ("minimize", [0.2, 0.1])])
def test_the_best_value_of_a_run_comes_from_its_history(goal, best):
    sweep = sweep_of(
        {"lr": [1, 2]},
        {"score": [0.5, 0.6]},
        histories={"r0000": {"score": [0.2, 0.9, 0.5]}, "r0001": {"score": [0.1, 0.7, 0.6]}},
    )
    assert populated(sweep, value="best", goal=goal).values.tolist() == best
    assert populated(sweep, value="last", goal=goal).values.tolist() == [0.5, 0.6]


def test_the_best_value_may_come_from_a_summary_that_keeps_it():
    sweep = sweep_of({"lr": [1, 2]}, {"score": [0.5, 0.6], "score.max": [0.9, 0.7], "score.min": [0.1, 0.2]})
    assert populated(sweep, metric="score", goal="maximize", value="best").values.tolist() == [0.9, 0.7]
    assert populated(sweep, metric="score", goal="minimize", value="best").values.tolist() == [0.1, 0.2]


def test_the_best_value_without_a_history_gets_a_sentence():
    with pytest.raises(InputError, match="holds no history of score"):
        _ = populated(sweep_of({"lr": [1, 2]}, {"score": [0.5, 0.6]}), value="best").values


def test_runs_are_ranked_in_the_direction_of_the_goal_with_ties_in_order_of_creation():
    sweep = sweep_of({"lr": [1, 2, 3, 4]}, {"score": [2.0, 3.0, 3.0, 1.0]})
    assert populated(sweep, goal="maximize").best_first.tolist() == [1, 2, 0, 3]
    assert populated(sweep, goal="minimize").best_first.tolist() == [3, 0, 1, 2]


def test_what_is_no_finite_number_is_missing_from_a_numeric_parameter():
    population = populated(sweep_of({"lr": [1.0, NAN, INF, None]}, {"score": [1.0, 2.0, 3.0, 4.0]}))
    assert np.isnan(population.numbers("lr")).tolist() == [False, True, True, True]
    assert np.isnan(population.numbers("not there")).all()


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (NAN, ""), (True, "true"), (np.bool_(False), "false"), (4.0, "4"), (0.1, "0.1"), ("4.0", "4.0")],
)
def test_a_level_has_one_text(value, text):
    assert text_of_level(value) == text


VALUES = st.one_of(st.none(), st.floats(), st.integers(-(2**62), 2**62))


@given(
    st.lists(
        st.tuples(VALUES, VALUES, st.sampled_from(["finished", "crashed", "", "Running"])), min_size=1, max_size=12
    ),
    st.one_of(st.none(), st.floats(allow_nan=False)),
)
def test_the_ledger_always_adds_up(rows, cut):
    lr, score, states = (list(column) for column in zip(*rows, strict=True))
    sweep = sweep_of({"lr": lr}, {"score": score, "known": [1.0] * len(rows)}, states=states)
    filters = () if cut is None else (Filter("lr", low=cut),)
    try:
        ledger = reported(sweep, metric="score", filters=filters).population.ledger
    except InputError as error:
        assert "score" in str(error)  # noqa: PT017 (the property has two outcomes)
        return
    usable = [
        state in ("finished", "") and value is not None and math.isfinite(value)
        for value, state in zip(score, states, strict=True)
    ]
    assert ledger.total == len(rows) == ledger.used + sum(e.count for e in ledger.excluded)
    assert ledger.used == sum(usable) if cut is None else ledger.used <= sum(usable)
    assert sum(count for _, count in ledger.by_state) == len(rows)


def test_choices_can_key_a_cache():
    assert len({Choices(filters=(Filter("a", 1.0),)), Choices(filters=(Filter("a", 1.0),)), Choices()}) == 2
