"""A section on a page of the app: widgets for its controls, and what they hold sent back as their answers.

Over 300 lines: a case for each block that holds others, or that answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import streamlit as st

from lib.charts.drawing import NotDrawn, drawn
from lib.charts.marks import PICK
from lib.charts.prepared import Prepared, prepared, with_tables
from lib.model.notes import Notes
from lib.model.numbers import count
from lib.render.app_controls import ask
from lib.render.app_highlight import Mask, brushed, chart_key
from lib.render.app_selection import choose
from lib.render.app_table import draw_table, file_name
from lib.render.app_text import prose
from lib.render.app_words import as_title, draw_words, run_name
from lib.sections import BY_ADDRESS, SECTIONS, Section
from lib.sections.blocks import (
    AppOnly,
    Block,
    Blocks,
    Card,
    Chart,
    Choice,
    Claim,
    Download,
    Headline,
    Link,
    Metric,
    NumberInput,
    OneOf,
    Part,
    Row,
    RunName,
    Several,
    Slider,
    Sureness,
    Table,
    Tabs,
)
from lib.sections.objective import objective_rule
from lib.sections.walk import run, run_all, walk

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from lib.results.report import Report

AppParts: TypeAlias = Mapping[str, Callable[[Any], Any]]
"""What draws each `AppOnly` block from the report, by its name."""

_COLOURS: dict[Sureness, Literal["green", "blue", "gray"]] = {
    "clear": "green",
    "likely": "blue",
    "nothing found": "gray",
}


def draw_section(
    section: Section,
    report: Report,
    parts: AppParts,
    *,
    highlighted: Mask = None,
    notes: Notes | None = None,
    view: Mapping[str, str | list[str]] | None = None,
    note_on: Callable[[str], None] | None = None,
) -> None:
    """Draw a section on the page.

    highlighted : which runs of the sweep its charts show in colour; None for all. notes : the reader's, for claims and
    for what is saved; those that came with the source if None. view : the query that shows the same view elsewhere, for
    links. note_on : draws the field in which the reader notes something on a finding, by its id.
    """
    own = report.sweep.notes if notes is None else notes
    page = _Page(
        report,
        parts,
        st.container(key="answer"),
        highlighted,
        own,
        whole=True,
        view=view or {},
        note_on=note_on,
        first=section is SECTIONS[0],
    )
    if report.warnings:
        with st.expander(f"{count(len(report.warnings), 'note')} on the data", icon=":material/info:", key="notes"):
            for warning in report.warnings:
                st.markdown(prose(warning), anchors=False)
    walk(section.build(report), page.draw)


def prepare_section(section: Section, report: Report) -> None:
    """Make what a section's page shows at first, its pictures too, so that a visitor needn't wait for it."""

    def answer(block: Block) -> Any:
        match block:
            case Choice() | Several() | NumberInput():
                return block.first
            case Row() | Card() | Tabs():
                return run_all(block.children, answer)
            case OneOf():
                run_all(block.beside, answer)
                chosen = block.choice.first
                if chosen is not None:
                    walk(block.parts[chosen](), answer)
                return chosen
            case Part():
                walk(block.build(), answer)
            case Claim() if block.chart is not None:
                answer(block.chart)
            case Chart():
                live = block.live if block.reader is not None or block.chooses is not None else {}
                picture_of(report, block.draw, *block.arguments, **{**block.options, **live})
        return None

    walk(section.build(report), answer)


def draw_part(blocks: Blocks, report: Report, parts: AppParts, highlighted: Mask = None) -> None:
    """Draw blocks that are no section of their own, here."""
    walk(blocks, _Page(report, parts, st.container(), highlighted).draw)


@dataclass(frozen=True, eq=False, slots=True)
class _Page:
    report: Report
    parts: AppParts
    head: DeltaGenerator
    """The place of the headline."""
    highlighted: Mask = None
    notes: Notes = Notes()
    """The reader's, which stand beside claims and go into what is saved."""
    whole: bool = False
    """Whether what is chosen here has the whole page drawn again, as it must where it concerns all charts."""
    view: Mapping[str, str | list[str]] = field(default_factory=dict)
    """The query that shows the same view on another page."""
    note_on: Callable[[str], None] | None = None
    """Draws the field of the note on a finding, by its id."""
    first: bool = False
    """Whether it is the first page, which has no room for the rule of the objective: the frame states it."""

    def draw(self, block: Block) -> Any:
        """Draw a block and return what it answers."""
        match block:
            case Choice() | Several() | Slider() | NumberInput():
                return ask(block)
            case Row():
                return self._row(block)
            case Tabs():
                for place, child in zip(st.tabs(list(block.titles)), block.children, strict=True):
                    with place:
                        run(child, self.draw)
            case Card():
                with st.container(border=True, gap="small", height="stretch"):
                    if block.title:
                        self._card_title(block)
                    answered = run_all(block.children, self.draw)
                    self._at_foot(None if block.title else block.link, block.run)
                return answered
            case OneOf():
                return self._one_of(block)
            case Part():
                alone = replace(self, whole=False)
                st.fragment(lambda: walk(block.build(), alone.draw))()
            case AppOnly():
                return self.parts[block.name](self.report)
            case Headline():
                with self.head:
                    st.title(prose(as_title(block.text)), anchor=False)
                    st.caption(prose(self._below_headline(block)))
            case Chart():
                self._chart(block)
            case Table():
                draw_table(block, self.report.sweep.links)
            case Claim():
                self._claim(block)
            case Download():
                self._download(block)
            case Link():
                self._link(block)
            case _:
                draw_words(block)
        return None

    def _download(self, block: Download) -> None:
        noted = block.noted
        stem, _, ending = block.file_name.rpartition(".")
        st.download_button(
            block.label,
            data=block.make if noted is None else lambda: noted(self.notes),
            file_name=f"{file_name(stem)}.{ending}",
            mime=block.mime,
            on_click="ignore",
            icon=":material/download:",
            help=block.help,
        )

    def _row(self, row: Row) -> tuple[Any, ...]:
        if row.weights is None:
            with st.container(horizontal=True, gap="large", key=_key_of_metrics(row)):
                return run_all(row.children, self.draw)
        answered = []
        places = st.columns(list(row.weights), gap="small" if row.close else "large")
        for at, (place, child) in enumerate(zip(places, row.children, strict=False)):
            with place, st.container(key="stays") if at == row.stays else nullcontext():
                answered.append(run(child, self.draw))
        return tuple(answered)

    def _one_of(self, block: OneOf) -> str | None:
        # On the left what chooses, on the right what is chosen; one below the other on a phone.
        with st.container(key=f"one-of-{block.choice.key}"):
            left, right = st.columns([1, 2], gap="large")
        with left:
            chosen: str | None = self.draw(block.choice)
            run_all(block.beside, self.draw)
        if chosen is not None:
            with right:
                walk(block.parts[chosen](), self.draw)
        return chosen

    def _claim(self, claim: Claim) -> None:
        with st.container(border=True):
            words, picture = (
                st.columns([2, 1], gap="medium", vertical_alignment="center") if claim.chart else (st.container(), None)
            )
            with words:
                sentence = f"{claim.number}. {claim.sentence}"
                badge = f":{_COLOURS[claim.strength]}-badge[{claim.strength}]"
                st.markdown(f"**{prose(sentence)}** {badge}", anchors=False)
                if claim.evidence:
                    st.caption(prose(claim.evidence))
                # A place of its own, empty or not, so that writing a note moves nothing else to another one.
                with st.container():
                    if claim.finding and (note := self.notes.on_finding(claim.finding)):
                        st.markdown(f":material/edit_note: {prose(note)}", anchors=False)
                self._at_foot(claim.link, claim.run, claim.finding)
            if claim.chart and picture is not None:
                with picture:
                    self._chart(claim.chart)

    def _chart(self, chart: Chart) -> None:
        """Draw a chart as wide as its place, with a text alternative; nothing where there is nothing to draw."""
        live = chart.reader is not None or chart.chooses is not None
        options = {**chart.options, **(chart.live if live else {})}
        picture = picture_of(self.report, chart.draw, *chart.arguments, **options)
        if chart.tables is not None and isinstance(picture, Prepared):
            picture = self.report.keep(_selected, picture, chart.tables, *chart.arguments, **chart.selection)
        if picture is None:
            return
        if isinstance(picture, NotDrawn):
            st.warning(prose(picture.sentence(chart.alternative)), icon=":material/broken_image:")
            return
        spec = picture.spec | {"datasets": picture.tables_with(self.highlighted)}
        # Its place has its height before it is drawn, so that nothing below moves.
        tall = spec.get("height")
        height: int | Literal["content"] = round(tall) if isinstance(tall, (int, float)) else "content"
        own = chart_key(chart.key)
        clicks = picture.clicks if self.whole and not chart.small else ()
        # Another selection mode would make another chart of it: what can be chosen in it is always the same.
        modes: tuple[str, ...] = ()
        react: Callable[[], None] | None = None
        if chart.chooses is not None:
            modes, react = (PICK,), choose(own, *chart.chooses)
        elif chart.reader is not None or clicks:
            modes = (*(chart.selections or ((PICK,) if chart.reader else ())), *clicks)
            react = brushed(chart.key, self.report.sweep, clicks, chart.reader, adds=chart.adds_up)
        if react is None:
            st.vega_lite_chart(spec=spec, width="stretch", height=height, key=own, alt=chart.alternative)
        else:
            st.vega_lite_chart(
                spec=spec,
                width="stretch",
                height=height,
                key=own,
                alt=chart.alternative,
                on_select=react,
                selection_mode=modes,
            )

    def _below_headline(self, headline: Headline) -> str:
        rule = f"Objective: {objective_rule(self.report)}"
        if headline.evidence is None:
            return rule
        return headline.evidence if self.first else f"{headline.evidence} {rule}"

    def _card_title(self, card: Card) -> None:
        about = f" :gray[· {prose(card.about)}]" if card.about else ""
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
            st.markdown(f"## {prose(card.title)}{about}", anchors=False, width="content")
            if card.link:
                self._link(card.link)

    def _at_foot(self, link: Link | None, run: RunName | None, finding: str | None = None) -> None:
        """Draw where a card or a claim leads, and the field of the note on it, side by side."""
        note_on = self.note_on if finding is not None else None
        if link is None and run is None and note_on is None:
            return
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if link is not None:
                self._link(link)
            if run is not None:
                run_name(run)
            if note_on is not None and finding is not None:
                note_on(finding)

    def _link(self, link: Link) -> None:
        there = BY_ADDRESS[link.address]
        st.page_link(
            there.script,
            label=link.label or there.label,
            icon=":material/arrow_forward:",
            query_params={**self.view, **link.choices} or None,
        )


def _key_of_metrics(row: Row) -> str | None:
    """Return the key by which a row of numbers has its height before they are drawn; None for any other row."""
    shown = [child for child in row.children if isinstance(child, Metric)]
    if not shown:
        return None
    compared = "compared-" if any(one.beside for one in shown) else ""
    return file_name(f"metrics-{compared}{'-'.join(one.label for one in shown)}")


def picture_of(report: Report, draw: Callable[..., Any], *arguments: Any, **options: Any) -> Prepared | NotDrawn | None:
    """Return a chart ready for the browser, drawn once for all who look at the report; None with nothing to draw."""
    return report.keep(drawn, _prepared, draw, *arguments, **options)


def _selected(picture: Prepared, tables: Callable[..., Any], *arguments: Any, **selection: Any) -> Prepared:
    return with_tables(picture, tables(*arguments, **selection))


def _prepared(draw: Callable[..., Any], *arguments: Any, **options: Any) -> Prepared | None:
    drawing = draw(*arguments, **options)
    return None if drawing is None else prepared(drawing)
