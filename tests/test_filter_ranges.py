"""What filters by pointing and clicking offer, and what they write."""

import numpy as np
import pytest

from lib.analysis.filter_ranges import LevelChoice, RangeChoice, choice_of, tags_of
from lib.analysis.population import population
from lib.model.choices import Choices, Filter
from lib.model.filters import condition_of, narrowed, opposite, text_of
from testing.sweeps import sweep_of

LR = [10 ** (-4 + 3 * i / 29) for i in range(30)]
SWEEP = sweep_of(
    {"lr": LR, "width": [float(i) for i in range(30)], "act": ["relu", "gelu", None] * 10, "same": [1] * 30},
    {"score": [float(i % 7) for i in range(30)]},
)


def kept(*texts: str) -> int:
    return len(population(SWEEP, Choices(filters=tuple(map(condition_of, texts)))).rows)


@pytest.mark.parametrize("name", ["lr", "width"])
def test_a_range_counts_every_run_once_and_writes_what_it_shows(name):
    choice = choice_of(SWEEP, name)
    assert isinstance(choice, RangeChoice)
    assert sum(choice.counts) == 30
    assert choice.filter_of(choice.stops[0], choice.stops[-1]) is None
    low, high = choice.stops[20], choice.stops[60]
    one = choice.filter_of(low, high)
    assert choice.chosen_by([one]) == (low, high)
    values = np.array(LR if name == "lr" else range(30), dtype=float)
    assert kept(text_of(one)) == int(((values >= low) & (values <= high)).sum())


def test_a_range_typed_between_two_stops_is_shown_by_those_that_hold_it():
    choice = choice_of(SWEEP, "width")
    low, high = choice.chosen_by([Filter("width", 3.123, 17.321)])
    assert low <= 3.123 < 3.123 + 0.3
    assert 17.321 <= high < 17.7


def test_levels_keep_the_order_of_numbers_and_missing_ones_come_last():
    choice = choice_of(SWEEP, "act")
    assert choice == LevelChoice("act", ("gelu", "relu", ""))
    assert choice.chosen_by([choice.filter_of(["relu"])]) == ("relu",)
    assert choice.filter_of([]) is None
    assert choice_of(SWEEP, "same") is None


def test_tags_are_offered_one_by_one():
    tagged = sweep_of({"lr": [1.0, 2.0]}, {"score": [1.0, 2.0]})
    tagged.runs["tags"] = ["good, fast", "good"]
    assert tags_of(tagged) == ("good", "fast")


def test_of_a_group_one_has_to_hold_and_of_filters_all():
    assert kept("act=relu") == 10
    assert kept("|act=relu;act=gelu") == 20
    assert kept("|act=relu;width:..2") == 12
    assert kept("|act=relu;width:..2", "width:1..") == 11
    assert kept("~RELU") == 10
    assert kept("-~relu", "act=gelu") == 10


@pytest.mark.parametrize("texts", [["act=relu"], ["act=relu", "width:5.."], ["|act=relu;width:..2", "width:1.."]])
def test_what_is_left_out_is_all_the_rest(texts):
    others = opposite([condition_of(text) for text in texts])
    assert kept(*map(text_of, others)) == 30 - kept(*texts)


def test_a_narrower_range_does_not_bring_back_what_was_left_out():
    assert narrowed(["width:..10"], [Filter("width", 4.0, None)]) == ["width:4..10"]
    assert narrowed(["width:..10"], [Filter("act", values=("relu",))]) == ["width:..10", "act=relu"]
    assert narrowed(["width:..10"], [Filter("width", 11.0, None)]) == ["width:..10", "width:11.."]
