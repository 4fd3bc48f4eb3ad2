"""JSON as programs that search hyperparameters save it: settings, results and failures are found in all its places."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lib.model.choices import Choices
from lib.model.sweep import Sweep
from lib.report import report_of
from lib.sources import open_upload
from lib.sources.export.named_values import by_name, in_one_record

RATES = [0.3, 0.1, 0.03, 0.01, 0.003, 0.001]
COSTS = [0.9, 0.4, 0.2, 0.25, 0.5, 0.7]


def smac_23(at: int) -> Any:
    ended = {"status": 2 if at == 0 else 1, "starttime": 1.7e9 + 20 * at, "endtime": 1.7e9 + 20 * at + 12}
    return {"config_id": at + 1, "instance": None, "seed": 7, "budget": None, "cost": COSTS[at], "time": 12.0, **ended}


def smac_22(at: int) -> Any:
    return [at + 1, None, 7, None, COSTS[at], 12.0, 2 if at == 0 else 1, 1.7e9 + 20 * at, 1.7e9 + 20 * at + 12, {}]


def smac_23_list(at: int) -> Any:
    return [at + 1, None, 7, None, COSTS[at], 12.0, 11.0, 2 if at == 0 else 1, 1.7e9 + 20 * at, 1.7e9 + 32, {}]


def smac_14(at: int) -> Any:
    status = {"__enum__": "StatusType.CRASHED" if at == 0 else "StatusType.SUCCESS"}
    return [[at + 1, None, 7, 0.0], [COSTS[at], 12.0, status, 1.7e9 + 20 * at, 1.7e9 + 20 * at + 12, {}]]


def runs(make: Callable[[int], Any]) -> list[Any]:
    return [make(at) for at in range(len(RATES))]


def read(value: Any) -> Sweep:
    return open_upload("trials.json", json.dumps(value).encode())


@pytest.mark.parametrize("form", [smac_23, smac_22, smac_23_list, smac_14])
def test_a_runhistory_of_smac_joins_costs_with_configurations(form: Callable[[int], Any]) -> None:
    configs = {str(at + 1): {"lr": rate} for at, rate in enumerate(RATES)}
    sweep = read({"stats": {"submitted": 6}, "data": runs(form), "configs": configs, "config_origins": {}})
    assert sweep.config["lr"].tolist() == RATES
    assert sweep.summary["cost"].tolist() == COSTS
    assert sweep.runs["state"].tolist() == ["crashed", *["finished"] * 5]
    assert sweep.runs["runtime"].tolist() == [12.0] * 6
    assert str(sweep.runs["created_at"][1]) == "2023-11-14 22:13:40+00:00"
    objective = report_of(sweep, Choices()).to_dict()["sweep"]["objective"]
    assert (objective["metric"], objective["goal"]) == ("cost", "minimize")


def test_a_trial_of_smac_without_its_configuration_keeps_its_costs() -> None:
    value = {"data": [{"config_id": at, "cost": [COSTS[at], 1.0]} for at in range(6)], "configs": {"1": {"lr": 0.1}}}
    sweep = read(value)
    assert sorted(sweep.summary["cost_1"]) == sorted(COSTS)
    assert sweep.config["lr"].notna().sum() == 1


@pytest.mark.parametrize(
    ("of_run", "metric"),
    [
        (
            lambda at: {
                "id": str(at),
                "state": "SUCCEEDED",
                "parameters": [{"parameterId": "lr", "value": RATES[at]}],
                "finalMeasurement": {"stepCount": "10", "metrics": [{"metricId": "val_loss", "value": COSTS[at]}]},
            },
            "metrics.val_loss",
        ),
        (
            lambda at: {
                "metadata": {"name": f"trial-{at}"},
                "spec": {"parameterAssignments": [{"name": "lr", "value": str(RATES[at])}]},
                "status": {"observation": {"metrics": [{"name": "val_loss", "latest": str(COSTS[at]), "min": "0.1"}]}},
            },
            "metrics.val_loss",
        ),
        (
            lambda at: {
                "TrainingJobName": f"job-{at}",
                "TrainingJobStatus": "Completed",
                "TunedHyperParameters": {"lr": str(RATES[at])},
                "FinalHyperParameterTuningJobObjectiveMetric": {"MetricName": "val_loss", "Value": COSTS[at]},
            },
            "val_loss",
        ),
        (
            lambda at: {
                "info": {"run_id": f"{at}a", "status": "FINISHED", "start_time": 1.7e12 + at},
                "data": {
                    "params": [{"key": "lr", "value": str(RATES[at])}],
                    "metrics": [{"key": "val_loss", "value": COSTS[at], "timestamp": 17, "step": 3}],
                },
                "inputs": {},
            },
            "val_loss",
        ),
        (
            lambda at: {
                "trial_id": f"t_{at}",
                "training_iteration": 10 + at,
                "time_total_s": 12.0 + at,
                "val_loss": COSTS[at],
                "config": {"lr": RATES[at]},
            },
            "val_loss",
        ),
    ],
    ids=["vertex", "katib", "sagemaker", "mlflow", "ray"],
)
def test_settings_and_results_are_found_by_their_names(of_run: Callable[[int], Any], metric: str) -> None:
    sweep = read(runs(of_run))
    assert list(sweep.config.select_dtypes("number").columns) == ["lr"]
    assert sweep.config["lr"].tolist() == RATES
    assert sweep.summary[metric].tolist() == COSTS
    assert sweep.runs["name"].nunique() == 6
    assert "run " not in sweep.runs["name"][0]


def test_a_failed_run_of_mlflow_is_failed() -> None:
    ends = ["FAILED", *["FINISHED"] * 5]
    sweep = read({"runs": runs(lambda at: {
        "info": {"run_id": f"{at}a", "status": ends[at]},
        "data": {"params": [{"key": "lr", "value": "0.1"}], "metrics": [{"key": "val_loss", "value": COSTS[at]}]},
    })})  # fmt: skip
    assert sweep.runs["state"].tolist() == ["failed", *["finished"] * 5]


@pytest.mark.parametrize(
    "value",
    [
        [{"name": "lr", "value": 1}, {"name": "lr", "value": 2}],
        [{"name": "adam", "betas": [0.9]}],
        [{"name": "x", "value": [1, 2]}],
        [],
        {"name": "adam", "value": 0.1},
        [1, 2],
        "text",
    ],
)
def test_what_names_no_values_stays_as_it_is(value: Any) -> None:
    assert by_name(value) == value


def test_values_are_named_at_any_depth() -> None:
    assert by_name({"a": [{"b": [{"key": "x", "value": 1}]}]}) == {"a": [{"b": {"x": 1}}]}


def test_objects_called_like_an_envelope_are_no_envelope_beside_others() -> None:
    run = {"info": {"a": 1}, "data": {"b": 2}, "val_acc": 0.9}
    assert in_one_record(run) == run


@pytest.mark.parametrize("place", ["result", "info", "meta"])
def test_how_a_run_ended_is_found_within_a_record_of_its_own(place: str) -> None:
    ends = ["fail", "ok", "ok", "ok", "ok", "fail"]
    lines = [
        json.dumps({"params": {"lr": RATES[at]}, "metrics": {"val_loss": COSTS[at]}, place: {"status": ends[at]}})
        for at in range(len(RATES))
    ]
    sweep = open_upload("trials.jsonl", "\n".join(lines).encode())
    assert sorted(sweep.runs["state"]) == ["failed"] * 2 + ["finished"] * 4
    assert report_of(sweep, Choices()).best_run.value == 0.2
