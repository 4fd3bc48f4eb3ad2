"""One run's own view, and runs side by side: what they hold, and that the address opens them."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lib.analysis.ask import ask
from lib.analysis.one_run import find_run, one_run
from lib.analysis.run_difference import explained
from lib.report import Report, build_report
from lib.sections.blocks import Block, Chart, Code, Metric, Row, Table, Text, Warning
from lib.sections.run import EXPLAINS, as_markdown, build, compared_table, config_table, differences, runs_of
from lib.sections.walk import walk
from testing.sweeps import reported, sweep_of

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def report() -> Report:
    return build_report("sample")


def id_at(report: Report, rank: int) -> str:
    return str(report.population.runs["run_id"].iloc[report.population.best_first[rank - 1]])


def drawn(report: Report, *run_ids: str) -> list[Block]:
    blocks: list[Block] = []

    def answer(block: Block) -> None:
        blocks.extend(block.children if isinstance(block, Row) else [block])  # type: ignore[arg-type]

    walk(build(report, run_ids), answer)
    return blocks


def test_ranks_are_those_of_pandas(report: Report) -> None:
    population = report.population
    position = int(population.best_first[6])
    run = one_run(population, int(population.rows[position]))
    better = pd.Series(-population.objective.sign * population.values).rank(method="min")
    assert run.rank == better.iloc[position]
    assert run.value == population.values[position]
    assert run.metrics[0].name == population.objective.metric
    for metric in run.metrics:
        values = population.metric(metric.name).astype(float)
        values = values[np.isfinite(values)]
        assert metric.of == len(values)
        ranks = values.rank(method="min", ascending=metric.better == "minimize")
        assert metric.rank == (None if metric.better is None else ranks[position])


def test_a_count_of_epochs_has_no_better_end_and_no_rank(report: Report) -> None:
    run = one_run(report.population, int(report.population.rows[0]))
    known = {metric.name: metric.better for metric in run.metrics}
    assert (known["best_epoch"], known["_timestamp"], known["val_loss"]) == (None, None, "minimize")


def test_neighbours_are_nearest_in_configuration_and_never_the_run_itself(report: Report) -> None:
    population = report.population
    run = runs_of(report, [id_at(report, 1)])[0]
    assert len(run.neighbours) == 5
    assert run.used not in run.neighbours
    numeric = [p for p in population.searched if p.numeric]
    near = list(run.neighbours)

    def spread(rows: list[int]) -> float:
        total = 0.0
        for p in numeric:
            x = population.numbers(p.name)
            x = np.log(x) if p.scale == "log" else x
            total += float(np.nanmean(np.abs(x[rows] - x[run.used])) / (np.nanmax(x) - np.nanmin(x)))
        return total

    others = [i for i in range(len(population.rows)) if i not in near and i != run.used]
    assert spread(near) < spread(others)


def test_what_differs_from_the_best_run_is_marked(report: Report) -> None:
    run = runs_of(report, [id_at(report, 9)])[0]
    table = config_table(report, run).set_index("key")
    assert list(table.columns) == ["value", "differs", "best run"]
    assert ((table["value"] != table["best run"]) == (table["differs"] == "≠")).all()
    assert (table["differs"] == "≠").any()
    best = runs_of(report, [id_at(report, 1)])[0]
    assert list(config_table(report, best).columns) == ["key", "value"]


def test_a_run_that_was_left_out_says_why(report: Report) -> None:
    population = report.population
    row = next(i for i in range(len(population.fate)) if i not in set(population.rows))
    run_id = str(report.sweep.runs["run_id"].iloc[row])
    blocks = drawn(report, run_id)
    (warning,) = [b for b in blocks if isinstance(b, Warning)]
    assert str(population.fate.iloc[row]) in warning.text
    assert not any(isinstance(b, Chart) for b in blocks)
    assert next(b for b in blocks if isinstance(b, Metric) and b.label == "Rank").value == "–"


def test_the_state_of_a_run_is_said_where_its_source_tells_it() -> None:
    columns = {"lr": [float(i) for i in range(20)]}, {"score": [float(i) for i in range(20)]}
    for states, said in ((["finished"] * 20, ["finished"]), ([""] * 20, [])):
        report = reported(sweep_of(*columns, states=states))
        shown = drawn(report, id_at(report, 1))
        assert [b.value for b in shown if isinstance(b, Metric) and b.label == "State"] == said


def test_an_id_that_no_run_has_is_said(report: Report) -> None:
    assert find_run(report.population, "no-such-run") is None
    blocks = drawn(report, "no-such-run", id_at(report, 1))
    assert "no run no-such-run" in next(b for b in blocks if isinstance(b, Warning)).text
    assert any(isinstance(b, Table) and b.name == "run-config" for b in blocks)


def test_side_by_side_only_rows_that_differ_are_shown(report: Report) -> None:
    runs = runs_of(report, [id_at(report, rank) for rank in (1, 2, 30)])
    table = compared_table(report, runs)
    assert list(table.columns) == ["", *(run.name for run in runs), EXPLAINS]
    assert (table.drop(columns=["", EXPLAINS]).nunique(axis=1) > 1).all()
    assert table[""].iloc[0] == report.population.objective.label
    blocks = drawn(report, *(run.run_id for run in runs))
    assert len([b for b in blocks if isinstance(b, Text)]) == 2
    markdown, as_csv = (b.text for b in blocks if isinstance(b, Code))
    assert markdown == as_markdown(table)
    read = pd.read_csv(io.StringIO(as_csv), dtype=str, keep_default_na=False)
    assert read[runs[0].name].tolist() == table[runs[0].name].tolist()


def test_a_difference_is_held_against_what_noise_gives_two_runs(report: Report) -> None:
    assert report.noise is not None
    reach = 1.959964 * np.sqrt(2) * report.noise.sd
    values = report.population.values[report.population.best_first]
    behind = np.abs(values - values[0])
    within = int(np.flatnonzero((behind > 0) & (behind < 0.99 * reach))[0])
    beyond = int(np.flatnonzero(behind > 1.01 * reach)[0])
    (near,) = differences(report, runs_of(report, [id_at(report, 1), id_at(report, within + 1)]))
    (far,) = differences(report, runs_of(report, [id_at(report, beyond + 1), id_at(report, 1)]))
    assert "run-to-run noise alone gives differences up to" in near
    assert ", more than the" in far


def test_names_of_runs_do_not_break_the_copied_table() -> None:
    text = as_markdown(pd.DataFrame({"": ["a"], "run | one": ["two\nlines"]}))
    assert text == "|  | run \\| one |\n| --- | --- |\n| a | two lines |\n"


@pytest.mark.parametrize("page", ["best-run", "correlation"])
def test_the_address_opens_a_run_on_any_page(report: Report, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["streamlit_app.py"])
    app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=120)
    app.switch_page(f"pages/{page}.py")
    app.query_params["run"] = id_at(report, 3)
    app.run()
    assert not app.exception
    assert not app.warning
    assert "The runs configured most like it" in [one.value for one in app.subheader]


def test_what_differs_stands_in_order_of_how_much_it_explains(report: Report) -> None:
    population = report.population
    runs = runs_of(report, [id_at(report, 1), id_at(report, 100)])
    used = [run.used for run in runs if run.used is not None]
    parts = explained(population, used)
    assert set(parts) == {p.name for p in population.searched}
    # What a parameter that both have alike explains is nothing; the parts add up to about what the model expects.
    for name, part in parts.items():
        if runs[0].config[name] == runs[1].config[name]:
            assert part == 0
    expected = [
        ask(population, tuple((p.name, run.config[p.name]) for p in population.searched if p.name in parts))
        for run in runs
    ]
    assert all(expected)
    between = expected[0].expected - expected[1].expected  # type: ignore[union-attr]
    width = expected[0].high - expected[0].low  # type: ignore[union-attr]
    assert population.objective.sign * sum(parts.values()) == pytest.approx(
        population.objective.sign * between, abs=width
    )
    table = compared_table(report, runs)
    shown = [name for name in table[""] if name in parts]
    assert shown == sorted(shown, key=lambda name: -abs(parts[name]))
    assert explained(population, used[:1]) == {}


def test_side_by_side_settings_have_few_digits_but_never_look_alike(report: Report) -> None:
    runs = runs_of(report, [id_at(report, 1), id_at(report, 2)])
    full, shown = compared_table(report, runs).set_index(""), compared_table(report, runs, digits=4).set_index("")
    assert list(full.index) == list(shown.index)
    for run in runs:
        rate, said = run.config["learning_rate"], shown.loc["learning_rate", run.name]
        assert full.loc["learning_rate", run.name] == repr(rate)
        assert float(said) == pytest.approx(rate, rel=1e-3)
        assert len(said.lstrip("0.").replace(".", "").split("e")[0]) <= 4
    rates = zip(runs, (0.100001, 0.100002), strict=True)
    near = [replace(run, config={**run.config, "learning_rate": rate}) for run, rate in rates]
    alike = compared_table(report, near, digits=4).set_index("").loc["learning_rate"]
    assert [alike[run.name] for run in near] == ["0.100001", "0.100002"]
