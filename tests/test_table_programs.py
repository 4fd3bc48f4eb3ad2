"""Tables and files of other programs are read as what they are: Optuna, MLflow, Ray, Keras Tuner, Hyperopt and more."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from lib.model.choices import Choices
from lib.model.errors import InputError
from lib.model.objective_choice import objective_of
from lib.model.sweep import Sweep
from lib.sources.export.read import read_export


def read(header: str, rows: list[str]) -> Sweep:
    return read_export("\n".join([header, *rows]).encode(), "file.csv")


def optuna_rows() -> list[str]:
    states = ["COMPLETE", "PRUNED", "FAIL", "COMPLETE", "RUNNING", "WAITING"]
    return [
        f"{i},0.{i + 1},2025-01-01 10:0{i}:00,2025-01-01 10:0{i}:30,0 days 00:00:30,0.0{i + 1},{s}"
        for i, s in enumerate(states)
    ]


def test_optunas_trials_are_read_with_their_states_and_minimized() -> None:
    sweep = read("number,value,datetime_start,datetime_complete,duration,params_lr,state", optuna_rows())
    assert sweep.origin.format == "optuna"
    assert sorted(sweep.runs["state"]) == ["failed", "finished", "finished", "pending", "pruned", "running"]
    assert list(sweep.config.columns) == ["params_lr"]
    assert list(sweep.summary.columns) == ["value"]
    assert set(sweep.runs["runtime"]) == {30.0}
    objective = objective_of(sweep, Choices())
    assert (objective.metric, objective.goal, objective.inferred) == ("value", "minimize", True)
    assert any("minimize is assumed, Optuna's default" in warning for warning in sweep.warnings)


def test_optunas_several_values_are_all_metrics() -> None:
    rows = [f"{i},0.{i + 1},{i + 3},{i}.5,COMPLETE" for i in range(5)]
    sweep = read("number,values_0,values_1,params_x,state", rows)
    assert objective_of(sweep, Choices()).metric == "values_0"
    assert list(sweep.summary.columns) == ["values_0", "values_1"]


def test_mlflow_ray_and_sklearn_are_read_as_their_headings_mark_them() -> None:
    mlflow = read(
        "run_id,experiment_id,status,metrics.val_acc,params.lr,tags.mlflow.runName",
        [f"r{i},1,{'FINISHED' if i else 'FAILED'},0.{i + 5},0.{i + 1},ash-{i}" for i in range(4)],
    )
    assert (list(mlflow.config), list(mlflow.summary)) == (["params.lr"], ["metrics.val_acc"])
    assert set(mlflow.runs["state"]) == {"finished", "failed"}
    assert mlflow.runs["name"].tolist() == ["ash-0", "ash-1", "ash-2", "ash-3"]
    ray = read(
        "mean_accuracy,trial_id,training_iteration,time_total_s,config/lr,pid",
        [f"0.{i + 5},t{i},{10 + i},5,0.{i + 1},7{i}" for i in range(4)],
    )
    assert (list(ray.config), list(ray.summary)) == (["config/lr"], ["mean_accuracy"])
    sklearn = read(
        "mean_fit_time,param_C,params,split0_test_score,split1_test_score,mean_test_score,std_test_score,rank_test_score",
        [f"0.1,{i + 1},\"{{'C': {i + 1}}}\",0.5,0.{i + 6},0.{i + 5},0.01,{4 - i}" for i in range(4)],
    )
    assert list(sklearn.config) == ["param_C"]
    assert objective_of(sklearn, Choices()).metric == "mean_test_score"
    assert any("mean over 2 folds" in warning for warning in sklearn.warnings)


def trial(number: int, score: float) -> dict[str, object]:
    """Return the content of one trial.json of Keras Tuner."""
    seen = [{"value": [score / 2], "step": 0}, {"value": [score], "step": 1}, {"value": [0.1], "step": 2}]
    return {
        "trial_id": f"{number:02d}",
        "hyperparameters": {"space": [], "values": {"units": 2**number, "tuner/epochs": 3}},
        "metrics": {
            "metrics": {
                "loss": {"direction": "min", "observations": [{"value": [0.5, 0.7], "step": 1}]},
                "val_iou_x": {"direction": "max", "observations": seen},
            }
        },
        "score": score,
        "best_step": 1,
        "status": "COMPLETED",
    }


def test_trials_of_keras_tuner_are_read_at_their_best_step_with_the_direction_that_they_state() -> None:
    glued = "".join(json.dumps(trial(i, 0.5 + i / 10)) for i in range(4))
    sweep = read_export(glued.encode(), "trials.jsonl")
    objective = objective_of(sweep, Choices())
    assert (objective.metric, objective.goal, objective.goal_source) == ("val_iou_x", "maximize", "declared")
    assert sweep.config["units"].tolist() == [1, 2, 4, 8]
    assert list(sweep.config.columns) == ["units"]
    assert sweep.summary["val_iou_x"].tolist() == [0.5, 0.6, 0.7, 0.8]
    assert sweep.summary["loss"].tolist() == [0.6] * 4
    assert sweep.runs["state"].tolist() == ["finished"] * 4
    assert sweep.origin.format == "keras-tuner"
    assert len(read_export(json.dumps(trial(1, 0.5)).encode(), "trial.json")) == 1


def test_the_oracle_of_keras_tuner_is_refused_with_where_the_trials_are() -> None:
    oracle = {"ongoing_trials": {}, "hyperparameters": {"space": [], "values": {}}, "start_order": ["00"]}
    with pytest.raises(InputError, match="oracle of Keras Tuner.*trial.json"):
        read_export(json.dumps(oracle).encode(), "oracle.json")


def test_trials_of_hyperopt_are_read_with_what_existed_in_some_alone() -> None:
    trials = [
        {
            "state": 3 if i == 2 else 2,
            "tid": i,
            "result": {"status": "fail"} if i == 2 else {"loss": i / 10, "status": "ok"},
            "misc": {"tid": i, "idxs": {"lr": [i]}, "vals": {"lr": [0.1 * i], "beta": [i] if i % 2 else []}},
        }
        for i in range(6)
    ]
    sweep = read_export(json.dumps(trials).encode(), "trials.json")
    objective = objective_of(sweep, Choices())
    assert (objective.metric, objective.goal) == ("loss", "minimize")
    assert sweep.config["beta"].isna().tolist() == [True, False, True, False, True, False]
    assert sweep.runs["state"].tolist()[2] == "failed"
    assert list(sweep.summary.columns) == ["loss"]


@pytest.mark.parametrize("normalized", [True, False])
def test_trials_of_hyperopt_that_pandas_wrote_as_a_table_are_read_alike(normalized: bool) -> None:
    trials = [
        {
            "state": 2,
            "tid": i,
            "spec": None,
            "result": {"loss": i / 10, "status": "ok"},
            "misc": {
                "tid": i,
                "cmd": ("domain_attachment", "FMinIter_Domain"),
                "vals": {"lr": [0.1 * i], "beta": [i] if i % 2 else []},
            },
        }
        for i in range(6)
    ]
    table = pd.json_normalize(trials) if normalized else pd.DataFrame(trials)
    sweep = read_export(table.to_csv().encode(), "trials.csv")
    assert (sweep.origin.format, list(sweep.summary.columns)) == ("hyperopt", ["loss"])
    assert sorted(sweep.config["lr"]) == pytest.approx([0.1 * i for i in range(6)])
    assert int(sweep.config["beta"].isna().sum()) == 3


def test_other_programs_tables_say_what_their_columns_are() -> None:
    ax = read(
        "trial_index,arm_name,trial_status,generation_node,branin,x1,x2",
        [f"{i},{i}_0,{'FAILED' if i == 3 else 'COMPLETED'},Sobol,{i * 7 % 11}.5,{i / 7},{i * i / 9}" for i in range(9)],
    )
    assert (list(ax.config.columns), list(ax.summary.columns)) == (["x1", "x2"], ["branin"])
    assert ax.runs["state"].tolist().count("failed") == 1
    nni = read(
        "trialJobId,intermediateCount,reward,lr",
        [f"t{i},{i % 3},{i * 7 % 11 / 11},{i / 70}" for i in range(9)],
    )
    assert (list(nni.config.columns), list(nni.summary.columns)) == (["lr"], ["reward"])


def test_the_value_of_an_optuna_study_goes_the_way_of_the_attribute_that_it_was_stored_as() -> None:
    def objective(copied: bool, attribute: str) -> tuple[str, str]:
        rows = [f"{i},0.{i * 7 % 10},{i / 10},0.{i * 7 % 10 if copied else i},COMPLETE" for i in range(9)]
        found = objective_of(read(f"number,value,params_lr,user_attrs_{attribute},state", rows), Choices())
        return found.goal, found.goal_source

    assert objective(True, "precision") == ("maximize", "declared")
    assert objective(True, "rmse") == ("minimize", "declared")
    assert objective(True, "zork") == objective(False, "precision") == ("minimize", "default")


def test_the_measures_of_caret_are_those_with_a_deviation_beside_them() -> None:
    rows = [f"0.0{i + 1},3.{i},0.{9 - i},2.{i},0.3,0.04,0.2" for i in range(6)]
    sweep = read("cp,RMSE,Rsquared,MAE,RMSESD,RsquaredSD,MAESD", rows)
    assert (list(sweep.config), sweep.origin.format) == (["cp"], "caret")
    assert (objective_of(sweep, Choices()).metric, objective_of(sweep, Choices()).goal) == ("RMSE", "minimize")


def test_the_archive_of_mlr3_has_settings_where_it_repeats_them_as_they_were_passed_on() -> None:
    header = "cp,minsplit,classif.ce,x_domain_cp,x_domain_minsplit,runtime_learners,timestamp,batch_nr,warnings,errors"
    rows = [
        f"0.0{i + 1},{i + 2},0.{i + 1}5,0.0{i + 1},{i + 2},0.2,2024-03-01 00:00:0{i},{i // 2},0,0" for i in range(6)
    ]
    sweep = read(header, rows)
    assert (list(sweep.config), list(sweep.summary)) == (["cp", "minsplit"], ["classif.ce"])


def test_overrides_of_hydra_in_one_cell_are_settings_of_their_own() -> None:
    rows = [f'{i},"lr=0.{i + 1},model.bs={16 + i},++opt=adam",0.{i + 3}' for i in range(6)]
    sweep = read("job,override_dirname,val_loss", rows)
    assert list(sweep.config) == ["lr", "model.bs", "opt"]
    assert sweep.config["lr"].tolist() == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert any("settings in the cells of override_dirname" in warning for warning in sweep.warnings)
    beside = read("lr,label,val_loss", [f'0.{i + 1},"lr=0.{i + 1},b=2",0.{i + 3}' for i in range(6)])
    assert "b" not in beside.config


@pytest.mark.parametrize(
    ("header", "cell", "config"),
    [
        ("overrides,val_loss", "\"['opt.lr=0.{i}', 'bs={b}', 'model=\"\"unet\"\"']\"", ["opt.lr", "bs", "model"]),
        ("cmd,val_loss", "python train.py --lr 0.{i} --bs={b} --decay -0.{i}", ["lr", "bs", "decay"]),
        ("run,val_loss", "lr=0.{i}_batch_size={b}", ["lr", "batch_size"]),
        ("run,val_loss", "lr=0.{i}|bs={b}", ["lr", "bs"]),
        ("run,val_loss", "unet-lr0.{i}-bs{b}", ["lr", "bs"]),
        ("Name,State,val_loss", "lr_0.{i}_bs_{b},finished", ["lr", "bs"]),
    ],
)
def test_settings_that_only_a_command_or_a_name_holds_are_settings(header: str, cell: str, config: list[str]) -> None:
    rows = [f"{cell.format(i=i + 1, b=16 * 2 ** (i % 3))},0.{i + 3}" for i in range(6)]
    sweep = read(header, rows)
    assert list(sweep.config) == config
    assert sweep.config[config[0]].tolist() == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert sweep.config[config[1]].tolist() == [16, 32, 64] * 2
    if header != "overrides,val_loss" and not header.startswith("cmd"):
        assert sweep.runs["name"][0] == cell.format(i=1, b=16).partition(",")[0]


def test_an_option_without_a_value_is_on_or_off() -> None:
    rows = [f"./run.sh --lr 0.{i + 1}{' --amp' if i % 2 else ''},0.{i + 3}" for i in range(6)]
    assert read("command_line,val_loss", rows).config["amp"].tolist() == [False, True] * 3


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("run,lr,val_loss", "lr0.{i}-bs{b},0.{i}"),
        ("run,val_loss,learning_rate", "lr=0.{i}_bs={b},0.{i}"),
        ("cmd,optim.lr,val_loss", "train.py --lr 0.{i} --bs {b},0.{i}"),
        ("run,x,val_loss", "exp{i}-run{b},{i}"),
        ("run,x,val_loss", "lr=0.{i}_bs={b} old,{i}"),
        ("run,x,val_loss", "v{i}.{b},{i}"),
    ],
)
def test_names_that_repeat_columns_or_number_the_runs_hold_no_settings(header: str, cells: str) -> None:
    rows = [f"{cells.format(i=i + 1, b=16 * 2 ** (i % 3))},0.{i + 3}" for i in range(5)]
    rows.append(f"other,{','.join(rows[0].split(',')[1:])}" if "old" in cells else f"{rows[0].replace('1', '9')}")
    assert not {"bs", "exp", "v"} & set(read(header, rows).config)


def test_a_heading_for_each_repeat_is_of_results() -> None:
    rows = [f"0.{i + 1},{16 * 2 ** (i % 3)},0.8{i}1,0.8{i}3,0.8{i}2,0.8{i}2,0.001" for i in range(9)]
    sweep = read("lr,bs,seed0,seed1,seed 2,mean,std", rows)
    assert list(sweep.config) == ["lr", "bs"]
    assert objective_of(sweep, Choices()).metric == "mean"


@pytest.mark.parametrize("name", ["precision", "loss", "metric", "criterion"])
def test_words_under_the_name_of_a_measure_are_a_setting(name: str) -> None:
    rows = [f"r{i},{'fp16' if i % 2 else 'int8'},0.{i % 3 + 1},0.{i + 1}" for i in range(9)]
    assert name in read(f"Name,{name},lr,val/acc", rows).config


def test_rounds_of_a_successive_halving_before_the_last_are_left_out_and_said() -> None:
    header = "iter,n_resources,mean_fit_time,param_C,mean_test_score,rank_test_score"
    scores = [(0, 20, 1, 0.97), (0, 20, 2, 0.8), (0, 20, 3, 0.7), (1, 60, 2, 0.85), (1, 60, 3, 0.82)]
    sweep = read(header, [f"{i},{n},0.1,{c},{score},1" for i, n, c, score in scores])
    assert sorted(sweep.runs["state"]) == ["finished", "finished", "pruned", "pruned", "pruned"]
    assert any("3 rows are of earlier rounds" in warning for warning in sweep.warnings)


def test_the_name_and_the_status_of_a_training_job_are_the_runs_own() -> None:
    rows = [f"0.{i + 1},xgb-{i},{'Completed' if i else 'Failed'},0.{i + 5}" for i in range(5)]
    sweep = read("eta,TrainingJobName,TrainingJobStatus,FinalObjectiveValue", rows)
    assert sorted(sweep.runs["state"]) == ["failed"] + ["finished"] * 4
    assert sweep.runs["name"].tolist() == [f"xgb-{i}" for i in range(5)]
