"""Which hyperparameters get a part of their own: all, or the ones with the most evidence where they are very many."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lib.analysis.groups import DiscreteImpact
    from lib.analysis.trend import ContinuousImpact
    from lib.results.report import Report

MOST_SHOWN = 40


@dataclass(frozen=True, eq=False, slots=True)
class ShownParameters:
    """What gets a text, a chart and a table of its own, in order of name; `left` names the others, in order of name."""

    discrete: tuple[DiscreteImpact, ...]
    continuous: tuple[ContinuousImpact, ...]
    left: tuple[str, ...]

    @property
    def note(self) -> str | None:
        """The sentence that says what isn't shown; None where all is."""
        if not self.left:
            return None
        which = "hyperparameter has" if len(self.left) == 1 else "hyperparameters have"
        return (
            f"{len(self.left):,} further {which} no part here: shown are the {MOST_SHOWN} of the smallest p-values. "
            "The table above holds all of them."
        )


def shown_parameters(report: Report, also: Collection[str] = ()) -> ShownParameters:
    """Choose MOST_SHOWN hyperparameters by the smallest p-value (none is last; ties by name), and those in `also`."""
    ranked = sorted(report.effects, key=lambda e: (e.p_value is None, e.p_value or 0.0, e.parameter))
    chosen = {effect.parameter for effect in ranked[:MOST_SHOWN]} | set(also)
    every = [*(d.parameter for d in report.discrete), *(c.parameter for c in report.continuous)]
    return ShownParameters(
        discrete=tuple(d for d in report.discrete if d.parameter in chosen),
        continuous=tuple(c for c in report.continuous if c.parameter in chosen),
        left=tuple(sorted(set(every) - chosen)),
    )
