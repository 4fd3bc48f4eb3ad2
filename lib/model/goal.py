"""The objective of a sweep: its metric, which way is better, and how both are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Goal = Literal["maximize", "minimize"]
MetricSource = Literal["reader", "declared", "monitor", "name"]
GoalSource = Literal["reader", "declared", "default", "stated", "monitor", "name", "sign", "company", "data", "unknown"]


@dataclass(frozen=True, slots=True)
class Objective:
    """The metric that the sweep was run for, which way is better, which of a run's values counts, and how we know."""

    metric: str
    """The metric's name."""
    goal: Goal
    """Which way is better."""
    value: str = "last"
    """The rule by which a run has one value, as `lib.model.objective.value_rule` reads it."""
    unit: str = ""
    """The unit of its values, where known."""
    metric_source: MetricSource = "reader"
    """Who named the metric: the reader, the sweep's config, the runs' config (monitor), or its own name."""
    goal_source: GoalSource = "reader"
    """How the goal is known: from the reader, the sweep's config, W&B's default for a config that states none, the name
    outright ("cost (minimize)"), the runs' config (monitor), the name by its words, the sign of an error's values, a
    result that it rises and falls with (company), a run that diverged (data), or not at all."""
    runners_up: tuple[str, ...] = ()
    """The metrics that came next, likeliest first, where the metric was chosen among several."""
    as_likely: tuple[str, ...] = ()
    """The metrics that only stand after it in the table, and could as well be meant."""
    metric_key: str | None = None
    """The config key of the runs that names the metric, where `metric_source` is "monitor"."""
    goal_key: str | None = None
    """The config key of the runs that states the goal, where `goal_source` is "monitor"."""
    goal_beside: str | None = None
    """The result that the metric goes with, where `goal_source` is "company"."""

    @property
    def inferred(self) -> bool:
        """Whether the metric or its goal was worked out, so that the report must say how."""
        stated = self.goal_source in ("reader", "declared")
        return self.metric_source not in ("reader", "declared") or not stated

    @property
    def kind_of_value(self) -> str:
        """What tables and axes say beside the metric: its unit, else the rule where that isn't the last value."""
        return self.unit or ("" if self.value == "last" else self.value)

    @property
    def label(self) -> str:
        """The metric as tables name it: "score", "score (mean:3)", "runtime (s)"."""
        return f"{self.metric} ({self.kind_of_value})" if self.kind_of_value else self.metric

    @property
    def sign(self) -> int:
        """+1 where larger is better, -1 where smaller is."""
        return 1 if self.goal == "maximize" else -1

    @property
    def best_word(self) -> str:
        """The English word for the better end: "highest" or "lowest"."""
        return "highest" if self.goal == "maximize" else "lowest"


def goal_of(text: str | None) -> Goal | None:
    """Return "maximize" or "minimize" where the text is one of them, else None."""
    return "maximize" if text == "maximize" else "minimize" if text == "minimize" else None
