"""The command that starts the next sweep, with the best runs so far that lie in it as prior runs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from lib.analysis.levels import text_of_level, texts_of_levels
from lib.analysis.next_config import declared_config
from lib.analysis.parameter_advice import Recommended
from lib.analysis.population import Population

MOST_PRIOR_RUNS = 5
FILE_NAME = "next-sweep.yaml"
_OWN_ID = re.compile(r"[a-z0-9]{8}\Z")


def command(population: Population, regions: Sequence[Recommended]) -> str:
    """Return the command."""
    words = ["wandb sweep"]
    declared = declared_config(population)
    for key in ("entity", "project"):
        if key not in declared and (found := _from_url(population).get(key)):
            words.append(f"--{key} {found}")
    ids = population.runs["run_id"].tolist()
    names = population.runs["name"].tolist()
    inside = holding(population, regions)
    prior = [
        ids[at]
        for at in population.best_first.tolist()
        if inside[at] and _OWN_ID.match(ids[at]) and ids[at] != names[at]
    ]
    return " ".join([*words, *(f"--prior_run {run}" for run in prior[:MOST_PRIOR_RUNS]), FILE_NAME])


def holding(population: Population, regions: Sequence[Recommended]) -> np.ndarray:
    """Return which used runs lie in the new space, as far as they have values of what changed, boolean, shape (n,)."""
    inside = np.ones(len(population.rows), dtype=bool)
    for region in regions:
        if not region.changed:
            continue
        if region.levels is not None:
            known = {"", *(text_of_level(level) for level in region.levels)}
            inside &= texts_of_levels(population.levels(region.name)).isin(known).to_numpy()
        else:
            numbers = population.numbers(region.name)
            inside &= np.isnan(numbers) | ((numbers >= region.low) & (numbers <= region.high))
    return inside


def _from_url(population: Population) -> dict[str, str]:
    for declaration in population.sweep.declarations:
        parts = re.match(r"https?://[^/]+/(?:wandb/)?([\w.-]+)/([\w.-]+)/sweeps/", declaration.url or "")
        if parts:
            return {"entity": parts.group(1), "project": parts.group(2)}
    return {}
