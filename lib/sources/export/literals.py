"""Reads Python's own way to print dicts and lists, as `df.to_csv` leaves them in cells, without evaluating anything.

Linear in the length of the text and bounded in depth. What is no literal (`array([1, 2])`, `<Histogram>`) is kept as
its text; numbers of numpy, torch and their like (`np.float64(0.5)`, `tensor([0.5], device='cpu')`) are read as numbers.
"""

from __future__ import annotations

import ast
import math
import re
from typing import Any

from lib.model.nesting import DEEPEST, read_json

LONGEST = 1_000_000
# A string that isn't closed ends with the text, so that each character is looked at once.
_TOKEN = re.compile(
    r"(?P<string>[bBrRuU]?(?:'(?:[^'\\]|\\.)*'?|\"(?:[^\"\\]|\\.)*\"?))"
    r"|(?P<number>[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<name>[-+]?[A-Za-z_][\w.]*)|(?P<object><[^<>]*>)|(?P<mark>\S)",
    re.DOTALL,
)
_NAMES: dict[str, Any] = {
    **dict.fromkeys(("None", "null", "NULL", "NaT", "<NA>", "undefined"), None),
    **dict.fromkeys(("True", "true"), True),
    **dict.fromkeys(("False", "false"), False),
    **dict.fromkeys(("nan", "NaN", "np.nan", "math.nan", "-nan"), math.nan),
    **dict.fromkeys(("inf", "Infinity", "+inf", "np.inf", "math.inf"), math.inf),
    **dict.fromkeys(("-inf", "-Infinity", "-np.inf", "-math.inf"), -math.inf),
}
_MODULES = ("np.", "numpy.", "torch.", "decimal.", "tf.", "jnp.")
_NUMBER_TYPES = frozenset((
    "float", "int", "uint", "bool", "bool_", "tensor", "bfloat", "Decimal", "longdouble", "array", "Array", "Tensor",
    "DeviceArray", "mpf",
))  # fmt: skip
_CLOSING = {"{": "}", "[": "]", "(": ")"}


def read_literal(text: str) -> Any:
    """Read one JSON text or Python literal.

    Raises ValueError for text of over 1,000,000 characters, for what is nested over `nesting.DEEPEST` levels deep, and
    for what is neither.
    """
    if len(text) > LONGEST:
        raise ValueError("too long")
    try:
        return read_json(text)
    except ValueError:
        pass
    reader = _Reader(text)
    value = reader.value(0)
    reader.end()
    return value


def the_number(value: Any) -> int | float | bool | None:
    """Return the one number that lists of one hold, as [[0.5]] does; None where a value is anything else."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        try:
            return _number(value)
        except ValueError:
            return None
    return value if isinstance(value, (int, float)) else None


class _Reader:
    """Walks the tokens of one text; each method reads what begins at the next token."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_TOKEN.finditer(text))
        self._at = 0

    def value(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise ValueError(f"nested more than {DEEPEST} levels deep")
        token = self._next()
        kind, text = token.lastgroup, token[token.lastgroup or 0]
        if kind == "string":
            return _string(text)
        if kind == "number":
            return _number(text)
        if kind == "object":
            return _NAMES.get(text, text)
        if kind == "name":
            return self._name(text, token.start("name"), depth)
        if text == "{":
            return self._braces(depth)
        if text in ("[", "("):
            return self._items(_CLOSING[text], depth)
        raise ValueError(f"{text!r} begins no value")

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise ValueError("more text after the value")

    def _name(self, text: str, start: int, depth: int) -> Any:
        if not self._takes("("):
            if text not in _NAMES:
                raise ValueError(f"{text!r} is no literal")
            return _NAMES[text]
        given = self._items(")", depth)
        if _is_number_type(text) and given and (number := the_number(given[0])) is not None:
            return number
        if text in ("OrderedDict", "defaultdict", "dict", "set", "frozenset", "list", "tuple") and given:
            return given[-1]
        return self._text[start : self._tokens[self._at - 1].end()]

    def _braces(self, depth: int) -> Any:
        if self._takes("}"):
            return {}
        first = self.value(depth + 1)
        if not self._takes(":"):
            return [first, *self._more("}", depth)]
        found = {str(first): self.value(depth + 1)}
        while not self._takes("}"):
            self._needs(",")
            if self._takes("}"):
                break
            key = self.value(depth + 1)
            self._needs(":")
            found[str(key)] = self.value(depth + 1)
        return found

    def _items(self, closing: str, depth: int) -> list[Any]:
        if self._takes(closing):
            return []
        return [self._item(depth), *self._more(closing, depth)]

    def _more(self, closing: str, depth: int) -> list[Any]:
        found = []
        while not self._takes(closing):
            self._needs(",")
            if self._takes(closing):
                break
            found.append(self._item(depth))
        return found

    def _item(self, depth: int) -> Any:
        """Read a value, or an argument `name=value` of a call, of which the name is dropped."""
        following = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else None
        if following is not None and following["mark"] == "=":
            self._at += 2
            if self._tokens[self._at : self._at + 1] and (name := self._tokens[self._at]["name"]) is not None:
                after = self._tokens[self._at + 1]["mark"] if self._at + 1 < len(self._tokens) else None
                if after in (",", ")") and name not in _NAMES:
                    self._at += 1
                    return name
        return self.value(depth + 1)

    def _next(self) -> re.Match[str]:
        if self._at >= len(self._tokens):
            raise ValueError("the text ends early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _takes(self, mark: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at]["mark"] == mark:
            self._at += 1
            return True
        return False

    def _needs(self, mark: str) -> None:
        if not self._takes(mark):
            raise ValueError(f"{mark!r} is missing")


def _is_number_type(name: str) -> bool:
    """Whether a name is of a type of numbers: "np.float64", "tensor", "Decimal"."""
    module = next((one for one in _MODULES if name.startswith(one)), "")
    return name.removeprefix(module).rstrip("0123456789") in _NUMBER_TYPES


def _string(text: str) -> str:
    try:
        # One token of text: nothing else can be in it.
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text[1:-1]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)
