"""Blocks that are words, numbers or a link alone, as Streamlit draws them."""

from __future__ import annotations

import streamlit as st

from lib.render.app_selection import open_runs
from lib.render.app_text import plain_markdown, prose
from lib.sections.blocks import (
    HOW,
    Block,
    Code,
    Heading,
    Items,
    Method,
    Metric,
    Note,
    Preset,
    RunName,
    Text,
    Tip,
    Warning,
    WebAddress,
)


def draw_words(block: Block) -> None:
    """Draw a block that is words alone, or a link or file."""
    match block:
        case Heading():
            _heading(block.text, block.level)
        case Text():
            st.markdown(prose(block.text), anchors=False)
        case Note() | Tip():
            st.caption(prose(block.text))
        case Method():
            with st.expander(HOW):
                st.caption(prose(block.text))
        case Warning():
            st.warning(prose(block.text), icon=":material/info:")
        case Items():
            for item in block.items:
                st.markdown(prose(item), anchors=False)
        case Metric():
            st.metric(
                prose(block.label),
                block.value,
                delta=block.beside and plain_markdown(block.beside),
                delta_color="off",
                delta_arrow="off",
                help=block.help and plain_markdown(block.help),
                width="content",
            )
        case Code():
            with st.expander(block.folded) if block.folded else st.container():
                st.code(block.text, language=block.language, wrap_lines=True)
        case WebAddress():
            st.link_button(block.label, block.url, icon=":material/open_in_new:")
        case RunName():
            run_name(block)
        case Preset():
            st.button(
                block.label,
                key=f"preset-{block.key}",
                on_click=st.session_state.update,
                args=(dict(block.choices),),
                icon=":material/restart_alt:",
            )
        case _:
            raise TypeError(f"The app has no form for {type(block).__name__}.")


def as_title(headline: str) -> str:
    """Return a headline as a title: one sentence has no full stop there."""
    return headline.removesuffix(".") if ". " not in headline else headline


def _heading(text: str, level: int) -> None:
    if level == 1:
        st.header(prose(text), anchor=False)
    else:
        st.subheader(prose(text), anchor=False)


def run_name(run: RunName) -> None:
    """Draw the name of a run as a button that opens the run."""
    st.button(
        plain_markdown(run.name),
        key=f"open-run-{run.key}",
        on_click=open_runs,
        args=((run.run_id,),),
        type="tertiary",
        icon=":material/open_in_full:",
        help="Open the run",
    )
