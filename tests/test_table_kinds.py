"""What a table is: those that are no runs are refused by name; of the others no row is lost and no decision silent."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.analysis.observations import observations
from lib.model.choices import Choices
from lib.model.errors import InputError
from lib.model.objective_choice import objective_of
from lib.model.sweep import Sweep
from lib.report import report_of
from lib.sources.export.read import read_export
from lib.sources.join import join
from lib.sources.snapshot.file import read_snapshot, snapshot_bytes


def read(header: str, rows: list[str]) -> Sweep:
    return read_export("\n".join([header, *rows]).encode(), "file.csv")


def numbers(count: int, columns: int, seed: int = 0) -> list[str]:
    draw = random.Random(seed)
    return [",".join(f"{draw.uniform(0.1, 0.9):.4f}" for _ in range(columns)) for _ in range(count)]


def after_steps(step: int, columns: int, count: int = 20, start: int = 0) -> list[str]:
    return [f"{start + step * i},{cells}" for i, cells in enumerate(numbers(count, columns))]


@pytest.mark.parametrize(
    "header",
    [
        "Step,oak-1 - val/acc,oak-1 - val/acc__MIN,oak-1 - val/acc__MAX",
        "Step,oak - big - 1 - loss,oak - big - 1 - loss__MIN,oak - big - 1 - loss__MAX",
        "epoch,oak-1 - loss,ash-2 - loss,elm-3 - loss",
        "Relative Time (Process),oak-1 - loss,oak-1 - loss__MIN,oak-1 - loss__MAX",
        "_runtime,optimizer: adam - loss,optimizer: adam - loss__MIN,optimizer: adam - loss__MAX",
        "trainer/global_step,oak-1 - loss,ash-2 - loss,elm-3 - loss",
        "Step,oak-1 - _step,oak-1 - _step__MIN,oak-1 - _step__MAX,oak-1 - loss,oak-1 - loss__MIN,oak-1 - loss__MAX",
        "frames,oak-1 - reward,ash-2 - reward,elm-3 - reward",
    ],
)
def test_the_export_of_a_chart_is_refused_by_name(header: str) -> None:
    with pytest.raises(InputError, match="export of a chart.*runs table.*CSV"):
        read(header, after_steps(10, header.count(",")))


@pytest.mark.parametrize(
    "header",
    [
        "_step,train/loss,val/acc",
        "epoch,accuracy,loss,val_accuracy,val_loss",
        "epoch,loss,learning_rate,val_loss",
        "step,loss,lr-Adam",
        "global_step,eval/mean_reward,_timestamp",
        "epoch,train/box_loss,metrics/mAP50(B),lr/pg0",
        "time/total_timesteps,rollout/ep_rew_mean,train/learning_rate",
        "training_iteration,episode_reward_mean,time_total_s",
    ],
)
@pytest.mark.parametrize("index", [False, True])
def test_the_history_of_one_run_is_refused_by_name(header: str, index: bool) -> None:
    rows = after_steps(5, header.count(","))
    if index:
        header, rows = f",{header}", [f"{i},{row}" for i, row in enumerate(rows)]
    with pytest.raises(InputError, match="history of one run.*runs table"):
        read(header, rows)


def test_rows_of_training_and_validation_that_alternate_are_a_history() -> None:
    rows = [
        f"{i // 2},{i // 2 * 50},{0.5 / (i + 1)}," if i % 2 else f"{i // 2},{i // 2 * 50},,{i / 40}" for i in range(40)
    ]
    with pytest.raises(InputError, match="history of one run"):
        read("epoch,step,train_loss,val_acc", rows)


def test_histories_below_one_another_are_refused_by_name() -> None:
    rows = [f"run-{run},{row}" for run in range(3) for row in after_steps(1, 1)]
    with pytest.raises(InputError, match="history of 3 runs"):
        read("run,_step,loss", rows)


@pytest.mark.parametrize(
    "header",
    ["epochs,lr,val_acc", "Name,epoch,lr,val_acc", "batch_size,lr,val_acc", "threshold,val_acc,val_f1"],
)
def test_settings_that_rise_evenly_are_no_steps(header: str) -> None:
    assert len(read(header, [f"{10 * i},{cells}" for i, cells in enumerate(numbers(9, 2), start=1)])) == 9


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("text,score", "a sentence about number {i} of the set,0.5{i}"),
        ("prompt,completion,reward", "question {i}?,an answer {i},0.{i}1"),
        ("id,label,prediction,confidence", "{i},cat,dog,0.{i}5"),
        ("class,precision,recall", "cat,0.{i},0.9{i}"),
        ("Actual,Predicted,nPredictions", "cat,dog,{i}"),
        ("fpr,tpr", "0.{i},0.5{i}"),
        ("image_path,iou", "images/{i}.png,0.{i}"),
        ("y_true,y_pred", "1.{i},1.5{i}"),
    ],
)
def test_a_logged_table_is_refused_by_name(header: str, cells: str) -> None:
    with pytest.raises(InputError, match="a table that a run logged.*not a table of runs"):
        read(header, [cells.format(i=i) for i in range(1, 9)])


@pytest.mark.parametrize("column", ["status", "Status", "done", "TODO", "owner"])
def test_a_plan_without_results_is_refused_by_name(column: str) -> None:
    rows = [f"{i % 3},{10 ** -(i % 4 + 1)},{16 * 2 ** (i % 3)},{'Done' if i % 2 else 'waiting'}" for i in range(12)]
    with pytest.raises(InputError, match="a plan of 12 runs.*no column reads as a result"):
        read(f"seed,learning_rate,batch_size,{column}", rows)


def test_a_table_whose_result_is_empty_in_every_row_is_refused_by_its_name() -> None:
    with pytest.raises(InputError, match="holds no result yet: val_acc is empty in each of its 12 rows"):
        read("Name,State,lr,val_acc", [f"r{i},crashed,{i / 10}," for i in range(12)])


@pytest.mark.parametrize("diverged", ["NaN", "Infinity", "-inf"])
def test_runs_that_all_diverged_are_no_plan(diverged: str) -> None:
    rows = [f"{10 ** -(i % 4 + 1)},finished,{diverged}" for i in range(12)]
    assert list(read("learning_rate,State,val_score", rows).summary.columns) == ["val_score"]


@pytest.mark.parametrize(
    "header",
    [
        "lr,n_runs,val_acc_mean,val_acc_std",
        "lr,runs,mean_val_acc,std_val_acc",
        "lr,num_seeds,val_acc (mean),val_acc (std)",
    ],
)
def test_a_grouped_table_is_read_with_a_warning(header: str) -> None:
    sweep = read(header, [f"{10**-i},{i + 2},0.{i + 5},0.0{i + 1}" for i in range(4)])
    assert any("grouped table" in warning and "14 runs" in warning for warning in sweep.warnings)
    assert list(sweep.config.columns) == ["lr"]
    assert sweep.counted_by == header.split(",")[1]


def test_what_has_a_mean_and_a_spread_is_a_result_of_a_grouped_table_whatever_its_name() -> None:
    rows = [f"4,{2**at},0.0{at + 1},0.1{at},0.0{at + 3},30" for at in range(6)]
    sweep = read_export(
        "\n".join(["wires,layers,overlap_mean,overlap_std,overlap_median,trials", *rows]).encode(), "x.csv"
    )
    assert list(sweep.config.columns) == ["wires", "layers"]
    assert objective_of(sweep, Choices()).metric == "overlap_mean"


def test_rows_of_a_grouped_table_weigh_as_many_runs_as_they_are_the_mean_of() -> None:
    def weights(counts: list[int]) -> list[float]:
        rows = [f"{10**-i},{n},0.{i + 5}1,0.0{i + 1}" for i, n in enumerate(counts)]
        sweep = read("lr,n_runs,val_acc_mean,val_acc_std", rows)
        kept = read_snapshot(snapshot_bytes(join([sweep])), "grouped.parquet")
        found = observations(report_of(kept, Choices()).population)
        return found.weights[np.argsort(found.rows)].tolist()

    assert sorted(weights([1, 2, 3, 6])) == pytest.approx([1 / 3, 2 / 3, 1, 2])
    assert weights([3, 3, 3, 3]) == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "rows", [["# best: 0.4", "# see the notes, page 3"], ["Note: best is 0.4"], ["best threshold is 0.4"]]
)
def test_notes_under_a_table_are_left_out_and_said(rows: list[str]) -> None:
    sweep = read("threshold,val_acc,val_f1", [*[f"0.{i},0.{i + 2},0.{i + 1}" for i in range(1, 7)], *rows])
    assert len(sweep) == 6
    assert any("of notes" in warning for warning in sweep.warnings)


def test_epochs_of_several_runs_that_only_their_settings_part_are_a_history() -> None:
    runs = [(model, seed) for model in ("base", "no_se", "pool") for seed in (1, 2)]
    rows = [f"{m},{s},{e},{1 / (e + 1 + s / 9):.4f},0.{40 + e}" for m, s in runs for e in range(6)]
    with pytest.raises(InputError, match="history of 6 runs"):
        read("ablation,run,epoch,train_loss,val_acc", rows)
    # A number of epochs that was set, and repeats that are numbered, are none.
    assert len(read("ablation,epochs,val_acc", [f"{m},{e},0.{40 + e}" for m in "abc" for e in range(6)])) == 18
    assert len(read("model,iteration,val_acc", [f"{m},{e},0.{40 + e}" for m in "abc" for e in range(6)])) == 18


def test_tables_below_one_another_are_refused() -> None:
    rows = [f"0.{i},{i},0.{i + 5}" for i in range(1, 5)]
    text = "\n".join(["lr,width,loss", *rows, "", "depth,lr,loss", *rows])
    with pytest.raises(InputError, match="several tables.*row 6 is another header"):
        read_export(text.encode(), "file.csv")
    # The same header again is no other table.
    assert len(read_export("\n".join(["lr,width,loss", *rows, "lr,width,loss", *rows]).encode(), "file.csv")) == 8


def test_what_sums_up_other_results_is_the_objective() -> None:
    sweep = read("lr,f1,composite_score,rouge", [f"0.{i},0.{i * 7 % 10},0.{i + 1},0.{i * 3 % 10}" for i in range(1, 9)])
    assert objective_of(sweep, Choices()).metric == "composite_score"


def test_comments_above_the_header_may_hold_commas() -> None:
    text = "# the second ablation, March\n# best: b\nmodel,lr,acc\n" + "".join(
        f"m{i % 2},0.{i + 1},0.{i}\n" for i in range(8)
    )
    sweep = read_export(text.encode(), "file.csv")
    assert (len(sweep), list(sweep.config.columns), list(sweep.summary.columns)) == (8, ["model", "lr"], ["acc"])
    assert "2 lines above the header were left out." in sweep.warnings


def test_titles_above_the_header_may_end_in_separators() -> None:
    text = "Results of the search;;\nas of 12.03.2025;;\n\nlr;acc;\n" + "".join(f"0,{i + 1};0,{i};\n" for i in range(8))
    sweep = read_export(text.encode(), "file.csv")
    assert (len(sweep), list(sweep.config.columns), list(sweep.summary.columns)) == (8, ["lr"], ["acc"])


def test_a_row_of_means_is_left_out_only_where_it_is_one() -> None:
    rows = [f"run-{i},0.{i},0.{i + 2}" for i in range(1, 6)]
    assert len(read("name,lr,val_acc", [*rows, "mean,0.3,0.5"])) == 5
    assert len(read("name,lr,val_acc", [*rows, "mean,0.3,0.9"])) == 6
    assert len(read("pooling,lr,val_acc", ["mean,0.1,0.7", "max,0.2,0.8", "sum,0.1,0.6"])) == 3


def test_rows_of_the_best_and_of_spreads_below_the_runs_are_left_out() -> None:
    rows = [f"run-{i},0.{i},0.{i + 2},0.{7 - i}" for i in range(1, 6)]
    header = "name,lr,val_acc,val_loss"
    # The best accuracy is the highest, the best loss the lowest.
    assert len(read(header, [*rows, "best,,0.7,0.2"])) == 5
    # A spread that was rounded, or taken otherwise, beside a mean that is one.
    assert len(read(header, [*rows, "mean,,0.5,0.4", "std,,0.1,0.1"])) == 5
    assert (
        len(read("name,lr,val_acc,hours", [*[f"run-{i},0.{i},0.{i + 2},1.5" for i in range(1, 6)], "Total,,,7.5"])) == 5
    )
    # A run that is called best has settings, and a lone row of other numbers is a run.
    assert len(read(header, [*rows, "best,0.5,0.7,0.2"])) == 6
    assert len(read(header, [*rows, "std,,0.1,0.1"])) == 6


def test_an_empty_result_is_named_where_no_other_is_found() -> None:
    sweep = read("lr,depth,adp_score", [f"0.{i},{i % 3}," for i in range(1, 9)])
    # The two settings leave nothing to rank by but one of them, which isn't sure, or nothing at all.
    if not [r for r in sweep.readings if r.part == "summary"]:
        with pytest.raises(InputError, match="adp_score is empty in every row"):
            objective_of(sweep, Choices())


ODD = {
    "N/A": "Counted as missing",
    "-": "Counted as missing",
    "diverged": "Counted as missing",
    "None": "Counted as missing",
    "0.5 ± 0.1": "a spread beside them",
    "50%": "were read as shares",
    "'0.5": "Signs around numbers",
}
ASIDE = {
    "# the best is run-1": "of notes",
    "Name,State,lr,val_acc": "The header was repeated",
    ",,,": "blank",
}


@given(
    st.lists(st.sampled_from(["0.25", "0.75", *ODD]), min_size=6, max_size=12),
    st.lists(st.sampled_from(sorted(ASIDE)), max_size=3),
    st.randoms(),
)
def test_no_run_is_lost_no_decision_is_silent_and_the_order_of_rows_is_irrelevant(
    cells: list[str], aside: list[str], shuffler: random.Random
) -> None:
    cells = ["0.125", "0.375", "0.625", *cells, *["0.875"] * len(cells)]
    runs = [f"run-{i},finished,{2.0 ** -(i % 5 + 1)},{cell}" for i, cell in enumerate(cells)]
    rows = [*runs, *aside]
    shuffler.shuffle(rows)
    sweep = read("Name,State,lr,val_acc", rows)
    assert sweep.runs["name"].nunique() == len(sweep) == len(runs)
    said = " ".join(sweep.warnings)
    for text in {*cells, *aside}:
        words = {**ODD, **ASIDE}.get(text)
        assert words is None or words in said, (text, said)
    assert int(sweep.summary["val_acc"].isna().sum()) == sum(ODD.get(cell) == "Counted as missing" for cell in cells)
    again = read("Name,State,lr,val_acc", [*runs, *aside])
    assert again.data_sha256 == sweep.data_sha256
    assert again.warnings == sweep.warnings


def test_a_table_without_hyperparameters_says_so() -> None:
    sweep = read("Name,val_loss", [f"oak-{i},0.{i}5" for i in range(5)])
    assert any("No column of file.csv reads as a hyperparameter" in warning for warning in sweep.warnings)
