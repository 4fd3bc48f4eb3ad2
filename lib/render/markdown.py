"""The report as Markdown: the same sections as the pages, in the same order, with the tables behind the charts."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from lib.charts.drawing import NotDrawn
from lib.model.numbers import MISSING, number
from lib.model.text import without_controls
from lib.render.provenance import provenance
from lib.render.written import WrittenBlock, WrittenSection, chart_name, written
from lib.sections import BY_ADDRESS
from lib.sections.blocks import (
    HOW,
    MOST_ROWS_WRITTEN,
    Chart,
    Claim,
    Code,
    Heading,
    Items,
    Link,
    Method,
    Metric,
    Note,
    Table,
    Text,
    Warning,
    WebAddress,
)
from lib.sections.objective import objective_rule

if TYPE_CHECKING:
    from lib.model.notes import Notes
    from lib.results.report import Report

# Marks, the start of an entity, and what makes a link of an address.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~$#!@&]|:(?=//)|(?<=www)\.)", re.IGNORECASE)


def report_as_markdown(report: Report, notes: Notes | None = None) -> str:
    """Write the whole report as Markdown (UTF-8). Names from the data are escaped: none is read as markup.

    notes : the reader's; those that came with the source if None.
    """
    return sections_as_markdown(report, written(report, notes=notes), {})


def sections_as_markdown(
    report: Report, sections: Sequence[WrittenSection], pictures: Mapping[str, str | NotDrawn]
) -> str:
    """Write some sections of a report as Markdown.

    pictures : the relative path of each chart's picture, by `chart_name`; of one without, the text alternative stands.
    One that can't be drawn has NotDrawn for a path, and is named where it would stand.
    """
    parts = [f"# Sweep report: {escaped(report.sweep.origin.label)}", f"*{escaped(objective_rule(report))}*"]
    links = report.sweep.links
    parts += [_written(Warning(text), "", links) for text in report.warnings]
    for each in sections:
        parts += [f"## {each.section.title}", escaped(each.headline)]
        for block in each.blocks:
            path = pictures.get(chart_name(each.section, block), "") if isinstance(block, Chart) else ""
            parts.append(_written(block, path, links))
    parts.append("---")
    parts.append("\n".join(f"- {what}: {escaped(value)}" for what, value in provenance(report)))
    # Documents are read in terminals too, which obey what control characters in names say.
    return without_controls("\n\n".join(part for part in parts if part) + "\n")


def escaped(text: str) -> str:
    """Escape text so that Markdown shows it letter for letter; line breaks become spaces."""
    return _MARKUP.sub(r"\\\1", re.sub(r"\s+", " ", text))


def markdown_table(table: pd.DataFrame, most: int = MOST_ROWS_WRITTEN, links: Collection[str] = ()) -> str:
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


def _written(block: WrittenBlock, picture: str | NotDrawn, links: Collection[str]) -> str:
    match block:
        case Heading():
            return f"{'###' if block.level == 1 else '####'} {escaped(block.text)}"
        case Text():
            return escaped(block.text)
        case Note():
            return f"*{escaped(block.text)}*"
        case Method():
            return f"*{HOW}: {escaped(block.text)}*"
        case Warning():
            return f"> {escaped(block.text)}"
        case Items():
            return "\n".join(f"- {escaped(item)}" for item in block.items)
        case Metric():
            # A help is a sentence, or the value in full.
            asides = [part for part in (block.beside, block.help) if part and not part.endswith(".")]
            aside = f" ({escaped('; '.join(asides))})" if asides else ""
            said = f". {escaped(block.help)}" if block.help and block.help not in asides else ""
            return f"- {escaped(block.label)}: {escaped(block.value)}{aside}{said}"
        case Claim():
            evidence = f" {escaped(block.evidence)}" if block.evidence else ""
            there = f" See {escaped(BY_ADDRESS[block.link.address].title)}." if block.link else ""
            return f"{block.number}. **{escaped(block.sentence)}** ({block.strength}).{evidence}{there}"
        case Link():
            return f"See {escaped(BY_ADDRESS[block.address].title)}."
        case WebAddress():
            return f"{escaped(block.label)}: {f'<{block.url}>' if block.url in links else escaped(block.url)}"
        case Code():
            return _fenced(block.text, block.language)
        case Chart():
            if isinstance(picture, NotDrawn):
                return escaped(picture.sentence(block.alternative))
            text = escaped(block.alternative)
            return f"![{text}]({picture})" if picture else f"*Chart: {text}*"
        case Table() if block.written:
            return f"**{escaped(block.label)}**\n\n{markdown_table(block.make(), block.written, links)}"
        case Table():
            return f"**{escaped(block.label)}**: not listed here; the app has it, and the Markdown archive as CSV."
    raise TypeError(f"Markdown has no form for {type(block).__name__}.")


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
