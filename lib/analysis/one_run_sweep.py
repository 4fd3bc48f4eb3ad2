"""One setting as a W&B sweep config of one run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.analysis.levels import texts_of_levels
from lib.analysis.population import Population
from lib.analysis.repeats import is_seed
from lib.analysis.replicate import config_with, constant_specs, constants, declared_config
from lib.model.columns import plain, restored, row_of


def values_of(population: Population, setting: Mapping[str, Any]) -> dict[str, Any]:
    """Return a setting as a script takes it: levels as they were logged, whole numbers where the parameter is whole.

    setting : a value a parameter, numbers or the texts of levels. Searched parameters that it leaves out, but for
    seeds, are those of the best run.
    """
    best = row_of(population.config, int(population.best_first[0]))
    values = {}
    for p in population.searched:
        if p.name in setting:
            own = setting[p.name]
            whole = p.kind == "integer" or (p.numeric and float(own).is_integer() and _all_whole(population, p.name))
            number = population.sweep.as_written(p.name, int(own) if whole else own) if p.numeric else own
            values[p.name] = number if p.numeric else _level(population, p.name, str(own))
        elif not is_seed(population, p.name) and best.get(p.name) is not None:
            values[p.name] = population.sweep.as_written(p.name, restored(best[p.name]))
    return values


def one_run_sweep(population: Population, setting: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sweep config of one run of a setting: a grid of constants, with the declared metric and program."""
    declared = declared_config(population)
    parameters = constants(population, declared) | constant_specs(values_of(population, setting))
    return config_with(population, declared, parameters)


def _all_whole(population: Population, name: str) -> bool:
    numbers = population.numbers(name)
    return bool((numbers[numbers == numbers] % 1 == 0).all())


def _level(population: Population, name: str, text: str) -> Any:
    """Return the logged value of a level by its text; the text itself where no run has it."""
    column = population.levels(name)
    same = (texts_of_levels(column) == text).to_numpy()
    return restored(plain(column[same].iloc[0])) if same.any() else text
