"""Ends of ranges are tidy numbers, whatever the range."""

import math

import numpy as np
import pytest

from lib.analysis.positions import Dimension
from lib.analysis.range_ends import tidy
from lib.model.parameter import Parameter


def over(low, high, log=False):
    return Dimension(Parameter("x", "searched", "continuous"), np.array([0.0, 1.0]), None, True, log, low, high)


@pytest.mark.parametrize(
    ("low", "high", "position", "way", "end"),
    [
        # Two digits of a fifth of the range, outwards.
        (0.0, 1.0, 0.333, "down", 0.33),
        (0.0, 1.0, 0.333, "up", 0.34),
        (0.0, 5.0, 0.5, "down", 2.5),
        # The difference of the ends is beyond the floats.
        (-1.5e308, 1.5e308, 0.5, "down", 0.0),
        (-1.5e308, 1.5e308, 0.75, "up", 7.5e307),
    ],
)
def test_an_end_is_rounded_outwards_to_the_digits_that_the_range_gives(low, high, position, way, end):
    assert tidy(over(low, high), position, way) == pytest.approx(end)


@pytest.mark.parametrize("ends", [(0.0, 5e-324), (-5e-324, 5e-324), (1e-320, 1e-310), (-1.7e308, 1.7e308)])
def test_ends_at_the_bounds_of_the_floats_are_numbers(ends):
    for position in (0.0, 0.4, 1.0):
        for way in ("down", "up"):
            assert math.isfinite(tidy(over(*ends), position, way))
