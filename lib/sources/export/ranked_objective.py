"""What a table's own columns say of the objective: ranks that follow a cost, a `best` that lies below the `worst`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.model.metric_names import NO_RESULT, read_name
from lib.sources.export.column_evidence import Clues
from lib.sources.export.column_parts import Verdict
from lib.sources.export.record_columns import ranks_runs

_FEWEST_RANKED = 4
_MEANS = ("mean", "avg", "average", "median")


def stated_objective(clues: Sequence[Clues], verdicts: Sequence[Verdict]) -> tuple[dict[str, object], str] | None:
    """Return the objective as a sweep config declares one, and a sentence on it; None where the table says nothing."""
    return ranked_objective(clues, verdicts) or objective_between_ends(clues, verdicts)


def objective_between_ends(clues: Sequence[Clues], verdicts: Sequence[Verdict]) -> tuple[dict[str, object], str] | None:
    """Return the mean beside a best and a worst value of several runs, else the best; these say which way is better."""
    results = {read_name(one.name).words: one for one, at in zip(clues, verdicts, strict=True) if at.part == "summary"}
    stems = {words[1:] for words in results if words[:1] == ("best",) and ("worst", *words[1:]) in results}
    if len(stems) != 1:
        return None
    (stem,) = stems
    best, worst = results["best", *stem], results["worst", *stem]
    if best.numbers is None or worst.numbers is None or np.isnan(best.numbers - worst.numbers).any():
        return None
    below, above = bool((best.numbers <= worst.numbers).all()), bool((best.numbers >= worst.numbers).all())
    if below == above:
        return None
    mean = next((results[one] for mean in _MEANS for one in ((mean, *stem), (*stem, mean)) if one in results), best)
    goal, lies = ("minimize", "below") if below else ("maximize", "above")
    said = f"In each row {best.name} lies {lies} {worst.name}, so {mean.name} is taken for what is to be {goal}d."
    return {"metric": {"name": mean.name, "goal": goal}}, said


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
