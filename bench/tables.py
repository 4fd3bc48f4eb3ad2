"""Medians, and tables in Markdown, printed row by row."""

from __future__ import annotations

import statistics
from collections.abc import Sequence


def median(values: Sequence[float]) -> float:
    """Return the median, NaN of nothing."""
    return statistics.median(values) if values else float("nan")


def heading(*columns: str) -> None:
    """Print the head of a table."""
    print("| " + " | ".join(columns) + " |")
    print("|" + "---|" * len(columns), flush=True)


def row(*cells: object) -> None:
    """Print a row of a table: floats with two decimals, nothing for NaN."""
    shown = [("" if cell != cell else f"{cell:.2f}") if isinstance(cell, float) else str(cell) for cell in cells]
    print("| " + " | ".join(shown) + " |", flush=True)
