"""The sweep config that says of these runs what the report reads of them, so that it needn't be chosen again."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.analysis.next_config import next_config
from lib.analysis.parameter_advice import kept
from lib.analysis.population import Population
from lib.analysis.positions import dimensions
from lib.analysis.sweep_yaml import written
from lib.model.column_choices import UNUSED, roles_of


def config_as_read(population: Population) -> dict[str, Any]:
    """Return a W&B sweep config with the objective, its goal and the parameters as they are read, nothing changed.

    What a declared config holds besides stays; derived columns, and what the reader doesn't use, are no parameters.
    """
    derived = {one.name for one in population.sweep.derived}
    axes = dimensions(population, np.arange(len(population.rows)))
    config = next_config(population, [kept(one) for one in axes if one.name not in derived])
    for name, role in roles_of(population.choices.columns).items():
        if role == UNUSED:
            config["parameters"].pop(name, None)
    declared = next((d.config for d in population.sweep.declarations if d.config), None) or {}
    for key in ("name", "description"):
        config.pop(key)
        if key in declared:
            config[key] = declared[key]
    return config


def sweep_config_of(population: Population) -> str:
    """Return `config_as_read` as YAML."""
    heading = [
        "The columns of a table of runs as Sweep Report read them, or as they were chosen there.",
        "Open the table with it: --sweep-config, or beside the file in the app.",
    ]
    return written(config_as_read(population), heading, {})
