"""Small pictures of one hyperparameter, or of a corner of two, as claims and lists of many have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lib.charts.claims import corner_sketch, levels_sketch, trend_sketch
from lib.sections.blocks import Chart

if TYPE_CHECKING:
    from lib.analysis.best_corner import Corner
    from lib.results.report import Report


def sketch(report: Report, name: str) -> Chart:
    """Return the runs along one searched hyperparameter, small."""
    population = report.population
    parameter = next(p for p in population.searched if p.name == name)
    return Chart(
        f"sketch-{name}",
        name,
        f"{population.objective.metric} of the runs against {name}, small.",
        levels_sketch if parameter.grouped else trend_sketch,
        (population, parameter),
        small=True,
    )


def sketch_of_corner(report: Report, corner: Corner) -> Chart:
    """Return the runs over two searched hyperparameters, small, with the corner framed in which they are best."""
    population = report.population
    first, second = corner.first.parameter, corner.second.parameter
    return Chart(
        f"corner-{first}-{second}",
        corner.text,
        f"The runs over {first} and {second}, coloured by {population.objective.metric}, with the best corner framed.",
        corner_sketch,
        (population, corner),
        small=True,
    )
