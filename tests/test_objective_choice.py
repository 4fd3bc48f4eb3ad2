"""Which metric the report is about, which way is better, and how that is known."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.findings import findings_of
from lib.findings.inferred_objective import goal_caveat, goal_inferred
from lib.model.choices import Choices
from lib.model.errors import InputError
from lib.model.goal import Objective
from lib.model.metric_names import NO_RESULT, read_name
from lib.model.objective_choice import declared_metrics, goal_from_diverged, goal_of_metric, objective_of
from lib.model.sweep import Declaration
from lib.sources.export.read import read_export
from testing.sweeps import populated, reported, sweep_of

TWO = {"lr": [0.1, 0.2]}


def chosen(summary, config=None, declared=None, **choices):
    return objective_of(sweep_of(config or TWO, summary, declared=declared), Choices(**choices))


def two(*names):
    return {name: [1.0, 2.0] for name in names}


@pytest.mark.parametrize(
    ("names", "metric"),
    [
        (("dev_ppl", "BLEU", "chrF"), "BLEU"),
        (("eval_loss", "rouge1", "rougeL"), "rouge1"),
        (("val_loss", "WER"), "WER"),
        (("val_loss", "fid"), "fid"),
        (("val_loss", "NDCG@10"), "NDCG@10"),
        (("val_loss", "acc"), "val_loss"),
        (("val_bleu", "bleu"), "val_bleu"),
        (("train_bleu", "val_loss"), "val_loss"),
    ],
)
def test_what_is_measured_by_generating_or_ranking_is_held_out_though_its_name_does_not_say_so(names, metric):
    assert chosen(two(*names)).metric == metric
    assert chosen(two(*names[::-1])).metric == metric


@pytest.mark.parametrize(
    ("summary", "metric", "goal"),
    [
        ({"epoch": [1, 2], "loss": [0.3, 0.2], "val_loss": [0.5, 0.4]}, "val_loss", "minimize"),
        ({"mAP50": [0.5, 0.6], "mAP50-95": [0.3, 0.4], "val/box_loss": [2.0, 1.0]}, "mAP50-95", "maximize"),
        ({"val_loss": [0.5, 0.4], "val_acc": [0.5, 0.6], "acc": [0.1, 0.2]}, "val_acc", "maximize"),
        ({"_step": [1, 2], "_runtime": [5.0, 6.0], "quality": [1.0, 2.0]}, "quality", "maximize"),
        ({"val_acc": [None, None], "acc": [0.1, 0.2]}, "acc", "maximize"),
    ],
)
def test_without_a_declaration_the_likeliest_metric_is_guessed_and_said_to_be(summary, metric, goal):
    objective = objective_of(sweep_of({"lr": [0.1, 0.2]}, summary), Choices())
    assert (objective.metric, objective.goal, objective.metric_source) == (metric, goal, "name")
    assert objective.inferred


def test_errors_below_zero_were_logged_with_their_sign_turned():
    turned = chosen({"mean_test_mse": [-0.4, -0.2]})
    assert (turned.goal, turned.goal_source) == ("maximize", "sign")
    assert chosen({"mean_test_mse": [-0.4, 0.2]}).goal == "minimize"
    assert chosen({"mean_test_mse": [0.4, 0.2]}).goal == "minimize"
    # A log density may be below zero and is minimized all the same.
    assert chosen({"val_nll": [-0.4, -0.2]}).goal == "minimize"
    assert chosen({"neg_mse": [-0.4, -0.2]}).goal_source == "name"
    said = said_of(turned)
    assert "sign turned, so larger is better" in said.text


def test_counts_of_right_answers_and_p_values_stand_behind_what_they_are_of():
    assert chosen(two("val_correct", "val_accuracy")).metric == "val_accuracy"
    assert chosen(two("p_value", "delta_f1")).metric == "delta_f1"


def test_the_declared_metric_counts_and_its_goal_is_minimize_where_unsaid():
    sweep = sweep_of(
        {"lr": [0.1, 0.2]},
        {"score": [1.0, 2.0], "val_acc": [1.0, 2.0]},
        declared={"metric": {"name": "score"}, "parameters": {}},
    )
    objective = objective_of(sweep, Choices())
    assert (objective.metric, objective.goal) == ("score", "minimize")
    assert (objective.metric_source, objective.goal_source) == ("declared", "default")
    assert objective_of(sweep, Choices(metric="val_acc")).goal == "maximize"
    assert objective_of(sweep, Choices(goal="maximize")).metric == "score"


def test_sweeps_of_different_objectives_ask_the_reader_to_choose():
    sweep = sweep_of({"lr": [0.1, 0.2]}, {"a": [1.0, 2.0], "b": [1.0, 2.0]})
    configs = ({"metric": {"name": "a", "goal": "maximize"}}, {"metric": {"name": "b", "goal": "minimize"}})
    joined = sweep.with_declarations(tuple(Declaration(config=c) for c in configs))
    with pytest.raises(InputError, match="maximize a, minimize b"):
        objective_of(joined, Choices())
    assert objective_of(joined, Choices(metric="b")).goal == "minimize"


@pytest.mark.parametrize(
    ("summary", "metric", "says"),
    [
        ({"score": [1.0, 2.0]}, "nothing", "has no metric 'nothing'. Choose one of: score."),
        ({"score": [1.0, 2.0], "note": ["a", "b"]}, "note", "is not numeric. Choose one of: score."),
        ({"note": ["a", "b"]}, "nothing", "has no numeric metric, so 'nothing' can't be read"),
        ({"note": ["a", "b"]}, None, "no column reads as a result, so runs can't be ranked. Columns: lr, note."),
        ({"passed": [True, False]}, None, "no column reads as a result"),
        ({"epoch": [1, 2], "lr": [0.1, 0.2], "Seconds": [3.0, 4.0]}, None, "no column reads as a result.*--metric"),
    ],
)
def test_a_metric_that_can_not_be_ranked_by_gets_a_sentence(summary, metric, says):
    with pytest.raises(InputError, match=says):
        objective_of(sweep_of({"lr": [0.1, 0.2]}, summary), Choices(metric=metric))


@pytest.mark.parametrize(
    ("names", "metric"),
    [
        (["val_acc", "test_acc", "train_acc", "acc"], "val_acc"),
        (["test_acc", "train_acc"], "test_acc"),
        (["loss", "train_loss"], "loss"),
        (["baseline_wer", "final_wer"], "final_wer"),
        (["a_val_acc_of_one_class", "val_acc"], "val_acc"),
        (["val_loss", "val_wer"], "val_wer"),
        (["val_acc", "val_iou", "best_val_iou"], "val_iou"),
        (["latency_ms", "val_recall"], "val_recall"),
        (["val_acc_std", "val_acc"], "val_acc"),
        (["params", "runtime_s", "utility"], "utility"),
        (["latency_ms"], "latency_ms"),
        (["eval/loss", "eval/runtime", "eval/samples_per_second"], "eval/loss"),
        (["policy_loss", "value_loss", "approx_kl", "ep_rew_mean"], "ep_rew_mean"),
        # The length of a name says nothing.
        (["Kappa", "Accuracy"], "Accuracy"),
        (["dev_ppl", "dev_bleu"], "dev_bleu"),
        (["eval/cer", "eval/loss", "eval/wer"], "eval/wer"),
        (["test_ece", "test_mcc", "test_accuracy"], "test_accuracy"),
        (["MAPE", "R2", "RMSE"], "RMSE"),
        (["Acc@5", "Acc@1"], "Acc@1"),
        (["val_iou_bike", "val_iou_car", "val_miou"], "val_miou"),
        (["mmlu", "gsm8k", "average"], "average"),
        (["val_hd95", "val_dice"], "val_dice"),
        (["Kappa_statistic", "Percent_correct"], "Percent_correct"),
    ],
)
def test_among_several_candidates_the_likeliest_is_taken_and_the_others_are_named(names, metric):
    objective = chosen(two(*names))
    assert objective.metric == metric
    assert metric not in objective.runners_up
    assert set(objective.runners_up) <= set(names)


def test_a_metric_that_most_finished_runs_lack_comes_after_one_that_they_have():
    config = {"lr": [0.1, 0.2, 0.3, 0.4]}
    summary = {"val_acc": [0.5, None, None, None], "val_accuracy_of_all": [0.1, 0.2, 0.3, 0.4]}
    assert chosen(summary, config).metric == "val_accuracy_of_all"


@pytest.mark.parametrize(
    ("config", "metric", "goal", "source"),
    [
        (
            {"trainer.early_stopping.monitor": "val_iou", "trainer.early_stopping.mode": "max"},
            "val_iou",
            "maximize",
            "monitor",
        ),
        ({"monitor": "val/zeta", "mode": "min"}, "val/zeta", "minimize", "monitor"),
        ({"early_stopping_monitor": "val/zeta", "early_stopping_mode": "min"}, "val/zeta", "minimize", "monitor"),
        ({"monitor": "val_iou", "mode": "auto"}, "val_iou", "maximize", "name"),
        ({"metric_for_best_model": "zeta", "greater_is_better": False}, "val/zeta", "minimize", "monitor"),
        ({"metric_for_best_model": "iou"}, "val_iou", "maximize", "name"),
        ({"eval_metric": "iou"}, "val_iou", "maximize", "name"),
        ({"checkpoint.monitor": "val/zeta", "lr_scheduler.mode": "min"}, "val/zeta", "maximize", "unknown"),
    ],
)
def test_what_the_runs_select_their_model_by_is_the_objective(config, metric, goal, source):
    columns = {name: [value, value] for name, value in config.items()}
    objective = chosen(two("val_acc", "val_iou", "val/zeta", "train_iou"), {**TWO, **columns})
    assert (objective.metric, objective.goal, objective.goal_source) == (metric, goal, source)
    assert objective.metric_source == "monitor"
    assert objective.metric_key == next(iter(config))


def test_runs_that_select_by_different_metrics_name_none():
    objective = chosen(two("val_acc", "val_iou"), {**TWO, "monitor": ["val_acc", "val_iou"]})
    assert objective.metric_source == "name"


def test_a_list_of_metrics_gives_the_objective_first_and_the_goals_of_the_others():
    config = {"metrics": [{"name": "zeta", "goal": "minimize"}, {"name": "eta", "goal": "minimize"}], "parameters": {}}
    sweep = sweep_of(TWO, two("eta", "zeta", "val_acc"), declared=config)
    objective = objective_of(sweep, Choices())
    assert (objective.metric, objective.goal, objective.inferred) == ("zeta", "minimize", False)
    assert goal_of_metric(sweep, "eta") == ("minimize", "declared")
    assert goal_of_metric(sweep, "val_acc") == ("maximize", "name")


@pytest.mark.parametrize("metrics", [None, [], "loss", [3], [{"goal": "minimize"}], {"name": "x"}])
def test_a_list_of_metrics_that_makes_no_sense_declares_nothing(metrics):
    assert declared_metrics(Declaration(config={"metrics": metrics})) == ()


@pytest.mark.parametrize(
    ("values", "goal"),
    [
        ([*np.linspace(1, 2, 20), 4.5e9], "minimize"),
        ([*np.linspace(1, 2, 20), -4.5e9], "maximize"),
        ([*np.linspace(1, 2, 20), math.inf], "minimize"),
        ([*np.linspace(1, 2, 20), 4.5e9, -4.5e9], None),
        ([*np.linspace(1, 2, 20), 3.0], None),
        ([1.0, 1.1, 1e9], None),
        ([1.0] * 20 + [1e9], None),
        ([*np.linspace(1, 2, 20), *[1e9] * 10], None),
        ([math.nan] * 20, None),
    ],
)
def test_one_run_far_on_one_side_is_taken_for_one_that_diverged(values, goal):
    assert goal_from_diverged(np.array(values)) == goal


def test_where_nothing_tells_the_goal_is_assumed_and_said_first_and_can_be_turned():
    config = {"lr": [i / 100 for i in range(1, 13)]}
    summary = {"zeta": [float(i % 7) for i in range(12)]}
    report = reported(sweep_of(config, summary))
    first = findings_of(report)[0]
    assert (first.id, first.kind, first.strength) == ("goal_inferred", "goal_inferred", "strong")
    assert first.text.startswith("Nothing says which way is better for zeta: that larger is better is only assumed.")
    assert "--goal minimize" in first.text
    turned = reported(sweep_of(config, summary), metric="zeta", goal="minimize")
    assert not [f for f in findings_of(turned) if f.kind == "goal_inferred"]


ERRORS = [0.9, 0.7, 0.8, 0.4, 0.5, 0.3, 0.6, 0.2, 0.1, 0.95]


@pytest.mark.parametrize(
    ("name", "of_error", "beside", "goal", "source"),
    [
        ("best_score", 1.0, "valid_rmse", "minimize", "company"),
        ("best_score", -1.0, "valid_rmse", "maximize", "company"),
        ("objective", 2.0, "valid_rmse", "minimize", "company"),
        ("objective", -1.0, "valid_acc", "minimize", "company"),
        ("zeta", 1.0, "valid_rmse", "minimize", "company"),
        ("score (maximize)", 1.0, "valid_rmse", "maximize", "stated"),
        ("val_acc", 1.0, "valid_rmse", "maximize", "name"),
        ("score", 1.0, "zeta", "maximize", "name"),
        ("score", 1.0, "train_seconds", "maximize", "name"),
        ("sparsity", 1.0, "valid_rmse", "maximize", "unknown"),
    ],
)
def test_a_name_that_leaves_the_goal_open_has_that_of_the_result_it_goes_with(name, of_error, beside, goal, source):
    summary = {name: [of_error * one for one in ERRORS], beside: list(ERRORS)}
    objective = chosen(summary, {"lr": [0.1] * len(ERRORS)}, metric=name)
    assert (objective.goal, objective.goal_source) == (goal, source)
    assert objective.goal_beside == (beside if source == "company" else None)


def test_results_that_disagree_runs_that_are_few_and_loose_company_leave_the_goal_as_it_was():
    lr = {"lr": [0.1] * len(ERRORS)}
    against = {"score": ERRORS, "valid_rmse": ERRORS, "valid_acc": ERRORS}
    assert chosen(against, lr, metric="score").goal_source == "name"
    assert chosen({"score": ERRORS[:7], "valid_rmse": ERRORS[:7]}, {"lr": [0.1] * 7}, metric="score").goal == "maximize"
    loose = [*ERRORS[:4], ERRORS[5], ERRORS[4], *ERRORS[6:]]
    assert chosen({"zeta": ERRORS, "valid_rmse": loose}, lr, metric="zeta").goal_source == "unknown"
    assert chosen({"score": ERRORS, "valid_rmse": loose}, lr, metric="score").goal_source == "company"


def test_what_is_weighed_against_another_has_no_goal_by_its_company():
    sweep = sweep_of({"lr": [0.1] * len(ERRORS)}, {"zeta": ERRORS, "valid_rmse": ERRORS})
    assert goal_of_metric(sweep, "zeta") == ("maximize", "unknown")


def test_a_declared_score_without_a_goal_is_minimized_as_wandb_does_and_doubted():
    objective = chosen(two("val_acc"), declared={"metric": {"name": "val_acc"}, "parameters": {}})
    assert (objective.goal, objective.goal_source) == ("minimize", "default")
    said = said_of(objective)
    assert said.strength == "strong"
    assert "The metric's name suggests the opposite" in said.text


@pytest.mark.parametrize("names", [("val_f1", "val_accuracy"), ("val_accuracy", "val_f1"), ("MAE", "RMSE")])
def test_what_only_stands_first_is_said_to_be_open_and_what_else_it_could_be(names):
    rows = [f"{i},0.{i + 1},0.{i + 2},0.{9 - i}" for i in range(5)]
    table = "\n".join([f"lr,{','.join(names)},kappa", *rows]).encode()
    objective = objective_of(read_export(table, "file.csv"), Choices())
    assert (objective.metric, objective.as_likely) == (names[0], names[1:])
    text = said_of(objective).text
    assert f"because it comes first, and {names[1]} could be meant as well" in text
    assert "--metric NAME" in text
    assert chosen(two("val_accuracy", "val_kappa")).as_likely == ()


def said_of(objective):
    """Return the finding on how an objective is known; None where there is none."""
    population = SimpleNamespace(objective=objective, ledger=SimpleNamespace(used=1))
    sweep = SimpleNamespace(origin=SimpleNamespace(format=None))
    return next(iter(goal_inferred.findings(SimpleNamespace(population=population, sweep=sweep))), None)


@given(
    st.sampled_from(["name", "monitor", "declared", "reader"]),
    st.sampled_from(
        ["default", "stated", "monitor", "name", "sign", "company", "data", "unknown", "declared", "reader"]
    ),
    st.sampled_from(["maximize", "minimize"]),
    st.lists(st.sampled_from(["a", "b"]), max_size=2),
)
def test_no_decision_is_silent(metric_source, goal_source, goal, others):
    key = {"metric_key": "monitor"} if metric_source == "monitor" else {}
    key |= {"goal_key": "mode"} if goal_source == "monitor" else {}
    key |= {"goal_beside": "val_rmse"} if goal_source == "company" else {}
    objective = Objective(
        "m", goal, metric_source=metric_source, goal_source=goal_source, runners_up=tuple(others), **key
    )
    said = said_of(objective)
    given_by_someone = {"declared", "reader"}
    assert (said is None) == (metric_source in given_by_someone and goal_source in given_by_someone)
    if said is not None:
        text = said.text
        assert ("smaller is better" in text) or ("larger is better" in text) or goal_source in given_by_someone
        assert all(other in text for other in others) or metric_source in given_by_someone
    assert bool(goal_caveat(objective)) == (goal_source in ("unknown", "data"))
    assert bool(goal_caveat(objective, "optuna")) == (goal_source in ("unknown", "data", "default"))


@given(
    st.lists(
        st.sampled_from(
            [
                "epoch",
                "lr",
                "_runtime",
                "Seconds",
                "batch_size",
                "val_loss",
                "acc",
                "zeta",
                "seed",
                "train_f1",
                "params",
            ]
            + ["latency", "best_epoch"]
        ),
        min_size=1,
        unique=True,
    )
)
def test_clocks_counters_sizes_settings_and_ids_are_never_taken(names):
    results = [name for name in names if read_name(name).role not in NO_RESULT]
    if results:
        assert chosen(two(*names)).metric in results
    else:
        with pytest.raises(InputError, match="--metric NAME"):
            chosen(two(*names))


def test_the_reader_may_name_what_does_not_read_as_a_result():
    objective = chosen(two("epoch", "val_acc"), metric="epoch")
    assert (objective.metric, objective.metric_source, objective.goal_source) == ("epoch", "reader", "unknown")


def test_a_run_whose_objective_is_no_number_is_left_out_with_that_reason():
    cells = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, "diverged", [1, 2], {"_type": "table"}, True, None]
    sweep = sweep_of({"lr": [i / 10 for i in range(1, 12)]}, {"val_acc": cells})
    population = populated(sweep, metric="val_acc")
    reasons = {e.reason: e.count for e in population.ledger.excluded}
    assert population.ledger.used == 6
    assert reasons == {
        "val_acc is text": 1,
        "val_acc is a list": 1,
        "val_acc is an object": 1,
        "val_acc is true or false": 1,
        "no value of val_acc": 1,
    }
    assert population.values.tolist() == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]


def test_a_column_that_is_text_for_the_most_part_is_no_metric():
    with pytest.raises(InputError, match="is not numeric"):
        chosen({"val_acc": [0.1, "a", "b", "c"]}, {"lr": [0.1, 0.2, 0.3, 0.4]}, metric="val_acc")
