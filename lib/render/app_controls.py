"""Controls of a page as Streamlit's widgets, each bound to the page's address."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from lib.model.columns import as_number
from lib.render.app_text import plain_markdown
from lib.sections.blocks import (
    Choice,
    NumberInput,
    Several,
    Slider,
)


def ask(control: Choice | Several | Slider | NumberInput) -> Any:
    """Draw a control, bound to the page's address, and return its answer."""
    # Its place has its height before it is drawn.
    segmented = isinstance(control, Choice) and control.style == "segmented"
    given = None if isinstance(control, Several) else control.width
    with st.container(key=f"asked-{control.key}", width=given or ("content" if segmented else "stretch")):
        return _widget(control)


def _widget(control: Choice | Several | Slider | NumberInput) -> Any:
    match control:
        case Choice(style="segmented"):
            return st.segmented_control(
                plain_markdown(control.label),
                list(control.options),
                default=control.first,
                required=True,
                format_func=control.words,
                key=control.key,
                bind="query-params",
                help=control.help,
            )
        case Choice():
            held = st.selectbox(
                plain_markdown(control.label),
                list(control.options),
                index=None,
                format_func=control.words,
                key=control.key,
                bind="query-params",
                placeholder=control.default or (control.words(control.first) if control.first else "none"),
                help=control.help,
                width=control.width or "stretch",
            )
            return held if held in control.options else control.first
        case Slider():
            return st.select_slider(
                plain_markdown(control.label),
                _with_asked(control),
                value=control.first,
                key=control.key,
                bind="query-params",
                width=control.width,
            )
        case Several():
            return st.multiselect(
                plain_markdown(control.label),
                list(control.options),
                key=control.key,
                bind="query-params",
                accept_new_options=control.further,
                placeholder=control.default or "none",
                help=control.help,
            )
        case NumberInput():
            return st.number_input(
                plain_markdown(control.label),
                value=None,
                step=None,
                format="%.6g",
                key=control.key,
                bind="query-params",
                placeholder=control.default,
                width=control.width or "stretch",
            )


def _with_asked(control: Slider) -> list[str]:
    """Return the options of a slider with the number that is asked for, by its state or the address, among them."""
    asked = str(st.session_state.get(control.key) or st.query_params.get(control.key) or "")
    options = list(control.options)
    value = as_number(asked)
    if asked in options or value is None or not math.isfinite(value):
        return options
    at = sum((as_number(option) or 0.0) < value for option in options)
    return [*options[:at], asked, *options[at:]]
