import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.model.numbers import (
    alike,
    coefficient,
    count,
    duration,
    exact,
    factor,
    interval,
    listing,
    number,
    p_value,
    percent,
    precise,
    signed,
    with_interval,
    with_uncertainty,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.839712656, "0.8397"),
        (0.5, "0.5"),
        (-0.036494, "−0.03649"),
        (12345.678, "12346"),
        (1e-4, "0.0001"),
        (0.00001234567, "1.235e-5"),
        (-3e-7, "−3e-7"),
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
        (-math.inf, "−∞"),
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
    ("value", "text"),
    [(-0.3, "−0.30"), (0.6649, "0.66"), (1.0, "1.00"), (-0.001, "0.00"), (None, "–"), (math.nan, "–")],
)
def test_a_correlation_has_two_decimals(value, text):
    assert coefficient(value) == text


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.8, 0.752, 0.7304], ["0.800", "0.752", "0.730"]),
        ([-12.0, 3.25], ["−12.0", "3.2"]),
        ([150.0, 1499.6], ["150", "1500"]),
        ([0.0, 0.5], ["0.000", "0.500"]),
        # One form would show nothing of the small ones, or too much of the large ones.
        ([1e-7, 1.0], ["1e-7", "1"]),
        ([2e-5, 3e-5], ["2e-5", "3e-5"]),
        ([math.nan, 1.5], ["–", "1.50"]),
        ([], []),
    ],
)
def test_numbers_that_stand_together_have_one_form(values, texts):
    assert alike(values) == texts


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.044, "4.4%"),
        (0.212, "21%"),
        (0.0996, "10%"),
        (0, "0.0%"),
        (1, "100%"),
        (None, "–"),
        (math.nan, "–"),
        # All but a few are not all, and a few are not none.
        (0.996, "> 99%"),
        (0.0004, "< 0.1%"),
        (1.5, "150%"),
    ],
)
def test_a_share_is_a_percentage(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0009, "p < 0.001"),
        (0.0, "p < 0.001"),
        (0.0010, "p = 0.0010"),
        (0.0034, "p = 0.0034"),
        (0.00996, "p = 0.010"),
        (0.0496, "p = 0.050"),
        (0.0999, "p = 0.10"),
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


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.029, "+0.029"), (-0.3, "−0.3"), (0, "0"), (-0.0, "0"), (3, "+3"), (1e-9, "+1e-9"), (None, "–")],
)
def test_a_difference_carries_its_sign(value, text):
    assert signed(value) == text


@pytest.mark.parametrize(
    ("value", "uncertainty", "text"),
    [
        (0.57268, 0.0071, "0.5727 ± 0.007"),
        (0.05675, 0.019001, "0.057 ± 0.019"),
        (0.06, 0.017, "0.060 ± 0.017"),
        (-0.02902, 0.0319, "−0.029 ± 0.03"),
        (12345.6, 4000.0, "12300 ± 4000"),
        (1234567.0, 4000.0, "1.2346e6 ± 4000"),
        (5.04e-7, 1e-8, "5.04e-7 ± 1e-8"),
        (0.02, 5.0, "0 ± 5"),
        (-0.0001, 0.1, "0 ± 0.1"),
        (0.5, 0.0, "0.5 ± 0"),
        (11 / 12, 6e-16, "0.9167 ± 6e-16"),
        (1e300, 1e299, "1e300 ± 1e299"),
        # The noise near the best of a loss over decades, and values far above it.
        (2.314e-5, 7.1e-7, "2.314e-5 ± 7e-7"),
        (0.54611868, 7.1e-7, "0.5461 ± 7e-7"),
        (0.12345, None, "0.1235"),
        (None, 0.1, "– ± 0.1"),
    ],
)
def test_a_value_is_written_to_one_digit_beyond_its_uncertainty(value, uncertainty, text):
    assert with_uncertainty(value, uncertainty) == text


@given(
    st.floats(-1e300, 1e300, allow_nan=False),
    st.floats(1e-300, 1e300, allow_nan=False),
)
def test_a_value_loses_no_more_than_a_tenth_of_its_uncertainty(value, uncertainty):
    written = float(precise(value, uncertainty).replace("−", "-"))
    # Half of the last digit, which is a tenth of the uncertainty's first; or what four digits of the value hold.
    assert abs(written - value) <= max(0.05 * 1.001 * uncertainty, 0.0005 * 1.001 * abs(value))


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (1.62, "1.6"), (9.96, "10"), (38.7, "39"), (8981.2, "9,000"), (4.18e6, "4.2e6")]
)
def test_how_many_times_has_two_digits(value, text):
    assert factor(value) == text


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.57, 0.55, 0.59, "0.570 ± 0.02"),
        (0.1, -0.1, 0.3, "0.10 ± 0.2"),
        # The halves of these are 0.09 and 0.11: "0.063 ± 0.09" would say that there may be nothing.
        (0.063, 0.016, 0.2, "0.063 [95%: 0.016 to 0.2]"),
        # Not lopsided, but half of it is larger than the value.
        (0.1, 0.001, 0.25, "0.1 [95%: 0.001 to 0.25]"),
        (0.3, 0.4, 0.6, "0.3 [95%: 0.4 to 0.6]"),
        (0.072, 0.041, 0.12, "0.072 ± 0.04"),
        (0.3, None, 0.6, "0.3"),
        (0.3, 0.1, float("inf"), "0.3"),
        (1e308, -1.5e308, 1.5e308, "1e308 [95%: −1.5e308 to 1.5e308]"),
        (None, 0.1, 0.2, "–"),
    ],
)
def test_an_interval_that_is_lopsided_is_written_with_its_ends(value, low, high, text):
    assert with_interval(value, low, high) == text
