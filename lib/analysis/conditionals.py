"""Which searched parameters exist only where another one has certain levels, like momentum under one optimizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lib.analysis.levels import text_of_level
from lib.analysis.population import Population


@dataclass(frozen=True, slots=True)
class Conditional:
    """A parameter that has values exactly in the runs in which its parent has one of some levels."""

    parameter: str
    """The parameter."""
    parent: str
    """The parameter that decides where it exists."""
    levels: tuple[Any, ...]
    """The parent's levels under which it exists."""
    runs: int
    """How many used runs have a value of it."""
    runs_without: int
    """How many used runs have none."""

    @property
    def within(self) -> str:
        """Where it exists, as the JSON report's `within` says it: "optimizer = sgd"."""
        return f"{self.parent} = {' or '.join(map(text_of_level, self.levels))}"


def conditionals(population: Population) -> tuple[Conditional, ...]:
    """Return the searched parameters that exist only under certain levels of another, in order of name.

    How they are found is said at `lib.model.dependence.presence`. Such a parameter is tested within those runs, and its
    parent isn't adjusted for it.
    """
    found = []
    for parameter in population.searched:
        if parameter.only_where is not None:
            parent, levels = parameter.only_where
            runs = int(population.levels(parameter.name).notna().sum())
            found.append(Conditional(parameter.name, parent, _sorted(levels), runs, len(population.rows) - runs))
    return tuple(found)


def _sorted(levels: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(sorted(levels, key=text_of_level))
