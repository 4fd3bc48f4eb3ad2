"""What visitors upload, and how the app has it read: never in this process, whoever asks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import streamlit as st

from lib.model.errors import InputError
from lib.model.sweep import Declaration, Sweep
from lib.sources.child.pool import Readers


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file.

    content : the bytes that Streamlit holds for the session, not a copy of them.
    digest : the SHA-256 of `content`, by which caches know it.
    """

    name: str
    digest: str
    content: bytes = field(repr=False)


class RefusedUpload(InputError):
    """One of the uploads can't be read: the sentence says why. `digest` names it; nothing holds its bytes."""

    def __init__(self, problem: str, digest: str) -> None:
        super().__init__(problem)
        self.digest = digest


@st.cache_resource(show_spinner=False, on_release=lambda readers: readers.close())
def readers() -> Readers:
    """Return the reading processes of this server, which all visitors share."""
    return Readers()


def read_given(
    sweep_config: str | None, uploads: Sequence[Upload], parameters: Collection[str], metric: str | None
) -> tuple[Declaration | None, list[Sweep]]:
    """Read what a visitor handed in: the sweep config, None without one, and the uploads.

    Raises InputError, for an upload RefusedUpload.
    """
    if sweep_config is None and not uploads:
        return None, []
    with readers().visit() as reader:
        declaration = None if sweep_config is None else reader.sweep_config(sweep_config, "The sweep config")
        sweeps = []
        for one in uploads:
            try:
                sweeps.append(
                    reader.upload(one.name, one.content, declaration=declaration, parameters=parameters, metric=metric)
                )
            except InputError as error:
                # Without its traceback, which would hold the bytes.
                raise RefusedUpload(str(error), one.digest) from None
    return declaration, sweeps
