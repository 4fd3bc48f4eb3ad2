import math

import pytest

from lib.model.numbers import count, duration, exact, interval, listing, number, p_value, percent


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.839712656, "0.8397"),
        (0.5, "0.5"),
        (-0.036494, "-0.03649"),
        (12345.678, "12346"),
        (1e-4, "0.0001"),
        (0.00001234567, "1.235e-5"),
        (-3e-7, "-3e-7"),
        (2_500_000.0, "2.5e6"),
        (1e300, "1e300"),
        (0, "0"),
        (-0.0, "0"),
        (16, "16"),
        (16.0, "16"),
        (999_999, "999999"),
        (1_000_000, "1e6"),
        (True, "true"),
        ("adam", "adam"),
        (None, "–"),
        (math.nan, "–"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
        (10**400, "1e400"),
    ],
)
def test_numbers_have_four_significant_digits_and_are_scientific_only_where_needed(value, text):
    assert number(value) == text


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e-300, 123456789.123, 5e-324, 1.7976931348623157e308])
def test_an_exported_number_reads_back_as_the_same_number(value):
    assert float(exact(value)) == value


def test_an_export_leaves_blank_what_does_not_exist():
    assert [exact(None), exact(math.nan), exact(True), exact(8), exact("a")] == ["", "", "true", "8", "a"]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.044, "4.4%"), (0.212, "21%"), (0.0996, "10%"), (0, "0.0%"), (1, "100%"), (None, "–"), (math.nan, "–")],
)
def test_a_share_is_a_percentage(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0009, "p < 0.001"),
        (0.0, "p < 0.001"),
        (0.0244, "p = 0.024"),
        (0.57, "p = 0.57"),
        (1.0, "p = 1.00"),
        (None, "p not defined"),
    ],
)
def test_a_p_value_carries_its_sign(p, text):
    assert p_value(p) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.84, "0.84 s"),
        (59, "59 s"),
        (60, "1 min"),
        (725, "12 min 5 s"),
        (3599.7, "1 h"),
        (3 * 3600 + 240, "3 h 4 min"),
        (4 * 86400 + 3 * 3600 + 59, "4 d 3 h"),
        (86400 + 59, "1 d"),
        (None, "–"),
        (math.inf, "–"),
    ],
)
def test_a_time_span_is_in_its_two_largest_units(seconds, text):
    assert duration(seconds) == text


def test_counts_intervals_and_lists_read_as_words():
    assert [count(1, "run"), count(10_000, "run"), count(2, "entry", "entries")] == [
        "1 run",
        "10,000 runs",
        "2 entries",
    ]
    assert [interval(0.52659, 0.529), interval(None, 1)] == ["0.5266 to 0.529", "–"]
    assert [listing([]), listing(["a"]), listing(["a", "b"]), listing(["a", "b", "c"])] == [
        "none",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert listing([str(i) for i in range(9)], most=3) == "0, 1, 2 and 6 more"
