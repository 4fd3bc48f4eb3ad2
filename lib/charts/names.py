"""How names of the data are written in charts: titles and labels, short enough and each another one."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST_TITLE = 60
# So short, the words that names differ in are numbers or the like.
_TELLS_LITTLE = 6
# Along a vertical axis.
LONGEST_UPRIGHT = 26
# Line breaks and spaces of all kinds; then what has no picture of its own: control characters, marks that turn the
# direction of writing, halves of characters, and what XML can't hold.
_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
# A space that is never broken. No property of a JavaScript object has one in its name.
NO_PROPERTY = "\u00a0"
_WORD_ENDS = re.compile(r"([\s/._:-])")


def short(name: str, most: int = LONGEST_TITLE) -> str:
    """Shorten a long name in its middle, for titles and labels, on one line; the whole name stands in the table."""
    name = one_line(name)
    return name if len(name) <= most else f"{name[: most // 2]}…{name[-(most // 2 - 1) :]}"


def one_line(text: str) -> str:
    """Return text as one line that every font and XML can hold: spaces are joined, what can't be seen is U+FFFD."""
    return _UNSEEN.sub("\ufffd", _SPACE.sub(" ", text))


def title_of(name: str, most: int = LONGEST_TITLE) -> str:
    """Return a name as the title of an axis or a legend.

    Vega keeps titles as keys of plain JavaScript objects: one called "constructor" or "toString" finds a function of
    JavaScript there, and nothing is drawn. Ending in a space that can't be seen, a title is never such a name.
    """
    return short(name, most) + NO_PROPERTY


def tip_title(name: str) -> str:
    """Return a name as the title of a value in a tooltip.

    Vega-Lite writes these titles into the code of an expression, and escapes quotes there, but not backslashes.
    """
    return title_of(name).replace("\\", "\\\\")


def differing(names: Sequence[str]) -> list[str]:
    """Return the names without the words that they all begin and end with, "…" in their place.

    Words end at a space or one of / . _ - :. Names stay as they are where they agree in less than two characters more
    than the dots take, or where one would be empty.
    """
    words = [_WORD_ENDS.split(name) for name in names]
    if len(set(names)) < 2:
        return list(names)
    shortest = min(map(len, words)) - 1
    head = next((at for at in range(shortest) if len({one[at] for one in words}) > 1), shortest)
    tail = next((at for at in range(shortest - head) if len({one[-1 - at] for one in words}) > 1), shortest - head)
    # The pieces are words and what stands between them, in turn.
    head, tail = head - head % 2, tail - tail % 2
    before, after = "".join(words[0][:head]), "".join(words[0][len(words[0]) - tail :])
    before, after = before if len(before) > 2 else "", after if len(after) > 2 else ""
    end = {name: len(name) - len(after) for name in names}
    return [f"{'…' * bool(before)}{name[len(before) : end[name]]}{'…' * bool(after)}" for name in names]


def _with_beginning(names: Sequence[str], most: int) -> list[str]:
    """Return the words that names differ in, behind the beginning that all share where hardly a word is left."""
    words = differing(names)
    if not words or max(map(len, words)) > _TELLS_LITTLE or not all(word.startswith("…") for word in words):
        return words
    room = most - max(map(len, words))
    return [f"{one_line(name)[:room]}{word}" for name, word in zip(names, words, strict=True)]


def _endings(names: Sequence[str]) -> list[str]:
    """Return names of nested keys by their last part, "…" before it; as they are where two have the same.

    In "optimizer.schedule.initial_rate" and "model.encoder.dropout" the last parts say what is meant.
    """
    last = [name[max(name.rfind("."), name.rfind("/")) + 1 :] for name in names]
    if len(set(last)) < len(names) or not all(last) or any(part.isdigit() for part in last):
        return list(names)
    return [name if part == name else f"…{part}" for name, part in zip(names, last, strict=True)]


def labels(names: Sequence[str], most: int) -> list[str]:
    """Shorten names for the labels of one axis: where one is too long, nested keys go first, then what all agree in.

    Of those that would look the same the words that they differ in stay, behind the beginning that they share, and
    where that is too long as well they get their number in the row.
    """
    too_long = any(len(name) > most for name in names)
    shown = [short(name, most) for name in (_with_beginning(_endings(names), most) if too_long else names)]
    for same in {one for one in shown if shown.count(one) > 1}:
        places = [place for place, one in enumerate(shown) if one == same]
        apart = [one.removeprefix("…") for one in differing([one_line(names[place]) for place in places])]
        room = most - 1 - max(map(len, apart))
        if len(set(apart)) > 1 and room >= 0:
            for place, words in zip(places, apart, strict=True):
                shown[place] = f"{one_line(names[place])[:room]}…{words}"
    return [one if shown.count(one) == 1 else f"{one} ({place})" for place, one in enumerate(shown, start=1)]
