"""What a table's own ranks, spreads and numbered columns say of its results."""

from __future__ import annotations

import pytest

from lib.model.choices import Choices
from lib.model.objective_choice import objective_of
from lib.model.sweep import Sweep
from lib.sources.export.read import read_export


def _sweep(names: str, rows: list[tuple[object, ...]], **given: tuple[str, ...]) -> Sweep:
    content = "\n".join([names, *(",".join(map(str, row)) for row in rows)]).encode()
    return read_export(content, "file.csv", **given)


ROUTES = [(0.8, 0.1, 1136.2, 37), (0.8, 0.2, 1151.7, 32), (0.9, 0.1, 1183.5, 82), (0.9, 0.2, 1391.9, 33)]
ROUTES += [(0.95, 0.1, 1466.1, 49), (0.95, 0.2, 1528.4, 63)]


@pytest.mark.parametrize(("turned", "goal"), [(False, "minimize"), (True, "maximize")])
def test_ranks_say_what_runs_are_ranked_by_and_which_way_is_better(turned: bool, goal: str) -> None:
    ordered = ROUTES[::-1] if turned else ROUTES
    rows = [(at, *one) for at, one in enumerate(ordered, start=1)]
    sweep = _sweep("rank,p_cross,p_mutate,best_fitness,seconds", rows)
    objective = objective_of(sweep, Choices())
    assert (objective.metric, objective.goal) == ("best_fitness", goal)
    assert any("rank ranks the runs by best_fitness" in warning for warning in sweep.warnings)
    assert objective_of(sweep, Choices(metric="seconds")).metric == "seconds"


def test_ranks_that_follow_no_result_say_nothing() -> None:
    rows = [(at, *one) for at, one in zip((3, 1, 2, 6, 5, 4), ROUTES, strict=True)]
    assert objective_of(_sweep("rank,p_cross,p_mutate,best_fitness,seconds", rows), Choices()).goal == "maximize"


def test_what_stands_beside_its_spread_is_a_result_and_numbered_columns_are_no_objective() -> None:
    rows = [
        (name, 977.6 - at, 31.1, 7.7 + at, 0.4, 40 + at, 60 - at, 50 + at)
        for at, name in enumerate(("fifo", "edf", "sjf"))
    ]
    sweep = _sweep("policy,total_jobs,total_jobs_std,throughput_rps,throughput_rps_std,cell_1,cell_2,cell_3", rows)
    assert list(sweep.config.columns) == ["policy"]
    objective = objective_of(sweep, Choices())
    assert (objective.metric, objective.goal) == ("throughput_rps", "maximize")


@pytest.mark.parametrize(("best", "worst", "goal"), [(-30, 40, "minimize"), (30, -40, "maximize")])
def test_a_best_below_the_worst_says_that_smaller_is_better(best: int, worst: int, goal: str) -> None:
    rows = [("size", at, 1400 + at + best, 1400 + at + worst, 1400 + at, 9.5) for at in (50, 100, 200)]
    rows += [("share", at, 1400 + at + best, 1400 + at + worst, 1401.5 + at, 8.5) for at in (5, 7, 9)]
    objective = objective_of(_sweep("parameter,value,best,worst,avg,std", rows), Choices())
    assert (objective.metric, objective.goal) == ("avg", goal)
