"""Text that every file, page and network takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def whole_characters(text: str) -> str:
    """Join the halves of surrogate pairs; a half without its other, which UTF-8 can't hold, becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def without_controls(text: str) -> str:
    """Show control characters, which a terminal would obey, as U+FFFD; tabs and line breaks stay."""
    return _CONTROL.sub("\ufffd", text)


def with_whole_characters(value: Any) -> Any:
    """Return a value of JSON, nested within bounds, with all its texts and keys as `whole_characters` has them."""
    if isinstance(value, str):
        return whole_characters(value)
    if isinstance(value, Mapping):
        return {whole_characters(str(key)): with_whole_characters(one) for key, one in value.items()}
    return [with_whole_characters(one) for one in value] if isinstance(value, list) else value


def shortened(text: str, most: int = 120) -> str:
    """Return what a person typed, in quotes, for a message: at most this many characters of it."""
    return repr(text if len(text) <= most else f"{text[: most - 3]}...")
