"""Which axes of parallel coordinates are drawn, in what order and how: one multiselect in the address, and buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from lib.analysis.axes import Axis, axes
from lib.analysis.axis_choice import AxisChoice, readable_choices
from lib.analysis.axis_ticks import AxisScale
from lib.analysis.population import Population
from lib.render.app_choices import draw_witness, take
from lib.render.app_text import prose
from lib.results.report import Report

KEY = "axes"
_NOTE = "_axes_note"
OWN = "its own"


def axes_chosen(population: Population, columns: Sequence[str]) -> tuple[tuple[AxisChoice, ...], tuple[str, ...]]:
    """Draw the multiselect of the axes, left to right; return what they are, and sentences on what can't be used."""
    draw_witness(KEY)
    default = tuple(AxisChoice(name) for name in (*(p.name for p in population.searched), population.objective.metric))
    texts = st.multiselect(
        "Axes, left to right",
        options=[AxisChoice(name).text for name in columns],
        key=KEY,
        bind="query-params",
        accept_new_options=True,
        placeholder="all hyperparameters, then the objective",
        help="To type one: NAME:log, NAME:quantile, NAME:inverted, NAME:LOW..HIGH to show a part of its values, or "
        "NAME=LEVEL|LEVEL for an order of levels.",
    )
    choices, problems = readable_choices(texts, columns)
    return choices or default, problems


def laid_out(population: Population, choices: Sequence[AxisChoice]) -> tuple[Axis, ...]:
    """Lay out the axes as chosen."""
    return axes(
        population,
        [c.name for c in choices],
        {c.name: c.scale for c in choices if c.scale},
        [c.name for c in choices if c.inverted],
        {c.name: c.order for c in choices if c.order},
        {c.name: c.shown for c in choices if c.shown},
    )


def draw_editor(report: Report, choices: tuple[AxisChoice, ...], drawn: Sequence[Axis]) -> None:
    """Draw the controls that change one axis, and those that order all."""
    names = [c.name for c in choices]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Change the axis", names, key="axis-to-change", width=260)
        at = names.index(name) if name in names else 0
        one = choices[at]
        st.button(
            "Left",
            key="axis-left",
            on_click=move,
            args=(choices, at, at - 1),
            disabled=at == 0,
            icon=":material/arrow_back:",
        )
        st.button(
            "Right",
            key="axis-right",
            on_click=move,
            args=(choices, at, at + 1),
            disabled=at == len(choices) - 1,
            icon=":material/arrow_forward:",
        )
        st.button("Invert", key="axis-invert", on_click=_change, args=(choices, at), icon=":material/swap_vert:")
        st.button(
            "All values",
            key="axis-all-values",
            on_click=show_part,
            args=(choices, at, None),
            disabled=one.shown is None,
            icon=":material/zoom_out_map:",
        )
        st.button(
            "Hide",
            key="axis-hide",
            on_click=_hide,
            args=(choices, at),
            disabled=len(choices) < 2,
            icon=":material/visibility_off:",
        )
    # The key holds the axis as it is, so that the control shows what was changed elsewhere.
    key = f"axis-scale-{one.text}"
    st.segmented_control(
        "Its scale",
        [OWN, "linear", "log", "quantile"],
        default=one.scale if one.scale in ("linear", "log", "quantile") else OWN,
        required=True,
        key=key,
        on_change=_rescale,
        args=(choices, at, key),
    )
    if drawn[at].scale == "levels":
        order_key = f"axis-order-{one.text}"
        st.multiselect(
            "Its levels, from the bottom up",
            list(drawn[at].levels),
            key=order_key,
            placeholder="choose the levels in the order you want; the others follow",
            on_change=_reorder,
            args=(choices, at, order_key),
        )
    with st.container(horizontal=True):
        st.button(
            "Order by importance",
            key="axes-by-importance",
            on_click=_by_importance,
            args=(report, choices),
            icon=":material/sort:",
        )
        st.button("As at first", key="axes-reset", on_click=_keep, args=((),), icon=":material/restart_alt:")
    note = st.session_state.pop(_NOTE, None)
    if note:
        st.caption(prose(note))


def move(choices: Sequence[AxisChoice], at: int, to: int) -> None:
    """Move an axis to another place among them. To be called in callbacks alone."""
    moved = list(choices)
    moved.insert(to, moved.pop(at))
    _keep(moved)


def show_part(choices: Sequence[AxisChoice], at: int, shown: tuple[float | None, float | None] | None) -> None:
    """Show the values of a range on an axis, all for None. To be called in callbacks alone."""
    _keep([replace(c, shown=shown) if i == at else c for i, c in enumerate(choices)])


def _keep(choices: Sequence[AxisChoice]) -> None:
    take(KEY, [c.text for c in choices])


def _hide(choices: Sequence[AxisChoice], at: int) -> None:
    _keep([c for i, c in enumerate(choices) if i != at])


def _change(choices: Sequence[AxisChoice], at: int) -> None:
    _keep([replace(c, inverted=not c.inverted) if i == at else c for i, c in enumerate(choices)])


def _rescale(choices: Sequence[AxisChoice], at: int, key: str) -> None:
    scale: AxisScale | None = None if st.session_state[key] == OWN else st.session_state[key]
    _keep([replace(c, scale=scale) if i == at else c for i, c in enumerate(choices)])


def _reorder(choices: Sequence[AxisChoice], at: int, key: str) -> None:
    order = tuple(st.session_state[key])
    _keep([replace(c, order=order) if i == at else c for i, c in enumerate(choices)])


def _by_importance(report: Report, choices: Sequence[AxisChoice]) -> None:
    """Put the most important axis first and the objective last; axes that the forest doesn't know keep their order."""
    model = report.surrogate
    if not model.parameters:
        st.session_state[_NOTE] = f"The order stays: {model.why_not or 'there is no importance to order by'}."
        return
    rank = {importance.parameter: i for i, importance in enumerate(model.parameters)}
    objective = report.population.objective.metric
    _keep(sorted(choices, key=lambda c: (c.name == objective, rank.get(c.name, len(rank)))))
    if not model.trusted:
        st.session_state[_NOTE] = "The forest predicts these runs no better than their mean: take the order as a guess."
