"""Sentences for where two numbers about one hyperparameter differ, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lib.model.numbers import listing, p_value, percent
from lib.statistics.multiple_testing import is_clear

if TYPE_CHECKING:
    from lib.analysis.effects import Effect
    from lib.results.report import Report

MOST_SAID = 5


def correlation_notes(report: Report) -> list[str]:
    """Say where a plain correlation and the adjusted effect of a parameter differ, and why; at most MOST_SAID."""
    return [note for _, note in zip(range(MOST_SAID), _correlation_notes(report), strict=False)]


def _correlation_notes(report: Report) -> Iterator[str]:
    metric = report.population.objective.metric
    joined = {name: group.parameters for group in report.joint_effects for name in group.parameters}
    for effect in report.effects:
        own = [c for c in report.correlations if c.parameter == effect.parameter and c.coefficient is not None]
        clear = [c for c in own if is_clear(c.p_adjusted)]
        if not own or effect.p_adjusted is None:
            continue
        name, adjusted = effect.parameter, listing(list(effect.adjusted_for))
        if clear and not effect.claimed:
            if name in joined:
                others = listing([other for other in joined[name] if other != name])
                yield f"{name} correlates with {metric}, but so does {others}, which went with it."
            elif adjusted:
                yield f"{name} correlates with {metric}, but has no clear effect once adjusted for {adjusted}."
            else:
                yield f"{name} correlates with {metric}, but not clearly once all hyperparameters tested are counted."
        elif effect.claimed and not clear:
            if effect.shape in ("peak", "valley"):
                yield f"{name} affects {metric} without a clear correlation, since it turns inside the range."
            elif adjusted:
                yield f"{name} affects {metric} without a clear correlation: it shows once adjusted for {adjusted}."
        elif effect.claimed and effect.direction_clear and _opposite(effect, [c.coefficient or 0.0 for c in clear]):
            why = f"once adjusted for {adjusted}" if adjusted else "once its ranks and its bends are counted"
            yield f"The correlation of {name} with {metric} has the other sign than its effect {why}: trust the effect."


def _opposite(effect: Effect, coefficients: list[float]) -> bool:
    signs = {"rising": 1, "falling": -1}
    return effect.shape in signs and all(coefficient * signs[effect.shape] < 0 for coefficient in coefficients)


def plain_test_note(effect: Effect | None, p_adjusted: float | None) -> str:
    """Say why the plain test of levels and the adjusted effect differ; "" where they don't."""
    if effect is None or effect.p_adjusted is None or p_adjusted is None:
        return ""
    if effect.claimed == is_clear(p_adjusted):
        return ""
    if effect.adjusted_for:
        return f" The plain test differs since it isn't adjusted for {listing(list(effect.adjusted_for))}."
    return " The plain test differs since it is corrected for other comparisons."


def near_best_sentence(report: Report) -> str:
    """Say which parameters matter near the best, and which of them don't matter as much overall; "" where unknown."""
    found = report.near_best
    if not found:
        return ""
    where = f"Near the best (the best fifth, {found[0].good:,} configurations)"
    clear = [one for one in found if one.clear]
    if not clear:
        return f"{where}, no hyperparameter clearly sets the very best apart."
    quiet = {effect.parameter for effect in report.effects if not effect.claimed}
    parts = []
    for one in clear:
        overall = f"{percent(one.importance)} of the importance there, {percent(one.overall)} overall"
        also = "; no clear effect over the whole range" if one.parameter in quiet else ""
        parts.append(f"{one.parameter} matters ({overall}, {p_value(one.p_adjusted)} after correction{also})")
    return f"{where}, {listing(parts)}."
