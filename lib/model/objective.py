"""One rule for the objective: which of the values that a run logged counts as its value, chosen once for everything.

"last" is what the run's summary holds; "best" the best value that the run logged; "mean:K" the mean of the last K
values that it logged; "step:N" the last value that it logged at or before step N.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from lib.model.choices import Choices
from lib.model.column_choices import with_roles
from lib.model.derive import derived
from lib.model.errors import InputError
from lib.model.goal import Objective
from lib.model.objective_choice import objective_of
from lib.model.sweep import Sweep

VALUE_RULES = ("last", "best", "mean:K", "step:N")
_NUMBERED = re.compile(r"(mean|step):(\d{1,15})")


@dataclass(frozen=True, slots=True)
class ValueRule:
    """A rule for the value of a run; `number` is K of "mean:K" and N of "step:N", else 0."""

    kind: Literal["last", "best", "mean", "step"]
    number: int = 0

    @property
    def text(self) -> str:
        """The rule as it is written on the command line, in addresses and in the JSON report."""
        return f"{self.kind}:{self.number}" if self.kind in ("mean", "step") else self.kind

    @property
    def words(self) -> str:
        """The rule in words, to follow "the objective is"."""
        if self.kind == "mean":
            last = "the last value" if self.number == 1 else f"the mean of the last {self.number:,} values"
            return f"{last} in each run's history"
        if self.kind == "step":
            return f"the last value that each run logged at or before step {self.number:,}"
        return f"the {self.kind} value that each run logged"


def value_rule(text: str) -> ValueRule:
    """Read "last", "best", "mean:K" or "step:N". Raises InputError for anything else."""
    bare = text.strip().lower()
    if bare == "last":
        return ValueRule("last")
    if bare == "best":
        return ValueRule("best")
    numbered = _NUMBERED.fullmatch(bare)
    if numbered is None:
        raise InputError(f"The value {text!r} is not one of: last, best, mean:K and step:N (like mean:3, step:1000).")
    number = int(numbered.group(2))
    if numbered.group(1) == "step":
        return ValueRule("step", number)
    if number == 0:
        raise InputError("'mean:0' is the mean of no value. Use at least the last one: mean:1.")
    return ValueRule("mean", number)


def objective_values(sweep: Sweep, objective: Objective) -> np.ndarray:
    """Return the objective of every run as floats by its rule, shape (runs,), NaN where a run has none.

    All but "last" come from the histories; "best" first from the summary's own `.max` or `.min` form, where the metric
    was defined so. A run with fewer than K values gives the mean of those it has, and one that ended before step N its
    last. The mean of a run whose last value is NaN is NaN. The runtime is one number a run, whatever the
    rule. Raises InputError where the rule needs histories and there is none of the metric.
    """
    rule = value_rule(objective.value)
    metric = objective.metric
    if rule.kind == "last" or metric == sweep.runtime_metric:
        return sweep.metrics[metric].to_numpy(dtype=float, na_value=np.nan)
    kept = _kept_extreme(sweep, objective) if rule.kind == "best" else None
    logged = _logged(sweep, metric)
    if logged.empty and kept is None:
        raise InputError(
            f"{sweep.origin.label} holds no history of {metric}, so {rule.words} is unknown. "
            "Choose the last value (--value last), or a source with histories."
        )
    if rule.kind == "step":
        logged = logged[logged["_step"] <= rule.number]
    by_run = logged.groupby("run_id")[metric]
    if rule.kind == "best":
        found = by_run.max() if objective.goal == "maximize" else by_run.min()
    elif rule.kind == "step":
        found = by_run.last()
    else:
        found = logged[by_run.cumcount(ascending=False) < rule.number].groupby("run_id")[metric].mean()
    values = sweep.runs["run_id"].map(found).to_numpy(dtype=float)
    if rule.kind == "mean" and metric in sweep.logged_nan:
        values = np.where(sweep.logged_nan[metric], np.nan, values)
    return values if kept is None else np.where(np.isnan(kept), values, kept)


def why_no_value(sweep: Sweep, objective: Objective) -> pd.Series:
    """Say for every run why it would have no value by the objective's rule, as the ledger words it."""
    metric, rule = objective.metric, value_rule(objective.value)
    reasons = pd.Series(f"no value of {metric}", index=sweep.runs.index, dtype="str")
    if rule.kind != "last" and metric != sweep.runtime_metric:
        reasons[:] = f"no history of {metric}"
    elif metric in sweep.summary.columns and pd.api.types.is_string_dtype(sweep.summary[metric]):
        odd = sweep.summary[metric].where(sweep.metrics[metric].isna()).dropna()
        reasons[odd.index] = metric + " is " + odd.map(_kind_of_text)
    if rule.kind == "step" and metric != sweep.runtime_metric:
        has = sweep.runs["run_id"].isin(_logged(sweep, metric)["run_id"]).to_numpy()
        reasons[has] = f"no value of {metric} up to step {rule.number}"
    return reasons


def _kind_of_text(cell: str) -> str:
    """Return what a cell that should be a number is, to follow "val_acc is"."""
    begins = {"[": "a list", "{": "an object"}
    return begins.get(cell[:1]) or ("true or false" if cell.lower() in ("true", "false") else "text")


def wants_histories(sweep: Sweep, choices: Choices) -> bool:
    """Whether the reader's rule asks for histories: any but "last", unless each run's summary keeps its best."""
    rule = value_rule(choices.value)
    if rule.kind == "last":
        return False
    try:
        sweep = derived(with_roles(sweep, choices.columns), choices.derive)
        objective = objective_of(sweep, choices)
    except InputError:
        # It is said where the report is made; other sources may hold the metric.
        return True
    if objective.metric == sweep.runtime_metric:
        return False
    kept = _kept_extreme(sweep, objective) if rule.kind == "best" else None
    return kept is None or bool((np.isnan(kept) & sweep.summary[objective.metric].notna().to_numpy()).any())


def _kept_extreme(sweep: Sweep, objective: Objective) -> np.ndarray | None:
    """Return the best values that W&B kept in the summaries, over all that was logged; None where it kept none."""
    name = f"{objective.metric}.{'max' if objective.goal == 'maximize' else 'min'}"
    if name not in sweep.summary.columns or not pd.api.types.is_numeric_dtype(sweep.summary[name]):
        return None
    return sweep.summary[name].to_numpy(dtype=float, na_value=np.nan)


def _logged(sweep: Sweep, metric: str) -> pd.DataFrame:
    """Return `run_id`, `_step` and the metric where it was logged, by run and step."""
    if metric not in sweep.history.columns:
        return pd.DataFrame({"run_id": pd.Series(dtype="str"), "_step": pd.Series(dtype="int64"), metric: []})
    history = sweep.history[["run_id", "_step", metric]]
    return history[history[metric].notna()]
