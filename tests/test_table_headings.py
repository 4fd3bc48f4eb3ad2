"""Which columns of other people's tables are settings, results and records, and which result is the objective.

Each case is of a kind that stands in tables of public repositories; names and numbers are made up.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from lib.model.choices import Choices
from lib.model.errors import InputError
from lib.model.objective_choice import objective_of
from lib.model.sweep import Sweep
from lib.report import report_of
from lib.sources.export.read import read_export

ROWS = 24


def cell(kind: str, at: int, draw: random.Random) -> str:
    """A cell of a kind: "a|b|c" draws one of these, "@a|b" goes through them, other words say what they are."""
    made: dict[str, Any] = {
        "lr": lambda: f"{10 ** draw.uniform(-4, -1):.6g}",
        "share": lambda: f"{draw.uniform(0.3, 0.9):.12f}",
        "loss": lambda: f"{draw.uniform(0.4, 2):.12f}",
        "time": lambda: f"2025-03-{1 + at:02d} 14:{at:02d}",
        "iso": lambda: f"2025-03-{1 + at:02d}T14:{at:02d}:31.2+00:00",
        "hash": lambda: f"{draw.getrandbits(156) | (1 << 155):039x}a",
        "text": lambda: (
            f"__home__user__part-{at}__and_a_very_long_tail_that_no_name_of_a_run_would_have__{'x' * 60}.csv"
        ),
        "matrix": lambda: f'"[[{draw.randrange(9)}, 1], [2, {draw.randrange(9)}]]"',
        "id": lambda: f"E{at - at % 12 // 11:02d}-A",
        "path": lambda: f"/mnt/disk/{at % 6}/out",
        "note": lambda: draw.choice(["baseline", "1187406", "again with more data", ""]),
        "count": lambda: str(draw.randrange(3, 20)),
        "at": lambda: str(at + 1),
    }
    if kind in made:
        return str(made[kind]())
    levels = kind.removeprefix("@").split("|")
    return levels[at % len(levels)] if kind.startswith("@") else draw.choice(levels)


def table(columns: dict[str, str]) -> Sweep:
    draw = random.Random(7)
    rows = [",".join(cell(kind, at, draw) for kind in columns.values()) for at in range(ROWS)]
    return read_export("\n".join([",".join(columns), *rows]).encode(), "file.csv")


SETTINGS = {"lr": "lr", "width": "32|64|128"}


@pytest.mark.parametrize(
    "record",
    [
        {"timestamp_utc": "iso"}, {"time": "time"}, {"commit_hash": "hash"}, {"experiment_id": "id"}, {"notes": "note"},
        {"subfolder": "text"}, {"run_dir": "path"}, {"order": "at"},
    ],
    ids=lambda one: next(iter(one)),
)  # fmt: skip
@pytest.mark.parametrize("first", [True, False])
def test_what_records_a_run_is_neither_a_setting_nor_a_result(record: dict[str, str], first: bool) -> None:
    sweep = table({**record, **SETTINGS, "val_acc": "share"} if first else {**SETTINGS, "val_acc": "share", **record})
    assert (list(sweep.config), list(sweep.summary)) == (["lr", "width"], ["val_acc"])
    assert len(sweep) == ROWS


@pytest.mark.parametrize(
    "result",
    [
        {"avg_acc": "share", "avg_f1": "share", "avg_rate": "share", "avg_kll": "loss"},
        {"val_acc": "share", "used_epochs": "count"},
        {"val_acc": "share", "stopped_epoch": "count"},
        {"val_acc": "share", "Size (MB)": "42.7|11.2"},
        {"val_acc": "share", "flops_g": "0.32|0.42"},
        {"val_acc": "share", "n_params": "1000000|2000000"},
        {"val_acc": "share", "pareto_optimal": "True|False"},
        {"accuracy": "share", "f1": "share", "tp": "6|4|0", "fp": "13|7|0", "fn": "0|2|6", "tn": "6|12|19"},
        {"accuracy": "share", "conf_matrix": "matrix"},
        {"AQL": "loss", "MAE": "loss", "RMSE": "loss"},
    ],
    ids=lambda one: list(one)[-1],
)
def test_what_came_out_is_no_setting(result: dict[str, str]) -> None:
    sweep = table({"model": "@lstm|gru", "T": "@1|1|2|2|3|3", **result})
    assert (list(sweep.config), list(sweep.summary)) == (["model", "T"], list(result))


@pytest.mark.parametrize(
    "setting",
    [
        {"train_batch": "13|16"}, {"train_samples": "152|1596"}, {"val_size": "0.1|0.2"}, {"train_inputs": "260|267"},
        {"time_blocks": "2|4|6"}, {"w_bm25": "0.1|0.3|0.6"}, {"explorationProb": "0.1|0.2|0.3"},
        {"discount": "0.9|0.99"},
    ],
    ids=lambda one: next(iter(one)),
)  # fmt: skip
def test_what_is_set_is_no_result_whatever_words_its_name_has(setting: dict[str, str]) -> None:
    sweep = table({**setting, **SETTINGS, "val_acc": "share", "runtime_s": "loss"})
    assert set(sweep.config) == {*setting, "lr", "width"}


@pytest.mark.parametrize(
    ("columns", "metric", "goal", "config"),
    [
        ({"Gain": "0.31|0.32", "Look Back": "3|4", "Average Overlap": "share"}, "Average Overlap", "maximize",
         ["Gain", "Look Back"]),
        ({"Sq": "0.2|0.6", "S": "0.08|0.1", "final_loss": "loss"}, "final_loss", "minimize", ["Sq", "S"]),
        ({"State": "Simple|Full", "MLP": "TRUE|FALSE", "F1 Per": "share", "MIOU Per": "share"}, "F1 Per",
         "maximize", ["State", "MLP"]),
        ({"lead_set": "full|limb", "auc_CD": "share", "auc_MI": "share", "macro": "share"}, "macro", "maximize",
         ["lead_set"]),
        ({"Pipeline": "a|b|c", "Accuracy": "share", "Sparsity (%)": "loss"}, "Accuracy", "maximize", ["Pipeline"]),
        ({"max_iter": "100|500", "lr": "lr", "accuracy": "share", "n_iter": "count"}, "accuracy", "maximize",
         ["max_iter", "lr"]),
        ({"max_epochs": "50|100", "lr": "lr", "best_val_loss": "loss", "total_epochs": "11|12|14"}, "best_val_loss",
         "minimize", ["max_epochs", "lr"]),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)  # fmt: skip
def test_the_objective_is_the_result_and_no_symbol_or_word_that_another_column_has(
    columns: dict[str, str], metric: str, goal: str, config: list[str]
) -> None:
    sweep = table(columns)
    objective = objective_of(sweep, Choices())
    assert (objective.metric, objective.goal) == (metric, goal)
    assert list(sweep.config) == config
    assert set(sweep.runs["state"]) == {"unknown"}


@pytest.mark.parametrize(
    "columns",
    [
        {"stage": "1|2|3", "hyp_lr": "lr", "power_k": "5"},
        {"discount": "lr", "exploration_rate": "lr", "step_size": "lr", "runtime": "loss"},
    ],
    ids=["a stage", "settings alone"],
)
def test_where_no_result_is_left_no_setting_is_ranked_by(columns: dict[str, str]) -> None:
    with pytest.raises(InputError, match="no column reads as a result"):
        objective_of(table(columns), Choices())


def test_lists_of_means_and_spreads_are_no_grouped_table() -> None:
    lists = {"calculated_mean": '"[0.5, 0.4]"', "calculated_std": '"[0.2, 0.3]"'}
    sweep = table({**SETTINGS, "val_acc": "share", **lists})
    assert not any("grouped table" in warning for warning in sweep.warnings)


def test_curves_below_one_another_that_only_a_learning_rate_parts_are_a_history() -> None:
    rows = [f"0.1,{noise},{lr},{epoch},{2 / epoch + lr}" for noise in (0.5, 1) for lr in (0.01, 0.1, 1)
            for epoch in range(1, 6)]  # fmt: skip
    with pytest.raises(InputError, match="history of 6 runs"):
        read_export("\n".join(["max_grad_norm,noise,learning_rate,epoch,loss", *rows]).encode(), "file.csv")


def test_a_value_of_optuna_that_is_an_attribute_in_most_trials_has_its_goal() -> None:
    rows = [f"{at},{(at % 7) / 10},0.{at + 1},{(at % 7) / 10 if at % 5 else 0.95},COMPLETE" for at in range(12)]
    header = "number,value,params_lr,user_attrs_precision,state"
    sweep = read_export("\n".join([header, *rows]).encode(), "file.csv")
    objective = objective_of(sweep, Choices())
    assert (objective.metric, objective.goal) == ("value", "maximize")
    assert any("the same as user_attrs_precision in 9 of 12 trials" in warning for warning in sweep.warnings)


def test_a_long_row_with_words_where_numbers_stand_is_left_out_and_counted() -> None:
    rows = [f"r{at},span,0.{at + 1},0.{at + 3}" for at in range(6)]
    long = ["long,span,0.1,span,0.15,0.7", "longer,span,0.2,0.5,0.5"]
    sweep = read_export("\n".join(["run,strategy,lr,val_acc", *rows, *long]).encode(), "file.csv")
    assert sorted(sweep.runs["name"]) == ["longer", "r0", "r1", "r2", "r3", "r4", "r5"]
    assert any(w.startswith("1 row has more cells than the header, and words where") for w in sweep.warnings)
    assert any(w.startswith("1 row has more cells than the header; the extra ones") for w in sweep.warnings)


def test_a_run_with_the_text_of_an_error_failed() -> None:
    rows = [
        f"r{at},0.{at + 1},{'' if at % 3 else 'CUDA out of memory'},{f'0.{at + 3}' if at % 3 else ''}"
        for at in range(6)
    ]
    sweep = read_export("\n".join(["run,lr,error,val_acc", *rows]).encode(), "file.csv")
    assert sweep.runs["state"].tolist() == ["failed", "finished", "finished"] * 2
    assert "error" not in sweep.config
    assert "2 runs with a text in error count as failed." in sweep.warnings
    measured = read_export(
        "\n".join(["run,lr,error", *(f"r{i},0.{i + 1},0.{i + 2}" for i in range(6))]).encode(), "f.csv"
    )
    assert list(measured.summary) == ["error"]


def test_a_result_that_holds_lists_is_named_where_no_other_is_found() -> None:
    rows = [f'0.{at + 1},{at % 3},"[1.5, {at}]"' for at in range(9)]
    sweep = read_export("\n".join(["alpha,n_steps_ahead,average_reward", *rows]).encode(), "file.csv")
    with pytest.raises(InputError, match="average_reward holds text or lists, and no number a run"):
        objective_of(sweep, Choices())


@pytest.mark.parametrize(
    ("columns", "metric", "goal"),
    [
        ({"model": "a|b|c", "Entropy@10": "loss", "GiniIndex@10": "share", "NDCG@10": "share"}, "NDCG@10", "maximize"),
        ({"lr": "lr", "Max Reward": "share", "Avg Reward (Last 100)": "share"}, "Avg Reward (Last 100)", "maximize"),
        ({"width": "1|2|4", "n_params": "1000|2000|4000", "val_auc": "share"}, "val_auc", "maximize"),
        ({"lr": "lr", "gini": "share"}, "gini", "maximize"),
    ],
    ids=["diversity", "the highest", "a size", "gini alone"],
)
def test_what_is_reported_beside_a_result_is_not_taken_for_it(columns: dict[str, str], metric: str, goal: str) -> None:
    objective = objective_of(table(columns), Choices())
    assert (objective.metric, objective.goal) == (metric, goal)


def test_no_setting_is_computed_from_a_result_though_results_are_tied() -> None:
    values = [(1000, 0.05, 0.88), (6000, 0.01, 0.87), (2000, 0.03, 0.87), (4000, 0.01, 0.86), (6000, 0.05, 0.86)]
    rows = [f"{e},{lr},{reg},{acc}" for e, lr, acc in values for reg in (0.1, 0.01, 0.001)]
    sweep = read_export("\n".join(["epochs,lr,reg,val_accuracy", *rows]).encode(), "file.csv")
    assert list(sweep.config) == ["epochs", "lr", "reg"]


def test_runs_that_were_all_cut_short_get_a_report_that_claims_nothing() -> None:
    ends = [(1000, 0.05, 0.885)] * 5 + [(6000, 0.01, 0.879), (2000, 0.03, 0.879)] * 2 + [(4000, 0.01, 0.876)]
    ends += [(6000, 0.05, 0.876)] * 2 + [(2000, 0.03, 0.876)]
    rows = [f"{epochs},{lr},{at % 5 / 1000},{acc}" for at, (epochs, lr, acc) in enumerate(ends)]
    content = "\n".join(["epochs,lr,reg,val_accuracy", *rows]).encode()
    sweep = read_export(content, "file.csv", summary_columns=("epochs",))
    found = report_of(sweep, Choices(metric="val_accuracy")).to_dict()["findings"]
    assert not [one for one in found if one["kind"] == "effect"]


@pytest.mark.parametrize(
    ("seeds", "counts"), [("[42]", False), ("42", False), ("1337", False), ("5", True), ("250", True)]
)
def test_a_column_of_seeds_counts_runs_only_where_it_holds_no_seeds(seeds: str, counts: bool) -> None:
    rows = [f"0.{at + 1},{seeds},0.{at + 3},0.01" for at in range(6)]
    sweep = read_export("\n".join(["lr,seeds,acc_mean,acc_std", *rows]).encode(), "file.csv")
    assert any("runs stand behind its 6 rows" in warning for warning in sweep.warnings) == counts


def test_long_names_of_what_was_compared_are_no_samples_of_a_logged_table() -> None:
    rows = [f"PureSVD k={at} content=Embeddings alpha=0.{at},0.0{at + 1},0.1{at}" for at in range(9)]
    sweep = read_export("\n".join(["setting,precision@10,ndcg@10", *rows]).encode(), "file.csv")
    assert objective_of(sweep, Choices()).metric == "ndcg@10"
    assert len(sweep) == 9
