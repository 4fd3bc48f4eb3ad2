"""The uploads of a visit and their token in the address, so that a reload, Back and a sent link show the same sweep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.model.errors import InputError
from lib.model.numbers import listing
from lib.render.app_text import plain_markdown
from lib.serving.kept_uploads import SECONDS_KEPT, UploadSet, kept_uploads
from lib.ui.address import UPLOAD, UPLOAD_NAMES
from lib.ui.uploads import remove_own

# The token that the visit began with, and the one of what was uploaded in it.
_LINKED = "_linked_upload"
_OWN = "_own_upload"
_MOST_NAMES = 5
_LONGEST_NAME = 80
NOTHING = UploadSet(())


def linked() -> UploadSet:
    """Return the uploads that the visit's address leads to; none where it leads to none. Raises InputError if gone."""
    token = _linked_token()
    if token is None:
        return NOTHING
    held = kept_uploads().get(token, _session())
    if held is None:
        raise InputError(
            f"This address shows an upload, {_names_in_address()}, that the server no longer has: uploads are kept in "
            "memory only, for an hour after they were last used. Upload it again above; nothing else is shown in its "
            "place."
        )
    return held


def linked_names() -> tuple[str, ...]:
    """Return the names of the uploads that the visit's address leads to, by the address itself where they are gone."""
    token = _linked_token()
    if token is None:
        return ()
    held = kept_uploads().get(token, _session())
    return held.names if held is not None else tuple(_asked_names() or ["an upload"])


def draw_gone() -> None:
    """Ask for the uploads of the address that are gone, by name. What takes them is drawn below by the caller."""
    st.markdown(f"**Upload {plain_markdown(_names_in_address())} again**", anchors=False)
    st.button("Open without it", key="without-upload", on_click=_unlink, type="tertiary")


def joined(before: UploadSet, own: UploadSet) -> UploadSet:
    """Return the uploads that the address led to, and those of this visit, whose sweep config counts."""
    files = tuple({file.digest: file for file in (*before.files, *own.files)}.values())
    last = own if own.sweep_config is not None else before
    return UploadSet(files, last.sweep_config, last.config_name)


def keep(held: UploadSet, *, own: bool) -> None:
    """Have the address lead to the uploads that are shown, once they were read.

    own : whether some are of this visit; the others have their token already.
    """
    if own:
        st.session_state[_OWN] = kept_uploads().keep(held, _session(), st.session_state.get(_OWN))
        _write_address(st.session_state[_OWN], held.names)
        return
    drop_own()
    _write_address(_linked_token(), held.names)


def drop_own() -> None:
    """Let go what was uploaded in this visit: its token leads nowhere any more."""
    token = st.session_state.pop(_OWN, None)
    if token is not None:
        kept_uploads().forget(token)


def replace_gone() -> None:
    """Have the visitor's own uploads take the place of those that are gone."""
    st.session_state[_LINKED] = None
    st.rerun()


def draw_kept(held: UploadSet) -> None:
    """Say who sees the uploads and until when they are held, and offer to forget them."""
    these = "this file" if len(held.names) == 1 else "these files"
    st.caption(f"Anyone with this page's address sees {these}. {_where_held()}")
    st.button(
        f"Forget {these}",
        key="forget-upload",
        on_click=_forget,
        icon=":material/delete:",
        help="Takes the upload out of the server's memory, for everyone who has its address.",
    )


def until_when() -> str:
    """Say until when the address leads to the uploads, for those who send it."""
    return (
        "The link works while someone has it open, and for an hour after: if this page is closed now, until "
        f"{_an_hour_on()}. It ends earlier if you forget the upload, or if the server restarts or needs the memory."
    )


def is_kept() -> bool:
    """Whether the address leads to uploads."""
    return (st.session_state.get(_OWN) or _linked_token()) is not None


def _where_held() -> str:
    return (
        "It is held in this server's memory, never on disk, while someone has it open and for an hour after. "
        "To keep it longer, download the snapshot on the Data page."
    )


def _an_hour_on() -> str:
    zone = st.context.timezone or "UTC"
    try:
        end = datetime.now(ZoneInfo(zone)) + timedelta(seconds=SECONDS_KEPT)
    except (ZoneInfoNotFoundError, ValueError):
        zone, end = "UTC", datetime.now(ZoneInfo("UTC")) + timedelta(seconds=SECONDS_KEPT)
    return f"{end:%H:%M} ({zone})"


def _linked_token() -> str | None:
    token: str | None = st.session_state.setdefault(_LINKED, st.query_params.get(UPLOAD))
    return token


def _asked_names() -> list[str]:
    return [name[:_LONGEST_NAME] for name in st.query_params.get_all(UPLOAD_NAMES)[:_MOST_NAMES]]


def _names_in_address() -> str:
    names = _asked_names()
    return listing(names) if names else "a file whose name it doesn't give"


def _write_address(token: str | None, names: Sequence[str]) -> None:
    """Write the token and names into the address, if they aren't there."""
    wanted = {UPLOAD: [token] if token else [], UPLOAD_NAMES: [n[:_LONGEST_NAME] for n in names[:_MOST_NAMES]]}
    for key, values in wanted.items():
        if not token:
            values = []
        if st.query_params.get_all(key) == values:
            continue
        if values:
            st.query_params[key] = values
        else:
            del st.query_params[key]


def _forget() -> None:
    token = _linked_token()
    if token is not None:
        kept_uploads().forget(token)
    drop_own()
    remove_own()
    _unlink()


def _unlink() -> None:
    st.session_state[_LINKED] = None
    _write_address(None, ())


def _session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context is not None else ""
