"""The address as the link to a view: the control that hands it out, and what an address held that could not be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from lib.render.app_selection import RUN
from lib.render.app_text import prose
from lib.ui.address import NOTES, SHARED, UPLOAD, UPLOAD_NAMES, query_of_view
from lib.ui.kept_uploads import is_kept, until_when

_ASKED = "_asked_by_address"
_FIRST_PAGE = "_first_page"
# Parts of the address that no widget takes.
_OF_THE_FRAME = (UPLOAD, UPLOAD_NAMES, RUN, NOTES)


def draw_link() -> None:
    """Draw the link to this view, and until when it works where it leads to an upload."""
    # What the page alone has asked for stands in the address; what all pages share is what the widgets hold.
    own = {key: st.query_params.get_all(key) for key in st.query_params if key not in SHARED}
    query = urlencode({**own, **query_of_view()}, doseq=True)
    if is_kept():
        st.markdown("The same view, for anyone who has this link: it shows the upload.")
        st.caption(f"{until_when()} To send it for longer, download the snapshot on the Data page and send that.")
    else:
        st.markdown("The same view, for anyone who may see its source. It contains no key.")
    st.code(f"{st.context.url or ''}{'?' + query if query else ''}", language=None, wrap_lines=True)


def note_address() -> None:
    """Keep what the address asked for when the visit began. To be called before the first widget."""
    if _ASKED not in st.session_state:
        st.session_state[_ASKED] = {
            key: st.query_params.get_all(key) for key in st.query_params if key not in _OF_THE_FRAME
        }


def note_first_page(page: str) -> None:
    """Keep which page the visit began on: it alone knows all that the address may ask for."""
    st.session_state.setdefault(_FIRST_PAGE, page)


def say_unusable(page: str) -> None:
    """Say which values of the address could not be used, on the page that it opened. To be called after all widgets."""
    asked: dict[str, list[str]] = st.session_state.get(_ASKED, {})
    if st.session_state.get(_FIRST_PAGE) != page:
        return
    if "_unusable" not in st.session_state:
        st.session_state["_unusable"] = unusable(
            asked, {key: st.session_state[key] for key in asked if key in st.session_state}
        )
    for sentence in st.session_state.get("_unusable", ()):
        st.warning(prose(sentence), icon=":material/link_off:")


def unusable(asked: Mapping[str, Iterable[str]], held: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each value of an address that no widget took, by the values that the widgets hold."""
    sentences = []
    for key, values in asked.items():
        if key not in held:
            sentences.append(f"The address asks for {key!r}, which this page does not know. It was ignored.")
            continue
        now = held[key]
        taken = {_written(v) for v in now} if isinstance(now, (list, tuple)) else {_written(now)}
        lost = [value for value in values if value and _written(value) not in taken]
        if lost:
            named = ", ".join(repr(value) for value in lost)
            sentences.append(
                f"The address asks for {key} {named}, which can't be used here. Everything else was applied."
            )
    return sentences


def _written(value: Any) -> str:
    text = str(value).lower()
    try:
        return repr(float(text))
    except ValueError:
        return text
