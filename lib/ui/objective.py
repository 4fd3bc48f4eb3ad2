"""What settles which value of a run counts, and the columns that a reader makes from others."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from lib.model.choices import Derivation
from lib.model.derive import derivations_of, derived
from lib.model.errors import InputError
from lib.model.numbers import listing
from lib.model.objective import value_rule
from lib.model.sweep import Sweep
from lib.render.app_text import prose

VALUES = ("last", "best", "mean:3", "mean:5")


@dataclass(frozen=True, eq=False, slots=True)
class ObjectiveControls:
    """What was chosen, and the sweep with its derived columns for the choices that follow.

    Where a derived column can't be made, the sweep has the others, and the report's own error says why.
    """

    sweep: Sweep
    value: str
    derive: tuple[Derivation, ...]
    seeds: tuple[str, ...]
    problem: InputError | None


def _with_those_that_work(sweep: Sweep, texts: Sequence[str]) -> Sweep:
    for text in texts:
        with contextlib.suppress(InputError):
            sweep = derived(sweep, derivations_of([text]))
    return sweep


def draw_objective_controls(sweep: Sweep) -> ObjectiveControls:
    """Draw the value rule, the derived columns and the seeds; all of them are in the address."""
    value = st.selectbox(
        "Value of a run",
        VALUES,
        key="value",
        bind="query-params",
        accept_new_options=True,
        help="Which of a run's values of the objective counts: its last, its best, the mean of its last K (mean:K), "
        "or its last at or before step N (step:N). Type another K or N. All but the last need histories.",
    )
    with st.expander("Derived columns, repeats", icon=":material/function:"):
        texts = st.multiselect(
            "Derived columns",
            options=[],
            key="derive",
            bind="query-params",
            accept_new_options=True,
            placeholder="NAME=EXPRESSION",
            help="A hyperparameter or metric made from others, like lr=base_lr*multiplier or "
            "gap=val_loss-loss. Columns (in backticks unless they are plain words), numbers, + - * / ** %, comparison, "
            "and, or, not, and log, log10, log2, exp, sqrt, abs, min, max, round, floor, ceil, where, coalesce, isnan.",
        )
        seeds = st.multiselect(
            "Repeats may differ in",
            options=[str(name) for name in sweep.config.columns],
            key="seeds",
            bind="query-params",
            placeholder="seeds",
            help="Config keys in which repeats of one configuration may differ, besides those named like a seed.",
        )
        problem: InputError | None = None
        derive: tuple[Derivation, ...] = ()
        rule = "last"
        try:
            derive = derivations_of(texts)
            rule = value_rule(value or "last").text
            sweep = derived(sweep, derive)
        except InputError as error:
            problem = error
            st.error(prose(str(error)))
            # What the others made stays, so that no choice of it is lost meanwhile.
            sweep = _with_those_that_work(sweep, texts)
        made = [d.name for d in derive if d.name in sweep.config.columns]
        if made:
            st.caption(prose(f"To analyse {listing(made)} as searched, choose it under Hyperparameters."))
    return ObjectiveControls(sweep, rule, derive, tuple(seeds), problem)
