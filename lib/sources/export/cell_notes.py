"""The sentences on what was decided about cells: one a kind of decision, whichever columns it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib.model.columns import Column
from lib.sources.export.cells import Note

_MOST_COLUMNS = 5


def sentences_on(notes: Sequence[Note]) -> list[str]:
    """Say each kind of decision once, with how many cells of which columns it is about."""
    said = []
    for kind, detail in sorted({(note.kind, note.detail) for note in notes}):
        same = [note for note in notes if (note.kind, note.detail) == (kind, detail)]
        where = _where(same)
        words = _WORDS.get((kind, detail)) or _WORDS.get((kind, "")) or "{where} were read as numbers ({shown})."
        said.append(words.format(where=where, shown=_shown(same), detail=detail or "single units"))
    return said


_WORDS = {
    ("missing", ""): "Counted as missing: {where} ({shown}).",
    ("percent", ""): "Percent signs were left off, so that 85% is 85: {where} ({shown}).",
    ("percent", "share"): "Percentages beside shares were read as shares, so that 85% is 0.85: {where} ({shown}).",
    ("spread", ""): "Of values with a spread beside them the value alone was read: {where} ({shown}).",
    ("currency", ""): "Signs of currency were left off: {where} ({shown}).",
    ("unit", ""): "Units were read, and the values are in {detail}: {where} ({shown}).",
    ("thousands", ""): "Separators of thousands were read as such: {where} ({shown}).",
    ("comma", ""): "Commas were read as decimal points: {where} ({shown}).",
    ("power", ""): "Powers were worked out: {where} ({shown}).",
    ("fraction", ""): "Fractions were worked out: {where} ({shown}).",
    ("wrapped", ""): "Of lists, arrays and tensors of one number that number was read: {where} ({shown}).",
    ("sign", ""): "Signs around numbers (quotation marks, stars) were left off: {where} ({shown}).",
}


def _where(notes: Sequence[Note]) -> str:
    parts = [f"{note.cells:,} {'cell' if note.cells == 1 else 'cells'} of {note.column}" for note in notes]
    if len(parts) > _MOST_COLUMNS:
        rest = notes[_MOST_COLUMNS:]
        parts = [*parts[:_MOST_COLUMNS], f"{sum(n.cells for n in rest):,} cells of {len(rest):,} more columns"]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _shown(notes: Sequence[Note]) -> str:
    """Show the cells of the first column; those of others look alike."""
    return notes[0].shown


def mixed_sentences(parts: Mapping[str, Mapping[str, Column]]) -> list[str]:
    """Say which columns hold numbers and words, and how they are taken, by config and summary."""
    mixed = {
        # Text that differs in nearly each run, as commits do, makes no levels.
        part: [n for n, c in columns.items() if c.type == "mixed" and 2 * c.values.nunique() <= c.values.count()]
        for part, columns in parts.items()
    }
    said = []
    if names := mixed["config"]:
        hold, its = ("holds", "its") if len(names) == 1 else ("hold", "their")
        said.append(f"{_listing(names)} {hold} both numbers and words, so {its} values are compared as levels.")
    if names := mixed["summary"]:
        hold = "holds both numbers and text and was" if len(names) == 1 else "hold both numbers and text and were"
        said.append(f"{_listing(names)} {hold} kept as text.")
    return said


def _listing(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
