"""What a reader writes about a report: a title, a conclusion, and notes on runs and findings. Plain text, all of it."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

LONGEST_TITLE, LONGEST_CONCLUSION, LONGEST_NOTE, MOST_NOTES = 160, 4_000, 1_000, 200
# What an address holds of them, packed; longer ones travel with files alone.
MOST_IN_ADDRESS = 1_500
_LONGEST_PACKED, _LONGEST_TEXT = 400_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes on one report."""

    title: str = ""
    conclusion: str = ""
    runs: tuple[tuple[str, str], ...] = ()
    """A note on each run that has one, by its id, in order of id."""
    findings: tuple[tuple[str, str], ...] = ()
    """A note on each finding that has one, by its id, likewise."""

    def __bool__(self) -> bool:
        return bool(self.title or self.conclusion or self.runs or self.findings)

    def on_run(self, run_id: str) -> str:
        """Return the note on a run, "" where there is none."""
        return dict(self.runs).get(run_id, "")

    def on_finding(self, finding: str) -> str:
        """Return the note on a finding, "" where there is none."""
        return dict(self.findings).get(finding, "")

    def with_run(self, run_id: str, text: str) -> Notes:
        """Return the notes with another note on a run; "" takes it away."""
        return replace(self, runs=_with(self.runs, run_id, text))

    def with_finding(self, finding: str, text: str) -> Notes:
        """Return the notes with another note on a finding; "" takes it away."""
        return replace(self, findings=_with(self.findings, finding, text))


def notes_as_dict(notes: Notes) -> dict[str, Any]:
    """Return notes as plain values, as JSON report and snapshot hold them."""
    return {
        "title": notes.title,
        "conclusion": notes.conclusion,
        "runs": [{"run_id": run, "note": text} for run, text in notes.runs],
        "findings": [{"id": finding, "note": text} for finding, text in notes.findings],
    }


def notes_from_dict(given: Any) -> Notes:
    """Read what `notes_as_dict` returned, within the bounds; whatever else it holds is left out."""
    if not isinstance(given, Mapping):
        return Notes()
    return Notes(
        _text(given.get("title"), LONGEST_TITLE),
        _text(given.get("conclusion"), LONGEST_CONCLUSION),
        _pairs(given.get("runs"), "run_id"),
        _pairs(given.get("findings"), "id"),
    )


def packed_notes(notes: Notes) -> str:
    """Write notes for an address; "" for none, and for more than an address is to hold."""
    if not notes:
        return ""
    text = json.dumps(notes_as_dict(notes), ensure_ascii=False, separators=(",", ":"))
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8", "replace"), 9)).decode().rstrip("=")
    return packed if len(packed) <= MOST_IN_ADDRESS else ""


def unpacked_notes(packed: str) -> Notes:
    """Read what `packed_notes` wrote; no notes from any other text."""
    if len(packed) > _LONGEST_PACKED:
        return Notes()
    try:
        content = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        reader = zlib.decompressobj()
        text = reader.decompress(content, _LONGEST_TEXT)
        return notes_from_dict(json.loads(text)) if reader.eof else Notes()
    except (binascii.Error, ValueError, zlib.error, RecursionError):
        return Notes()


def _with(pairs: tuple[tuple[str, str], ...], key: str, text: str) -> tuple[tuple[str, str], ...]:
    held = dict(pairs) | {key: text[:LONGEST_NOTE]}
    return tuple(sorted((one, note) for one, note in held.items() if note.strip()))[:MOST_NOTES]


def _text(given: Any, most: int) -> str:
    return given[:most] if isinstance(given, str) else ""


def _pairs(given: Any, key: str) -> tuple[tuple[str, str], ...]:
    pairs: tuple[tuple[str, str], ...] = ()
    for one in given[:MOST_NOTES] if isinstance(given, list) else ():
        if isinstance(one, Mapping) and isinstance(one.get(key), str) and isinstance(one.get("note"), str):
            pairs = _with(pairs, one[key], one["note"])
    return pairs
