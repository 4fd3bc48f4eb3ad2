"""What the next sweep is expected to reach, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.analysis.failures import collapsed
from lib.analysis.next_space import Lift
from lib.analysis.parameter_advice import Recommended
from lib.analysis.population import Population
from lib.analysis.training import training
from lib.model.numbers import interval, number
from lib.model.objective import value_rule
from lib.statistics.moments import mean_of

_FEWEST_HELD = 5
_WORTH_SAYING = 0.05


def expected_in_words(
    population: Population,
    regions: Sequence[Recommended],
    found: tuple[float, float, float, float],
    *,
    lift: Lift,
    shown: bool,
) -> str:
    """Say what runs of the next sweep are expected to reach, beside what the runs so far did.

    found : the expected mean, the ends of its 95 % interval, and the mean so far. lift : by how much the mean changes,
    and what is taken off for having chosen the space. shown : whether an effect is claimed.
    """
    mean, low, high, so_far = found
    metric = population.objective.metric
    changed = any(region.changed for region in regions)
    apart = (_of_length(population) if changed else "") or _apart(population, so_far)
    if not changed:
        why = "The effects found leave the space as it was" if shown else "No parameter shows a clear effect"
        text = f"{why}, so nothing is narrowed; "
        if mean == so_far:
            text += f"expect runs like these (mean {metric} {number(so_far)}{apart})."
        else:
            text += (
                f"expect a mean {metric} of {number(mean)} (95% interval {interval(low, high)}) from runs drawn evenly "
                f"by this config, compared with {number(so_far)} so far{apart}: the search went where it is better."
            )
        text += " More runs of the same space would reveal smaller effects."
    else:
        text = (
            f"Expect a mean {metric} of {number(mean)} (95% interval {interval(low, high)}) from runs drawn by this "
            f"config, compared with {number(so_far)} so far{apart}"
        )
        # What is small beside the interval needs no words.
        seen = lift.optimism > _WORTH_SAYING * (high - low)
        text += f"; {number(lift.optimism, 2)} is taken off for luck in choosing it." if seen else "."
        if any("extended" in region.action for region in regions):
            text += " Nothing is known yet beyond the searched ranges."
    rule = value_rule(population.objective.value)
    if rule.kind != "last" and not population.objective.unit:
        text += f" {metric} is {rule.words} here; W&B's own search uses the runs' summaries."
    return text


def held_so_far_in_words(population: Population, held: np.ndarray) -> str:
    """Say what the runs within the next space have reached, in place of a mean that is that of a few bad runs.

    held : which runs lie in the space, boolean, shape (runs,).
    """
    metric, values = population.objective.metric, population.values
    if held.sum() < _FEWEST_HELD:
        return f"Too few runs lie in this space to say what {metric} to expect of it."
    inside, everywhere = (float(np.median(some)) for some in (values[held], values))
    return (
        f"The {int(held.sum()):,} runs that lie in this space already have a median {metric} of {number(inside, 2)}, "
        f"compared with {number(everywhere, 2)} of all runs. The space was chosen by them, so expect a bit less."
    )


def _of_length(population: Population) -> str:
    """Say of which runs the mean so far is, where others were cut short; "" where it is of all."""
    trained = training(population)
    if trained is None or not trained.cut or not trained.compared.any():
        return ""
    if trained.at is not None:
        return f", both at step {number(trained.at)}"
    return f", both of full-length runs ({trained.compared.sum():,} of these {len(trained.compared):,})"


def _apart(population: Population, so_far: float) -> str:
    """Say why the mean so far isn't the plain one, which is quoted elsewhere; "" where it is."""
    failed = collapsed(population)
    if failed.any() and not failed.all():
        return f", without the {failed.sum():,} of {len(failed):,} runs that collapsed"
    return ", outliers pulled in" if number(so_far) != number(mean_of(population.values)) else ""
