"""A hyperparameter: its role, what its values are, and where they were searched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["continuous", "integer", "discrete", "categorical"]
Scale = Literal["linear", "log"]
Role = Literal["searched", "fixed", "block", "alias"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def is_name(name: str) -> bool:
    """Return whether W&B and its command line take a parameter of this name."""
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One hyperparameter: what was declared of it, or inferred from the runs where nothing was."""

    name: str
    """The config key, nested keys joined by dots."""
    role: Role
    """Whether it was searched, has one value, repeats configurations (block: seeds, folds), or repeats another one."""
    kind: Kind
    """What its values are."""
    scale: Scale = "linear"
    """The scale on which it was searched, and on which it is drawn."""
    distribution: str | None = None
    """The name of its distribution in the sweep config; None where it isn't declared."""
    low: float | int | None = None
    """The lower end of its range in its own units: exponents of log distributions are resolved."""
    high: float | int | None = None
    """The upper end, likewise."""
    values: tuple[Any, ...] | None = None
    """The levels of a discrete or categorical one, the one value of a fixed one; lists stand as JSON text."""
    declared: bool = False
    """Whether the sweep config declares it with this role."""
    null_level: bool = False
    """Whether runs without a value of it are a level of their own, NONE_LEVEL among `values`: null in their config."""
    zero_apart: bool = False
    """Whether 0 is a point of its own beside values on a log scale."""
    only_where: tuple[str, tuple[Any, ...]] | None = None
    """The parameter, and those of its levels, under which this one exists; None where it always does."""
    alias_of: str | None = None
    """The searched parameter that this one repeats, where its role is "alias"."""

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers with an order (booleans and text are not)."""
        return self.kind != "categorical"

    @property
    def grouped(self) -> bool:
        """Whether it is shown level by level (discrete and categorical), not on a continuous axis."""
        return self.kind in ("discrete", "categorical")
