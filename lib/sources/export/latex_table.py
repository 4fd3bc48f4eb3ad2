"""A table written in LaTeX, as a thesis holds it: the rows of its first tabular as CSV."""

from __future__ import annotations

import csv
import io
import re

_BEGIN = re.compile(r"\\begin\{(tabular[x*]?|longtable|tabulary|array)\}(?:\[[^\]]*\])?")
_RULES = re.compile(
    r"\\(?:top|mid|bottom)rule(?:\[[^\]]*\])?|\\hline|\\c(?:mid|)(?:rule|line)(?:\([a-z]*\))?\{[^}]*\}|\\addlinespace"
    r"(?:\[[^\]]*\])?|\\end(?:first)?head|\\end(?:last)?foot|\\centering|\\toprule|(?<!\\)%[^\n]*"
)
_SPANS = re.compile(r"\\multi(?:row|column)(?:\[[^\]]*\])?\{[^}]*\}\{[^}]*\}\{((?:[^{}]|\{[^}]*\})*)\}")
_BREAK = re.compile(r"\\\\(?:\[[^\]]*\])?|\\tabularnewline")
_CELL = re.compile(r"(?<!\\)&")
_ESCAPED = re.compile(r"\\([%&_#$ ])")
_SIGNS = {r"\uparrow": "↑", r"\downarrow": "↓", r"\pm": "±", "~": " "}
_MATHS_SIGNS = re.compile(r"\$ ?([↑↓±]) ?\$")


def is_latex(text: str) -> bool:
    """Whether text holds a table in LaTeX."""
    return _BEGIN.search(text) is not None


def without_latex(text: str) -> str:
    """Return the rows of the first tabular as CSV, without rules and comments; what spans cells is in the first."""
    found = _BEGIN.search(text)
    assert found is not None
    end = text.find(f"\\end{{{found[1]}}}", found.end())
    inner = text[found.end() : end if end >= 0 else len(text)]
    inner = _without_arguments(inner)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in _BREAK.split(_RULES.sub("", inner)):
        if row.strip():
            writer.writerow([_plain(cell) for cell in _CELL.split(row)])
    return out.getvalue()


def _without_arguments(text: str) -> str:
    """Take off what stands before the first row: the kinds of columns, {lrr}, or a width and {lXr}."""
    while (text := text.lstrip()).startswith("{"):
        depth = 0
        for at, sign in enumerate(text):
            depth += (sign == "{") - (sign == "}")
            if depth == 0:
                text = text[at + 1 :]
                break
        else:
            return text
    return text


def _plain(cell: str) -> str:
    cell = _SPANS.sub(r"\1", cell)
    for command, sign in _SIGNS.items():
        cell = cell.replace(command, sign)
    return _MATHS_SIGNS.sub(r"\1", _ESCAPED.sub(r"\1", cell)).strip()
