"""The way between pages: a row of links and two menus, on a phone one menu.

Every link carries the whole view, also for a new tab; where it is followed in this one, `keep_address` sees to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from lib.sections import GROUPS, SECTIONS, Section
from lib.ui.address import query_of_view

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from lib.results.report import Report


@dataclass(frozen=True, slots=True)
class Navigation:
    """The links of a page, each in a place where it is drawn again once it is known which pages fit these runs."""

    query: Mapping[str, str | list[str]]
    """The view as it stands before the frame's widgets are drawn."""
    places: list[tuple[Section, DeltaGenerator]] = field(default_factory=list)

    def add(self, section: Section) -> None:
        """Draw the link to a section here."""
        place = st.empty()
        self.places.append((section, place))
        _draw(place, section, None, self.query)

    def settle(self, report: Report | None) -> None:
        """Grey the links whose page has nothing to show, with its reason."""
        why = {section: None if report is None else section.why_empty(report) for section in SECTIONS}
        query = query_of_view()
        for section, place in self.places:
            _draw(place, section, why[section], query)


def draw_navigation(address: str) -> Navigation:
    """Draw the navigation of the page at `address`. Style decides which of its two forms a screen shows."""
    links = Navigation(query_of_view())
    # Keys that change with the page: a menu that was open closes once the reader has chosen from it.
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="navigation"):
        for section in SECTIONS:
            if section.group is None:
                links.add(section)
        for group in GROUPS:
            here = next((s.label for s in SECTIONS if s.group == group and s.address == address), None)
            label = f"{group}: **{here}**" if here else group
            with (
                st.container(key=f"menu-{GROUPS.index(group)}-{address}", width="content"),
                st.popover(label, type="tertiary", width="content"),
            ):
                for section in SECTIONS:
                    if section.group == group:
                        links.add(section)
    with st.container(key="menu"), st.container(key=f"menu-of-{address}"):
        label = next(s.label for s in SECTIONS if s.address == address)
        with st.popover(f"Menu: **{label}**", icon=":material/menu:", type="tertiary", width="content"):
            for group_of in (None, *GROUPS):
                if group_of:
                    st.caption(group_of)
                for section in SECTIONS:
                    if section.group == group_of:
                        links.add(section)
    return links


def _draw(place: DeltaGenerator, section: Section, why: str | None, query: Mapping[str, str | list[str]]) -> None:
    place.page_link(
        section.script,
        label=section.label,
        query_params=dict(query) or None,
        disabled=why is not None,
        help=why,
    )
