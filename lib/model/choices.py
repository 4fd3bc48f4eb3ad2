"""What a reader asks of a sweep: metric, goal, parameters, filters, derived columns. Choices key the caches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from lib.model.goal import Goal
from lib.model.parameter import Scale


@dataclass(frozen=True, slots=True)
class Derivation:
    """A column that the reader makes from others."""

    name: str
    """What it is called."""
    expression: str
    """How it is made, as `lib.model.expression` reads it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition on runs: a range of a numeric column, a set of levels, or a piece of text."""

    column: str
    """A parameter, a metric, or one of RUN_COLUMNS; "" for a text that may stand in any of a run's names and levels."""
    low: float | None = None
    """The lower end of the range, included; None for no end."""
    high: float | None = None
    """The upper end, likewise."""
    values: tuple[str, ...] | None = None
    """The levels as text; None for a range."""
    exclude: bool = False
    """Whether these runs are left out, and the others kept."""
    contains: str | None = None
    """The text that the value holds, whatever its case; None where it isn't asked for."""
    digests: tuple[int, ...] | None = None
    """Many runs by digests of their ids (`lib.model.run_sets`), ascending; None where they aren't named like that."""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Conditions of which a run has to meet one."""

    parts: tuple[Filter, ...]
    """At least two of them."""


Condition: TypeAlias = Filter | AnyOf


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One thing that a reader says of one column."""

    column: str
    """The column, as the report names it."""
    word: str
    """A role, a kind of setting, or the better direction of a result: one of `lib.model.column_choices.WORDS`."""

    @property
    def text(self) -> str:
        """How it is written on the command line and in addresses: NAME:WORD."""
        return f"{self.column}:{self.word}"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a reader chose to ask of a sweep; None means "as the sweep itself says". Hashable: it keys caches."""

    metric: str | None = None
    """The name of the objective's metric."""
    goal: Goal | None = None
    """Which way is better."""
    parameters: tuple[str, ...] | None = None
    """The config keys that count as searched."""
    value: str = "last"
    """The rule by which a run has one value of the objective, as `lib.model.objective.value_rule` reads it."""
    states: tuple[str, ...] | None = None
    """The states of runs that are used; None for finished ones."""
    top: int = 10
    """How many of the best runs are listed."""
    scales: tuple[tuple[str, Scale], ...] = ()
    """The scale of parameters where it isn't the searched one."""
    filters: tuple[Condition, ...] = ()
    """Which runs are looked at: those that meet all of these."""
    derive: tuple[Derivation, ...] = ()
    """Columns to make from others."""
    seeds: tuple[str, ...] = ()
    """Config keys in which repeats of one configuration may differ, besides those named like a seed."""
    columns: tuple[ColumnChoice, ...] = ()
    """What the reader says of columns that were read otherwise."""
