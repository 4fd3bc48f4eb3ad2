"""What changed in the answer of a sweep that goes on running: its runs, its best one, what is claimed of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lib.analysis.effects import Effect
    from lib.analysis.population import Population


@dataclass(frozen=True, slots=True)
class Answer:
    """What a report said at one time, as far as later ones are compared with it."""

    runs: frozenset[str]
    """The ids of the used runs."""
    best: tuple[str, float] | None
    """The best run's name and value, None without one."""
    claimed: tuple[str, ...]
    """The parameters that clearly matter, in order of name."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How a later answer differs from an earlier one."""

    new_runs: int
    lost_runs: int
    best_before: tuple[str, float] | None
    """The best run then and now; both None where it is the same one, with the same value."""
    best_now: tuple[str, float] | None
    came: tuple[str, ...]
    """Parameters that matter clearly now, and did not."""
    went: tuple[str, ...]
    """Parameters that mattered clearly, and don't any more."""

    def __bool__(self) -> bool:
        return bool(self.new_runs or self.lost_runs or self.best_now or self.came or self.went)


def answer_of(population: Population, effects: Sequence[Effect]) -> Answer:
    """Return what there is to compare of a population and its effects."""
    runs = population.runs
    best = None
    if len(population.rows):
        first = int(population.best_first[0])
        best = (str(runs["name"].iloc[first]), float(population.values[first]))
    return Answer(
        frozenset(runs["run_id"].astype(str)), best, tuple(sorted(one.parameter for one in effects if one.claimed))
    )


def changes_between(before: Answer, now: Answer) -> Changes:
    """Return how `now` differs from `before`."""
    other_best = before.best != now.best
    return Changes(
        len(now.runs - before.runs),
        len(before.runs - now.runs),
        before.best if other_best else None,
        now.best if other_best else None,
        tuple(one for one in now.claimed if one not in before.claimed),
        tuple(one for one in before.claimed if one not in now.claimed),
    )
