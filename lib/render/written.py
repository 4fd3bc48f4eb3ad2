"""A report's sections as flat lists of blocks, for formats in which nothing is clicked: controls answer first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from lib.sections import SECTIONS, Section
from lib.sections.blocks import (
    AppOnly,
    Block,
    Card,
    Chart,
    Choice,
    Claim,
    Download,
    Heading,
    Headline,
    Leaf,
    Note,
    NumberInput,
    OneOf,
    Part,
    Preset,
    Row,
    RunName,
    Several,
    Slider,
    Table,
    Tabs,
    Tip,
)
from lib.sections.notes import reader_notes
from lib.sections.walk import run, run_all, walk

if TYPE_CHECKING:
    from lib.model.notes import Notes
    from lib.results.report import Report

WrittenBlock: TypeAlias = Leaf | Claim


@dataclass(frozen=True, eq=False, slots=True)
class WrittenSection:
    """One section as it is written."""

    section: Section
    headline: str
    blocks: tuple[WrittenBlock, ...]
    """What follows the headline, in order; containers are dissolved."""
    rows: tuple[tuple[int, ...], ...] = ()
    """Parts that stand side by side where there is room: of each row where its parts begin in `blocks`, and its end."""


def written(report: Report, every_part: bool = True, notes: Notes | None = None) -> tuple[WrittenSection, ...]:
    """Return the sections in their order; those that have nothing to show for this report are left out.

    every_part : whether all parts of a `OneOf` are written, or the first alone, as a page opens. notes : the reader's,
    which stand at the head of the first section; those that came with the source if None.
    """
    shown = [_written(section, report, every_part) for section in SECTIONS if section.why_empty(report) is None]
    own = reader_notes(report, report.sweep.notes if notes is None else notes)
    if own and shown:
        first = shown[0]
        rows = tuple(tuple(at + len(own) for at in row) for row in first.rows)
        shown[0] = replace(first, blocks=(*own, *first.blocks), rows=rows)
    return tuple(shown)


def charts_of(sections: Sequence[WrittenSection]) -> Iterator[tuple[str, Chart]]:
    """Yield every chart with a name that no other chart of the report has."""
    for each in sections:
        for block in each.blocks:
            if isinstance(block, Chart):
                yield chart_name(each.section, block), block


def chart_name(section: Section, chart: Chart) -> str:
    """Name a chart within the whole report: keys are unique within their section."""
    return f"{section.address}/{chart.key}"


def tables_of(sections: Sequence[WrittenSection]) -> Iterator[Table]:
    """Yield every table of the report."""
    yield from (table for _, table in named_tables(sections))


def named_tables(sections: Sequence[WrittenSection]) -> Iterator[tuple[str, Table]]:
    """Yield every table with a name that no other table of the report has."""
    for each in sections:
        for block in each.blocks:
            if isinstance(block, Table):
                yield f"{each.section.address}/{block.name}", block


def _written(section: Section, report: Report, every_part: bool) -> WrittenSection:
    headlines: list[str] = []
    evidence: list[WrittenBlock] = []
    blocks: list[WrittenBlock] = []
    rows: list[tuple[int, ...]] = []

    def side_by_side(parts: Sequence[Callable[[], Any]], columns: int) -> tuple[Any, ...]:
        places, answers = [len(blocks)], []
        for part in parts:
            answers.append(part())
            places.append(len(blocks))
        # A row within a row is one column of it.
        rows[:] = [row for row in rows if row[0] < places[0]]
        rows.append((*places, *[places[-1]] * (columns - len(parts))))
        return tuple(answers)

    def answer(block: Block) -> Any:
        match block:
            case Choice() | Several() | Slider() | NumberInput():
                return block.first
            case Row() if block.weights and len(set(block.weights)) == 1:
                return side_by_side([partial(run, child, answer) for child in block.children], len(block.weights))
            case Row():
                return run_all(block.children, answer)
            case Tabs():
                return run(block.children[0], answer)
            case Card():
                blocks.extend([Heading(block.title, level=2)] if block.title else [])
                answered = run_all(block.children, answer)
                blocks.extend([block.link] if block.link else [])
                return answered
            case OneOf():
                run_all(block.beside, answer)
                parts = [*block.parts.values()][: block.most_written if every_part else 1]
                for at in range(0, len(parts), 2):
                    pair = parts[at : at + 2]
                    side_by_side([partial(run, build, answer) for build in pair], min(2, len(parts)))
            case Part():
                walk(block.build(), answer)
            case Headline():
                headlines.append(block.text)
                evidence.extend([Note(block.evidence)] if block.evidence else [])
            case Claim():
                blocks.append(block)
                blocks.extend([block.chart] if block.chart else [])
            case AppOnly() | Tip() | Download() | RunName() | Preset():
                pass
            case _:
                blocks.append(block)
        return None

    walk(section.build(report), answer)
    moved = tuple(tuple(place + len(evidence) for place in row) for row in rows)
    return WrittenSection(section, " ".join(headlines), (*evidence, *blocks), moved)
