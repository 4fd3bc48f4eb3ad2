"""The names that the list of metrics holds, looked up as they are written, in the plural, or by how a word ends."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from lib.model.goal import Goal

NameRole = Literal[
    "result", "criterion", "partial", "component", "change", "spread", "cost",
    "clock", "counter", "size", "setting", "id", "diagnostic", "unknown",
]  # fmt: skip

# Endings of words written as one: bceloss, meanreward, valaccuracy.
_ENDINGS = ("logloss", "crossentropy", "loss", "accuracy", "reward", "perplexity", "error")
_NO_ENDINGS = frozenset({"gloss", "floss", "terror"})


@dataclass(frozen=True, slots=True)
class Entry:
    """What the list says of one name."""

    role: NameRole
    """What a column of this name is for the choice of the objective."""
    goal: Goal | None
    """Which way is better; None where the name doesn't say."""
    vague: bool
    """Whether the direction is left to the word before it."""
    source: str
    """Where the name and its direction come from."""
    never_negative: bool = False
    """Whether values below zero can only be the measure with its sign turned."""
    beside: bool = False
    """Whether people report it beside the measure that they select by."""
    held_out: bool = False
    """Whether it is measured by generating, decoding or ranking, so never on training data by the way."""


@cache
def known_names() -> dict[str, Entry]:
    """Return the list: each name as words in lower case, and what it says."""
    text = files(str(__package__)).joinpath("metric_names.toml").read_text(encoding="utf-8")
    read = tomllib.loads(text)
    beside, held_out = ({name for group in read[kind] for name in group["names"]} for kind in ("beside", "held_out"))
    return {
        name: Entry(
            group["role"],
            group.get("goal"),
            group.get("vague", False),
            group["source"],
            group.get("never_negative", False),
            name in beside,
            name in held_out,
        )
        for group in read["group"]
        for name in group["names"]
    }


@cache
def _joined_names() -> dict[str, Entry]:
    return {name.replace(" ", ""): entry for name, entry in known_names().items()}


def entry_of(joined: str) -> Entry | None:
    """Look a name up as it is, and as the plural of one."""
    known = _joined_names()
    if joined in known:
        return known[joined]
    for ending, singular in (("ies", "y"), ("es", ""), ("s", "")):
        if joined.endswith(ending) and len(joined) > len(ending) + 2:
            entry = known.get(joined[: -len(ending)] + singular)
            if entry is not None:
                return entry
    return None


def entry_by_ending(word: str) -> Entry | None:
    """Look up a word by how it ends: bceloss. Chinese and Japanese put no space between words."""
    if not word.isascii():
        return next(
            (_joined_names()[word[at:]] for at in range(1, len(word) - 1) if word[at:] in _joined_names()), None
        )
    if word in _NO_ENDINGS:
        return None
    return next((_joined_names()[end] for end in _ENDINGS if word.endswith(end) and len(word) > len(end)), None)
