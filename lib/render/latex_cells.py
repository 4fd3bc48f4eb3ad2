"""What stands in the cells of LaTeX's tables: numbers, ranges, levels and names, escaped and cut to size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.model.numbers import MISSING, interval, number
from lib.render.latex_text import escaped, numeral

LONGEST_NAME = 32


def range_of(parameter: Mapping[str, Any]) -> str:
    """Return what a parameter was searched over: its values, or its range."""
    if parameter["values"] is not None:
        return levels_text(parameter["values"])
    return span(parameter["low"], parameter["high"])


def advice_of(advice: Mapping[str, Any] | None) -> str:
    """Return the recommended values or range of a parameter; a dash where there is none."""
    if advice is None:
        return escaped(MISSING)
    return levels_text(advice["values"]) if "values" in advice else span(advice["low"], advice["high"])


def levels_text(levels: Sequence[Any], most: int = 8) -> str:
    """Return levels in their order, those beyond `most` as a number."""
    further = f" and {len(levels) - most} more" if len(levels) > most else ""
    return ", ".join(value_cell(level) for level in levels[:most]) + further


def span(low: Any, high: Any, digits: int = 4) -> str:
    """Return a range with its numbers to `digits` significant digits; a dash where an end is missing."""
    if low is None or high is None:
        return escaped(interval(None, None))
    return f"{number_cell(low, digits)} to {number_cell(high, digits)}"


def number_cell(value: Any, digits: int = 4) -> str:
    """Return a number to `digits` significant digits, as LaTeX sets it."""
    return numeral(number(value, digits))


def value_cell(value: Any) -> str:
    """Return a level: numbers as numbers, all else as its text."""
    if value is None or isinstance(value, (bool, int, float)):
        return number_cell(value)
    return name_cell(value if isinstance(value, str) else str(value))


def name_cell(name: str, most: int = LONGEST_NAME) -> str:
    """Return a name, escaped and cut to `most` characters."""
    return escaped(cut(name, most))


def cut(name: str, most: int = LONGEST_NAME) -> str:
    """Return a name cut to `most` characters, not escaped."""
    return name if len(name) <= most else f"{name[: most - 1]}…"
