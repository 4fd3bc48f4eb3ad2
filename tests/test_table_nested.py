"""Runs that started others: one of both counts, the other is left out for a stated reason, and no run is lost."""

from __future__ import annotations

import random

import pytest

from lib.model.choices import Choices
from lib.report import report_of
from lib.results.report import Report
from lib.sources.export.read import read_export

MLFLOW = "run_id,status,metrics.val_acc,params.lr,params.depth,tags.mlflow.parentRunId"


def read(header: str, rows: list[str], **choices: object) -> Report:
    return report_of(read_export("\n".join([header, *rows]).encode(), "file.csv"), Choices(**choices))  # type: ignore[arg-type]


def search(parents: int = 2, children: int = 6) -> list[str]:
    """Return a search of each parent: children with settings of their own, and a parent with the best of them."""
    draw = random.Random(1)
    rows = []
    for p in range(parents):
        scores = [draw.uniform(0.5, 0.9) for _ in range(children)]
        rows.append(f"p{p},FINISHED,{max(scores):.4f},,,")
        rows += [
            f"p{p}c{c},FINISHED,{one:.4f},{draw.uniform(0.001, 0.1):.4f},{draw.randint(2, 8)},p{p}"
            for c, one in enumerate(scores)
        ]
    return rows


def folds(settings_of_children: bool, configurations: int = 6, children: int = 3) -> list[str]:
    """Return a parent for each configuration with the mean of its folds."""
    draw = random.Random(2)
    rows = []
    for p in range(configurations):
        lr, depth = f"{draw.uniform(0.001, 0.1):.4f}", str(draw.randint(2, 8))
        scores = [draw.uniform(0.5, 0.9) for _ in range(children)]
        rows.append(f"p{p},FINISHED,{sum(scores) / children:.4f},{lr},{depth},")
        own = f"{lr},{depth}" if settings_of_children else ","
        rows += [f"p{p}f{c},FINISHED,{one:.4f},{own},p{p}" for c, one in enumerate(scores)]
    return rows


def ledger(report: Report) -> tuple[int, int, dict[str, int]]:
    found = report.population.ledger
    return found.used, found.total, {one.reason: one.count for one in found.excluded}


def test_the_trials_of_a_search_count_and_the_parents_that_sum_them_up_do_not() -> None:
    report = read(MLFLOW, search())
    assert ledger(report) == (12, 14, {"state parent": 2})
    said = " ".join(report.warnings)
    assert "2 runs are the parents of 12 others, by the column tags.mlflow.parentRunId" in said
    assert "baseline" not in said
    assert {p.name for p in report.population.searched} == {"params.lr", "params.depth"}


@pytest.mark.parametrize("own", [True, False])
def test_folds_are_repeats_of_the_configuration_that_their_parent_has(own: bool) -> None:
    report = read(MLFLOW, folds(own))
    assert ledger(report) == (18, 24, {"state parent": 6})
    assert report.population.sweep.config["params.lr"].notna().all()
    assert len(report.observations) == 6


def test_parents_are_ranked_instead_where_the_reader_asks_for_them() -> None:
    assert read(MLFLOW, folds(False), states=("parent",)).population.ledger.used == 6


def test_parents_count_where_their_children_have_no_results() -> None:
    rows = [f"p{p},FINISHED,0.{p + 3},0.{p + 1},{p},\np{p}s,FINISHED,,,,p{p}" for p in range(5)]
    report = read(MLFLOW, rows)
    assert ledger(report) == (5, 10, {"state child": 5})
    assert report.once(_no_left_out) is None


def _no_left_out(population: object) -> object:
    from lib.analysis.failures import better_left_out

    return better_left_out(population)  # type: ignore[arg-type]


def test_any_column_of_parents_is_read_so_and_is_no_hyperparameter() -> None:
    header = "Run ID,Parent Run ID,lr,layers,accuracy"
    rows = [",".join([name, parent, lr, depth, acc]) for name, _, acc, lr, depth, parent in map(_cells, search())]
    report = read(header, rows)
    assert ledger(report) == (12, 14, {"state parent": 2})
    children = [row for row in rows if row.split(",")[1]]
    alone = read(header, children)
    assert (
        {p.name for p in alone.population.searched} == {"lr", "layers"} == {p.name for p in report.population.searched}
    )
    assert ledger(alone) == (12, 12, {})


def _cells(row: str) -> list[str]:
    return row.split(",")


def test_configurations_in_a_search_count_by_their_folds_and_the_order_of_rows_is_irrelevant() -> None:
    rows = ["s,FINISHED,,,,"]
    for p in range(4):
        rows += [f"p{p},FINISHED,0.{p + 4},0.{p + 1},{p},s", *(f"p{p}f{c},FINISHED,0.{p + 3}{c},,,p{p}" for c in "12")]
    report = read(MLFLOW, rows)
    assert ledger(report) == (8, 13, {"state parent": 5})
    shuffled = random.Random(3).sample(rows, len(rows))
    assert report.population.sweep.data_sha256 == read(MLFLOW, shuffled).population.sweep.data_sha256


def test_in_an_evolution_parents_are_runs_like_all_others() -> None:
    draw = random.Random(4)
    rows = [
        f"i{i},{f'i{draw.randrange(i)}' if i > 3 else ''},{draw.uniform(0.001, 0.1):.4f},{draw.randint(2, 8)},"
        f"{draw.uniform(0.5, 0.9):.4f}"
        for i in range(24)
    ]
    for heading in ("parent", "Parent ID"):
        report = read(f"id,{heading},lr,layers,fitness", rows)
        assert ledger(report) == (24, 24, {})
        assert {p.name for p in report.population.searched} == {"lr", "layers"}
