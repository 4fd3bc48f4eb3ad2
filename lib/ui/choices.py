"""The choices on what is open: the popovers "objective" and "runs". Each is in the address, on every page."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from lib.analysis.population import LEFT_OUT
from lib.model.choices import Choices, ColumnChoice
from lib.model.column_choices import WORDS, column_choices_of, with_roles
from lib.model.declared_space import declared_parameters
from lib.model.errors import InputError
from lib.model.goal import goal_of
from lib.model.numbers import count
from lib.model.objective import value_rule
from lib.model.objective_choice import declared_metrics, numeric_metrics
from lib.model.sweep import Sweep
from lib.render.app_choices import draw_witness, take
from lib.render.app_text import prose
from lib.report.request import scales_of
from lib.sections.trade_off import AUTOMATIC
from lib.ui.objective import draw_objective_controls
from lib.ui.selection import draw_selection

if TYPE_CHECKING:
    from lib.results.report import Report
    from lib.ui.resolved import Popover

STATES = ("finished", "running", "crashed", "failed", "killed", "preempted", "preempting", "pending", "unknown")
MOST_TOP = 200
GOALS = ("maximize", "minimize")


def draw_choices(sweep: Sweep, objective: Popover, runs: Popover) -> Choices:
    """Draw the choices in their popovers and return them. Raises InputError for a derived column that can't be made."""
    with objective.body:
        draw_witness("objective")
        config = [str(c) for c in sweep.config.columns]
        head = st.container()
        columns, misread = _chosen_columns()
        with contextlib.suppress(InputError):
            # What can't be done is said where the report is made.
            sweep = with_roles(sweep, columns)
            config = [str(c) for c in sweep.config.columns]
        controls = draw_objective_controls(sweep)
        sweep = controls.sweep
        metrics = numeric_metrics(sweep)
        # A run table marks no sides: a column read as config may be the metric, and the other way round.
        metrics += [c for c in config if c not in metrics and sweep.origin.kind == "csv"]
        with head:
            metric = st.selectbox(
                "Objective",
                options=metrics,
                index=None,
                key="metric",
                bind="query-params",
                placeholder="as the sweep declares" if any(map(declared_metrics, sweep.declarations)) else "inferred",
                help="The metric that runs are ranked by.",
            )
            goal = st.segmented_control(
                "Goal",
                options=[AUTOMATIC, *GOALS],
                default=AUTOMATIC,
                required=True,
                key="goal",
                bind="query-params",
                help="Auto: as the sweep declares, otherwise inferred from the metric's name.",
            )
        parameters, scales = _draw_parameters(sweep)
    with runs.body:
        draw_witness("runs")
        filters = draw_selection(sweep)
        present = set(sweep.runs["state"])
        states = st.multiselect(
            "Run states",
            options=[*STATES, *sorted(present - set(STATES))],
            key="states",
            bind="query-params",
            placeholder="finished",
            help="Runs in other states are left out and counted on the Data page.",
        )
        top = st.number_input("Top runs", 1, MOST_TOP, 10, key="top", bind="query-params")
    # Raised once all controls are drawn, so that none of their choices is lost meanwhile.
    for problem in (misread, controls.problem):
        if problem is not None:
            raise problem
    return Choices(
        metric=metric,
        goal=goal_of(goal),
        parameters=tuple(parameters) or None,
        states=tuple(states) or None,
        top=int(top),
        filters=filters,
        value=controls.value,
        derive=controls.derive,
        seeds=controls.seeds,
        scales=scales_of(scales),
        columns=columns,
    )


def _chosen_columns() -> tuple[tuple[ColumnChoice, ...], InputError | None]:
    """Draw what was said of single columns, which the Data page edits; return it, and what is wrong with it."""
    texts = st.multiselect(
        "Corrections to columns",
        options=[],
        key="columns",
        bind="query-params",
        accept_new_options=True,
        placeholder="none",
        help="Easier on the Data page, in the table of columns. NAME:WORD with " + ", ".join(WORDS) + ".",
    )
    try:
        return column_choices_of(texts), None
    except InputError as error:
        st.error(prose(str(error)))
        return (), error


def _draw_parameters(sweep: Sweep) -> tuple[list[str], list[str]]:
    config, summary = [str(c) for c in sweep.config.columns], [str(c) for c in sweep.summary.columns]
    parameters = st.multiselect(
        "Hyperparameters",
        options=config + [c for c in summary if c not in config and sweep.origin.kind == "csv"],
        key="parameters",
        bind="query-params",
        placeholder="as the sweep declares" if declared_parameters(sweep.declarations) else "those that vary",
        help="Which config keys count as searched: by default those of the sweep config, otherwise those that vary.",
    )
    numeric = [c for c in config if pd.api.types.is_numeric_dtype(sweep.config[c])]
    scales = st.multiselect(
        "Scales",
        options=[f"{name}:{scale}" for name in numeric for scale in ("log", "linear")],
        key="scales",
        bind="query-params",
        placeholder="as searched",
        help="By default as the sweep config declares it, else the one on which the tried values are more even.",
    )
    return parameters, scales


def objective_label(report: Report) -> str:
    """Say what is asked of the runs: "maximize val_dice · last value", marked where it was inferred."""
    objective = report.population.objective
    text = f"{objective.goal} {objective.metric}"
    if not objective.unit:
        text += f" · {'last value' if objective.value == 'last' else value_rule(objective.value).words}"
    return f"{text} · inferred" if objective.inferred else text


def runs_label(report: Report) -> str:
    """Say how many runs count: "All 480 runs", "153 of 160 runs · 7 left out"."""
    ledger = report.population.ledger
    if ledger.used == ledger.total:
        return f"All {count(ledger.total, 'run')}" if ledger.total != 1 else "1 run"
    filtered = sum(e.count for e in ledger.excluded if e.reason == LEFT_OUT)
    text = f"{ledger.used:,} of {count(ledger.total, 'run')}"
    others = ledger.total - ledger.used - filtered
    return f"{text} · {others:,} left out" if others else f"{text} · filtered"


def draw_turn(report: Report, objective: Popover) -> None:
    """Offer to turn an inferred goal around with one click."""
    known = report.population.objective
    if not known.inferred:
        return
    other = GOALS[known.goal == "maximize"]
    with objective.body:
        st.button(
            f"Turn it around: {other}", key="turn-goal", on_click=set_goal, args=(other,), icon=":material/swap_vert:"
        )


def set_goal(goal: str) -> None:
    """Take a goal, as if it were chosen at the top of the page."""
    take("goal", goal)
