"""The glossary, one click away on every page."""

from __future__ import annotations

import streamlit as st

from lib.model.glossary import GLOSSARY
from lib.render.app_text import plain_markdown


def draw_glossary() -> None:
    """Draw the button that opens the glossary over the page."""
    if st.button("Glossary", key="glossary", type="tertiary", icon=":material/menu_book:"):
        _glossary()


@st.dialog("Glossary", width="large")
def _glossary() -> None:
    entries = (f"**{plain_markdown(one.word)}**: {plain_markdown(one.meaning)}" for one in GLOSSARY)
    st.markdown("\n\n".join(entries), anchors=False)
