"""Tables with a row for each evaluation of a run: what a run was evaluated on is no setting."""

from __future__ import annotations

from itertools import product

import pytest

from lib.model.choices import Choices
from lib.model.objective_choice import objective_of
from lib.model.search_space import parameters_of
from lib.model.sweep import Sweep
from lib.sources.export.read import read_export


def _sweep(names: str, rows: list[tuple[object, ...]], **given: tuple[str, ...]) -> Sweep:
    content = "\n".join([names, *(",".join(map(str, row)) for row in rows)]).encode()
    return read_export(content, "file.csv", **given)


def _roles(sweep: Sweep) -> dict[str, str]:
    return {one.name: one.role for one in parameters_of(sweep, Choices())}


@pytest.mark.parametrize(("name", "train", "val"), [("split", "train", "val"), ("eval_phase", "Train", "validation")])
def test_evaluations_of_a_run_on_several_splits_are_read_as_one_run(name: str, train: str, val: str) -> None:
    bonus = {train: 0.3, val: 0.1, "test": 0.0}
    rows = [
        (lr, part, depth, 0.5 + lr + depth / 100 + more)
        for lr, depth, (part, more) in product((0.1, 0.2), (2, 3), bonus.items())
    ]
    sweep = _sweep(f"lr,{name},depth,accuracy", rows)
    assert len(sweep) == 4
    assert _roles(sweep) == {"depth": "searched", "lr": "searched"}
    assert objective_of(sweep, Choices()).metric == f"{val}/accuracy"
    assert sorted(sweep.summary["test/accuracy"]) == [0.62, 0.63, 0.72, 0.73]
    assert any(f"a row for each {name}" in warning for warning in sweep.warnings)


def test_which_split_models_were_trained_on_stays_a_setting_where_runs_have_one_each() -> None:
    rows = [(lr, part, 0.5 + lr) for at, lr in enumerate((0.1, 0.2, 0.3, 0.4)) for part in (("train", "val")[at % 2],)]
    sweep = _sweep("lr,split,accuracy", rows)
    assert len(sweep) == 4
    assert "split" in sweep.config


def test_who_names_a_column_of_such_a_table_gets_its_rows_as_they_are() -> None:
    rows = [(lr, part, 0.5 + lr) for lr, part in product((0.1, 0.2, 0.3), ("val", "test"))]
    assert len(_sweep("lr,split,accuracy", rows, summary_columns=("accuracy",))) == 6


def test_the_task_of_an_evaluation_is_a_block_where_all_configurations_have_all_tasks() -> None:
    rows = [
        (model, lr, task, at / 50)
        for at, (model, lr, task) in enumerate(product(("base", "large"), (0.1, 0.2), ("cards", "chess", "go")))
    ]
    assert _roles(_sweep("model,lr,task,score", rows)) == {"lr": "searched", "model": "searched", "task": "block"}
    assert _roles(_sweep("model,lr,task,score", rows[:-1]))["task"] == "searched"


def test_an_id_that_several_rows_share_stands_for_no_setting_that_it_names() -> None:
    rows = [
        (f"{kind}__whole", kind, k, at / 20) for at, (kind, k) in enumerate(product(("words", "dense"), (1, 5, 9, 17)))
    ]
    sweep = _sweep("run_id,retriever,k,recall", rows)
    found = {one.name: one for one in parameters_of(sweep, Choices())}
    assert (found["retriever"].role, found["k"].role) == ("searched", "searched")
    assert found["run_id"].alias_of == "retriever"


def test_replications_are_blocks() -> None:
    rows = [(beta, at, beta + at / 100) for beta, at in product((0.1, 0.2, 0.4), range(4))]
    assert _roles(_sweep("beta,replication,accuracy", rows)) == {"beta": "searched", "replication": "block"}


def test_runs_that_are_counted_in_each_configuration_are_repeats() -> None:
    rows = [(beta, name, at, beta + at / 100) for beta, name, at in product((0.1, 0.2), ("a", "b"), range(1, 5))]
    assert _roles(_sweep("beta,place,run,accuracy", rows)) == {"beta": "searched", "place": "searched", "run": "block"}
