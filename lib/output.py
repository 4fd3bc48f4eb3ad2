"""What the command line writes, and where: checked before anything is read, so that no work and no file is lost."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

from lib.model.errors import InputError
from lib.model.text import shortened, whole_characters
from lib.sources.atomic_file import atomic_file


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


def write(text: str | bytes, output: Path | None) -> None:
    """Write a document to a file, whole or not at all, or print it where none is named; InputError where it fails."""
    if output is None and isinstance(text, str):
        _print(text)
        return
    try:
        with atomic_file(Path(str(output))) as file:
            file.write(text.encode() if isinstance(text, str) else text)
    except OSError as error:
        where = shortened(str(output))
        raise InputError(f"Can't write {where}: {error.strerror or error}. Choose another --output.") from error


def _print(text: str) -> None:
    # Closed by who started the program (`>&-`).
    if sys.stdout is None:
        raise InputError("There is no standard output to write to. Name a file with --output.")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        drop_output()
        raise InputError(
            f"Standard output can't be written: {error.strerror or error}. Make room there, or name a file."
        ) from error


def drop_output() -> None:
    """Let what is still to be written to standard output go nowhere, so that the end of the program raises nothing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_beside(files: Mapping[str, bytes], output: Path) -> None:
    """Write the files of a document, by their paths from its folder; InputError where one fails."""
    try:
        for name, content in files.items():
            target = output.parent / name
            target.parent.mkdir(exist_ok=True)
            with atomic_file(target) as file:
                file.write(content)
    except OSError as error:
        where = error.filename or output
        raise InputError(f"Can't write {str(where)!r}: {error.strerror or error}. Choose another --output.") from error
