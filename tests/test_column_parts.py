"""Which columns of anybody's table of runs are settings, which are results, and how surely."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.findings import findings_of
from lib.model.sweep import Sweep
from lib.sections.column_table import columns_table
from lib.sources.export.read import read_export
from testing.sweeps import reported


def read(table: pd.DataFrame, index: bool = False, **settled: object) -> Sweep:
    return read_export(table.to_csv(index=index).encode(), "runs.csv", **settled)  # type: ignore[arg-type]


def part_of(sweep: Sweep) -> dict[str, str]:
    return {reading.column: reading.part for reading in sweep.readings}


def sure_of(sweep: Sweep) -> dict[str, str]:
    return {reading.column: reading.confidence for reading in sweep.readings}


def grid(seed: int = 0) -> pd.DataFrame:
    """Return 24 runs of a grid of batch size, width and optimizer, with noisy results."""
    rng = np.random.default_rng(seed)
    rows = list(itertools.product([16, 32, 64], [1, 2], ["adam", "sgd"], [0, 1]))
    table = pd.DataFrame(rows, columns=["batch_size", "width", "optimizer", "seed"])
    table["val_acc"] = (0.7 + 0.05 * table["width"] + rng.normal(0, 0.01, len(table))).round(4)
    table["val_loss"] = (1 - table["val_acc"] + rng.normal(0, 0.01, len(table))).round(4)
    return table


RESULTS = ["val_acc", "val_loss"]
SETTINGS = ["batch_size", "width", "optimizer", "seed"]


@pytest.mark.parametrize(
    "order",
    [
        [*SETTINGS, *RESULTS],
        [*RESULTS, *SETTINGS],
        ["optimizer", "seed", "width", "val_loss", "val_acc", "batch_size"],
        ["val_loss", "width", "seed", "optimizer", "batch_size", "val_acc"],
    ],
)
def test_settings_and_results_are_found_in_any_order_of_columns(order: list[str]) -> None:
    parts = part_of(read(grid()[order]))
    assert {name for name, part in parts.items() if part == "summary"} == set(RESULTS)
    assert {name for name, part in parts.items() if part == "config"} == set(SETTINGS)


def test_the_order_of_rows_changes_no_part_and_no_confidence() -> None:
    table = grid().assign(extraction=np.random.default_rng(1).uniform(size=24))
    one, other = read(table), read(table.sample(frac=1, random_state=3))
    assert one.readings == other.readings


@pytest.mark.parametrize(
    ("settings_of_it", "results_of_it"),
    [
        (["Lernrate", "Batchgröße", "Optimierer"], ["Genauigkeit", "Verlust"]),
        (["taux d'apprentissage", "taille de lot", "optimiseur"], ["précision", "perte"]),
        (["tasa de aprendizaje", "tamaño de lote", "optimizador"], ["exactitud", "pérdida"]),
        (["学习率", "批大小", "优化器"], ["准确率", "损失"]),
    ],
)
def test_headings_in_other_languages_are_read(settings_of_it: list[str], results_of_it: list[str]) -> None:
    rng = np.random.default_rng(2)
    table = pd.DataFrame(
        {
            settings_of_it[0]: 10 ** rng.uniform(-4, -1, 20),
            settings_of_it[1]: rng.choice([16, 32], 20),
            settings_of_it[2]: rng.choice(["adam", "sgd"], 20),
            **{name: rng.uniform(0, 1, 20) for name in results_of_it},
        }
    )
    for columns in ([*settings_of_it, *results_of_it], [*results_of_it, *settings_of_it]):
        parts = part_of(read(table[columns]))
        assert [parts[name] for name in settings_of_it] == ["config"] * 3
        assert [parts[name] for name in results_of_it] == ["summary"] * 2


def test_units_in_headings_and_repeated_headings_change_no_side() -> None:
    table = grid()[["width", "optimizer", "batch_size", "val_acc", "val_loss"]]
    table = table.rename(columns={"val_acc": "Val Acc (%)", "val_loss": "Val Acc (%).1"})
    table["time [s]"] = np.linspace(100, 200, len(table)).round(2)
    parts = part_of(read(table))
    assert [parts[name] for name in ("Val Acc (%)", "Val Acc (%).1", "time [s]")] == ["summary"] * 3
    assert [parts[name] for name in ("width", "optimizer", "batch_size")] == ["config"] * 3


def test_the_table_that_the_public_api_gives_is_read() -> None:
    rng = np.random.default_rng(5)
    table = pd.DataFrame(
        {
            "name": [f"agent-{i}" for i in range(12)],
            "batch_size": rng.choice([32, 64], 12),
            "clip": rng.choice([0.1, 0.2], 12),
            "loss": rng.uniform(0.2, 1, 12),
            "_step": range(200, 212),
            "accuracy": rng.uniform(0.5, 0.9, 12),
            "_runtime": rng.uniform(100, 200, 12),
            "_timestamp": 1.7e9 + np.arange(12) * 60.5,
            "entropy": rng.uniform(0, 1, 12),
        }
    )
    parts = part_of(read(table, index=True))
    assert {name for name, part in parts.items() if part == "config"} == {"batch_size", "clip"}
    assert parts["name"] == "metadata"
    assert {parts[name] for name in ("loss", "_step", "accuracy", "_runtime", "_timestamp", "entropy")} == {"summary"}


@pytest.mark.parametrize("name", ["Run_Index", "number", "trial", "idx", "Unnamed: 0", "run number", "#run"])
def test_a_column_that_numbers_the_runs_is_neither_setting_nor_result(name: str) -> None:
    table = grid()
    table.insert(2, name, np.arange(7, 31))
    sweep = read(table)
    assert part_of(sweep)[name] == "metadata"
    assert name not in {*sweep.config.columns, *sweep.summary.columns}


@pytest.mark.parametrize("name", ["seed", "random_seed", "num_steps", "fold", "hidden", "max_depth"])
def test_a_setting_that_differs_in_each_run_is_kept(name: str) -> None:
    table = grid().drop(columns="seed")
    table.insert(2, name, np.arange(7, 31))
    assert part_of(read(table))[name] == "config"


def test_a_column_computed_from_one_setting_is_no_setting() -> None:
    table = grid()[["batch_size", "width", "optimizer", "val_acc", "val_loss"]]
    table.insert(3, "act_mem_mb", table["batch_size"] * 46.875)
    sweep = read(table)
    assert part_of(sweep)["act_mem_mb"] == "summary"
    assert "computed from batch_size" in next(r.why for r in sweep.readings if r.column == "act_mem_mb")


def test_a_column_computed_from_two_settings_is_no_setting_whatever_its_name() -> None:
    table = grid()
    table.insert(2, "hidden_units", table["batch_size"] * 7 + table["width"] * 3)
    sweep = read(table)
    assert part_of(sweep)["hidden_units"] == "summary"
    assert "computed from batch_size and width" in next(r.why for r in sweep.readings if r.column == "hidden_units")


def test_copies_of_a_setting_stay_settings() -> None:
    table = grid()
    table.insert(1, "batch-size", table["batch_size"])
    parts = part_of(read(table))
    assert parts["batch-size"] == parts["batch_size"] == "config"


def test_unknown_names_beside_a_recognised_result_are_results_too() -> None:
    rng = np.random.default_rng(4)
    table = grid()[["optimizer", "width", "batch_size", "val_acc"]]
    for name in ("grip", "extraction", "balance"):
        table[name] = rng.uniform(0, 1, len(table)).round(4)
    parts = part_of(read(table))
    assert [parts[name] for name in ("grip", "extraction", "balance")] == ["summary"] * 3


def test_runs_without_settings_are_named_as_baselines() -> None:
    table = grid()[["width", "optimizer", "batch_size", "val_acc", "val_loss"]].astype(object)
    table.insert(0, "run", [f"r{i:02d}" for i in range(len(table))])
    table.loc[[0, 5], ["width", "optimizer", "batch_size"]] = None
    sweep = read(table)
    assert part_of(sweep)["run"] == "metadata"
    assert sweep.warnings == (
        "2 runs have results but no settings (r00, r05): they are taken to be baselines, and comparisons of "
        "hyperparameters leave them out.",
    )


def test_an_unnamed_count_of_the_runs_is_no_setting_beside_a_grid() -> None:
    table = grid()
    table.insert(0, "Probe", np.arange(1, 25))
    sweep = read(table)
    assert (part_of(sweep)["Probe"], sure_of(sweep)["Probe"]) == ("metadata", "likely")
    alone = pd.DataFrame({"x": range(1, 21), "y": np.random.default_rng(0).uniform(size=20)})
    assert part_of(read(alone)) == {"x": "config", "y": "summary"}


@pytest.mark.parametrize("name", ["rank", "Ranking", "place"])
def test_the_ranks_of_the_runs_are_neither_setting_nor_result(name: str) -> None:
    table = grid().assign(**{name: range(1, len(grid()) + 1)})
    assert part_of(read(table[[name, *grid().columns]]))[name] == "metadata"


def test_a_rank_that_was_set_is_a_setting() -> None:
    table = grid().assign(rank=np.random.default_rng(3).choice([4, 8, 16, 32], len(grid())))
    assert part_of(read(table[["rank", *grid().columns]]))["rank"] == "config"


def test_a_column_of_few_values_behind_the_results_is_a_result_where_no_setting_follows() -> None:
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"lr": [0.1, 0.01, 0.001] * 8, "width": [8, 16] * 12})
    table = table.assign(reward=rng.uniform(size=24), success_rate=rng.uniform(size=24), switches=[0.0, 4.0, 8.0] * 8)
    assert part_of(read(table))["switches"] == "summary"
    assert part_of(read(table.assign(optimizer=["adam", "sgd"] * 12)))["switches"] == "config"


def test_the_machine_of_a_run_is_neither_setting_nor_result() -> None:
    table = grid().assign(hostname=["gpu1", "gpu2"] * 12)
    assert part_of(read(table))["hostname"] == "metadata"


def test_a_name_that_is_on_either_side_is_decided_by_its_cells() -> None:
    rows = [*itertools.product(["lora", "dora"], [4, 8, 16], [0, 1]), (None, None, None)]
    table = pd.DataFrame(rows, columns=["adapter", "rank", "seed"])
    table["bleu"] = np.random.default_rng(8).uniform(20, 30, len(table)).round(2)
    assert part_of(read(table))["rank"] == "config"


@pytest.mark.parametrize(
    ("config", "summary"),
    [("params_{}", "metrics_{}"), ("params.{}", "metrics.{}"), ("hp/{}", "results/{}"), ("args/{}", "metric/{}")],
)
def test_prefixes_of_other_tools_say_the_side(config: str, summary: str) -> None:
    rng = np.random.default_rng(6)
    names = {config.format(name): rng.uniform(size=12) for name in ("loss", "accuracy")}
    names |= {summary.format(name): rng.uniform(size=12) for name in ("lr", "width")}
    parts = part_of(read(pd.DataFrame(names)))
    assert [parts[name] for name in names] == ["config", "config", "summary", "summary"]


def test_the_reader_stands_above_the_evidence() -> None:
    sweep = read(grid(), config_columns=["val_loss"], summary_columns=["width"])
    parts = part_of(sweep)
    assert (parts["val_loss"], parts["width"]) == ("config", "summary")
    assert sure_of(sweep)["val_loss"] == sure_of(sweep)["width"] == "sure"


def test_what_speaks_against_its_neighbours_is_unsure() -> None:
    rng = np.random.default_rng(7)
    names = ["batch_size", "lr", "optimizer", "accuracy", "epsilon", "loss", "val_accuracy", "val_loss"]
    table = pd.DataFrame({name: rng.uniform(size=9) for name in names})
    sweep = read(table.assign(optimizer=["adam", "sgd", "adam"] * 3))
    assert part_of(sweep)["epsilon"] == "summary"
    assert sure_of(sweep) == dict.fromkeys(names, "sure") | {"epsilon": "unsure"}
    said = [one.text for one in findings_of(reported(sweep)) if "read as" in one.text]
    assert said == [
        "The table doesn't say whether 1 column is a setting or a result, and little else does: epsilon (read as a "
        "result). Where one was read wrongly, say so in the Data page's table of columns or with --columns."
    ]


def test_the_data_page_lists_the_least_certain_columns_first() -> None:
    rng = np.random.default_rng(7)
    names = ["batch_size", "lr", "optimizer", "accuracy", "epsilon", "loss", "val_accuracy", "val_loss"]
    table = pd.DataFrame({name: rng.uniform(size=9) for name in names})
    shown = columns_table(reported(read(table.assign(optimizer=["adam", "sgd", "adam"] * 3))))
    assert shown["column"].iloc[0] == "epsilon"
    assert shown["how sure"].tolist() == ["unsure", *["sure"] * 7]


def test_nothing_is_said_of_columns_that_are_sure() -> None:
    assert not [one.text for one in findings_of(reported(read(grid()))) if "read as" in one.text]


NAMES = st.sampled_from(
    ["lr", "loss", "val_acc", "width", "foo", "bar", "epoch", "seed", "Run_Index", "time", "extraction", "size_mb"]
)
CELLS = st.sampled_from(["", "1", "2", "0.25", "0.5", "7", "1e-3", "a", "true", "[1,2]", "NaN"])


@settings(deadline=None, max_examples=60)
@given(st.lists(NAMES, min_size=2, max_size=8, unique=True), st.data())
def test_no_decision_is_silent(names: list[str], data: st.DataObject) -> None:
    """Each column of any table has one reading, with a reason and how sure it is; and is in the table that it names."""
    rows = data.draw(st.integers(2, 12))
    cells = {name: data.draw(st.lists(CELLS, min_size=rows, max_size=rows)) for name in names}
    table = pd.DataFrame({**cells, "result": [str(0.5 + i / 7) for i in range(rows)]})
    sweep = read(table)
    assert [r.column for r in sweep.readings] == list(table.columns)
    for reading in sweep.readings:
        assert reading.why
        assert reading.confidence in ("sure", "likely", "unsure")
        assert (reading.column in sweep.config.columns) == (reading.part == "config")
        assert (reading.column in sweep.summary.columns) == (reading.part == "summary")


@pytest.mark.parametrize("name", ["feature_fraction", "bagging_fraction", "eta", "C", "color_jitter"])
def test_settings_that_are_shares_or_letters_are_settings_in_front_of_results(name: str) -> None:
    table = grid()
    table.insert(0, name, np.random.default_rng(2).uniform(0.1, 0.9, len(table)).round(4))
    assert part_of(read(table))[name] == "config"


def test_a_verdict_and_remarks_are_no_settings() -> None:
    table = grid()
    table["verdict"] = np.where(table["val_acc"] > table["val_acc"].median(), "keep", "drop")
    table["Comment"] = ["", "again", *[""] * (len(table) - 2)]
    assert {name: part_of(read(table))[name] for name in ("verdict", "Comment")} == {
        "verdict": "summary",
        "Comment": "metadata",
    }


def test_a_result_that_is_there_twice_with_the_same_numbers_is_no_setting() -> None:
    table = pd.concat([grid(), grid()["val_loss"]], axis=1)
    sweep = read(table)
    assert list(sweep.summary.columns) == ["val_acc", "val_loss", "val_loss#2"]


@pytest.mark.parametrize("name", ["n_rounds", "best_iterations", "batches"])
def test_how_long_runs_trained_is_a_result_behind_the_results_and_a_setting_among_the_settings(name: str) -> None:
    rounds = np.random.default_rng(3).integers(50, 900, 24)
    assert part_of(read(grid().assign(**{name: rounds})))[name] == "summary"
    if name != "best_iterations":
        first = grid().assign(**{name: rounds})[["batch_size", name, "width", "optimizer", "seed", *RESULTS]]
        assert part_of(read(first))[name] == "config"


def test_epochs_of_few_levels_are_a_setting_wherever_they_stand() -> None:
    epochs = np.tile([10, 20, 50], 8)
    assert part_of(read(grid().assign(epochs=epochs)))["epochs"] == "config"


@pytest.mark.parametrize("name", ["fit_order", "#num-ask", "num_tell"])
def test_the_order_in_which_a_program_went_is_no_setting(name: str) -> None:
    order = np.random.default_rng(3).permutation(24) + 1
    assert part_of(read(grid().assign(**{name: order})))[name] == "metadata"


def test_dropout_and_warmup_are_settings_wherever_they_stand_in_a_name() -> None:
    rng = np.random.default_rng(4)
    table = grid()
    for name in ("encoder.block_4.attention_dropout_probability", "warmup_phase_1"):
        table.insert(2, name, rng.uniform(0, 0.5, len(table)))
    parts = part_of(read(table))
    assert {name for name, part in parts.items() if part == "summary"} == set(RESULTS)


def crossed(**columns: list[object]) -> pd.DataFrame:
    cells = list(itertools.product(*columns.values()))
    table = pd.DataFrame(dict(zip(columns, zip(*cells, strict=True), strict=True)))
    random = np.random.default_rng(1)
    return table.assign(dice=random.uniform(0.7, 0.8, len(table)).round(4), wer=random.uniform(0.2, 0.3, len(table)))


def test_what_crosses_the_other_settings_evenly_is_a_setting_whatever_its_name() -> None:
    table = crossed(beam=[1, 5, 10], loss=["ce", "dice"], word_score=[-1, 0, 1], iterations=[100, 500])
    assert set(read(table).config.columns) == {"beam", "loss", "word_score", "iterations"}
    # What doesn't meet each setting equally often is no factor of the grid.
    table["score"] = (table["dice"] > 0.75).astype(int)
    assert "score" in read(table).summary.columns


def test_where_a_run_kept_its_best_model_is_no_setting_and_what_it_read_is() -> None:
    table = crossed(data_path=["a/x.csv", "b/x.csv"], train_samples=[340, 681, 1021], lr=[0.1, 0.2])
    table["best_model_path"] = [f"ck/{n}/best.pt" for n in table["train_samples"]]
    parts = part_of(read(table))
    assert parts["best_model_path"] == "metadata"
    assert {parts[name] for name in ("data_path", "train_samples", "lr")} == {"config"}


def test_a_number_of_the_trial_among_marked_settings_is_no_setting() -> None:
    table = crossed(**{"params.lr": [0.1, 0.2, 0.3], "params.beams": [1, 2, 4]})
    table["params.trial_number"] = range(len(table))
    # The run that started the others has no number.
    table.loc[len(table)] = [None] * len(table.columns)
    parts = part_of(read(table))
    assert parts["params.trial_number"] == "metadata"
    assert parts["params.beams"] == "config"


def test_text_of_its_own_in_each_row_names_the_runs_and_a_model_is_compared_too() -> None:
    names = ["CatBoost", "XGBoost", "LightGBM", "KNeighborsDist", "WeightedEnsemble_L2"]
    table = pd.DataFrame({"model": names, "score_val": [0.81, 0.84, 0.82, 0.7, 0.85], "fit_time": [3.0, 2, 1, 4, 9]})
    sweep = read(table)
    assert sorted(sweep.runs["name"]) == sorted(names)
    assert list(sweep.config.columns) == ["model"]
    table = table.rename(columns={"model": "config"})
    assert list(read(table).config.columns) == []


def test_drop_is_a_dropout_among_settings_and_a_loss_of_accuracy_behind_results() -> None:
    random = np.random.default_rng(4)
    table = pd.DataFrame({"lr": random.choice([0.1, 0.2], 20), "drop": random.uniform(0, 0.6, 20).round(3)})
    table["width"], table["acc"] = random.choice([1, 2, 4], 20), random.uniform(0.7, 0.8, 20).round(4)
    assert set(read(table).config.columns) == {"lr", "drop", "width"}
    table = table.drop(columns="drop").assign(ood_acc=table["acc"] - 0.1 * random.uniform(0, 1, 20).round(3))
    table["drop"] = (table["acc"] - table["ood_acc"]).round(4)
    assert "drop" in read(table).summary.columns


def test_what_a_run_did_is_a_result_and_how_it_stopped() -> None:
    table = crossed(lr=[0.1, 0.2, 0.3], bs=[16, 32])
    random = np.random.default_rng(5)
    table.insert(2, "epochs_run", random.integers(10, 60, len(table)))
    table["n_support"] = random.integers(50, 200, len(table))
    table["stopped"] = random.choice(["early", "max"], len(table))
    assert set(read(table).config.columns) == {"lr", "bs"}


def test_beside_a_clock_alone_a_name_that_says_nothing_is_the_result() -> None:
    random = np.random.default_rng(6)
    table = pd.DataFrame({"target": random.uniform(0.7, 0.8, 12).round(4), "max_depth": random.uniform(2, 9, 12)})
    table["datetime.elapsed"] = np.arange(12) * 2.5
    assert "target" in read(table).summary.columns
    assert "max_depth" in read(table).config.columns


def test_hashes_name_the_runs_though_they_begin_with_figures_and_row_numbers_of_pandas_are_none() -> None:
    random = np.random.default_rng(7)
    table = crossed(k=[3, 5, 10], chunk=[128, 256, 512])
    table.insert(0, "config_hash", [f"{random.integers(16**9):09x}" for _ in range(len(table))])
    sweep = read(table)
    assert set(sweep.runs["name"]) == set(table["config_hash"])
    assert set(sweep.config.columns) == {"k", "chunk"}
    table = table.drop(columns="config_hash")
    table.insert(0, "level_0", range(len(table)))
    assert set(read(table).config.columns) == {"k", "chunk"}


def test_a_counter_beside_marked_settings_says_how_far_a_run_came() -> None:
    table = crossed(**{"hparams.lr": [0.1, 0.2, 0.3], "hparams.drop": [0.0, 0.5]})
    table["batches"] = np.random.default_rng(3).choice([100, 400, 1600], len(table))
    assert "batches" in read(table).summary.columns
