"""The warning of every page that says what hyperparameters do: its runs were picked by their result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.analysis.picked import picked_warning
from lib.sections.blocks import Blocks, Warning

if TYPE_CHECKING:
    from lib.results.report import Report


def if_picked(report: Report) -> Blocks:
    """Yield the warning, if the runs were picked by their result or by hand."""
    sentence = picked_warning(report.population)
    if sentence:
        yield Warning(sentence)
