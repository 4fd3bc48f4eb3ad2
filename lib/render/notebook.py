"""The Summary as a piece of HTML, for notebooks: words, numbers and tables, without a script or a style of its own."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from lib.render.written import WrittenBlock, written
from lib.sections.blocks import Heading, Items, Metric, Note, Table, Text, Warning

if TYPE_CHECKING:
    import pandas as pd

    from lib.results.report import Report

MOST_ROWS = 10


def summary_as_html(report: Report) -> str:
    """Write the first section as HTML. Text from the data is escaped; tables have their first MOST_ROWS rows."""
    summary = written(report, every_part=False)[0]
    parts = [f"<h3>{escape(report.sweep.origin.label)}</h3>", f"<p><strong>{escape(summary.headline)}</strong></p>"]
    parts += [f"<p><em>{escape(warning)}</em></p>" for warning in report.warnings]
    heading = ""
    for block in summary.blocks:
        if isinstance(block, Heading):
            # One that only a chart stands under has nothing here.
            heading = f"<h4>{escape(block.text)}</h4>"
        elif text := _block(block):
            parts.append(heading + text)
            heading = ""
    return f"<div>{''.join(parts)}</div>"


def _block(block: WrittenBlock) -> str:
    match block:
        case Text() | Note() | Warning():
            return f"<p>{escape(block.text)}</p>"
        case Items():
            return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in block.items)}</ul>"
        case Metric():
            return f"<p>{escape(block.label)}: <strong>{escape(block.value)}</strong></p>"
        case Table() if block.written:
            return _table(block.label, block.make())
    return ""


def _table(label: str, table: pd.DataFrame) -> str:
    from lib.model.numbers import number

    head = "".join(f"<th>{escape(str(name))}</th>" for name in table.columns)
    rows = table.head(MOST_ROWS).itertuples(index=False, name=None)
    body = "".join(f"<tr>{''.join(f'<td>{escape(number(cell))}</td>' for cell in row)}</tr>" for row in rows)
    further = len(table) - MOST_ROWS
    more = f"<p>{further:,} further rows are in <code>tables()</code>.</p>" if further > 0 else ""
    return f"<p>{escape(label)}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
