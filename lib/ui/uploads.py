"""What visitors upload, on its way in: what is kept is counted over all sessions, what is refused is let go at once.

Streamlit holds the bytes of an uploaded file in memory, from its arrival until the visitor removes it or the session
ends, and `lib.serving.kept_uploads` for an hour longer. Nothing here copies them. A refused file is taken out of
Streamlit's store; its sentence stays for as long as the browser lists the file, so that a visitor doesn't see another
report in its place without a word.
"""

from __future__ import annotations

import hashlib
from collections.abc import MutableMapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.model.errors import InputError
from lib.serving.kept_uploads import kept_uploads
from lib.serving.uploads import Upload
from lib.sources.memory import memory_limit

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

# Of all uploads of all sessions: a fifth of the server's memory, and no less than one file of the largest size.
_SHARE_OF_MEMORY = 5
MOST_BYTES = 500_000_000
# The key of the widget.
WIDGET = "uploaded-files"
CONFIG_WIDGET = "sweep-config"
_KNOWN = "_known_uploads"
_REFUSED = "_refused_uploads"
# How often the visitor had the uploads forgotten: a part of the widgets' keys, so that they begin empty.
_FORGOTTEN = "_forgotten_uploads"


def admitted(files: Sequence[UploadedFile]) -> tuple[Upload, ...]:
    """Return the uploaded files, which the widget gave, as the loader takes them.

    Raises InputError with the sentence of a file that was refused, and where the server holds too many uploads already.
    """
    known, refused = _state(_KNOWN), _state(_REFUSED)
    # The widget gives those that are held; its state lists those that were let go too.
    ids = {file.file_id for file in listed()}
    for stale in [*(known.keys() - ids), *(refused.keys() - ids)]:
        known.pop(stale, None)
        refused.pop(stale, None)
    for file in files:
        if file.file_id not in known and file.file_id not in refused and not _has_room():
            _refuse(file.file_id, f"{file.name} was not taken: {_FULL}")
    if refused:
        raise InputError(next(iter(refused.values())))
    uploads = []
    for file in files:
        content = file.getvalue()
        if file.file_id not in known:
            known[file.file_id] = hashlib.sha256(content).hexdigest()
        uploads.append(Upload(file.name, known[file.file_id], content))
    return tuple(uploads)


def widget_key(name: str) -> str:
    """Return the key of a widget that takes files: another one each time that the uploads were forgotten."""
    times = st.session_state.get(_FORGOTTEN, 0)
    return f"{name}-{times}" if times else name


def listed() -> Sequence[UploadedFile]:
    """Return the files that the widget lists, those that were let go among them."""
    files: Sequence[UploadedFile] = st.session_state.get(widget_key(WIDGET)) or ()
    return files


def listed_names() -> list[str]:
    """Return the names of the listed files that are held: of one that was let go, Streamlit keeps its number alone."""
    return [file.name for file in listed() if hasattr(file, "name")]


def remove_own() -> None:
    """Take what this session uploaded out of memory, and have the widgets begin empty. To be called in callbacks."""
    config = st.session_state.get(widget_key(CONFIG_WIDGET))
    for file in (*listed(), *([config] if config else [])):
        _remove(file.file_id)
    st.session_state[_FORGOTTEN] = st.session_state.get(_FORGOTTEN, 0) + 1


def let_go(digest: str, problem: str) -> None:
    """Take the files of this session with these bytes out of memory; `problem` is what is said in their place."""
    for file_id, known in list(_state(_KNOWN).items()):
        if known == digest:
            _refuse(file_id, problem)


def kept_bytes() -> int:
    """Return the bytes of all uploads that the server holds, of all sessions."""
    context = get_script_run_ctx()
    # The store that Streamlit comes with. Another one, of a host's own, doesn't hold them in this process.
    storage = getattr(context.uploaded_file_mgr, "file_storage", {}) if context is not None else {}
    held = [file.data for files in list(storage.values()) for file in list(files.values())]
    # What is kept for an address are the same bytes, while the session that brought them lasts.
    return sum(len(data) for data in {id(data): data for data in (*held, *kept_uploads().contents())}.values())


def most_bytes() -> int:
    """Return the bytes of uploads that the server holds at most."""
    limit = memory_limit()
    share = MOST_BYTES if limit is None else min(limit // _SHARE_OF_MEMORY, MOST_BYTES)
    return max(share, int(st.get_option("server.maxUploadSize")) * 1024**2)


_FULL = (
    "the server holds as many uploaded files as it has memory for. "
    "Try again in some minutes, or run the app on your own machine."
)


def _refuse(file_id: str, problem: str) -> None:
    _state(_REFUSED)[file_id] = problem
    _state(_KNOWN).pop(file_id, None)
    for file in listed():
        if file.file_id == file_id and hasattr(file, "truncate"):
            # Until the browser asks again, the session's state holds this object.
            file.truncate(0)
    _remove(file_id)


def _remove(file_id: str) -> None:
    context = get_script_run_ctx()
    # A store of a host's own may have no such method.
    remove = getattr(context.uploaded_file_mgr, "remove_file", None) if context is not None else None
    if remove is not None and context is not None:
        remove(context.session_id, file_id)


def _has_room() -> bool:
    """Whether the bound is kept, once uploads that nobody shows any more are let go where they have to be."""
    if kept_bytes() > most_bytes():
        kept_uploads().make_room(lambda: kept_bytes() <= most_bytes())
    return kept_bytes() <= most_bytes()


def _state(name: str) -> MutableMapping[str, str]:
    held: MutableMapping[str, str] = st.session_state.setdefault(name, {})
    return held
