"""What the runs' own config says of how they select a model: the metric that is monitored, and its mode.

Early stopping and checkpoint callbacks of Keras and Lightning take `monitor` and `mode` (min, max, auto); the Trainer
of Hugging Face takes `metric_for_best_model` and `greater_is_better`; others have a key that ends in "metric".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lib.model.columns import plain, restored
from lib.model.goal import Goal
from lib.model.metric_names import read_name, words_of
from lib.model.sweep import Sweep

_SURE = re.compile(
    r"(?:monitor|monitored|monitor_metric|metric_for_best_model|metric_to_(?:optimi[sz]e|track|monitor))$"
)
_LIKELY = re.compile(r"(?:metric|metric_name|objective|objective_metric|optimi[sz]e)$")
_MODE_WORDS = frozenset(
    (
        "monitor",
        "metric",
        "mode",
        "goal",
        "direction",
        "greater",
        "higher",
        "is",
        "better",
        "maximize",
        "minimize",
        "op",
    )
)
_MODES: dict[object, Goal] = {
    **dict.fromkeys(("max", "maximize", "maximise", "maximum", "higher", "greater", "up"), "maximize"),
    **dict.fromkeys(("min", "minimize", "minimise", "minimum", "lower", "less", "down"), "minimize"),
}  # fmt: skip
_BEFORE_BEST = {"validation": 0, "": 1, "test": 2, "train": 3}


@dataclass(frozen=True, slots=True)
class ModelSelection:
    """The metric that all runs select their model by."""

    metric: str
    """The metric, as the runs log it."""
    metric_key: str
    """The config key that names it."""
    goal: Goal | None
    """Which way is better by the mode beside it; None where there is none, or it is "auto"."""
    goal_key: str | None
    """The config key that says so."""


def model_selection(sweep: Sweep, metrics: Sequence[str]) -> ModelSelection | None:
    """Return what the runs' config says of model selection; None where it names none of `metrics`.

    A key counts only where all runs that have it agree, and the surest key first: `monitor` before `eval_metric`.
    """
    for pattern in (_SURE, _LIKELY):
        for key in map(str, sweep.config.columns):
            path, last = _split(key)
            words = "_".join(words_of(last))
            found = pattern.search(words)
            if found is None:
                continue
            metric = _logged_as(_one_value(sweep.config[key]), metrics)
            if metric is not None:
                goal_key, goal = _mode(sweep, path, words[: found.start()].removesuffix("_"))
                return ModelSelection(metric, key, goal, goal_key)
    return None


def _split(key: str) -> tuple[str, str]:
    """Split a key into its path and its last part: "trainer.early_stopping.monitor" at the last dot or slash."""
    path, _, last = key.replace("/", ".").rpartition(".")
    return path, last


def _one_value(column: pd.Series) -> object:
    """Return the value that all runs share, None where they don't; a list of one is its entry."""
    known = column.dropna()
    if known.empty or known.nunique() > 1:
        return None
    value = restored(plain(known.iloc[0]))
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _logged_as(value: object, metrics: Sequence[str]) -> str | None:
    """Find the metric that a config value names: as it is, or by its words ("f1" is logged as "eval/f1")."""
    if not isinstance(value, str) or not value.strip():
        return None
    if value in metrics:
        return value
    wanted = read_name(value)
    alike = [
        name
        for name in metrics
        if (reading := read_name(name)).measure == wanted.measure and wanted.split in ("", reading.split)
    ]
    return min(alike, key=lambda name: (_BEFORE_BEST[read_name(name).split], len(name), name)) if alike else None


def _mode(sweep: Sweep, path: str, stem: str) -> tuple[str | None, Goal | None]:
    """Find the mode beside a key: of the same path, and of the same stem ("early_stopping_monitor" and "..._mode")."""
    for key in map(str, sweep.config.columns):
        own_path, last = _split(key)
        words = words_of(last)
        begins = tuple(word for word in stem.split("_") if word)
        if own_path != path or words[: len(begins)] != begins or not _MODE_WORDS.issuperset(words[len(begins) :]):
            continue
        value = _one_value(sweep.config[key])
        if isinstance(value, bool) and {"better", "maximize"}.intersection(words):
            return key, "maximize" if value else "minimize"
        if isinstance(value, bool) and "minimize" in words:
            return key, "minimize" if value else "maximize"
        goal = _MODES.get(value.strip().lower()) if isinstance(value, str) else None
        if goal is not None:
            return key, goal
    return None, None
