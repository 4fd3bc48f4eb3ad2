"""What visitors upload, and how the app has it read: never in this process, for anyone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from lib.model.errors import InputError
from lib.model.sweep import Declaration, Sweep
from lib.report.request import Upload
from lib.sources.child.pool import Reader, Readers


class RefusedUpload(InputError):
    """One of the uploads can't be read: the sentence says why. `digest` names it; nothing holds its bytes."""

    def __init__(self, problem: str, digest: str) -> None:
        super().__init__(problem)
        self.digest = digest


@st.cache_resource(show_spinner=False, on_release=lambda readers: readers.close())
def readers() -> Readers:
    """Return the reading processes of this server, which all visitors share."""
    return Readers()


class UploadReader:
    """Reads what one visitor handed in, in a process of its own; see `lib.report.open.VisitorReader`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def sweep_config(self, text: str, name: str) -> Declaration:
        """Read a sweep config. Raises InputError."""
        return self._reader.sweep_config(text, name)

    def upload(
        self, upload: Upload, *, declaration: Declaration | None, parameters: tuple[str, ...], metric: str | None
    ) -> Sweep:
        """Read an upload. Raises RefusedUpload."""
        try:
            return self._reader.upload(
                upload.name, upload.content, declaration=declaration, parameters=parameters, metric=metric
            )
        except InputError as error:
            # Without its traceback, which would hold the bytes.
            raise RefusedUpload(str(error), upload.digest) from None


@contextmanager
def visit() -> Iterator[UploadReader]:
    """Give what reads the files of one visitor."""
    with readers().visit() as reader:
        yield UploadReader(reader)
