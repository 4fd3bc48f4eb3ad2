"""What tests that go over many pages, themes and sizes look at by day; the rest of it is for the night."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import TypeVar

import pytest

One = TypeVar("One")
NIGHT = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
# What the server of a test does first (`running_app`): by day it does less.
FIRST = "" if NIGHT else "import testing.browser.less_work\n"


def by_day(everything: Iterable[One], chosen: Collection[One]) -> list[object]:
    """Return the parameters of a test: those in `chosen` for each run of it, the others marked nightly."""
    return [one if one in chosen else pytest.param(one, marks=pytest.mark.nightly) for one in everything]
