"""Which runs are of one configuration, and which of them are copies of one training: the one rule for both.

A configuration is all runs that are equal in every searched parameter: tests and fits of effects are of configurations
(`lib.analysis.observations`). Noise and models are of runs that are equal in every other config key too
(`lib.analysis.repeats.repeat_groups`, `lib.analysis.repeat_means`), since a key that nobody searched may still tell
trainings apart. What a copy is, is decided here for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from lib.analysis.population import Population

# Above this share of values that other configurations have too, the metric is coarse and equality says nothing.
_COARSE = 0.2


@dataclass(frozen=True, eq=False)
class Configurations:
    """Which used runs are of one configuration, and which of them are copies.

    of_run : the configuration of each used run as a code 0..m-1 in order of first run, shape (n,). first : the used run
    that each starts with, shape (m,). copy : which runs equal an earlier one of their configuration to the last digit,
    boolean, shape (n,).
    """

    of_run: np.ndarray
    first: np.ndarray
    copy: np.ndarray

    @cached_property
    def runs(self) -> np.ndarray:
        """Runs of each configuration, copies included, shape (m,)."""
        return np.bincount(self.of_run, minlength=len(self.first))


@lru_cache(maxsize=8)
def configurations_of(population: Population) -> Configurations:
    """Find the used runs that are equal in all searched parameters (or lack the same ones), and the copies among them.

    A run that has no value of any searched parameter is a configuration of its own.
    """
    of_run, first = in_order(_codes(population))
    return Configurations(of_run, first, copies(of_run, population.values))


def in_order(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return codes as 0..m-1 in order of the first run of each, shape (n,), and those first runs, shape (m,)."""
    _, first, of_run = np.unique(codes, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[of_run], np.sort(first)


def copies(of_run: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return which values equal an earlier one of their configuration and are copies of it, boolean, shape (n,).

    Repeats that are equal to the last digit are copies of one training (a fixed seed): they tell nothing of noise. Not
    so where the metric is so coarse that different configurations share values as well, unless all repeats are equal.
    """
    frame = pd.DataFrame({"of": of_run, "value": values})
    copy = frame.duplicated().to_numpy()
    if copy.any() and len(values) - int(copy.sum()) > len(np.unique(of_run)):
        coarse = float(frame[~copy]["value"].duplicated(keep=False).mean()) > _COARSE
        if coarse:
            return np.zeros(len(values), dtype=bool)
    return copy


def joint_codes(config: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Return a code for each combination of values, shape (n,); what is missing is a value too.

    names : the columns, best those with the most values first: once all rows differ, the rest is not looked at.
    """
    codes = np.zeros(len(config), dtype=np.int64)
    for name in names:
        level = pd.factorize(config[name], use_na_sentinel=False)[0]
        codes, known = pd.factorize(codes * (int(level.max(initial=0)) + 1) + level)
        if len(known) == len(config):
            break
    return codes


def _codes(population: Population) -> np.ndarray:
    config = population.config
    names = [p.name for p in population.searched if p.name in config.columns]
    n = len(config)
    if not names:
        return np.arange(n)
    distinct = {name: len(config[name].unique()) for name in names}
    codes = joint_codes(config, sorted(names, key=lambda name: -distinct[name]))
    empty = config[names].isna().all(axis=1).to_numpy()
    codes[empty] = codes.max(initial=0) + 1 + np.arange(int(empty.sum()))
    return codes
