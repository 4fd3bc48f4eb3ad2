"""A table written in LaTeX, as a thesis holds it: the rows of its first tabular as CSV."""

from __future__ import annotations

import csv
import io
import re

_BEGIN = re.compile(r"\\begin\{(tabularx|tabulary|tabular\*|tabular|longtable|array)\}")
_RULES = re.compile(
    r"\\(?:top|mid|bottom)rule|\\hline|\\c(?:midrule|line)(?:\([a-z]{0,4}\))?\{[0-9, -]{1,20}\}|\\addlinespace"
    r"|\\end(?:first)?head|\\end(?:last)?foot|\\centering"
)
_SPANNING = ("\\multirow", "\\multicolumn")
_SIGNS = {
    **{f"\\{sign}": sign for sign in "%&_#$ "},
    **{"$\\uparrow$": "↑", "$\\downarrow$": "↓", "\\uparrow": "↑", "\\downarrow": "↓", "$\\pm$": "±", "\\pm": "±"},
    "~": " ",
}


def is_latex(text: str) -> bool:
    """Whether text holds a table in LaTeX."""
    return _BEGIN.search(text) is not None


def without_latex(text: str) -> str:
    """Return the rows of the first tabular as CSV, without rules and comments; what spans cells is in the first."""
    found = _BEGIN.search(text)
    assert found is not None
    end = text.find(f"\\end{{{found[1]}}}", found.end())
    inner = "\n".join(map(_without_comment, text[found.end() : end if end >= 0 else len(text)].split("\n")))
    # What stands before the first row: a position, a width, the kinds of columns.
    while (inner := inner.lstrip())[:1] in ("[", "{"):
        inner = _group(inner)[1]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in _RULES.sub("", inner).replace("\\tabularnewline", "\\\\").split("\\\\"):
        # A break may be followed by how far: \\[2pt].
        row = _group(row.lstrip())[1] if row.lstrip().startswith("[") else row
        if row.strip():
            writer.writerow([_plain(cell) for cell in row.replace("\\&", "\0").split("&")])
    return out.getvalue()


def _without_comment(line: str) -> str:
    at = line.find("%")
    while at > 0 and line[at - 1] == "\\":
        at = line.find("%", at + 1)
    return line if at < 0 else line[:at]


def _group(text: str) -> tuple[str, str]:
    """Split text that begins with a bracket into what stands within it and what follows."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign in "{[") - (sign in "}]")
        if depth == 0:
            return text[1:at], text[at + 1 :]
    return text[1:], ""


def _plain(cell: str) -> str:
    cell = cell.replace("\0", "&").strip()
    if cell.startswith(_SPANNING) and "{" in cell:
        inner, rest = "", cell[cell.find("{") :]
        while rest[:1] in ("{", "["):
            inner, rest = _group(rest)
        cell = inner + rest
    for written, sign in _SIGNS.items():
        cell = cell.replace(written, sign)
    return cell.strip()
