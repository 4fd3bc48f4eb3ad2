"""How deeply lists and mappings may be nested: what is bounded here can be walked and written by recursion anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# Writers of YAML and Python take about three calls a level, and Python ends at a thousand.
DEEPEST = 50
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


def read_json(text: str | bytes, *, decoder: json.JSONDecoder | None = None) -> Any:
    """Read JSON whose lists and mappings are nested at most DEEPEST levels.

    Raises ValueError for what is no JSON, is nested more deeply, or holds an integer of over 4,300 digits.
    """
    if isinstance(text, bytes):
        text = text.decode()
    if _depth_exceeds(text):
        raise ValueError(f"nested more than {DEEPEST} levels deep")
    return (decoder or json.JSONDecoder()).decode(text)


def nested_too_deeply(value: Any) -> bool:
    """Whether `value` holds lists and mappings nested more than DEEPEST levels, itself counted; one may hold itself."""
    level = [value]
    for _ in range(DEEPEST + 1):
        # Each container once a level, so that aliases which multiply cost nothing.
        inner = {id(one): one for one in level if isinstance(one, (Mapping, list, tuple))}
        if not inner:
            return False
        level = [item for one in inner.values() for item in (one.values() if isinstance(one, Mapping) else one)]
    return True


def _depth_exceeds(text: str) -> bool:
    # Counting is a hundred times as fast as looking, and settles nearly every text.
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = 0
    for found in _TOKENS.finditer(text):
        token = found[0]
        if token in "[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif token in "]}":
            depth -= 1
    return False
