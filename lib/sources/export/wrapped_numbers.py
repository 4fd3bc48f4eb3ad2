"""Numbers inside of something: a list of one, as H2O and R print grids, or what numpy, torch and TensorFlow print."""

from __future__ import annotations

import re

from lib.sources.export.literals import read_literal, the_number

# Longer than numbers are in other forms, since torch prints the device and the function too.
LONGEST = 200
_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+|nan|inf)(?:[eE][-+]?[0-9]+)?"
BEGINS = r"^(?:[\[{(]|[A-Za-z_][\w.]*\(|<tf\.)"
"""How such cells begin, for a first look at whole columns."""
_BEGINS = re.compile(BEGINS)
_TENSORFLOW = re.compile(rf"<tf\.[^<>]*\bnumpy=({_NUMBER})>")
_LIST = re.compile(rf"\[\s*({_NUMBER})\s*\]")


def wrapped_number(text: str) -> int | float | None:
    """Return the one number that a cell holds inside of lists, tuples, sets, arrays or tensors; None for any other.

    Text in bare parentheses is none: accountants write what is negative so.
    """
    if len(text) > LONGEST or _BEGINS.match(text) is None:
        return None
    if (found := _TENSORFLOW.fullmatch(text)) is not None:
        return float(found[1])
    if text[0] == "(" and "," not in text:
        return None
    try:
        number = the_number(read_literal(text))
    except ValueError:
        return None
    return None if isinstance(number, bool) else number


def is_list_of_one(text: str) -> bool:
    """Whether a text is a list of one number, which a program may take as it is: "[64]"."""
    return _LIST.fullmatch(text) is not None
