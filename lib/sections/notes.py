"""The reader's own words on a report: title, conclusion, and notes on findings and runs."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from lib.findings import findings_of
from lib.model.notes import Notes
from lib.sections.blocks import Heading, Items, Text

if TYPE_CHECKING:
    from lib.results.report import Report


def reader_notes(report: Report, notes: Notes, elsewhere: Collection[str] = ()) -> list[Heading | Text | Items]:
    """Return the reader's notes as blocks; none where there are no notes.

    elsewhere : ids of findings beside which the notes on them stand already.
    """
    blocks: list[Heading | Text | Items] = [Heading(notes.title)] if notes.title else []
    blocks += [Text(part.strip()) for part in notes.conclusion.split("\n") if part.strip()]
    on_findings = [(finding, text) for finding, text in notes.findings if finding not in elsewhere]
    if not (on_findings or notes.runs):
        return blocks
    claims = {found.id: found.headline or found.text for found in findings_of(report)}
    runs = report.sweep.runs
    names = dict(zip(runs["run_id"], runs["name"], strict=True))
    items = [f"On “{claims.get(finding, finding)}”: {_line(text)}" for finding, text in on_findings]
    items += [f"On run {names.get(run_id, run_id)}: {_line(text)}" for run_id, text in notes.runs]
    return [*blocks, Heading("Notes", level=2), Items(tuple(items))]


def notes_in_text(report: Report, notes: Notes) -> str:
    """Return the reader's notes as plain lines, for a file that has no other form; "" where there are none."""
    lines: list[str] = []
    for block in reader_notes(report, notes):
        lines += [f"- {item}" for item in block.items] if isinstance(block, Items) else [block.text]
    return "\n".join(lines)


def _line(text: str) -> str:
    return " ".join(text.split())
