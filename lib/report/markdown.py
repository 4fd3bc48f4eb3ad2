"""The report as Markdown: the same sections as the pages, in the same order, with the tables behind the charts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from lib.charts.drawing import NotDrawn
from lib.model.numbers import MISSING, number
from lib.report import headlines
from lib.report.document import MOST_ROWS, Block, Chart, Code, Heading, Items, Text, document
from lib.report.stamp import stamp_of

if TYPE_CHECKING:
    from lib.results.report import Report

# Marks, the start of an entity, and what makes a link of an address.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~$#!@&]|:(?=//)|(?<=www)\.)", re.IGNORECASE)
Picture = Callable[[str], str]
"""From a figure's key to the Markdown that shows it, or to "" where there is no picture."""


def report_as_markdown(report: Report, pictures: Mapping[str, tuple[str, str | NotDrawn]] | None = None) -> str:
    """Write the whole report as Markdown (UTF-8). Names from the data are escaped: none is read as markup.

    pictures : text alternative and relative path of each chart's picture, by the figure's key; without, none is shown.
    A chart that can't be drawn has NotDrawn for a path, and is named where it would stand.
    """

    def picture(key: str) -> str:
        alternative, path = (pictures or {}).get(key, ("", ""))
        if isinstance(path, NotDrawn):
            return escaped(path.sentence(alternative))
        return f"![{escaped(alternative)}]({path})" if path else ""

    # Checked when they were read (`safe_link`): no other address of the data is a link.
    links = {*report.sweep.runs["url"], *(record.url for record in report.sweep.declarations)} - {"", None}
    parts = [f"# Sweep report: {escaped(report.sweep.origin.label)}", f"*{escaped(headlines.objective_rule(report))}*"]
    for section in document(report):
        parts += [f"## {section.title}", escaped(section.headline)]
        parts += [_written(block, picture, links) for block in section.blocks]
    parts.append("---")
    parts.append("\n".join(f"- {what}: {escaped(value)}" for what, value in stamp_of(report)))
    return "\n\n".join(part for part in parts if part) + "\n"


def escaped(text: str) -> str:
    """Escape text so that Markdown shows it letter for letter; line breaks become spaces."""
    return _MARKUP.sub(r"\\\1", re.sub(r"\s+", " ", text))


def markdown_table(table: pd.DataFrame, most: int = MOST_ROWS, links: Collection[str] = ()) -> str:
    """Write a table in Markdown, numbers with four significant digits; rows beyond `most` are counted below.

    links : texts that are written as links.
    """
    if table.empty:
        return "*Nothing to list.*"
    head = table.head(most)
    lines = [_row([escaped(str(c)) for c in head.columns]), _row([_rule(head[c]) for c in head.columns])]
    for row in head.itertuples(index=False, name=None):
        lines.append(_row([f"<{v}>" if isinstance(v, str) and v in links else _cell(v) for v in row]))
    if len(table) > most:
        lines.append(f"\n*{len(table) - most:,} further rows are not listed.*")
    return "\n".join(lines)


def _written(block: Block, picture: Picture, links: Collection[str]) -> str:
    if isinstance(block, Heading):
        return f"### {escaped(block.text)}"
    if isinstance(block, Text):
        return escaped(block.text)
    if isinstance(block, Items):
        return "\n".join(f"- {escaped(item)}" for item in block.items)
    if isinstance(block, Code):
        return _fenced(block.text, block.language)
    if isinstance(block, Chart):
        return picture(block.figure.key)
    return markdown_table(block.table, block.most, links) if block.most else ""


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _rule(column: pd.Series) -> str:
    return "---:" if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column) else "---"


def _cell(value: Any) -> str:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return MISSING
    if isinstance(value, str):
        return escaped(value)
    return escaped(number(value)) if isinstance(value, (bool, int, float)) else escaped(str(value))


def _fenced(text: str, language: str) -> str:
    """Fence code with more backticks than it holds in a row."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
