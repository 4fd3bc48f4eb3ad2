"""What changed in the answer while the reader looked on, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.model.numbers import count, listing, number

if TYPE_CHECKING:
    from lib.analysis.changes import Changes


def changes_sentence(found: Changes, since: str, metric: str) -> str:
    """Say what changed since a time ("14:05"): "12 new runs since 14:05. New best: ..."."""
    if found.new_runs:
        parts = [f"{count(found.new_runs, 'new run')} since {since}."]
    elif found.lost_runs:
        parts = [f"{count(found.lost_runs, 'run')} fewer than at {since}."]
    else:
        parts = [f"Changed since {since}."]
    if found.best_now is not None:
        name, value = found.best_now
        was = "" if found.best_before is None else f" (was {found.best_before[0]}, {number(found.best_before[1])})"
        parts.append(f"New best: {name}, {metric} {number(value)}{was}.")
    if found.came:
        parts.append(f"Now clear: {listing(found.came)}.")
    if found.went:
        parts.append(f"No longer clear: {listing(found.went)}.")
    if len(parts) == 1:
        parts.append("The best run and what clearly matters are the same.")
    return " ".join(parts)
