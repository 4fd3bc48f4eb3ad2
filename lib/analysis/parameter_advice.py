"""What may become of one searched parameter, and why: the records that recommendations are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lib.analysis.positions import Dimension
from lib.analysis.range_ends import tidy
from lib.analysis.response import Curve, Surface
from lib.model.parameter import Parameter
from lib.model.sentence import sentence

# Chance that the best lies outside what is kept, by the curves that the runs leave possible.
OUTSIDE = 0.02
Action = Literal["kept", "narrowed", "extended", "narrowed and extended", "dropped levels", "fixed"]
_TEMPLATES = {
    "not_tested": "too few runs or values to test its effect, so it is unchanged",
    "no_effect": "no clear effect ({p_adjusted:p}), so it is unchanged",
    "best_place": "the best lies between {low} and {high} (98% interval)",
    "most_of_range": "the best lies between {low} and {high} (98% interval), which is most of its range, so it is "
    "unchanged",
    "depends": "its best value depends on {partners}, so all of its range is kept",
    "by_level": "for each {partner} its best is another ({branches}): one W&B sweep can't give each its own range, a "
    "sweep for each can",
    "edge": "the best values are at the {side} end of its range ({end}), so the range is extended",
    "limit": "the best values are at its {side} end, but it can't go further",
    "worse_levels": "{dropped} did clearly worse than {winner}",
    "levels_alike": "no level did clearly worse than {winner}, so all are kept",
    "list_edge": "{winner}, the {side}, did best, so the list is extended",
    "fails": "{failed:whole} of {of:count run} with {where} failed, {else_failed:whole} of {else_of:whole} elsewhere, "
    "so that part is left out",
    "fails_with_best": "{failed:whole} of {of:count run} with {where} failed, {else_failed:whole} of {else_of:whole} "
    "elsewhere, so that part is left out although the best run lies in it",
    "fails_but_best": "{failed:whole} of {of:count run} with {where} failed, but the best run is among those that "
    "didn't, so that part is kept",
    "holds_best": "it reaches to {value}, so that it holds the best run",
    "without_best": "the best run, with {value}, lies outside: runs like it did worse on average",
    "not_worse": "a narrower choice would lower the expected mean, so it is unchanged",
}


@dataclass(frozen=True)
class Reason:
    """Why something is recommended."""

    kind: str
    """Which of the reasons it is, like "best_place"."""
    evidence: Mapping[str, Any]
    """The numbers and names that it rests on."""

    @property
    def text(self) -> str:
        """The reason as words."""
        return sentence(_TEMPLATES[self.kind], self.evidence)


@dataclass(frozen=True, eq=False)
class Recommended:
    """What one searched parameter should become."""

    dimension: Dimension
    """The parameter as the fits see it."""
    action: Action
    """What becomes of it."""
    reasons: tuple[Reason, ...]
    """Why."""
    low: Any = None
    """The lower end of the recommended range, rounded outwards; None where it is a list."""
    high: Any = None
    """The upper end."""
    levels: tuple[Any, ...] | None = None
    """The recommended levels; None for a range."""
    ratio: float = 1.0
    """The new extent over the old, along the parameter's scale or in levels."""
    inside: np.ndarray | None = None
    """The part of the searched range that stays, as positions: two ends, or levels; None where all of it does."""
    fitted: Curve | None = None
    """What it was decided by; None where nothing was claimed."""

    @property
    def parameter(self) -> Parameter:
        """The parameter as it was searched."""
        return self.dimension.parameter

    @property
    def name(self) -> str:
        """The parameter's name."""
        return self.dimension.name

    @property
    def changed(self) -> bool:
        """Whether it differs from before."""
        return self.action != "kept"

    @property
    def narrowed(self) -> bool:
        """Whether a part of what was searched is left out."""
        return self.action in ("narrowed", "narrowed and extended", "dropped levels", "fixed")

    @property
    def extended(self) -> bool:
        """Whether values are to be tried that lie beyond what was searched."""
        return self.action in ("extended", "narrowed and extended")

    @property
    def why(self) -> str:
        """The reasons as words."""
        return "; ".join(reason.text for reason in self.reasons)


@dataclass(frozen=True, eq=False)
class Recommendation:
    """What is recommended for every searched parameter, in order of name, and the surfaces it also rests on."""

    parameters: tuple[Recommended, ...]
    """One a searched parameter."""
    surfaces: Mapping[tuple[str, str], Surface]
    """The objective over both parameters of each claimed interaction."""
    good: np.ndarray
    """How good the observations are that it rests on, outliers pulled in; higher is better."""
    unclaimed: Mapping[str, Curve]
    """Curves of parameters without a clear effect, where the runs weren't drawn as the next config draws them."""

    def of(self, name: str) -> Recommended:
        """Return what is recommended for one parameter. Raises KeyError for one that isn't searched."""
        return {one.name: one for one in self.parameters}[name]


def kept(one: Dimension, *reasons: Reason, fitted: Curve | None = None) -> Recommended:
    """Return the recommendation to leave a parameter as it was."""
    if one.levels is not None:
        levels = tuple(one.parameter.values or one.levels)
        return Recommended(one, "kept", reasons, levels=levels, fitted=fitted)
    return Recommended(one, "kept", reasons, tidy(one, 0.0, "down"), tidy(one, 1.0, "up"), fitted=fitted)
