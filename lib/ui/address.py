"""The whole view as a query: what every page shares, which links carry on."""

from __future__ import annotations

from typing import Any

import streamlit as st

# Of uploads: the token, and their names. No widget holds them.
UPLOAD, UPLOAD_NAMES = "upload", "file"
# The reader's notes, packed; no widget holds them.
NOTES = "notes"
# The keys of the frame's widgets, and what each holds when its part of the address is left out.
SHARED: dict[str, Any] = {
    "source": [],
    "metric": None,
    "goal": "auto",
    "value": "last",
    "derive": [],
    "seeds": [],
    "parameters": [],
    "scales": [],
    "columns": [],
    "only": [],
    "light": [],
    "states": [],
    "top": 10,
    "histories": False,
    "refresh": "off",
    UPLOAD: "",
    UPLOAD_NAMES: [],
    NOTES: "",
}

_PAGE = "_page_of_address"


def query_of_view() -> dict[str, str | list[str]]:
    """Return the query that shows the same view on any page: by the widgets, before they are drawn by the address."""
    query: dict[str, str | list[str]] = {}
    for key, default in SHARED.items():
        if key in st.session_state:
            held = st.session_state[key]
            if held != default and held is not None:
                query[key] = [str(one) for one in held] if isinstance(held, (list, tuple)) else _written(held)
        elif key in st.query_params:
            query[key] = st.query_params.get_all(key)
    return query


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def keep_address(page: str) -> None:
    """Have the address go on naming the view after a change of page. To be called before the frame's widgets.

    Streamlit 1.67 drops from the address what widgets in closed popovers hold when another page is opened, and Back may
    lead to an address without it; a value that is set again is written there again.
    """
    moved = st.session_state.get(_PAGE, page) != page
    for key, default in SHARED.items():
        if (moved or key not in st.query_params) and st.session_state.get(key, default) != default:
            st.session_state[key] = st.session_state[key]
    st.session_state[_PAGE] = page
