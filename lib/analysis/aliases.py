"""Which config keys are one factor under several names.

Keys that determine each other are found where the search space is resolved (`lib.model.search_space`), since only one
of them is a searched parameter; here they are listed.
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.analysis.population import Population


@dataclass(frozen=True, slots=True)
class Alias:
    """One factor that has several names in the runs' config."""

    kept: str
    """The name under which it is reported: the declared one, else the first column."""
    others: tuple[str, ...]
    """Its other names, in order."""
    equal: tuple[str, ...]
    """Those of them that hold the same values as `kept` in each used run."""
    runs: int
    """How many used runs have a value of it."""


def aliases(population: Population) -> tuple[Alias, ...]:
    """Return the factors with several names, in order of the name that is kept."""
    named: dict[str, list[str]] = {}
    for parameter in population.parameters:
        if parameter.alias_of is not None:
            named.setdefault(parameter.alias_of, []).append(parameter.name)
    return tuple(_alias(population, kept, sorted(others)) for kept, others in sorted(named.items()))


def _alias(population: Population, kept: str, others: list[str]) -> Alias:
    own = population.config[kept]
    equal = tuple(name for name in others if _equal(own.tolist(), population.config[name].tolist()))
    return Alias(kept, tuple(others), equal, int(own.notna().sum()))


def _equal(ones: list[object], others: list[object]) -> bool:
    return all(one == other or (one != one and other != other) for one, other in zip(ones, others, strict=True))
