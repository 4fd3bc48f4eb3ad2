r"""Conditions on runs as short text, for addresses: a range, levels, a piece of text, some runs; any of several.

`lr:0.001..0.01` is a range, `loss=dice|bce` are levels, `name~unet` is text that the name holds, `~unet` text that
stands anywhere, `run_id~#CODE` are many runs (`lib.model.run_sets`), `-loss=dice` leaves out, `|lr:..0.01;loss=dice` is
any of these. Either end of a range may be absent; an empty level is a missing value. In names, levels and text a
backslash stands before `\`, `:`, `=`, `|`, `~`, `;` and a leading `-`; `\n`, `\r`, `\t` and `\s` are line break,
return, tab and a space at an end.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from lib.model.choices import AnyOf, Condition, Filter
from lib.model.errors import InputError
from lib.model.numbers import count, listing, number
from lib.model.run_sets import MOST, digests_of, packed, unpacked
from lib.model.sweep import RUN_COLUMNS, Sweep

_ESCAPES = {"\\": "\\\\", ":": "\\:", "=": "\\=", "|": "\\|", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
# What stands between marks that no backslash stands before.
_PARTS = {
    "|": re.compile(r"(?:^|\|)((?:[^\\|]|\\.)*)", re.DOTALL),
    ";": re.compile(r"(?:^|;)((?:[^\\;]|\\.)*)", re.DOTALL),
}
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "s": " "}
_HOW = "Write NAME:LOW..HIGH, NAME=LEVEL|LEVEL or NAME~TEXT."
MOST_LEVELS_NAMED = 3
MOST_OPPOSITES = 32
RUN_ID = "run_id"
# Up to this many runs are named by their ids, which people can read.
MOST_IDS = 20
_SET = "#"


def runs_filter(run_ids: Sequence[str], *, exclude: bool = False) -> Filter:
    """Return the filter of some runs: by their ids, or by digests of these where they are many."""
    if len(run_ids) <= MOST_IDS:
        return Filter(RUN_ID, values=tuple(run_ids), exclude=exclude)
    return Filter(RUN_ID, digests=digests_of(run_ids[:MOST]), exclude=exclude)


def text_of(one: Condition) -> str:
    """Write a condition as text; `condition_of` reads the same one back."""
    if isinstance(one, AnyOf):
        return "|" + ";".join(text_of(part).replace(";", r"\;") for part in one.parts)
    lead = "-" if one.exclude else ""
    name = escaped(one.column)
    if one.digests is not None:
        return f"{lead}{name}~{_SET}{packed(one.digests)}"
    if one.contains is not None:
        written = escaped(one.contains)
        written = f"\\{written}" if written.startswith(_SET) else written
        # In front of the text alone a "~" would part name and text.
        return lead + name.replace("~", "\\~") + "~" + written
    if one.values is not None:
        return f"{lead}{name}={'|'.join(escaped(v) for v in one.values)}"
    return f"{lead}{name}:{range_text(one.low, one.high)}"


def condition_of(text: str) -> Condition:
    """Read a filter, or several of which one is to hold, from the text. Raises InputError where it can't be one."""
    if not text.startswith("|"):
        return filter_of(text)
    parts = tuple(dict.fromkeys(filter_of(part) for part in split(text[1:], ";")))
    return AnyOf(parts) if len(parts) > 1 else parts[0]


def filter_of(text: str) -> Filter:
    """Read one filter from its text. Raises InputError where it can't be one."""
    exclude = text.startswith("-")
    written = text[1:] if exclude else text
    found = re.match(r"((?:[^\\:=]|\\.)+)([:=])(.*)\Z", written, re.DOTALL)
    if not found:
        return _by_text(text, written, exclude)
    name, kind, rest = plain(found[1]), found[2], found[3]
    if kind == "=":
        return Filter(name, values=tuple(plain(v) for v in split(rest)), exclude=exclude)
    span = range_in(rest)
    if span is None:
        raise InputError(f"The range of the filter {text!r} can't be read, or has no numeric end. {_HOW}")
    return Filter(name, *span, exclude=exclude)


def range_in(text: str) -> tuple[float | None, float | None] | None:
    """Read LOW..HIGH, the lower end first; None where it can't be read, or has neither end."""
    try:
        low, high = (float(end) if end.strip() else None for end in text.split(".."))
    except ValueError:
        return None
    if any(end is not None and not math.isfinite(end) for end in (low, high)) or (low is None and high is None):
        return None
    return (high, low) if low is not None and high is not None and low > high else (low, high)


def range_text(low: float | None, high: float | None) -> str:
    """Write LOW..HIGH; `range_in` reads the same one back."""
    return f"{_end(low)}..{_end(high)}"


def _by_text(text: str, written: str, exclude: bool) -> Filter:
    """Read a filter by a piece of text, or of many runs."""
    found = re.match(r"((?:[^\\~]|\\.)*)~(.+)\Z", written, re.DOTALL)
    if not found:
        raise InputError(f"The filter {text!r} can't be read. {_HOW}")
    name, sought = plain(found[1]), found[2]
    if name != RUN_ID or not sought.startswith(_SET):
        return Filter(name, contains=plain(sought), exclude=exclude)
    digests = unpacked(sought[1:])
    if digests is None:
        raise InputError(f"The runs of the filter {text[:60]!r} can't be read. Choose them again on the page.")
    return Filter(RUN_ID, digests=digests, exclude=exclude)


def readable_filters(texts: Iterable[str], sweep: Sweep) -> tuple[tuple[Condition, ...], tuple[str, ...]]:
    """Read the conditions that can be used on a sweep, and say in a sentence each what became of the others."""
    filters, problems = [], []
    for text in texts:
        try:
            one = condition_of(text)
        except InputError as error:
            problems.append(f"{error} It was ignored.")
            continue
        if not all(_is_known(part, sweep) for part in parts_of(one)):
            problems.append(f"The filter {text!r} names no column of {sweep.origin.label}. It was ignored.")
            continue
        filters.append(one)
        strange = _strange_runs(one, sweep)
        if strange:
            are = "a run that isn't" if len(strange) == 1 else "runs that aren't"
            problems.append(f"The filter {text!r} names {are} in {sweep.origin.label}: {listing(strange)}.")
    return tuple(dict.fromkeys(filters)), tuple(problems)


def _strange_runs(one: Condition, sweep: Sweep) -> list[str]:
    """Return the ids of runs that a condition names and the sweep doesn't have; digests tell none."""
    named = [value for part in parts_of(one) if part.column == RUN_ID for value in part.values or ()]
    return sorted(set(named) - set(sweep.runs[RUN_ID]))


def _is_known(one: Filter, sweep: Sweep) -> bool:
    if not one.column:
        return one.contains is not None
    return any(one.column in known for known in (sweep.config.columns, sweep.metrics.columns, RUN_COLUMNS))


def parts_of(one: Condition) -> tuple[Filter, ...]:
    """Return the filters that a condition is made of."""
    return one.parts if isinstance(one, AnyOf) else (one,)


def opposite(conditions: Sequence[Condition]) -> tuple[Condition, ...] | None:
    """Return the conditions of all runs that don't meet every one of `conditions`; None where these are too many.

    Of no conditions, none.
    """
    if not conditions:
        return ()
    negated = [[replace(part, exclude=not part.exclude) for part in parts_of(one)] for one in conditions]
    if math.prod(map(len, negated)) > MOST_OPPOSITES:
        return None
    # Not (A and (B or C)) is (not A or not B) and (not A or not C).
    picks = (tuple(dict.fromkeys(pick)) for pick in itertools.product(*negated))
    return tuple(AnyOf(pick) if len(pick) > 1 else pick[0] for pick in picks)


def words_of(one: Condition) -> str:
    """Say a condition to people: "lr 0.001 to 0.01", "not loss: dice, bce", "4 runs", "lr up to 1 or loss: dice"."""
    if isinstance(one, AnyOf):
        return " or ".join(map(words_of, one.parts))
    lead = "not " if one.exclude else ""
    if one.digests is not None:
        return f"{lead}{count(len(one.digests), 'run')} chosen by hand"
    if one.contains is not None:
        return f"{lead}{one.column or 'anything'} with “{one.contains}”"
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


def with_filters(texts: Sequence[str], new: Iterable[Condition]) -> list[str]:
    """Add conditions to those that stand, as text; one that keeps takes the place of an older one on its column."""
    out = list(texts)
    for one in new:
        if isinstance(one, Filter) and not one.exclude:
            out = [text for text in out if not _keeps_by(text, one.column)]
        if text_of(one) not in out:
            out.append(text_of(one))
    return out


def narrowed(texts: Sequence[str], new: Iterable[Condition]) -> list[str]:
    """Add conditions to those that stand, as text, all of which go on holding: of two ranges, what both hold."""
    out = list(texts)
    for one in new:
        at = next((place for place, text in enumerate(out) if _mergeable(text, one)), None)
        if at is None:
            out += [text_of(one)] if text_of(one) not in out else []
        else:
            standing = filter_of(out[at])
            assert isinstance(one, Filter)
            ends = [end for end in (standing.low, one.low) if end is not None]
            tops = [end for end in (standing.high, one.high) if end is not None]
            out[at] = text_of(replace(one, low=max(ends, default=None), high=min(tops, default=None)))
    return out


def _mergeable(text: str, one: Condition) -> bool:
    if not _is_range(one):
        return False
    try:
        standing = condition_of(text)
    except InputError:
        return False
    if not (isinstance(standing, Filter) and isinstance(one, Filter) and _is_range(standing)):
        return False
    low = max(-math.inf if end is None else end for end in (standing.low, one.low))
    high = min(math.inf if end is None else end for end in (standing.high, one.high))
    return standing.column == one.column and low <= high


def _is_range(one: Condition) -> bool:
    return isinstance(one, Filter) and not one.exclude and (one.low is not None or one.high is not None)


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


def split(text: str, mark: str = "|") -> list[str]:
    """Split at each mark that no backslash stands before; the parts stay escaped."""
    return [part.group(1) for part in _PARTS[mark].finditer(text)]


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
        one = condition_of(text)
    except InputError:
        return False
    return isinstance(one, Filter) and one.column == column and not one.exclude
