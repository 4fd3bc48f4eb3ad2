"""What draws the blocks that only the running app has, by their names."""

from __future__ import annotations

import streamlit as st

from lib.model.choices import Choices
from lib.model.numbers import count
from lib.render.app import AppParts, draw_part
from lib.render.app_choices import take
from lib.render.app_selection import open_runs
from lib.render.app_text import plain_markdown
from lib.results.report import Report
from lib.sections import ask
from lib.ui.choices import GOALS, MOST_TOP, set_goal
from lib.ui.columns_editor import draw_columns_editor
from lib.ui.notes import draw_run_note_popover
from lib.ui.parallel import draw_axes
from lib.ui.source import open_source_popover
from lib.ui.view import current_view
from lib.ui.wandb_panel import ask_for_histories


def _draw_welcome(_: Report) -> None:
    if current_view().on_the_sample:
        st.caption(
            ":material/waving_hand: Sweep Report reads a W&B hyperparameter sweep and says which run was best, what "
            "mattered, and what to sweep next. You are looking at a sample; open your own sweep at the top left."
        )


def _draw_histories(report: Report) -> None:
    if report.sweep.history.empty and current_view().request.wandb_addresses():
        st.button("Read the histories from W&B", on_click=ask_for_histories, icon=":material/download:", type="primary")
        st.caption(f"One request for each of {count(len(report.sweep), 'run')}; what arrived is kept.")
    elif report.sweep.history.empty:
        _draw_open_source(report)


def _draw_open_source(_: Report) -> None:
    st.button(
        "Open another source",
        key="open-another-source",
        on_click=open_source_popover,
        icon=":material/folder_open:",
        type="primary",
    )


def _draw_open_best(report: Report) -> None:
    if report.best_run is None:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            f"Everything on {plain_markdown(report.best_run.name)}",
            key="open-best-run",
            on_click=open_runs,
            args=((report.best_run.run_id,),),
            icon=":material/open_in_full:",
        )
        draw_run_note_popover(report, report.best_run.run_id)


def _draw_how_many(_: Report) -> None:
    """Draw the number of best runs where they are listed; it is the same choice as that of the frame."""
    own = "how-many"
    st.session_state[own] = int(st.session_state.get("top") or Choices().top)
    st.number_input("How many of the best", 1, MOST_TOP, key=own, on_change=_take_how_many)


def _take_how_many() -> None:
    take("top", st.session_state["how-many"])


def _draw_turn(report: Report) -> None:
    objective = report.population.objective
    other = GOALS[objective.goal == "maximize"]
    st.button(
        f"Turn it around: {other} {plain_markdown(objective.metric)}",
        key="turn-goal-here",
        on_click=set_goal,
        args=(other,),
        icon=":material/swap_vert:",
    )


def _draw_ask(report: Report) -> None:
    st.header("Ask the model", anchor=False)
    st.fragment(lambda: draw_part(ask.build(report), report, {}))()


APP_PARTS: AppParts = {
    "welcome": _draw_welcome,
    "read-histories": _draw_histories,
    "open-source": _draw_open_source,
    "axes": draw_axes,
    "columns-editor": draw_columns_editor,
    "open-best-run": _draw_open_best,
    "how-many": _draw_how_many,
    "ask-model": _draw_ask,
    "turn-goal": _draw_turn,
}
