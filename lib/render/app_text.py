"""Text that came with the data, made safe to show: it is never read as Markdown, LaTeX, HTML or an emoji code."""

from __future__ import annotations

import re

# What a button in a table reads as more than letters: the code of an icon, or a list of several buttons.
_BUTTON = re.compile(r"\s*[:\[]")
# Between two letters or digits, as in most names, these have no meaning, and a colon behind a word has none. A screen
# reader reads a label as it was sent, with its escapes.
_MARKUP = re.compile(r"(?<=[A-Za-z0-9])(?:[-_.='](?=[A-Za-z0-9])|:(?= ))|([\\`*_{}\[\]()#+\-.!|<>~$:^&=@\"'])")
_ADDRESS = re.compile(r"https?(?=://)|www(?=\.)|(?<=[\w.+-])(?=@[\w-]+\.)", re.IGNORECASE)
# The word joiner: it has no width, and no line is broken there.
_JOINER = "\u2060"
# Names of this many characters may not fit in a line of a phone, or in a cell of a table there.
_LONG, LONG_IN_CELL = 22, 10
_NAME = re.compile(r"\S+")
_WORD = re.compile(r"(?<=[^\W_])\\?(?:([_/])|(\.)(?=[^\W\d_]))([^\W_]+)")


def plain_label(text: str) -> str:
    """Return text that a button in a table shows letter for letter: a word joiner stands before what has a meaning."""
    return _JOINER + text if _BUTTON.match(text) else text


def plain_markdown(text: str) -> str:
    """Escape text so that `st.markdown` shows it letter for letter; line breaks become spaces.

    Addresses become links after all escapes are read, so that an invisible character has to part them.
    """
    parted = _ADDRESS.sub(rf"\g<0>{_JOINER}", re.sub(r"\s+", " ", text))
    return _MARKUP.sub(lambda found: f"\\{found[1]}" if found[1] else found[0], parted)


def prose(text: str, long: int = _LONG) -> str:
    """Escape text as `plain_markdown` does, so that long names break between their words: for what is read, no labels.

    Each word but the first is emphasised, which the style turns into a place to break (`em`): no character is added
    that a reader would copy. long : how many characters, spaces apart, are a long name.
    """
    return _NAME.sub(
        lambda name: name[0] if len(name[0]) < long else _WORD.sub(r"\\\1\2*\3*", name[0]), plain_markdown(text)
    )
