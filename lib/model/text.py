"""Text that every file, page and network takes."""

from __future__ import annotations


def whole_characters(text: str) -> str:
    """Join the halves of surrogate pairs; a half without its other, which UTF-8 can't hold, becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def shortened(text: str, most: int = 120) -> str:
    """Return what a person typed, in quotes, for a message: at most this many characters of it."""
    return repr(text if len(text) <= most else f"{text[: most - 3]}...")
