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


def plain_label(text: str) -> str:
    """Return text that a button in a table shows letter for letter: a word joiner stands before what has a meaning."""
    return _JOINER + text if _BUTTON.match(text) else text


def plain_markdown(text: str) -> str:
    """Escape text so that `st.markdown` shows it letter for letter; line breaks become spaces.

    Addresses become links after all escapes are read, so that an invisible character has to part them.
    """
    parted = _ADDRESS.sub(rf"\g<0>{_JOINER}", re.sub(r"\s+", " ", text))
    return _MARKUP.sub(lambda found: f"\\{found[1]}" if found[1] else found[0], parted)
