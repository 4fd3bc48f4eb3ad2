"""Where the command line writes: checked before anything is read, so that no work and no file is lost."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from lib.model.errors import InputError
from lib.model.text import shortened, whole_characters


def output_path(text: str | None, inputs: Collection[str]) -> Path | None:
    """Return the path that --output names, None for standard output; `inputs` are the sources and the sweep config.

    Raises InputError for a blank one, a folder, one in a folder that isn't there, and one that is an input, which
    would be lost.
    """
    if text is None:
        return None
    if not text.strip() or "\x00" in text:
        raise InputError("The --output is no path. Name a file.")
    path = Path(text).expanduser()
    try:
        if path.is_dir():
            raise InputError(f"The --output {shortened(text)} is a folder. Name a file in it.")
        if not path.parent.is_dir():
            raise InputError(f"There is no folder {shortened(str(path.parent))} for --output. Choose another --output.")
        for one in inputs:
            read = Path(one).expanduser()
            # A device may be both: nothing is lost by writing to it.
            if path.is_file() and read.is_file() and path.samefile(read):
                raise InputError(f"The --output {shortened(text)} is also read, and would be lost. Name another file.")
    except OSError as error:
        raise InputError(
            f"Can't write {shortened(text)}: {error.strerror or error}. Choose another --output."
        ) from error
    except ValueError as error:
        raise InputError(f"The --output {shortened(text)} is no path. Name a file.") from error
    return path


def folder_beside(output: Path, ending: str) -> str:
    """Return the name of the folder for the pictures of a document; it is written in it, so it has to be text."""
    return f"{whole_characters(output.stem)}_{ending}"
