"""Where a visitor writes notes: in their session, for what is open, in the address where short. No other visitor's."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from lib.findings import findings_of
from lib.loader import Request
from lib.model.notes import LONGEST_CONCLUSION, LONGEST_NOTE, LONGEST_TITLE, Notes, packed_notes, unpacked_notes
from lib.render.app import draw_part
from lib.render.app_text import plain_markdown
from lib.sections.claims import stated
from lib.sections.notes import reader_notes
from lib.ui.address import NOTES
from lib.ui.view import current_view

if TYPE_CHECKING:
    from streamlit.elements.lib.mutable_popover_container import PopoverContainer

    from lib.results.report import Report

_HELD, _OF_LINK = "_notes", "_notes_of_link"
_TITLE, _CONCLUSION, _ABOUT, _ON_FINDING = "note-title", "note-conclusion", "note-about", "note-on-finding"
# The pages that open with the reader's own words.
SHOWN_ON = ("summary", "findings")


def notes_on(request: Request, report: Report) -> Notes:
    """Return the visitor's notes on what is open: their own, else those of the link, else those of the snapshot."""
    held: dict[Hashable, Notes] = st.session_state.setdefault(_HELD, {})
    # A link's notes are on what it opens first.
    linked = st.session_state.setdefault(_OF_LINK, (_key(request), unpacked_notes(st.query_params.get(NOTES, ""))))
    own = held.get(_key(request))
    if own is not None:
        return own
    return linked[1] if linked[1] and linked[0] == _key(request) else report.sweep.notes


def write_notes_address(request: Request, notes: Notes) -> None:
    """Have the address hold the notes, where they are short enough and not the snapshot's own."""
    written = packed_notes(notes) if _is_own(request) else ""
    st.session_state[NOTES] = written
    if st.query_params.get(NOTES, "") == written:
        return
    if written:
        st.query_params[NOTES] = written
    else:
        st.query_params.pop(NOTES, None)


def current_notes() -> Notes:
    """Return the visitor's notes on what is open, once the frame is drawn."""
    view = current_view()
    return notes_on(view.request, view.report) if view.report is not None else Notes()


def draw_notes(request: Request, report: Report) -> None:
    """Draw the popover in which notes are written."""
    notes = notes_on(request, report)
    write_notes_address(request, notes)
    popover = st.popover("Notes", icon=":material/edit_note:", key="notes-popover", on_change="rerun", width="content")
    if not popover.open:
        return
    with popover:
        _field(_TITLE, notes.title)
        st.text_input(
            "Title of the report", key=_TITLE, max_chars=LONGEST_TITLE, on_change=_write, args=(request, report)
        )
        _field(_CONCLUSION, notes.conclusion)
        st.text_area(
            "Conclusion", key=_CONCLUSION, max_chars=LONGEST_CONCLUSION, on_change=_write, args=(request, report)
        )
        found = {one.id: str(one.headline or one.text) for one in findings_of(report)}
        about = st.selectbox(
            "A note on a finding",
            list(found),
            index=None,
            key=_ABOUT,
            format_func=lambda one: plain_markdown(found[str(one)]),
            placeholder="choose one",
        )
        if about is not None:
            _finding_field("The note on it", f"{_ON_FINDING}-{about}", request, report=report, finding=about)
        st.caption(_where_they_go(request, notes))


def draw_run_note(report: Report, run_id: str) -> None:
    """Draw the field of the note on one run."""
    _run_field(f"note-on-run-{run_id}", report, run_id)


def draw_run_note_popover(report: Report, run_id: str) -> None:
    """Draw the note on a run where a page is about it, and the popover in which it is written."""
    note = current_notes().on_run(run_id)
    popover = _popover(f"note-of-page-{run_id}", "Note on this run")
    if note:
        st.markdown(f":material/edit_note: {plain_markdown(note)}", anchors=False)
    if popover.open:
        with popover:
            # Another key than in the run's own view, which may lie over the page.
            _run_field(f"note-of-page-on-run-{run_id}", report, run_id)


def draw_finding_note(report: Report, finding: str) -> None:
    """Draw the popover in which the note on a finding is written, beside it."""
    popover = _popover(f"note-beside-{finding}", "Note")
    if popover.open:
        with popover:
            key = f"note-beside-on-finding-{finding}"
            _finding_field("Your note on this finding", key, current_view().request, report=report, finding=finding)


def draw_written_notes(address: str, report: Report) -> None:
    """Draw the notes as they are, at the head of the pages that sum up."""
    notes = current_notes()
    if notes and address in SHOWN_ON:
        blocks = reader_notes(report, notes, stated(report) if address == "findings" else ())
        if blocks:
            with st.container(border=True, key="reader-notes"):
                draw_part((block for block in blocks), report, {})


def _popover(key: str, label: str) -> PopoverContainer:
    return st.popover(label, icon=":material/edit_note:", key=key, on_change="rerun", type="tertiary", width="content")


def _run_field(key: str, report: Report, run_id: str) -> None:
    request = current_view().request
    _field(key, notes_on(request, report).on_run(run_id))
    st.text_area(
        "Your note on this run",
        key=key,
        max_chars=LONGEST_NOTE,
        on_change=_write_run,
        args=(request, report, run_id, key),
        help="Kept in this visit, and written into every export and snapshot.",
    )


def _finding_field(label: str, key: str, request: Request, *, report: Report, finding: str) -> None:
    _field(key, notes_on(request, report).on_finding(finding))
    st.text_area(
        label,
        key=key,
        max_chars=LONGEST_NOTE,
        on_change=_write_finding,
        args=(request, report, finding, key),
    )


def _where_they_go(request: Request, notes: Notes) -> str:
    held = "Only you see them, until you share them: they go into every export and into the snapshot"
    if not notes or not _is_own(request):
        return f"{held}, and into the link where they are short."
    return f"{held}, and are in the link." if packed_notes(notes) else f"{held}. They are too long for the link."


def _key(request: Request) -> Hashable:
    return request.sources, tuple(upload.digest for upload in request.uploads)


def _is_own(request: Request) -> bool:
    """Whether the notes are the visitor's or the link's, and not those of the snapshot."""
    linked = st.session_state.get(_OF_LINK)
    return _key(request) in st.session_state.get(_HELD, {}) or bool(linked and linked[1] and linked[0] == _key(request))


def _field(key: str, text: str) -> None:
    """Have a field show a text; one that shows it already is left alone, and with it what is being typed there."""
    if st.session_state.get(key) != text:
        st.session_state[key] = text


def _keep(request: Request, notes: Notes) -> None:
    st.session_state.setdefault(_HELD, {})[_key(request)] = notes


def _write(request: Request, report: Report) -> None:
    title, conclusion = str(st.session_state[_TITLE]).strip(), str(st.session_state[_CONCLUSION]).strip()
    _keep(request, replace(notes_on(request, report), title=title, conclusion=conclusion))


def _write_finding(request: Request, report: Report, about: str, key: str) -> None:
    _keep(request, notes_on(request, report).with_finding(about, str(st.session_state[key]).strip()))


def _write_run(request: Request, report: Report, run_id: str, key: str) -> None:
    _keep(request, notes_on(request, report).with_run(run_id, str(st.session_state[key]).strip()))
