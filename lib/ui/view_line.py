"""The line below the navigation: what is open, what is asked of it, which runs count; and what to take away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from lib.loader import Request, load_report, load_sweep
from lib.model.choices import Choices
from lib.model.errors import SourceUnavailable, SweepReportError
from lib.model.sweep import Sweep
from lib.render.app_choices import draw_witness
from lib.render.app_text import plain_markdown
from lib.serving.uploads import RefusedUpload
from lib.ui.choices import draw_choices, draw_turn, objective_label, runs_label
from lib.ui.downloads import draw_next_sweep, draw_share
from lib.ui.find import draw_find_button
from lib.ui.kept_uploads import keep
from lib.ui.notes import draw_notes, notes_on
from lib.ui.resolved import Popover, popover
from lib.ui.source import POPOVER, Opened, draw_source, prepare_readers, source_name, without_paths
from lib.ui.uploads import let_go
from lib.ui.view import View
from lib.ui.wandb_panel import draw_freshness, draw_histories, draw_try_again, freshness_problem, progress_of_reading

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


@dataclass(frozen=True, slots=True)
class _Line:
    """The places of the line, and those below it that it fills while a source is read."""

    source: DeltaGenerator
    objective: Popover
    runs: Popover
    away: DeltaGenerator
    """Where the report is handed out."""
    waiting: DeltaGenerator
    """Where it is shown how far a reading from W&B is."""


def draw_view_line() -> View:
    """Draw the line, read what its choices name, and return the view."""
    line = _laid_out()
    with line.source:
        draw_witness("source")
        try:
            opened = draw_source(line.waiting)
        except SweepReportError as error:
            return View(Request(()), None, without_paths(str(error)))
    view = _read(opened, line)
    if view.report is not None:
        line.objective.say(objective_label(view.report))
        line.runs.say(runs_label(view.report))
        draw_turn(view.report, line.objective)
        with line.away:
            draw_find_button()
            draw_notes(view.request, view.report)
            draw_share(view.report, notes_on(view.request, view.report))
            draw_next_sweep(view.report)
    return view


def _laid_out() -> _Line:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="view-line"):
        source = st.popover(
            plain_markdown(source_name()),
            icon=":material/folder_open:",
            type="tertiary",
            key=POPOVER,
            on_change="rerun",
        )
        if source.open:
            prepare_readers()
        objective = popover("Objective", ":material/flag:")
        runs = popover("Runs", ":material/filter_alt:")
        away = st.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small", key="take-away"
        )
    return _Line(source, objective, runs, away, st.empty())


def _read(opened: Opened, line: _Line) -> View:
    request = opened.request
    try:
        sweep = _read_sweep(request, line.waiting)
        keep(opened.uploads, own=opened.own)
        choices = draw_choices(sweep, line.objective, line.runs)
        with line.source:
            draw_freshness(request, sweep)
            histories = bool(request.wandb_addresses()) and draw_histories()
        problem = None
        if histories or (choices.value != "last" and request.wandb_addresses()):
            try:
                with progress_of_reading(line.waiting) as show:
                    # Held until the report is made of it, whether or not it is small enough to be kept.
                    _whole = load_sweep(request, choices, show, histories=histories)
            except SourceUnavailable as error:
                # By its last values the report needs no histories: it is shown without them.
                if choices.value != "last":
                    raise
                histories, problem = False, f"{error} The histories were left out."
        report = load_report(request, choices, histories=histories)
        return View(request, report, problem or freshness_problem(request, sweep), histories, sweep)
    except SourceUnavailable as error:
        draw_try_again(request)
        return View(request, None, without_paths(str(error)))
    except RefusedUpload as refused:
        let_go(refused.digest, str(refused))
        return View(Request(()), None, str(refused))
    except SweepReportError as error:
        return View(request, None, without_paths(str(error)))


def _read_sweep(request: Request, waiting: DeltaGenerator) -> Sweep:
    if request.wandb_addresses():
        with progress_of_reading(waiting) as show:
            return load_sweep(request, Choices(), show)
    with waiting, st.spinner("Reading the runs …"):
        return load_sweep(request, Choices())
