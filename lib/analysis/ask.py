"""What the report's own model expects of a setting that a reader asks about, tried or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.analysis.levels import texts_of_levels
from lib.analysis.population import Population
from lib.analysis.process import Process, process
from lib.model.parameter import Parameter
from lib.statistics.gaussian_process import GaussianProcess, Observations, posterior
from lib.statistics.selection import CONFIDENCE

MOST_NEAREST = 5
# An observation this noisy says nothing: with it, the posterior can be asked about a place where nothing was seen.
_SAYS_NOTHING = 1e9


@dataclass(frozen=True, slots=True)
class Answer:
    """What is expected of one setting."""

    expected: float
    """Mean of the objective, if the setting were run many times."""
    low: float
    """Lower end of the 95 % interval of that mean."""
    high: float
    nearest: tuple[int, ...]
    """The used runs nearest to the setting, nearest first."""
    outside: tuple[str, ...]
    """The parameters of which the value lies outside what was tried."""


def askable(population: Population) -> tuple[Parameter, ...]:
    """Return the parameters that the model knows; none where there is no model."""
    fitted = process(population)
    if fitted is None:
        return ()
    return tuple(p for p in population.searched if p.name in fitted.places.names)


def ask(population: Population, setting: tuple[tuple[str, Any], ...]) -> Answer | None:
    """Return what the model expects of a setting: a value for each of `askable`, a number or the text of a level.

    From the same process as the winner's (`lib.analysis.process`), its hyperparameters integrated over. A number
    beyond what was tried counts as the nearest tried one, and is named in `outside`. None where there is no model.
    """
    fitted = process(population)
    if fitted is None:
        return None
    place, outside = _place(population, fitted, dict(setting))
    data = fitted.gp.data
    asked = Observations(
        x=np.vstack([data.x, place]),
        owner=data.owner,
        y=np.append(data.y, 0.0),
        counts=np.append(data.counts, 1.0),
        noise=np.append(data.noise, _SAYS_NOTHING),
        squares=data.squares,
        degrees=data.degrees,
    )
    drawn = posterior(GaussianProcess(asked, fitted.gp.theta), np.array([len(data.y)]))
    sign, unit = population.objective.sign, fitted.means.unit
    good = fitted.centre + fitted.scale * drawn.draws[:, 0]
    noise = fitted.scale * np.sqrt(drawn.noise * float(np.median(data.noise)))
    means, _ = fitted.in_units(sign * good, noise)
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    distance = np.sum((fitted.places.x - place) ** 2, axis=1)
    nearest = fitted.seen[np.argsort(distance, kind="stable")[:MOST_NEAREST]]
    return Answer(
        float(np.mean(means)) * unit,
        float(low) * unit,
        float(high) * unit,
        tuple(int(run) for run in fitted.means.first[nearest]),
        outside,
    )


def _place(population: Population, fitted: Process, setting: Mapping[str, Any]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return where a setting stands among the process's inputs, and which of its values weren't tried."""
    runs, outside = fitted.means.first[fitted.seen], []
    place = np.zeros(fitted.places.x.shape[1])
    for number, name in enumerate(fitted.places.names):
        columns = np.flatnonzero(fitted.places.owner == number)
        block = fitted.places.x[:, columns]
        parameter = next(p for p in population.searched if p.name == name)
        if parameter.numeric:
            values, wanted = population.numbers(name)[runs], float(setting[name])
            known = ~np.isnan(values)
            if not values[known].min() <= wanted <= values[known].max():
                outside.append(name)
            order = np.argsort(values[known], kind="stable")
            at, where = values[known][order], block[known, 0][order]
            if parameter.kind != "discrete" and parameter.scale == "log" and at[0] > 0:
                at, wanted = np.log(at), float(np.log(max(wanted, np.finfo(float).tiny)))
            place[columns[0]] = np.interp(wanted, at, where)
        else:
            texts = texts_of_levels(population.levels(name).iloc[runs]).to_numpy(dtype=object)
            same = np.flatnonzero(texts == str(setting[name]))
            if len(same):
                place[columns] = block[same[0]]
            else:
                outside.append(name)
    return place, tuple(outside)
