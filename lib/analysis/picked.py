"""Whether the reader's filters pick runs by their result, and what that does to every statement about effects."""

from __future__ import annotations

from lib.analysis.population import Population
from lib.model.choices import Condition
from lib.model.filters import RUN_ID, parts_of, words_of
from lib.model.numbers import listing


def picked_by_result(population: Population) -> tuple[Condition, ...]:
    """Return the filters that ask for the objective or another metric."""
    return tuple(
        one for one in population.choices.filters if any(_is_result(population, part.column) for part in parts_of(one))
    )


def picked_by_hand(population: Population) -> tuple[Condition, ...]:
    """Return the filters that name single runs."""
    return tuple(
        one for one in population.choices.filters if any(part.column in (RUN_ID, "name") for part in parts_of(one))
    )


def picked_warning(population: Population) -> str | None:
    """Say that the runs were picked by their result, and what may not be concluded; None where they weren't."""
    by_result, by_hand = picked_by_result(population), picked_by_hand(population)
    if by_result:
        return (
            f"These runs were picked by their result ({listing([words_of(one) for one in by_result], 3)}). Among runs "
            "picked like that, effects look smaller than they are, vanish, or change direction (selection on the "
            "outcome). Highlight runs instead of filtering by a result, and every statistic stays that of all runs."
        )
    if by_hand:
        return (
            f"These runs were picked by hand ({listing([words_of(one) for one in by_hand], 3)}). If that was for their "
            "result, effects look smaller than they are, or vanish (selection on the outcome)."
        )
    return None


def _is_result(population: Population, column: str) -> bool:
    if column == population.objective.metric:
        return True
    sweep = population.sweep
    return column not in sweep.config.columns and column in sweep.metrics.columns
