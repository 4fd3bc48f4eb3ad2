"""All sources: a new one is a record of its own, and one line here."""

from __future__ import annotations

from lib.model.errors import InputError
from lib.model.sweep import Sweep
from lib.sources.export.format import TABLES
from lib.sources.record import FileFormat, Place
from lib.sources.sample import SAMPLE
from lib.sources.snapshot.format import SNAPSHOT
from lib.sources.wandb.place import WANDB

PLACES: tuple[Place, ...] = (
    SAMPLE,
    WANDB,
)
"""What is named by an address. The last takes what no other takes."""

FORMATS: tuple[FileFormat, ...] = (
    SNAPSHOT,
    *TABLES,
)
"""Formats of files. The last takes what no other recognises."""

SUFFIXES: tuple[str, ...] = tuple(dict.fromkeys(suffix for one in FORMATS for suffix in one.suffixes))
"""How names of files end that can be read."""


def format_of(content: bytes) -> FileFormat:
    """Return the format of a file by its content: names say nothing for sure."""
    return next((one for one in FORMATS if one.recognised(content)), FORMATS[-1])


def format_named(name: str) -> FileFormat:
    """Return the format that a file's name stands for, where its content isn't at hand; the last for an unknown one."""
    return next((one for one in FORMATS if name.lower().endswith(one.suffixes)), FORMATS[-1])


def forms(*, files: bool) -> str:
    """Return what can be given as a source, to follow "Give": "sample, ENTITY/PROJECT, or the path of a .csv file"."""
    ways = [form for place in PLACES for form in place.forms]
    if files:
        ways.append(f"the path of a {_either(SUFFIXES)} file")
    return f"{', '.join(ways[:-1])}, or {ways[-1]}"


def file_forms() -> str:
    """Return the formats in words: "W&B run-table exports (.csv) or snapshots (.parquet)"."""
    return _either([f"{one.what} ({', '.join(one.suffixes)})" for one in reversed(FORMATS)])


def upload_types() -> list[str]:
    """Return the suffixes without their dots, as the app's file picker takes them."""
    return [suffix.removeprefix(".") for suffix in SUFFIXES]


def where_files_are() -> str:
    """Return where such files are found, as far as that has to be said."""
    return " ".join(one.where for one in reversed(FORMATS) if one.where)


def fetching_code(sweep: Sweep) -> str:
    """Return Python that loads the same runs without this program: from W&B in few requests, or from the file."""
    place = next((one for one in PLACES if one.kind == sweep.origin.kind), None)
    code = None if place is None else place.code(sweep)
    if code is not None:
        return code
    # Several sources have the label "a.csv + b.csv".
    name = sweep.origin.label.split(" + ")[0]
    return format_named(name).code.format(name=name)


def no_source() -> InputError:
    """Return the error for a request that names nothing."""
    return InputError(f"No source was given. Give {forms(files=True)}.")


def _either(words: list[str] | tuple[str, ...]) -> str:
    return " or ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} or {words[-1]}"
