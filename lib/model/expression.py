"""A small language for numbers made of columns: arithmetic, comparison, logic and a few named functions.

Python's own parser reads the text; only the kinds of node listed here are then taken, and they are worked out with
numpy over whole columns as floats. Nothing of Python's is reached by name, and floats bound every result: a huge power
is infinite, not slow. (The libraries for this either run what they let through with `eval`, as pandas and numexpr do,
or work value by value on Python objects with a list of what is forbidden, as simpleeval and asteval do.)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, NoReturn

import numpy as np

from lib.model.errors import InputError

LONGEST = 500
MOST_PARTS = 250
DEEPEST = 40

Numbers = np.ndarray


def _either_missing(result: Numbers, *inputs: Numbers) -> Numbers:
    missing = reduce(np.logical_or, [np.isnan(one) for one in inputs])
    return np.where(missing, np.nan, np.asarray(result, dtype=float))


def _where(condition: Numbers, yes: Numbers, no: Numbers) -> Numbers:
    return np.where(np.isnan(condition), np.nan, np.where(condition != 0, yes, no))


def _coalesce(*inputs: Numbers) -> Numbers:
    return reduce(lambda first, then: np.where(np.isnan(first), then, first), inputs)


def _and(*inputs: Numbers) -> Numbers:
    some_false = reduce(np.logical_or, [one == 0 for one in inputs])
    return np.where(some_false, 0.0, _either_missing(np.ones(()), *inputs))


def _or(*inputs: Numbers) -> Numbers:
    some_true = reduce(np.logical_or, [(one != 0) & ~np.isnan(one) for one in inputs])
    return np.where(some_true, 1.0, _either_missing(np.zeros(()), *inputs))


# Each function with the fewest and the most arguments that it takes.
FUNCTIONS: dict[str, tuple[Callable[..., Numbers], int, int]] = {
    "log": (np.log, 1, 1),
    "log10": (np.log10, 1, 1),
    "log2": (np.log2, 1, 1),
    "exp": (np.exp, 1, 1),
    "sqrt": (np.sqrt, 1, 1),
    "abs": (np.abs, 1, 1),
    "round": (np.rint, 1, 1),
    "floor": (np.floor, 1, 1),
    "ceil": (np.ceil, 1, 1),
    "min": (lambda *inputs: reduce(np.minimum, inputs), 2, 20),
    "max": (lambda *inputs: reduce(np.maximum, inputs), 2, 20),
    "where": (_where, 3, 3),
    "coalesce": (_coalesce, 2, 20),
    "isnan": (lambda one: np.isnan(one).astype(float), 1, 1),
}
_BINARY: dict[type[ast.operator], Callable[..., Numbers]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[..., Numbers]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
_UNARY = (ast.UAdd, ast.USub, ast.Not)
_REFUSED: tuple[tuple[tuple[type, ...], str], ...] = (
    ((ast.Attribute,), "attributes (only columns can be reached)"),
    ((ast.Subscript, ast.Slice, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.Starred), "lists, tuples and brackets"),
    ((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), "comprehensions"),
    ((ast.Lambda,), "functions of your own (lambda)"),
    ((ast.IfExp,), "if … else (use where(condition, a, b))"),
    ((ast.JoinedStr,), "text in quotes"),
    ((ast.NamedExpr,), "assignments"),
    ((ast.BitXor,), "^ (a power is written **)"),
    ((ast.FloorDiv,), "// (use floor(a / b))"),
    ((ast.BitAnd, ast.BitOr, ast.Invert), "&, | and ~ (use and, or, not)"),
    ((ast.In, ast.NotIn, ast.Is, ast.IsNot), "in and is (use ==)"),
)
_QUOTED = re.compile(r"`([^`]*)`")


@dataclass(frozen=True, eq=False, slots=True)
class Expression:
    """A text that was read as an expression: the columns that it names, in order of first mention, and its tree."""

    text: str
    columns: tuple[str, ...]
    logical: bool
    _tree: ast.expr
    _quoted: Mapping[str, str]

    def evaluate(self, columns: Mapping[str, Numbers], size: int) -> Numbers:
        """Work it out over columns of floats, shape (size,), NaN where missing; return the same.

        What is missing makes the result missing; `and` and `or` are settled by one side where that suffices, `where`
        by its condition and the side it takes, and `coalesce` gives its first argument that isn't missing. Division
        by zero and numbers too large for a float are infinite or NaN, as in numpy.
        """
        with np.errstate(all="ignore"):
            result = _value(self._tree, columns, self._quoted)
        return np.array(np.broadcast_to(result, (size,)), dtype=float)


def parse_expression(text: str) -> Expression:
    """Read an expression: columns, numbers, + - * / ** %, comparison, and/or/not, parentheses, and FUNCTIONS.

    A column is written by its name; names may hold dots, and any name can stand in backticks. Raises InputError that
    says what isn't allowed for anything else, and for what is longer than 500 characters or nested too deeply.
    """
    text = text.strip()
    if not text:
        raise InputError("An expression is empty. Write one like base_lr * multiplier.")
    if len(text) > LONGEST:
        raise InputError(f"An expression has {len(text):,} characters; at most {LONGEST} are read.")
    marker = "_quoted"
    while marker in text:
        marker += "_"
    quoted: dict[str, str] = {}

    def stand_in(match: re.Match[str]) -> str:
        name = f"{marker}{len(quoted)}x"
        quoted[name] = match.group(1)
        return name

    try:
        tree = ast.parse(_QUOTED.sub(stand_in, text), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InputError(
            f"{text!r} can't be read as an expression. Write it like base_lr * multiplier, and names that hold spaces, "
            "signs or reserved words in backticks."
        ) from None
    checker = _Checker(text, quoted)
    checker.check(tree, 0)
    if not checker.columns:
        raise InputError(f"{text!r} names no column.")
    return Expression(text, tuple(checker.columns), _is_logical(tree), tree, quoted)


class _Checker:
    """Walks a tree once: counts, refuses what isn't allowed, and collects the columns."""

    def __init__(self, text: str, quoted: Mapping[str, str]) -> None:
        self.columns: dict[str, None] = {}
        self._text = text
        self._quoted = quoted
        self._parts = 0

    def check(self, node: ast.expr, depth: int) -> None:
        self._parts += 1
        if depth > DEEPEST or self._parts > MOST_PARTS:
            raise InputError(f"The expression {_short(self._text)!r} is nested too deeply or has too many parts.")
        if isinstance(node, (ast.Name, ast.Attribute)):
            name = _column_name(node, self._quoted)
            if name is None:
                self._refuse(node)
            self.columns[name] = None
            return
        for inner in self._inner(node):
            self.check(inner, depth + 1)

    def _inner(self, node: ast.expr) -> list[ast.expr]:
        if isinstance(node, ast.Constant):
            if not isinstance(node.value, (bool, int, float)):
                self._refuse(node)
            return []
        if isinstance(node, ast.BinOp):
            self._known(node.op, _BINARY)
            return [node.left, node.right]
        if isinstance(node, ast.UnaryOp):
            self._known(node.op, _UNARY)
            return [node.operand]
        if isinstance(node, ast.Compare):
            for operator in node.ops:
                self._known(operator, _COMPARISONS)
            return [node.left, *node.comparators]
        if isinstance(node, ast.BoolOp):
            return node.values
        if isinstance(node, ast.Call):
            return self._arguments(node)
        self._refuse(node)

    def _arguments(self, node: ast.Call) -> list[ast.expr]:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            called = ast.unparse(node.func) if isinstance(node.func, (ast.Name, ast.Attribute)) else "that"
            for stand_in, name in self._quoted.items():
                called = called.replace(stand_in, name)
            raise InputError(f"{_short(called)} is no function of expressions. There are: {', '.join(FUNCTIONS)}.")
        _, fewest, most = FUNCTIONS[node.func.id]
        if node.keywords or not fewest <= len(node.args) <= most:
            takes = str(fewest) if fewest == most else f"{fewest} or more"
            raise InputError(f"{node.func.id} takes {takes} argument{'' if takes == '1' else 's'}, without names.")
        return node.args

    def _known(self, operator: ast.AST, known: Collection[type]) -> None:
        if type(operator) not in known:
            self._refuse(operator)

    def _refuse(self, node: ast.AST) -> NoReturn:
        text = isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))
        what = "text in quotes" if text else "that"
        for kinds, named in _REFUSED:
            if isinstance(node, kinds):
                what = named
        raise InputError(
            f"The expression {_short(self._text)!r} isn't allowed to hold {what}: only columns, numbers, + - * / ** %, "
            f"comparison, and, or, not, and the functions {', '.join(FUNCTIONS)}."
        )


def _column_name(node: ast.expr, quoted: Mapping[str, str]) -> str | None:
    """Return the dotted name as text: it is looked up among the columns and never followed as an attribute."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(quoted.get(node.attr, node.attr))
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join(reversed([*names, quoted.get(node.id, node.id)]))


def _value(node: ast.expr, columns: Mapping[str, Numbers], quoted: Mapping[str, str]) -> Numbers:
    def of(inner: ast.expr) -> Numbers:
        return _value(inner, columns, quoted)

    if isinstance(node, ast.Constant):
        return np.array(_as_float(node.value))
    if isinstance(node, ast.BinOp):
        return _BINARY[type(node.op)](of(node.left), of(node.right))
    if isinstance(node, ast.UnaryOp):
        one = of(node.operand)
        if isinstance(node.op, ast.Not):
            return _either_missing(one == 0, one)
        return -one if isinstance(node.op, ast.USub) else one
    if isinstance(node, ast.Compare):
        sides = [of(node.left), *(of(one) for one in node.comparators)]
        pairs = zip(node.ops, sides, sides[1:], strict=False)
        return _and(*(_either_missing(_COMPARISONS[type(op)](a, b), a, b) for op, a, b in pairs))
    if isinstance(node, ast.BoolOp):
        return (_and if isinstance(node.op, ast.And) else _or)(*map(of, node.values))
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Name)
        return FUNCTIONS[node.func.id][0](*map(of, node.args))
    name = _column_name(node, quoted)
    assert name is not None
    return columns[name]


def _is_logical(node: ast.expr) -> bool:
    """Whether the result is true or false, not a number."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id in ("where", "coalesce"):
            return all(map(_is_logical, node.args[1 if node.func.id == "where" else 0 :]))
        return node.func.id == "isnan"
    if isinstance(node, ast.Constant):
        return isinstance(node.value, bool)
    return isinstance(node, (ast.Compare, ast.BoolOp)) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return np.inf


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
