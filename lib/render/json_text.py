"""The JSON report as text: the same bytes from the command line, the app and the archive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def json_text(report: Mapping[str, Any]) -> str:
    """Write a report (`Report.to_dict()`) as JSON: UTF-8 letters as they are, one space of indent, a final newline.

    Raises ValueError where a number isn't finite, since JSON has none.
    """
    return json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
