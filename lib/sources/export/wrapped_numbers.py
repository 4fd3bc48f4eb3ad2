"""Numbers inside of something: a list of one, as H2O and R print grids, or what numpy, torch and TensorFlow print."""

from __future__ import annotations

import re

from lib.model.columns import as_number
from lib.sources.export.literals import read_literal, the_number

# Longer than numbers are in other forms, since torch prints the device and the function too.
LONGEST = 200
BEGINS = r"^(?:[\[{(]|[A-Za-z_][\w.]*\(|<tf\.)"
"""How such cells begin, for a first look at whole columns."""
_BEGINS = re.compile(r"[\[{(]|[A-Za-z_][\w.]*\(|<tf\.")
_TENSORFLOW = re.compile(r"<tf\.[^<>=]*(?:=[^<>=]*)*=(?P<number>[-+.0-9a-zA-Z]+)>")
_LIST = re.compile(r"\[\s*[-+.0-9a-zA-Z]+\s*\]")


def wrapped_number(text: str) -> int | float | None:
    """Return the one number that a cell holds inside of lists, tuples, sets, arrays or tensors; None for any other.

    Text in bare parentheses is none: accountants write what is negative so.
    """
    if len(text) > LONGEST or _BEGINS.match(text) is None:
        return None
    if (found := _TENSORFLOW.fullmatch(text)) is not None:
        return as_number(found["number"])
    if text[0] == "(" and "," not in text:
        return None
    try:
        number = the_number(read_literal(text))
    except ValueError:
        return None
    return None if isinstance(number, bool) else number


def is_list_of_one(text: str) -> bool:
    """Whether a text is a list of one number, which a program may take as it is: "[64]"."""
    return _LIST.fullmatch(text) is not None and as_number(text[1:-1].strip()) is not None
