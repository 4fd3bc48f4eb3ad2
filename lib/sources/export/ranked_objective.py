"""The result that a table's own column of ranks orders the runs by: rank 1, 2, 3, … in the order of a cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.model.metric_names import NO_RESULT, read_name
from lib.sources.export.column_evidence import Clues
from lib.sources.export.column_parts import Verdict
from lib.sources.export.record_columns import ranks_runs

_FEWEST_RANKED = 4


def ranked_objective(clues: Sequence[Clues], verdicts: Sequence[Verdict]) -> tuple[dict[str, object], str] | None:
    """Return the objective as a sweep config declares one, and a sentence on it; None where no one result is ranked.

    A result is ranked where its values rise or fall with the ranks and hardly ever repeat. Of several none is known.
    """
    ranks = next(
        (clue for clue, one in zip(clues, verdicts, strict=True) if one.part == "metadata" and ranks_runs(clue)), None
    )
    if ranks is None or ranks.numbers is None or ranks.known < _FEWEST_RANKED:
        return None
    order = np.argsort(ranks.numbers, kind="stable")
    found: list[tuple[str, str]] = []
    for clue, verdict in zip(clues, verdicts, strict=True):
        named = read_name(clue.name).role
        if verdict.part != "summary" or clue.numbers is None or named in NO_RESULT or clue.known < len(order):
            continue
        steps = np.diff(clue.numbers[order])
        if 2 * clue.distinct > len(order) and ((steps >= 0).all() or (steps <= 0).all()):
            found.append((clue.name, "minimize" if (steps >= 0).all() else "maximize"))
    if len(found) != 1:
        return None
    (metric, goal) = found[0]
    first = "lowest" if goal == "minimize" else "highest"
    said = f"The column {ranks.name} ranks the runs by {metric}, the {first} first, so that is the objective."
    return {"metric": {"name": metric, "goal": goal}}, said
