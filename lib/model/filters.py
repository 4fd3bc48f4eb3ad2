r"""Filters as short text, for addresses: `lr:0.001..0.01` a range, `loss=dice|bce` levels, `-loss=dice` leaves out.

Either end of a range may be absent; an empty level is a missing value. In names and levels a backslash stands before
`\`, `:`, `=`, `|` and a leading `-`; `\n`, `\r`, `\t` and `\s` are line break, return, tab and a space at an end.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from lib.model.errors import InputError
from lib.model.numbers import count, listing, number
from lib.model.sweep import RUN_COLUMNS, Filter, Sweep

_ESCAPES = {"\\": "\\\\", ":": "\\:", "=": "\\=", "|": "\\|", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "s": " "}
_HOW = "Write NAME:LOW..HIGH, or NAME=LEVEL|LEVEL."
MOST_LEVELS_NAMED = 3


def text_of(one: Filter) -> str:
    """Write a filter as text; `filter_of` reads the same filter back."""
    lead = "-" if one.exclude else ""
    name = escaped(one.column)
    if one.values is not None:
        return f"{lead}{name}={'|'.join(escaped(v) for v in one.values)}"
    return f"{lead}{name}:{_end(one.low)}..{_end(one.high)}"


def filter_of(text: str) -> Filter:
    """Read a filter from its text. Raises InputError where it can't be one."""
    exclude = text.startswith("-")
    found = re.match(r"((?:[^\\:=]|\\.)+)([:=])(.*)\Z", text[1:] if exclude else text, re.DOTALL)
    if not found:
        raise InputError(f"The filter {text!r} can't be read. {_HOW}")
    name, kind, rest = plain(found[1]), found[2], found[3]
    if kind == "=":
        return Filter(name, values=tuple(plain(v) for v in split(rest)), exclude=exclude)
    ends = rest.split("..")
    try:
        low, high = (float(end) if end.strip() else None for end in ends)
    except ValueError:
        raise InputError(f"The range of the filter {text!r} can't be read. {_HOW}") from None
    if any(end is not None and not math.isfinite(end) for end in (low, high)) or (low is None and high is None):
        raise InputError(f"The range of the filter {text!r} has no numeric end. {_HOW}")
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Filter(name, low, high, exclude=exclude)


def readable_filters(texts: Iterable[str], sweep: Sweep) -> tuple[tuple[Filter, ...], tuple[str, ...]]:
    """Read the filters that can be used on a sweep, and say in a sentence each what became of the others."""
    filters, problems = [], []
    for text in texts:
        try:
            one = filter_of(text)
        except InputError as error:
            problems.append(f"{error} It was ignored.")
            continue
        if any(one.column in known for known in (sweep.config.columns, sweep.metrics.columns, RUN_COLUMNS)):
            filters.append(one)
        else:
            problems.append(f"The filter {text!r} names no column of {sweep.origin.label}. It was ignored.")
    return tuple(dict.fromkeys(filters)), tuple(problems)


def words_of(one: Filter) -> str:
    """Say a filter to people: "lr 0.001 to 0.01", "not loss: dice, bce", "4 runs"."""
    lead = "not " if one.exclude else ""
    if one.values is not None:
        if one.column == "run_id":
            return f"{lead}{count(len(one.values), 'run')}: {listing(one.values, MOST_LEVELS_NAMED)}"
        levels = [value or "missing" for value in one.values]
        return f"{lead}{one.column}: {listing(levels, MOST_LEVELS_NAMED)}"
    if one.low is None:
        return f"{lead}{one.column} up to {number(one.high, 6)}"
    if one.high is None:
        return f"{lead}{one.column} from {number(one.low, 6)}"
    return f"{lead}{one.column} {number(one.low, 6)} to {number(one.high, 6)}"


def range_over(column: str, values: Sequence[float], low: float, high: float) -> Filter | None:
    """Return the range filter that keeps exactly the values within low..high, its ends as short as can be.

    values : the column's numbers, in any order. None where the range holds all of them, or none.
    """
    known = sorted({float(v) for v in values if math.isfinite(v)})
    inside = [v for v in known if low <= v <= high]
    if not inside or len(inside) == len(known):
        return None
    first, last = known.index(inside[0]), known.index(inside[-1])
    return Filter(
        column,
        _short(known[first], known[first - 1], ROUND_FLOOR) if first else None,
        _short(known[last], known[last + 1], ROUND_CEILING) if last + 1 < len(known) else None,
    )


def with_filters(texts: Sequence[str], new: Iterable[Filter]) -> list[str]:
    """Add filters to those that stand, as text; one that keeps takes the place of an older one on its column."""
    out = list(texts)
    for one in new:
        if not one.exclude:
            out = [text for text in out if not _keeps_by(text, one.column)]
        if text_of(one) not in out:
            out.append(text_of(one))
    return out


def escaped(text: str) -> str:
    """Write a name or level so that it can stand between the marks of the text form."""
    out = "".join(_ESCAPES.get(c, c) for c in text)
    if out.startswith("-"):
        out = f"\\{out}"
    if out.startswith(" "):
        out = f"\\s{out[1:]}"
    return f"{out[:-1]}\\s" if out.endswith(" ") else out


def plain(text: str) -> str:
    """Read what `escaped` wrote."""
    return re.sub(r"\\(.)", lambda found: _PLAIN.get(found[1], found[1]), text, flags=re.DOTALL)


def split(text: str) -> list[str]:
    """Split at each `|` that no backslash stands before; the parts stay escaped."""
    return [part.group(1) for part in re.finditer(r"(?:^|\|)((?:[^\\|]|\\.)*)", text, re.DOTALL)]


def _end(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _short(value: float, beyond: float, rounding: str) -> float:
    """Return the number with the fewest digits from `value` towards `beyond`, which it doesn't reach."""
    for digits in range(1, 17):
        near = float(Context(prec=digits, rounding=rounding).create_decimal(Decimal(repr(value))))
        if math.isfinite(near) and abs(near - value) < abs(beyond - value):
            return near
    return value


def _keeps_by(text: str, column: str) -> bool:
    try:
        one = filter_of(text)
    except InputError:
        return False
    return one.column == column and not one.exclude
