"""Writes docs/json.md, which describes the JSON report, from its schema: python tools/json_docs.py."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lib.model.notes import Notes  # noqa: E402
from lib.report import build_report  # noqa: E402
from testing.failing_sweep import failing_sweep_report  # noqa: E402

SCHEMA = ROOT / "lib" / "report" / "schema.json"
PAGE = ROOT / "docs" / "json.md"
_HEAD = """# The JSON report

`python -m lib report SOURCE --format json` writes it, and `build_report(SOURCE).to_dict()` returns it. Numbers are
unrounded, what doesn't exist is null, lists keep a stable order, and the same runs give the same bytes. Its JSON Schema
is `lib/report/schema.json`. Lists of runs hold at most 50 and have their full count beside.

Groups and correlations count runs; effects, interactions and claims count configurations: runs that are equal in all
searched parameters are one, by the mean of their repeats.
"""


def page() -> str:
    """Return docs/json.md: a section a key, with what it holds and an example from a report."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    notes = Notes("A title", "What follows from it.").with_run("abc123", "A note on this run.")
    reports = [failing_sweep_report().to_dict(notes), build_report("sample", "sample/followup").to_dict()]
    parts = [_HEAD]
    for key, part in schema["properties"].items():
        example = next((one[key] for one in reports if one.get(key)), reports[0][key])
        shown = json.dumps(_shortened(example), indent=2, ensure_ascii=False)
        parts.append(f"## {key}\n\n{part['description']}\n\n```json\n{shown}\n```\n")
    return "\n".join(parts)


def _shortened(value: Any) -> Any:
    """Return the first item of each list, and numbers to four digits: an example is read by people."""
    if isinstance(value, dict):
        return {key: _shortened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shortened(inner) for inner in value[:1]]
    return float(f"{value:.4g}") if isinstance(value, float) else value


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
