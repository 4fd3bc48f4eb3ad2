"""How a table lies: on its side, in long form, below units, between pipes, without a header; what names the runs."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.analysis.population import population
from lib.model.choices import Choices
from lib.model.errors import InputError
from lib.model.sweep import Sweep
from lib.sources.export.read import read_export

RUNS = [(f"oak-{i}", 10.0 ** -(i % 4), ["adam", "sgd"][i % 2], 0.5 + i * 7 % 12 / 100) for i in range(12)]
NAMES = ("lr", "optimizer", "val_acc")


def read(*lines: str) -> Sweep:
    return read_export("\n".join(lines).encode(), "file.csv")


def rows(separator: str = ",", runs: Sequence[tuple[object, ...]] = RUNS) -> list[str]:
    return [separator.join(map(str, run)) for run in runs]


PLAIN = read("run,lr,optimizer,val_acc", *rows())


def same_runs(sweep: Sweep) -> bool:
    return (
        sweep.runs["name"].tolist() == PLAIN.runs["name"].tolist()
        and sweep.config[["lr", "optimizer"]].equals(PLAIN.config[["lr", "optimizer"]])
        and sweep.summary["val_acc"].equals(PLAIN.summary["val_acc"])
    )


def long_form(runs: Sequence[tuple[object, ...]] = RUNS) -> list[str]:
    return [f"{run[0]},{name},{value}" for run in runs for name, value in zip(NAMES, run[1:], strict=True)]


@given(st.randoms())
def test_a_row_for_each_parameter_of_a_run_is_read_as_runs_in_any_order(shuffler: random.Random) -> None:
    lines = long_form()
    shuffler.shuffle(lines)
    sweep = read("run,parameter,value", *lines)
    assert same_runs(sweep)
    assert any("it was read as 12 runs, one for each run" in warning for warning in sweep.warnings)


def test_a_column_that_says_which_rows_are_results_settles_their_side() -> None:
    lines = [
        f"{i},{kind},{name},{i * 7 % 12 / 10}" for i in range(12) for kind, name in (("param", "x"), ("metric", "y"))
    ]
    sweep = read("trial,kind,name,value", *lines)
    assert (list(sweep.config.columns), list(sweep.summary.columns)) == (["x"], ["y"])


def test_results_below_one_another_beside_columns_of_settings_are_read_as_one_run_each() -> None:
    lines = [
        f"{lr},{mixture},{name},{0.5 + at * 7 % 12 / 100 + shift},10,0.01"
        for at, (lr, mixture) in enumerate((0.1 * i, i % 3 / 2) for i in range(12))
        for name, shift in (("accuracy", 0), ("roc_auc", 0.2))
    ]
    sweep = read("penalty,mixture,.metric,mean,n,std_err", *lines)
    assert len(sweep) == 12
    assert {"penalty", "mixture"} <= set(sweep.config.columns)
    assert {"accuracy", "roc_auc"} <= set(sweep.summary.columns)


def test_what_differs_within_a_run_in_long_form_is_said() -> None:
    lines = [f"{line},{at}" for at, line in enumerate(long_form())]
    sweep = read("run,parameter,value,line", *lines)
    assert same_runs(sweep)
    assert any("Not read, since it differs within a run: line" in warning for warning in sweep.warnings)


@pytest.mark.parametrize(
    ("header", "lines", "says"),
    [
        ("parameter,value", ["lr,0.1", "batch_size,32", "val_acc,0.9"], "settings and results of one run"),
        (
            "run,step,metric,value",
            [f"a,{step},{name},0.{step}" for step in range(1, 6) for name in ("lr", "val_loss")],
            "in long form|history",
        ),
    ],
)
def test_one_run_or_a_history_in_long_form_is_refused_by_name(header: str, lines: list[str], says: str) -> None:
    with pytest.raises(InputError, match=says):
        read(header, *lines)


def test_runs_that_have_a_name_and_a_value_are_not_in_long_form() -> None:
    sweep = read("name,value,lr", *[f"{'ab'[i % 2]}{i // 2},0.{i},{i / 10}" for i in range(10)])
    assert len(sweep) == 10


def test_a_table_with_a_column_for_each_run_is_turned_and_that_is_said() -> None:
    sideways = zip(("field", *NAMES), *RUNS, strict=True)
    sweep = read(*[",".join(map(str, line)) for line in sideways])
    assert same_runs(sweep)
    assert any("its 12 columns are the runs" in warning for warning in sweep.warnings)


def test_runs_that_are_called_like_settings_are_not_turned() -> None:
    sweep = read("name,val_acc,val_loss", "dropout,0.5,0.4", "lr,0.6,0.3", "val_acc,0.7,0.2", "depth,0.8,0.1")
    assert len(sweep) == 4


@pytest.mark.parametrize("units", [",[-],[str],[%]", "-,1/step,-,%", ",(log),categorical,ratio", ",,,%"])
def test_a_row_of_units_is_left_out_and_said(units: str) -> None:
    sweep = read("run,lr,optimizer,val_acc", units, *rows())
    assert same_runs(sweep)
    assert any("holds units" in warning for warning in sweep.warnings)


@pytest.mark.parametrize("first", ["oak-99,0.5,adam,-", "oak-99,-,-,-", "oak-99,0.1,adam,n/a", "mm,1,adam,0.5"])
def test_a_run_that_failed_or_is_called_like_a_unit_is_no_row_of_units(first: str) -> None:
    assert len(read("run,lr,optimizer,val_acc", first, *rows())) == 13


def test_pipes_and_markdown_part_cells() -> None:
    assert same_runs(read("run|lr|optimizer|val_acc", *rows("|")))
    framed = [f"| {line} |" for line in rows(" | ")]
    assert same_runs(read("| run | lr | optimizer | val_acc |", "|:---|---:|-----|---|", *framed))
    drawn = [
        "+---+---+---+---+",
        "| run | lr | optimizer | val_acc |",
        "+===+---+---+---+",
        *framed,
        "+---+---+---+---+",
    ]
    assert same_runs(read(*drawn))


@pytest.mark.parametrize("lines", [rows(runs=[run[1:] for run in RUNS]), ["0.1,0.2", "0.3,0.4"]])
def test_a_table_without_a_header_is_refused_by_name(lines: list[str]) -> None:
    with pytest.raises(InputError, match="has no header"):
        read(*lines)


def test_a_title_blank_rows_and_sentences_around_a_table_are_left_out() -> None:
    sweep = read("Runs of May,,,", ",,,", "run,lr,optimizer,val_acc", *rows(), ",,,", "Best run in bold,,,")
    assert same_runs(sweep)
    assert any('"Best run in bold"' in warning for warning in sweep.warnings)


def test_the_first_column_names_the_runs_whatever_its_heading_and_that_is_said() -> None:
    sweep = read("Modellauf,lr,optimizer,val_acc", *rows())
    assert same_runs(sweep)
    assert any("Modellauf" in warning and "the runs' names" in warning for warning in sweep.warnings)


@pytest.mark.parametrize("first", ["model", "optimizer_name"])
def test_a_setting_that_stands_first_does_not_name_the_runs(first: str) -> None:
    sweep = read(f"{first},lr,val_acc", *[f"kind-{i},{run[1]},{run[3]}" for i, run in enumerate(RUNS)])
    assert first in sweep.config.columns


@pytest.mark.parametrize(
    ("settings", "results"),
    [("config", "metrics"), ("params", "scores"), ("hyperparameters", "results"), ("args", None)],
)
def test_objects_of_settings_and_results_in_json_leave_no_prefix(settings: str, results: str | None) -> None:
    records = []
    for name, lr, optimizer, val_acc in RUNS:
        measured = {"val_acc": val_acc}
        held = {"lr": lr, "optimizer": optimizer}
        records.append({"name": name, settings: held, **({results: measured} if results else measured)})
    assert same_runs(read_export(json.dumps(records).encode(), "runs.json"))
    lines = "\n".join(map(json.dumps, records))
    assert same_runs(read_export(lines.encode(), "runs.jsonl"))


def test_a_key_that_stands_beside_its_object_too_keeps_the_prefix() -> None:
    records = [{"lr": run[1], "config": {"lr": run[1] * 2}, "loss": run[3]} for run in RUNS]
    sweep = read_export(json.dumps(records).encode(), "runs.json")
    assert list(sweep.config.columns) == ["lr", "config.lr"]


def test_the_tables_of_dvc_and_of_tensorboards_hparams_are_read() -> None:
    dvc = read(
        "Experiment,rev,typ,Created,parent,auc,train.lr",
        *[f"exp-{i},{i:07x},branch_commit,2024-01-0{i + 1},,0.{i * 7 % 10},0.{i}1" for i in range(9)],
    )
    assert (dvc.origin.format, list(dvc.config.columns), list(dvc.summary.columns)) == ("dvc", ["train.lr"], ["auc"])
    board = read(
        "lr,units,hparam/accuracy,hparam/loss",
        *[f"{run[1]},{8 * (i % 3 + 1)},{run[3]},{1 - run[3]}" for i, run in enumerate(RUNS)],
    )
    assert list(board.summary.columns) == ["hparam/accuracy", "hparam/loss"]
    assert population(board, Choices()).objective.metric == "hparam/accuracy"


@pytest.mark.parametrize("header", ["fpr,tpr,thresholds", "class,precision,recall,f1-score,support"])
def test_a_curve_and_a_report_of_classes_are_no_runs(header: str) -> None:
    cells = [",".join(f"0.{i + at}" for at in range(header.count(",") + 1)) for i in range(1, 6)]
    with pytest.raises(InputError, match="a table that a run logged"):
        read(header, *cells)


def test_cells_that_are_merged_over_rows_are_of_each_of_them() -> None:
    rows = [
        f"{'R18' if i == 0 else 'R50' if i == 3 else ''},1e-{i % 3 + 2},{'11' if i in (0, 3) else ''},4{i}.5"
        for i in range(6)
    ]
    sweep = read("Backbone,LR,Params (M),mAP", *rows)
    assert sorted(sweep.config["Backbone"]) == ["R18"] * 3 + ["R50"] * 3
    assert any("Cells of Backbone and Params (M) that are blank below" in warning for warning in sweep.warnings)


@pytest.mark.parametrize("first", ["adam,,adam,,,", "a,,,b,c,", "adam,adam,,,,"])
def test_blanks_that_follow_no_groups_stay_blank(first: str) -> None:
    rows = [f"{name},0.{i + 1},0.{i + 2}" for i, name in enumerate(first.split(","))]
    assert not any("merged" in warning for warning in read("opt,lr,val_acc", *rows).warnings)


def test_the_first_tabular_of_a_thesis_is_read() -> None:
    sweep = read(
        r"% results",
        r"\begin{table}[h] \centering",
        r"\begin{tabular}{@{}lrr@{}} \toprule",
        r"Backbone & lr & Acc. (\%) $\uparrow$ \\ \midrule",
        r"\multirow{2}{*}{R18} & $10^{-3}$ & 71.2 \\",
        r" & $3\times10^{-4}$ & \textbf{73.1} \\ \cmidrule(lr){2-3}",
        r"\multirow{2}{*}{R50} & $10^{-3}$ & 74.5 \\",
        r" & $3\times10^{-4}$ & 75.0 \\ \bottomrule",
        r"\end{tabular}",
        r"\caption{Accuracy.} \end{table}",
    )
    assert sweep.config["Backbone"].tolist() == ["R18", "R18", "R50", "R50"]
    assert sorted(sweep.config["lr"]) == [3e-4, 3e-4, 1e-3, 1e-3]
    assert sorted(sweep.summary["Acc. (%) ↑"]) == [71.2, 73.1, 74.5, 75.0]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (",Hyperparameters,,Results,\nRun,LR,Batch,Val acc,Val loss", ["LR", "Batch", "Val acc", "Val loss"]),
        ("Run,Settings,,Val,\n,LR,Batch,acc,loss", ["LR", "Batch", "acc", "loss"]),
        (",Settings,,Train,,Val,\nRun,LR,Batch,acc,loss,acc,loss", ["Settings LR", "Train acc", "Val acc", "Val loss"]),
    ],
)
def test_headings_below_titles_of_sections_are_the_headings(header: str, names: list[str]) -> None:
    width = header.partition("\n")[0].count(",") + 1
    rows = [f"r{i},0.{i + 1},{16 * 2 ** (i % 3)}" + f",0.{i + 3}{i}" * (width - 3) for i in range(6)]
    sweep = read_export("\n".join([header, *rows]).encode(), "file.csv")
    assert set(names) <= {*sweep.config, *sweep.summary}
    assert len(sweep) == 6
    assert sweep.runs["name"].tolist() == [f"r{i}" for i in range(6)]
    assert any("below titles of sections" in warning for warning in sweep.warnings)


def test_a_first_row_of_words_below_blank_headings_may_be_a_run() -> None:
    rows = ["a,adam,x,0.1,0.5", "b,adam,x,0.2,0.6", "c,sgd,y,0.3,0.7", "d,sgd,y,0.1,0.8"]
    assert len(read_export("\n".join(["Name,,,lr,val_acc", *rows]).encode(), "file.csv")) == 4
