"""What visitors upload, on its way in: what is kept is counted over all sessions, what is refused is let go at once.

Streamlit holds the bytes of an uploaded file in memory, from its arrival until the visitor removes it or the session
ends. Nothing here copies them. A refused file is taken out of Streamlit's store; its sentence stays for as long as the
browser lists the file, so that a visitor doesn't see another report in its place without a word.
"""

from __future__ import annotations

import hashlib
from collections.abc import MutableMapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.model.errors import InputError
from lib.serving.uploads import Upload
from lib.sources.memory import memory_limit

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

# Of all uploads of all sessions: a fifth of the server's memory, and no less than one file of the largest size.
_SHARE_OF_MEMORY = 5
MOST_BYTES = 500_000_000
# The key of the widget.
WIDGET = "upload"
_KNOWN = "_known_uploads"
_REFUSED = "_refused_uploads"


def admitted(files: Sequence[UploadedFile]) -> tuple[Upload, ...]:
    """Return the uploaded files, which the widget gave, as the loader takes them.

    Raises InputError with the sentence of a file that was refused, and where the server holds too many uploads already.
    """
    known, refused = _state(_KNOWN), _state(_REFUSED)
    # The widget gives those that are held; its state lists those that were let go too.
    ids = {file.file_id for file in st.session_state.get(WIDGET) or ()}
    for stale in [*(known.keys() - ids), *(refused.keys() - ids)]:
        known.pop(stale, None)
        refused.pop(stale, None)
    for file in files:
        if file.file_id not in known and file.file_id not in refused and kept_bytes() > most_bytes():
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
    return sum(len(file.data) for files in list(storage.values()) for file in list(files.values()))


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
    for file in st.session_state.get(WIDGET) or ():
        if file.file_id == file_id and hasattr(file, "truncate"):
            # Until the browser asks again, the session's state holds this object.
            file.truncate(0)
    context = get_script_run_ctx()
    # A store of a host's own may have no such method.
    remove = getattr(context.uploaded_file_mgr, "remove_file", None) if context is not None else None
    if remove is not None and context is not None:
        remove(context.session_id, file_id)


def _state(name: str) -> MutableMapping[str, str]:
    held: MutableMapping[str, str] = st.session_state.setdefault(name, {})
    return held
