"""How likely a run of some setting is to fail, by how often runs failed in such settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lib.analysis.failures import Failing, failures, kinds_of_runs
from lib.analysis.levels import text_of_level, texts_of_levels
from lib.analysis.population import Population


@dataclass(frozen=True, slots=True)
class FailureChance:
    """How many of the runs of such settings failed."""

    where: str | None
    """What fails more often than other settings and holds of the one asked about; None where nothing does."""
    failed: int
    of: int
    low: float
    """Lower end of the 95 % interval of the share."""
    high: float

    @property
    def share(self) -> float:
        """The share of the runs that failed."""
        return self.failed / self.of


def failure_chance(population: Population, asked: tuple[tuple[str, Any], ...]) -> FailureChance | None:
    """Return how often runs of settings like one failed; None where no run says so.

    asked : a value a parameter, numbers or the texts of levels. Within settings that are known to fail
    (`lib.analysis.failures`), the share among the runs there, the highest where there are several; else the share among
    the runs outside of all such settings. The interval is Jeffreys' (Brown, Cai & DasGupta 2001, Statistical Science
    16, 101-133).
    """
    setting, kinds = dict(asked), kinds_of_runs(population)
    counted, failed = kinds != "", (kinds != "") & (kinds != "succeeded")
    found = failures(population)
    failing = found.failing if found is not None else ()
    inside = [one for one in failing if one.parameter in setting and _covers(one, setting[one.parameter])]
    if inside:
        worst = max(inside, key=lambda one: one.failed / one.of)
        return _chance(worst.where, worst.failed, worst.of)
    for one in failing:
        counted = counted & ~_there(population, one)
    of = int(counted.sum())
    return _chance(None, int((counted & failed).sum()), of) if of else None


def _chance(where: str | None, failed: int, of: int) -> FailureChance:
    of_share = stats.beta(failed + 0.5, of - failed + 0.5)
    low, high = (float(of_share.ppf(q)) for q in (0.025, 0.975))
    return FailureChance(where, failed, of, low if failed else 0.0, high if failed < of else 1.0)


def _covers(failing: Failing, value: Any) -> bool:
    if failing.level is not None:
        return text_of_level(failing.level) == text_of_level(value)
    number = float(value)
    return (failing.low is None or number > failing.low) and (failing.high is None or number < failing.high)


def _there(population: Population, failing: Failing) -> np.ndarray:
    """Return which runs of the sweep have a failing setting."""
    column = population.sweep.config[failing.parameter]
    if failing.level is not None:
        return (texts_of_levels(column) == text_of_level(failing.level)).to_numpy()
    x = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.asarray(x > failing.low if failing.low is not None else x < failing.high)
