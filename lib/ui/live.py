"""While a sweep runs: how many runs came since the reader looked first, and what that changed in the answer."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from lib.analysis.changes import Answer, answer_of, changes_between
from lib.render.app_text import plain_markdown
from lib.sections.live import changes_sentence
from lib.ui.view import View

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from lib.results.report import Report

_FIRST = "_first_answer"


def draw_changes(view: View, place: DeltaGenerator) -> None:
    """Say in `place` what changed since the first reading of this visit; nothing for a source that isn't on W&B.

    To be called once the page is drawn: what it compares may have to be worked out.
    """
    report = view.report
    if report is None or not view.request.wandb_addresses():
        return
    now = answer_of(report.population, report.effects)
    key = (view.request.sources, report.population.choices)
    first: tuple[Hashable, str, Answer] | None = st.session_state.get(_FIRST)
    if first is None or first[0] != key:
        st.session_state[_FIRST] = (key, _read_at(report), now)
        return
    found = changes_between(first[2], now)
    if not found:
        return
    with place.container(horizontal=True, vertical_alignment="center", gap="small", key="live-changes"):
        sentence = changes_sentence(found, first[1], report.population.objective.metric)
        st.markdown(f":material/update: {plain_markdown(sentence)}", width="content")
        st.button(
            "Seen",
            key="changes-seen",
            on_click=_seen,
            type="tertiary",
            icon=":material/check:",
            help="Compare with what is shown now from here on",
        )


def _seen() -> None:
    st.session_state.pop(_FIRST, None)


def _read_at(report: Report) -> str:
    """Return when the runs were read, as the visitor's clock shows it."""
    read = report.sweep.origin.fetched_at
    moment = datetime.fromisoformat(read) if read else datetime.now(UTC)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return f"{moment.astimezone(ZoneInfo(st.context.timezone or 'UTC')):%H:%M}"
    except (ZoneInfoNotFoundError, ValueError):
        return f"{moment:%H:%M} (UTC)"
