"""Reads what a person types as a source: a file, or what a place of the registry knows."""

from __future__ import annotations

import re
from pathlib import Path

from lib.model.errors import InputError
from lib.model.text import shortened
from lib.sources.record import Address
from lib.sources.registry import PLACES, SUFFIXES, file_forms, forms

# Endings of files, whether one can be read or not, that nobody would take for an address.
_OTHER_FILES = (".tsv", ".txt", ".gz", ".zip", ".xlsx", ".xls", ".json", ".jsonl", ".yaml", ".yml", ".feather", ".pkl")
_LONGEST = 2000


def parse_address(text: str, *, base_url: str | None = None, files_allowed: bool) -> Address:
    """Read one SOURCE as the command line, the source field and the page address give it.

    `base_url` is the configured W&B server, whose website is accepted as well. With `files_allowed` False, as for
    everything that a visitor can type, a file is refused without looking at the disk. Raises InputError.
    """
    typed, ways = text.strip(), forms(files=files_allowed)
    if not typed:
        raise InputError(f"The source is blank. Give {ways}.")
    if len(typed) > _LONGEST:
        raise InputError(f"The source is {len(typed)} characters long, which no address is. Give {ways}.")
    for place in PLACES:
        if place.takes(typed):
            # A website is no file, whatever is allowed.
            return place.address(typed, base_url, forms(files=False))
    if _looks_like_file(typed):
        return _file(typed, files_allowed)
    return PLACES[-1].address(typed, base_url, ways)


def _looks_like_file(typed: str) -> bool:
    return (
        typed.lower().endswith(SUFFIXES + _OTHER_FILES)
        or typed.startswith(("/", "./", "../", "~"))
        or typed in (".", "..")
        or "\\" in typed
        or re.match(r"[A-Za-z]:", typed) is not None
    )


def _file(typed: str, files_allowed: bool) -> Address:
    if not files_allowed:
        raise InputError(
            f"{shortened(typed)} looks like a file, and a file of the server can't be opened from here. "
            "Upload it, or name it on the command line."
        )
    if "\x00" in typed:
        raise InputError("The path of the file holds a NUL character. Check the path.")
    if not typed.lower().endswith(SUFFIXES):
        raise InputError(f"{shortened(typed)} is not a kind of file that can be read. These are: {file_forms()}.")
    path = Path(typed).expanduser()
    try:
        if path.is_dir():
            raise InputError(f"{shortened(typed)} is a folder. Name a file in it: {file_forms()}.")
        if not path.is_file():
            raise InputError(f"There is no file {shortened(typed)}. Check the path.")
    except OSError as error:
        raise InputError(f"The file {shortened(typed)} can't be opened: {error.strerror or error}.") from error
    return Address("file", typed, path=path)
