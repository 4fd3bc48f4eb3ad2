"""How far runs repeat each other: configurations, exact copies, and the seeds, folds and sweeps that they differ in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lib.analysis.configurations import configurations_of
from lib.analysis.observations import MOST_BLOCKS
from lib.analysis.population import Population
from lib.model.columns import plain
from lib.model.sweep import SWEEP
from lib.statistics.blocks import block_effects
from lib.statistics.moments import of_unit_size
from lib.statistics.multiple_testing import holm

_LEVEL = 0.01
_FEWEST = 8


@dataclass(frozen=True, slots=True)
class BlockDifference:
    """A block whose levels differ within configurations, by `difference` from its lowest level to its highest."""

    block: str
    lowest: Any
    highest: Any
    difference: float
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class Repetition:
    """How the used runs repeat each other.

    configurations : different ones, by the searched parameters. repeated : those of more than one run. runs : the used
    runs. copies : runs that equal an earlier one of their configuration to the last digit. blocks : the seeds and folds
    that vary, and the sweep where several are joined. differences : blocks whose levels differ.
    """

    configurations: int
    repeated: int
    runs: int
    copies: int
    blocks: tuple[str, ...]
    differences: tuple[BlockDifference, ...]


def repetition(population: Population) -> Repetition:
    """Count configurations, repeats and copies, and test whether blocks differ within configurations.

    Kruskal-Wallis (`scipy.stats.kruskal`) of the values less their configuration's mean, over the levels of a block;
    Holm over blocks; reported below 0.01.
    """
    found = configurations_of(population)
    columns = {p.name: population.levels(p.name) for p in population.blocks}
    if population.sweeps is not None:
        columns[SWEEP] = population.sweeps
    distinct = ~found.copy
    values, unit = of_unit_size(population.values)
    differences: list[BlockDifference] = []
    for name, column in columns.items():
        one = _difference(name, column[distinct], values[distinct], of_run=found.of_run[distinct], unit=unit)
        if one is not None:
            differences.append(one)
    adjusted = holm([one.p_adjusted for one in differences])
    return Repetition(
        configurations=len(found.first),
        repeated=int((found.runs > 1).sum()),
        runs=len(found.of_run),
        copies=int(found.copy.sum()),
        blocks=tuple(columns),
        differences=tuple(
            BlockDifference(one.block, one.lowest, one.highest, one.difference, p)
            for one, p in zip(differences, adjusted, strict=True)
            if p < _LEVEL
        ),
    )


def _difference(
    name: str, column: pd.Series, values: np.ndarray, *, of_run: np.ndarray, unit: float
) -> BlockDifference | None:
    codes, levels = pd.factorize(column)
    sizes = np.bincount(of_run, minlength=int(of_run.max(initial=0)) + 1)
    usable = (sizes[of_run] > 1) & (codes >= 0)
    if usable.sum() < _FEWEST or not 1 < len(levels) <= MOST_BLOCKS:
        return None
    _, of_run = np.unique(of_run[usable], return_inverse=True)
    within = values[usable] - (np.bincount(of_run, values[usable]) / np.bincount(of_run))[of_run]
    codes = codes[usable]
    samples = [within[codes == code] for code in np.unique(codes)]
    samples = [sample for sample in samples if len(sample) > 1]
    if len(samples) < 2 or np.ptp(np.concatenate(samples)) == 0:
        return None
    p_value = float(stats.kruskal(*samples).pvalue)
    effects = block_effects(values[usable], of_run, codes)
    tried = np.unique(codes)
    low, high = tried[np.argmin(effects[tried])], tried[np.argmax(effects[tried])]
    difference = unit * float(effects[high] - effects[low])
    return BlockDifference(name, plain(levels[low]), plain(levels[high]), difference, p_value)
