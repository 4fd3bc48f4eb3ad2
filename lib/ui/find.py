"""Find a run, a metric, a hyperparameter or a page by a part of its name: a button, or the key "/"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lib.model.objective_choice import numeric_metrics
from lib.render.app_selection import RUN, name_runs
from lib.render.app_text import plain_markdown
from lib.sections import BY_ADDRESS, SECTIONS
from lib.ui.address import query_of_view

if TYPE_CHECKING:
    from lib.results.report import Report

MOST_FOUND = 12
# Streamlit's own shortcuts know letters and named keys alone.
_KEYS = Path(__file__).with_name("keys.js").read_text(encoding="utf-8")
_OPEN, _FIND = "_finding", "find-text"


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found: a run, or a page with what its controls shall hold."""

    what: str
    """Its kind, as it stands before its name."""
    name: str
    run_id: str | None = None
    address: str | None = None
    choices: Mapping[str, str] = field(default_factory=dict)


def hits(report: Report, text: str) -> Iterator[Hit]:
    """Yield what has the text in its name, in any case: pages, hyperparameters, metrics, then runs, also by id."""
    wanted = text.casefold()
    for section in SECTIONS:
        if wanted in section.label.casefold() or wanted in section.title.casefold():
            yield Hit("Page", section.label, address=section.address)
    for parameter in report.population.searched:
        if wanted in parameter.name.casefold():
            yield Hit("Hyperparameter", parameter.name, None, "hyperparameter-impact", {"parameter": parameter.name})
    for metric in numeric_metrics(report.sweep):
        if wanted in metric.casefold():
            yield _metric(report, metric)
    runs = report.sweep.runs
    names, ids = runs["name"].astype(str), runs["run_id"].astype(str)
    found = names.str.contains(text, case=False, regex=False) | (ids == text)
    for name, run_id in zip(names[found], ids[found], strict=True):
        yield Hit("Run", name, run_id)


def draw_find_button() -> None:
    """Draw the button, and listen for the key."""
    st.button(
        "Find",
        key="find",
        on_click=_set_open,
        args=(True,),
        type="tertiary",
        icon=":material/search:",
        help="A run, a metric, a hyperparameter or a page. Key: /",
    )
    st.components.v2.component("sweep_report_keys", js=_KEYS)(key="keys", height=0)


def draw_find(report: Report, here: str) -> None:
    """Draw the dialog where it was asked for, and no run is open. here : the address of the page."""
    if not st.session_state.get(_OPEN) or RUN in st.query_params:
        return

    @st.dialog("Find", on_dismiss=_set_open, width="medium")
    def shown() -> None:
        text = (st.text_input("A part of its name", key=_FIND, autocomplete="off") or "").strip()
        if text:
            _draw_hits(list(hits(report, text)), here)

    shown()


def _draw_hits(found: list[Hit], here: str) -> None:
    if not found:
        st.caption("Nothing has that in its name.")
    for number, hit in enumerate(found[:MOST_FOUND]):
        label = f":gray[{hit.what}] {plain_markdown(hit.name)}"
        if hit.run_id is not None:
            st.button(label, key=f"hit-{number}", on_click=_open_run, args=(hit.run_id,), type="tertiary")
        elif hit.address == here:
            # Streamlit sets no choice in the address whose control stands on the page that it goes to and comes from.
            if st.button(label, key=f"hit-{number}", on_click=_choose, args=(hit.choices,), type="tertiary"):
                st.rerun()
        elif st.button(label, key=f"hit-{number}", on_click=_set_open, type="tertiary") and hit.address is not None:
            st.switch_page(BY_ADDRESS[hit.address].script, query_params={**query_of_view(), **hit.choices})
    if len(found) > MOST_FOUND:
        st.caption(f"And {len(found) - MOST_FOUND:,} more: type more of the name.")


def _metric(report: Report, metric: str) -> Hit:
    """Return where a metric is shown best: its curves, its trade with the objective, or the page of data."""
    if BY_ADDRESS["learning-curves"].why_empty(report) is None and metric in report.sweep.history:
        return Hit("Metric", metric, None, "learning-curves", {"curve": metric})
    if metric != report.population.objective.metric and BY_ADDRESS["trade-off"].why_empty(report) is None:
        return Hit("Metric", metric, None, "trade-off", {"second": metric})
    return Hit("Metric", metric, None, "best-run")


def _choose(choices: Mapping[str, str]) -> None:
    """Set controls of the page, and close the dialog. To be called in callbacks alone."""
    _set_open()
    for key, value in choices.items():
        several = isinstance(st.session_state.get(key), (list, tuple))
        st.session_state[key] = [value] if several else value


def _set_open(is_open: bool = False) -> None:
    st.session_state[_OPEN] = is_open


def _open_run(run_id: str) -> None:
    _set_open()
    name_runs((run_id,))
    # As a whole: this dialog makes way for that of the run.
    st.rerun()
